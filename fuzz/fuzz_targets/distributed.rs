//! cargo-fuzz's target for [`fuzz::distributed`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::distributed(data));
