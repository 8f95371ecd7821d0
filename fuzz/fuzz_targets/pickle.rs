//! cargo-fuzz's target for [`fuzz::pickle`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::pickle(data));
