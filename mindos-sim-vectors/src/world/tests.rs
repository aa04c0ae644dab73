//! Behaviour of whole meshes.
