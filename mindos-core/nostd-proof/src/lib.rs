//! Placeholder of the link proof.
