//! The MindOS protocol as state machines without clock or socket.
#![no_std]
extern crate alloc;

pub mod crypto;
