//! cargo-fuzz's target for [`fuzz::index`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::index(data));
