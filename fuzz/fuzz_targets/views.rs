//! The body is in `mindos_fuzz::views`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mindos_fuzz::views(data));
