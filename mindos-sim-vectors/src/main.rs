//! The `mindos` command.

fn main() {}
