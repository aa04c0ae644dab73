//! The body is in `mindos_fuzz::frames`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mindos_fuzz::frames(data));
