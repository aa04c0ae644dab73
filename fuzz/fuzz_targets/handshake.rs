//! The body is in `mindos_fuzz::handshake`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| mindos_fuzz::handshake(data));
