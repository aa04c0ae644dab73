//! The default provider, on the BLAKE3, dalek and RustCrypto crates.

/// The default provider.
#[derive(Debug)]
pub struct DefaultCrypto;
/// The default provider, ready for `NodeConfig`.
pub static DEFAULT: DefaultCrypto = DefaultCrypto;
