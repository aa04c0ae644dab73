//! The MindOS wire format (spec 02): bytes to values and back.
//!
//! No state, no cryptography, no clock, no allocator.
#![no_std]
