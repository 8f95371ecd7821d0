//! cargo-fuzz's target for [`fuzz::opcodes`].

#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| fuzz::opcodes(data));
