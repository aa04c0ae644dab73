//! A flood of forged first packets against one node: what is asked for, and what it comes to.
//!
//! [`scenario`] says who attacks how and what the machine under attack can do; [`crate::world::flood`] lets it happen;
//! [`result`] holds the figures and [`figures`] puts them into words.

pub mod figures;
pub mod result;
pub mod scenario;
