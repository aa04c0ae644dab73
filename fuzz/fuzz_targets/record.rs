//! The body is in `mindos_fuzz::record`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mindos_fuzz::record(data));
