//! The body is in `mindos_fuzz::transport`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mindos_fuzz::transport(data));
