//! The MindOS lab: simulator, real data, conformance vectors.
//!
//! From input to figures, in the order in which the data flows:
//! [`input`] and [`data`] read latencies and requests · [`scenario`] says what happens · [`service`] turns requests
//! into work for minds of different speed · [`geography`], [`city`] and [`net`] are the world's map and its network ·
//! [`baselines`] schedule the same work without MindOS, as a yardstick, and [`outcome`] sums up either.

pub mod baselines;
pub mod city;
pub mod data;
pub mod geography;
pub mod input;
pub mod net;
pub mod outcome;
pub mod rng;
pub mod scenario;
pub mod service;
pub mod stats;
