//! `#[module(...)]` on a field.

use syn::parse::{Parse, ParseStream};
use syn::{Attribute, Ident, LitBool, LitStr, Path};

use super::{Cell, Item, Place, Set, items};
use crate::ctxt::Ctxt;
use crate::symbol::{ALIAS, DEFAULT, FLATTEN, FROZEN, PERSISTENT, RENAME, SKIP, TIED, WITH};

/// What `#[module(...)]` on a field says.
pub struct FieldAttrs {
    /// `alias = "key"`, for each older name.
    pub aliases: Vec<Set<LitStr>>,
    /// `default`: what a file lacks keeps its initial value.
    pub default: Option<Set<()>>,
    /// `flatten`: adds nothing to the keys.
    pub flatten: Option<Set<()>>,
    /// `frozen`: not trained.
    pub frozen: Option<Set<()>>,
    /// `persistent = false`: a buffer that is not saved.
    pub persistent: Option<Set<bool>>,
    /// `rename = "key"`: another state-dict key than the field's name.
    pub rename: Option<Set<LitStr>>,
    /// `skip`: no part of the model.
    pub skip: Option<Set<()>>,
    /// `tied = "path"`: one tensor with another field.
    pub tied: Option<Set<LitStr>>,
    /// `with = path`: what converts between the file and the field.
    pub with: Option<Set<Path>>,
}

impl FieldAttrs {
    pub fn parse(cx: &Ctxt, attrs: &[Attribute]) -> Self {
        let mut aliases = Vec::new();
        let [mut default, mut flatten, mut frozen, mut skip] =
            [DEFAULT, FLATTEN, FROZEN, SKIP].map(|flag| Cell::new(cx, flag));
        let [mut rename, mut tied] = [RENAME, TIED].map(|text| Cell::new(cx, text));
        let (mut persistent, mut with) = (Cell::new(cx, PERSISTENT), Cell::new(cx, WITH));
        let key_of = |item: &Item| item.value(cx, "\"key\"").and_then(|value| key(cx, value));
        for item in items(cx, attrs) {
            let flag =
                [&mut default, &mut flatten, &mut frozen, &mut skip].into_iter().find(|flag| item.key == flag.name);
            if let Some(flag) = flag {
                let value = item.flag(cx);
                flag.set(item.key, value);
            } else if item.key == ALIAS {
                aliases.extend(key_of(&item).map(|value| Set { key: item.key, value }));
            } else if item.key == PERSISTENT {
                let value = item.value(cx, "false").map(|value: LitBool| value.value);
                persistent.set(item.key, value);
            } else if item.key == RENAME {
                let value = key_of(&item);
                rename.set(item.key, value);
            } else if item.key == TIED {
                let value = item.value(cx, "\"field.weight\"").and_then(|value| path(cx, value));
                tied.set(item.key, value);
            } else if item.key == WITH {
                let value = item.value(cx, "path::to::converter").map(|ModPath(path)| path);
                with.set(item.key, value);
            } else {
                item.unknown(cx, Place::Field);
            }
        }
        let [default, flatten, frozen, skip] = [default, flatten, frozen, skip].map(|flag| flag.set);
        let (rename, tied, persistent, with) = (rename.set, tied.set, persistent.set, with.set);
        Self { aliases, default, flatten, frozen, persistent, rename, skip, tied, with }
    }

    /// The keys other than `skip` that were written, as they were.
    pub fn keys(&self) -> impl Iterator<Item = &Ident> {
        let aliases = self.aliases.iter().map(|set| &set.key);
        let flags = [&self.default, &self.flatten, &self.frozen].into_iter().flatten().map(|set| &set.key);
        let texts = [&self.rename, &self.tied].into_iter().flatten().map(|set| &set.key);
        let others = [self.persistent.as_ref().map(|set| &set.key), self.with.as_ref().map(|set| &set.key)];
        aliases.chain(flags).chain(texts).chain(others.into_iter().flatten())
    }
}

/// A path as `use` takes it.
struct ModPath(Path);

impl Parse for ModPath {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        input.call(Path::parse_mod_style).map(Self)
    }
}

/// A string that can be one part of a state-dict key.
fn key(cx: &Ctxt, value: LitStr) -> Option<LitStr> {
    let text = value.value();
    if text.is_empty() {
        cx.error(value, "a state-dict key cannot be empty");
        return None;
    }
    if text.contains('.') {
        cx.error(
            value,
            "a `.` in a state-dict key stands for a nested module: \
             give the field one name, in a struct that is itself a field under the name before the `.`",
        );
        return None;
    }
    Some(value)
}

/// A string of state-dict keys with `.` between them.
fn path(cx: &Ctxt, value: LitStr) -> Option<LitStr> {
    if value.value().split('.').any(str::is_empty) {
        let message = "a path is the key of a field of this struct, and the keys below it, with a `.` between them: \
                       `\"wte.weight\"`";
        cx.error(value, message);
        return None;
    }
    Some(value)
}
