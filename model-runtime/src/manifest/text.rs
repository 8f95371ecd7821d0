//! [`Text`]: a string that is built while a program compiles.

/// A string of at most `N` bytes; what does not fit is left out.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct Text<const N: usize> {
    bytes: [u8; N],
    len: usize,
}

impl<const N: usize> Text<N> {
    pub(super) const fn new() -> Self {
        Self { bytes: [0; N], len: 0 }
    }

    pub(super) const fn len(&self) -> usize {
        self.len
    }

    /// Forgets what comes after the first `len` bytes.
    pub(super) const fn truncate(&mut self, len: usize) {
        self.len = len;
    }

    pub(super) const fn push(&mut self, text: &str) {
        self.push_bytes(text.as_bytes(), 0, text.len());
    }

    /// Adds `bytes[start..end]`, which is valid UTF-8 if what comes out is.
    pub(super) const fn push_bytes(&mut self, bytes: &[u8], start: usize, end: usize) {
        if end - start > N - self.len {
            return;
        }
        let mut at = start;
        while at < end {
            self.bytes[self.len] = bytes[at];
            self.len += 1;
            at += 1;
        }
    }

    /// Adds a number.
    pub(super) const fn push_number(&mut self, number: usize) {
        if number >= 10 {
            self.push_number(number / 10);
        }
        self.push_bytes(&[b'0' + (number % 10) as u8], 0, 1);
    }

    pub(super) const fn bytes(&self) -> &[u8; N] {
        &self.bytes
    }

    /// What was built; `None` for nothing.
    pub const fn get(&self) -> Option<&str> {
        if self.len == 0 {
            return None;
        }
        match std::str::from_utf8(self.bytes.split_at(self.len).0) {
            Ok(text) => Some(text),
            Err(_) => Some("a key of the manifest is no valid text"),
        }
    }

    /// Ends the evaluation with the text, if there is one.
    ///
    /// # Panics
    ///
    /// With every text: that is the error that the compiler reports.
    #[track_caller]
    #[expect(clippy::panic, reason = "it runs while a program compiles, and this is how that says an error")]
    pub const fn report(&self) {
        if let Some(text) = self.get() {
            panic!("{}", text);
        }
    }
}
