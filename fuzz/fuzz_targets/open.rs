//! cargo-fuzz's target for [`fuzz::open`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::open(data));
