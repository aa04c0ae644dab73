//! The body is in `mindos_fuzz::node`.
#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| {
    mindos_fuzz::node(data);
});
