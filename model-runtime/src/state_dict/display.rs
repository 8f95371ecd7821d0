//! The text of a [`LoadReport`]: one page, grouped, its ranges folded, in PyTorch's words.

use std::fmt::{self, Display, Formatter};

use super::fold::{Line, fold};
use super::report::{LoadReport, MissingKey};

/// How many lines a report has at the most, however much is wrong.
const MAX_LINES: usize = 40;
/// How many lines of one group are shown; a model of the wrong kind has thousands of keys.
const MAX_SHOWN: usize = 12;
/// How many characters of a key are shown.
const MAX_KEY: usize = 160;
/// How many lines of keys are shown of those that the hint above them explains.
const MAX_EXPLAINED: usize = 3;

impl Display for LoadReport {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "{} of {} keys of {} loaded", self.loaded, self.expected, self.model)?;
        self.fmt_source(f)?;
        let mut groups = self.problems();
        groups.extend(self.notes());
        self.fmt_page(f, groups)
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
        self.fmt_page(f, self.problems())
    }

    fn fmt_source(&self, f: &mut Formatter<'_>) -> fmt::Result {
        self.source.as_ref().map_or(Ok(()), |source| write!(f, " from {source}"))
    }

    fn fmt_page(&self, f: &mut Formatter<'_>, mut groups: Vec<Group>) -> fmt::Result {
        if let Some(hint) = &self.hint {
            write!(f, "\n  {hint}")?;
        }
        groups.retain(|group| !group.lines.is_empty());
        // The first line, the hint, and of each group its title and what it leaves out.
        let room = MAX_LINES.saturating_sub(2 + 2 * groups.len());
        share(&mut groups, room);
        groups.iter().try_for_each(|group| group.fmt(f))
    }

    /// What is wrong.
    fn problems(&self) -> Vec<Group> {
        let pairs = |pairs: &[(String, String)]| -> Vec<Line> {
            pairs.iter().map(|(key, reason)| Line::new(key, None, format!(": {reason}"))).collect()
        };
        let mismatched = self.mismatched.iter().map(|mismatch| {
            Line::new(&mismatch.key, None, format!(", expected: {}, got: {}", mismatch.expected, mismatch.got))
        });
        let unexpected = self.unexpected.iter();
        vec![
            Group::new("Declared wrongly", pairs(&self.invalid)),
            self.keys(
                "Missing key(s) in state_dict",
                self.missing.iter().map(|missing| (missing.key.as_str(), line(missing))),
            ),
            self.keys(
                "Unexpected key(s) in state_dict",
                unexpected.map(|key| (key.as_str(), Line::new(key, None, self.content(key)))),
            ),
            Group::new("Size or dtype mismatch", mismatched.collect()),
            Group::new("Unreadable", pairs(&self.unreadable)),
        ]
    }

    /// What an unexpected key without a tensor has instead.
    fn content(&self, key: &str) -> String {
        self.no_tensors.get(key).map_or_else(String::new, |content| format!(", no tensor but {content}"))
    }

    /// What is as it should be, and worth knowing.
    fn notes(&self) -> Vec<Group> {
        let keys = |keys: &[String]| keys.iter().map(|key| Line::new(key, None, "")).collect();
        let converted = self.converted.iter();
        let converted = converted.map(|(key, from, to)| Line::new(key, None, format!(": {from} to {}", to.as_str())));
        let aliased = self.aliased.iter().map(|(key, older)| Line::new(key, Some(older), ": "));
        let tied = self.tied.iter().map(|(key, source)| Line::new(key, Some(source), " = "));
        vec![
            Group::new("Left out by the options", keys(&self.left_out)),
            Group::new("Converted", converted.collect()),
            Group::new("Initial value kept", keys(&self.initial)),
            Group::new("Not in the state dict, initial value kept", keys(&self.defaulted)),
            Group::new("Older name", aliased.collect()),
            Group::new("Tied", tied.collect()),
        ]
    }

    /// A group of keys in quotes: first those that the hint does not explain, then a few of the others.
    fn keys<'k>(&'k self, title: &'static str, lines: impl Iterator<Item = (&'k str, Line)>) -> Group {
        let (explained, open): (Vec<_>, Vec<_>) = lines.partition(|(key, _)| self.explained.contains(*key));
        let of = |lines: Vec<(&str, Line)>| fold(lines.into_iter().map(|(_, line)| line).collect());
        let (explained, mut lines) = (of(explained), of(open));
        let shown = MAX_SHOWN.min(lines.len() + MAX_EXPLAINED);
        lines.extend(explained);
        Group { title, lines, shown, is_quoted: true }
    }
}

/// A missing key: its shape, and the nearest unexpected key.
fn line(missing: &MissingKey) -> Line {
    Line::new(&missing.key, missing.nearest.as_deref(), format!(" {:?}", missing.shape))
}

/// Lines under a title.
struct Group {
    title: &'static str,
    lines: Vec<Line>,
    /// How many lines are shown.
    shown: usize,
    /// Whether keys are in quotes, and second keys a question.
    is_quoted: bool,
}

impl Group {
    fn new(title: &'static str, lines: Vec<Line>) -> Self {
        Self { title, lines: fold(lines), shown: MAX_SHOWN, is_quoted: false }
    }

    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        write!(f, "\n  {}:", self.title)?;
        for Line { key, other, text, .. } in self.lines.iter().take(self.shown) {
            let (key, other) = (shown(key), other.as_deref().map(shown));
            match (self.is_quoted, other) {
                (true, None) => write!(f, "\n    \"{key}\"{text}")?,
                (true, Some(other)) => write!(f, "\n    \"{key}\"{text}, did you mean \"{other}\"?")?,
                (false, other) => write!(f, "\n    {key}{text}{}", other.unwrap_or_default())?,
            }
        }
        match self.lines.iter().skip(self.shown).map(|line| line.count).sum() {
            0 => Ok(()),
            more => write!(f, "\n    ... and {more} more"),
        }
    }
}

/// A key on one line, whatever the file names it.
fn shown(key: &str) -> String {
    match key.char_indices().nth(MAX_KEY) {
        Some((end, _)) => format!("{}...", key.get(..end).unwrap_or_default().escape_debug()),
        None => key.escape_debug().to_string(),
    }
}

/// Gives the groups as many lines as there is room for: what a short one does not need, the others have.
fn share(groups: &mut [Group], mut room: usize) {
    let mut left = groups.len();
    let mut order: Vec<&mut Group> = groups.iter_mut().collect();
    order.sort_by_key(|group| group.shown.min(group.lines.len()));
    for group in order {
        group.shown = group.shown.min(group.lines.len()).min(room / left.max(1)).max(1);
        room = room.saturating_sub(group.shown);
        left -= 1;
    }
}
