//! The MindOS lab: simulator, real data, conformance vectors.
