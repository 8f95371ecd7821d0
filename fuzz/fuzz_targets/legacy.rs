//! cargo-fuzz's target for [`fuzz::legacy`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::legacy(data));
