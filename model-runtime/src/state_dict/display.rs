//! The text of a [`LoadReport`]: one page, grouped, in PyTorch's words.

use std::fmt::{self, Display, Formatter};

use super::report::{LoadReport, MissingKey};

/// How many keys of one group are shown; a model of the wrong kind has thousands.
const MAX_SHOWN: usize = 12;
/// How many missing and unexpected keys are shown beside the one rule that explains them.
const MAX_EXPLAINED: usize = 3;

impl Display for LoadReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} keys of {} loaded", self.loaded, self.expected, self.model)?;
        self.fmt_source(f)?;
        self.fmt_problems(f)?;
        group(f, "Converted", MAX_SHOWN, &self.converted, |(key, from, to)| {
            format!("{key}: {from} to {}", to.as_str())
        })?;
        group(f, "Initial value kept", MAX_SHOWN, &self.initial, Clone::clone)?;
        group(f, "Not in the state dict, initial value kept", MAX_SHOWN, &self.defaulted, Clone::clone)?;
        group(f, "Older name", MAX_SHOWN, &self.aliased, |(key, older)| format!("{key}: {older}"))?;
        group(f, "Tied", MAX_SHOWN, &self.tied, |(key, source)| format!("{key} = {source}"))
    }
}

impl LoadReport {
    /// The text of the error that this report makes.
    pub(super) fn fmt_error(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "error(s) in loading state_dict for {}", self.model)?;
        self.fmt_source(f)?;
        write!(f, ": {} of the model's {} keys match", self.loaded, self.expected)?;
        match self.unexpected.len() {
            0 => {}
            unused => write!(f, ", {unused} of the state dict's are not used")?,
        }
        self.fmt_problems(f)
    }

    fn fmt_source(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.source.as_ref().map_or(Ok(()), |source| write!(f, " from {source}"))
    }

    fn fmt_problems(&self, f: &mut Formatter<'_>) -> fmt::Result {
        if let Some(hint) = &self.hint {
            write!(f, "\n  {hint}")?;
        }
        let max = if self.hint.is_some() { MAX_EXPLAINED } else { MAX_SHOWN };
        group(f, "Declared wrongly", MAX_SHOWN, &self.invalid, |(key, reason)| format!("{key}: {reason}"))?;
        group(f, "Missing key(s) in state_dict", max, &self.missing, missing)?;
        group(f, "Unexpected key(s) in state_dict", max, &self.unexpected, |key| format!("{key:?}"))?;
        group(f, "Size or dtype mismatch", MAX_SHOWN, &self.mismatched, |mismatch| {
            format!("{}, expected: {}, got: {}", mismatch.key, mismatch.expected, mismatch.got)
        })?;
        group(f, "Unreadable", MAX_SHOWN, &self.unreadable, |(key, reason)| format!("{key}: {reason}"))
    }
}

fn missing(missing: &MissingKey) -> String {
    let MissingKey { key, shape, nearest } = missing;
    match nearest {
        Some(nearest) => format!("{key:?} {shape:?}, did you mean {nearest:?}?"),
        None => format!("{key:?} {shape:?}"),
    }
}

fn group<T>(f: &mut Formatter<'_>, title: &str, max: usize, items: &[T], line: impl Fn(&T) -> String) -> fmt::Result {
    if items.is_empty() {
        return Ok(());
    }
    write!(f, "\n  {title}:")?;
    for item in items.iter().take(max) {
        write!(f, "\n    {}", line(item))?;
    }
    match items.len().saturating_sub(max) {
        0 => Ok(()),
        more => write!(f, "\n    ... and {more} more"),
    }
}
