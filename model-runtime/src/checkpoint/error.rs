//! What is wrong with a checkpoint: the file, the place in it, what was expected there and what to do.

use std::fmt::{self, Display, Write as _};
use std::io;

/// The result of the checkpoint readers.
pub type Result<T, E = CheckpointError> = std::result::Result<T, E>;

/// The longest message, in bytes: a hostile file must not fill a log.
const MAX_MESSAGE: usize = 1024;
/// The longest single part of a message (a key, a path, a value), in bytes.
const MAX_PART: usize = 240;

/// Why a checkpoint, or an entry of it, cannot be read.
///
/// The message has one form: the file, the place in it, what is wrong, and where there is one the likely fix:
/// `net.pt: data/1: the record does not fit its storage, expected: 24 bytes, got: 20 bytes`.
/// It is at most 1 KiB long, and unprintable characters from the file are escaped. An error of the operating
/// system is kept as the [`source`](std::error::Error::source).
#[non_exhaustive]
pub struct CheckpointError {
    /// Boxed, so that a `Result` on the readers' hot paths is one word.
    detail: Box<Detail>,
}

/// What sort of problem a [`CheckpointError`] reports.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum CheckpointErrorKind {
    /// The operating system could not open or read the file.
    Io,
    /// The file is something else than a checkpoint.
    NotACheckpoint,
    /// The file contradicts itself or its format.
    Damaged,
    /// The file is sound, but uses something that cannot be read.
    Unsupported,
    /// The file asks for more than [`Limits`](super::Limits) allows.
    Limit,
    /// The file holds no entry of that name, or no single state dict.
    NotFound,
    /// What the caller asked for makes no sense: a device tag, an offset.
    Argument,
}

#[derive(Default)]
struct Detail {
    kind: Option<CheckpointErrorKind>,
    file: String,
    place: String,
    what: String,
    expected: String,
    got: String,
    fix: String,
    io: Option<io::Error>,
}

impl CheckpointError {
    fn new(kind: CheckpointErrorKind, what: impl Display) -> Self {
        let detail = Detail { kind: Some(kind), what: what.to_string(), ..Detail::default() };
        Self { detail: Box::new(detail) }
    }

    pub(crate) fn io(what: impl Display, source: io::Error) -> Self {
        let mut error = Self::new(CheckpointErrorKind::Io, format_args!("{what}: {source}"));
        error.detail.io = Some(source);
        error
    }

    pub(crate) fn not_a_checkpoint(what: impl Display) -> Self {
        Self::new(CheckpointErrorKind::NotACheckpoint, what)
    }

    pub(crate) fn damaged(what: impl Display) -> Self {
        Self::new(CheckpointErrorKind::Damaged, what)
    }

    pub(crate) fn unsupported(what: impl Display) -> Self {
        Self::new(CheckpointErrorKind::Unsupported, what)
    }

    /// `name` is the field of [`Limits`](super::Limits) that would have to grow.
    pub(crate) fn limit(what: impl Display, name: &str, limit: impl Display, got: impl Display) -> Self {
        Self::new(CheckpointErrorKind::Limit, what)
            .expected(format_args!("at most {limit}"))
            .got(got)
            .fix(format_args!("raise `Limits::{name}` if you trust the file"))
    }

    pub(crate) fn not_found(what: impl Display) -> Self {
        Self::new(CheckpointErrorKind::NotFound, what)
    }

    pub(crate) fn argument(what: impl Display) -> Self {
        Self::new(CheckpointErrorKind::Argument, what)
    }

    pub(crate) fn expected(mut self, expected: impl Display) -> Self {
        self.detail.expected = expected.to_string();
        self
    }

    pub(crate) fn got(mut self, got: impl Display) -> Self {
        self.detail.got = got.to_string();
        self
    }

    pub(crate) fn fix(mut self, fix: impl Display) -> Self {
        self.detail.fix = fix.to_string();
        self
    }

