//! [`Filter`]: which keys a load leaves out.

use crate::error::{Error, Result};

/// Which keys a load leaves out: paths, each with everything below it. `*` stands for one name on the way.
#[derive(Clone, Debug, Default)]
pub(super) struct Filter {
    only: Vec<String>,
    except: Vec<String>,
}

impl Filter {
    pub(super) fn only(&mut self, path: &str) {
        self.only.push(path.to_owned());
    }

    pub(super) fn except(&mut self, path: &str) {
        self.except.push(path.to_owned());
    }

    /// Whether it leaves nothing out.
    pub(super) fn is_empty(&self) -> bool {
        self.only.is_empty() && self.except.is_empty()
    }

    pub(super) fn leaves_out(&self, key: &str) -> bool {
        let is_under = |path: &String| is_under(key, path);
        (!self.only.is_empty() && !self.only.iter().any(is_under)) || self.except.iter().any(is_under)
    }

    /// Refuses a path that is misspelt: one that nothing is under.
    ///
    /// # Errors
    ///
    /// None of `keys` is under one of the paths.
    pub(super) fn check<'k>(&self, keys: impl Iterator<Item = &'k str> + Clone) -> Result<()> {
        let paths = self.only.iter().map(|path| ("only", path)).chain(self.except.iter().map(|path| ("except", path)));
        for (name, path) in paths {
            if !keys.clone().any(|key| is_under(key, path)) {
                let nearest = nearest(path, keys.clone());
                let nearest = nearest.map_or_else(String::new, |nearest| format!(", did you mean `{nearest}`?"));
                return Err(Error::unsupported(format_args!(
                    "`LoadOptions::{name}({path:?})`: neither the model nor the state dict has a key under it{nearest}"
                )));
            }
        }
        Ok(())
    }
}

/// Whether a key is what a path names, or below it.
fn is_under(key: &str, path: &str) -> bool {
    let mut names = key.split('.');
    path.strip_suffix('.')
        .unwrap_or(path)
        .split('.')
        .all(|part| names.next().is_some_and(|name| part == "*" || part == name))
}

/// The path in `keys` that is most like a path.
fn nearest<'k>(path: &str, keys: impl Iterator<Item = &'k str>) -> Option<&'k str> {
    let dots = path.strip_suffix('.').unwrap_or(path).matches('.').count();
    // The part of the key that has as many names as the path.
    let part = |key: &'k str| key.match_indices('.').nth(dots).map_or(key, |(end, _)| key.split_at(end).0);
    keys.map(part)
        .map(|part| (strsim::normalized_levenshtein(part, path), part))
        .max_by(|(a, _), (b, _)| a.total_cmp(b))
        .filter(|(likeness, _)| *likeness >= 0.5)
        .map(|(_, part)| part)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_path_holds_for_what_is_below_it_and_not_for_longer_names() {
        let mut filter = Filter::default();
        assert!(!filter.leaves_out("head.weight"));
        filter.except("head");
        filter.except("layers.*.adapter");
        assert!(filter.leaves_out("head.weight") && filter.leaves_out("head"));
        assert!(filter.leaves_out("layers.3.adapter.down.weight"));
        assert!(!filter.leaves_out("head2.weight") && !filter.leaves_out("layers.adapter.weight"));
        filter.only("layers.*");
        assert!(filter.leaves_out("embed.weight") && filter.leaves_out("layers.0.adapter.w"));
        assert!(!filter.leaves_out("layers.0.weight"));
    }

    #[test]
    fn a_misspelt_path_is_told_the_nearest_one() {
        let keys = ["body.fc.weight", "head.weight"];
        let mut filter = Filter::default();
        filter.except("haed");
        let error = filter.check(keys.into_iter()).unwrap_err().to_string();
        assert!(
            error.contains("`LoadOptions::except(\"haed\")`") && error.ends_with("did you mean `head`?"),
            "{error}"
        );
    }
}