    /// Adds an outer place: `.at("data.pkl")` on an error at `byte 12` makes it `data.pkl: byte 12`.
    pub(crate) fn at(mut self, place: impl Display) -> Self {
        let inner = std::mem::take(&mut self.detail.place);
        self.detail.place = if inner.is_empty() { place.to_string() } else { format!("{place}: {inner}") };
        self
    }

    /// Names the file, unless an inner reader already did.
    pub(crate) fn in_file(mut self, file: impl Display) -> Self {
        if self.detail.file.is_empty() {
            self.detail.file = file.to_string();
        }
        self
    }

    /// What sort of problem it is.
    pub fn kind(&self) -> CheckpointErrorKind {
        self.detail.kind.unwrap_or(CheckpointErrorKind::Damaged)
    }

    /// The file as it was named by the caller, `<bytes>` for one in memory; empty where no file was involved.
    pub fn file(&self) -> &str {
        &self.detail.file
    }

    /// The place in the file: a record, a key, an offset in the pickle; empty where the whole file is meant.
    pub fn place(&self) -> &str {
        &self.detail.place
    }

    /// The problem without its file and place, as it is told for one key of a state dict.
    pub(crate) fn reason(&self) -> String {
        let detail = &*self.detail;
        let mut text = clip(&detail.what, 2 * MAX_PART);
        for (label, part) in [(", expected: ", &detail.expected), (", got: ", &detail.got), ("; ", &detail.fix)] {
            if !part.is_empty() {
                text.push_str(label);
                text.push_str(&clip(part, MAX_PART));
            }
        }
        text
    }
}

impl Display for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut text = String::new();
        for part in [&self.detail.file, &self.detail.place] {
            if !part.is_empty() {
                write!(text, "{}: ", clip(part, MAX_PART))?;
            }
        }
        text.push_str(&self.reason());
        f.write_str(&clip(&text, MAX_MESSAGE))
    }
}

impl fmt::Debug for CheckpointError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "CheckpointError({:?}, {self})", self.kind())
    }
}

impl std::error::Error for CheckpointError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        let io: &io::Error = self.detail.io.as_ref()?;
        Some(io)
    }
}

/// `text` with unprintable characters escaped, cut to `max` bytes with an ellipsis.
pub(crate) fn clip(text: &str, max: usize) -> String {
    const ELLIPSIS: char = '…';
    let mut out = String::with_capacity(text.len().min(max));
    for c in text.chars() {
        let before = out.len();
        match c {
            '"' | '\'' | '\\' => out.push(c),
            _ => out.extend(c.escape_debug()),
        }
        if out.len() > max {
            out.truncate(before);
            while out.len() + ELLIPSIS.len_utf8() > max && out.pop().is_some() {}
            out.push(ELLIPSIS);
            break;
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_message_reads_file_place_what_expected_got_fix() {
        let error = CheckpointError::damaged("the record does not fit its storage")
            .expected("24 bytes")
            .got("20 bytes")
            .fix("download it again")
            .at("byte 7")
            .at("data/1")
            .in_file("net.pt")
            .in_file("ignored");
        assert_eq!(
            error.to_string(),
            "net.pt: data/1: byte 7: the record does not fit its storage, expected: 24 bytes, got: 20 bytes; \
             download it again"
        );
    }

    #[test]
    fn hostile_text_is_escaped_and_cut() {
        let nasty = format!("\u{1b}[2J\0\u{202e}{}", "x".repeat(100_000));
        let error =
            CheckpointError::damaged(&nasty).got(&nasty).expected(&nasty).fix(&nasty).at(&nasty).in_file(&nasty);
        let text = error.to_string();
        assert!(text.len() <= 1024, "{}", text.len());
        assert!(text.starts_with("\\u{1b}[2J\\0\\u{202e}xxx"), "{text}");
        assert!(text.chars().all(|c| !c.is_control()));
    }

    #[test]
    fn the_operating_systems_error_is_the_source() {
        let error = CheckpointError::io("cannot open", io::Error::from(io::ErrorKind::NotFound));
        let source = std::error::Error::source(&error).unwrap();
        assert_eq!(source.downcast_ref::<io::Error>().unwrap().kind(), io::ErrorKind::NotFound);
    }
}
