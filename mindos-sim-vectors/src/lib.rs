//! The MindOS lab: simulator, real data, conformance vectors.
//!
//! From input to report, in the order in which the data flows:
//! [`input`] and [`data`] read latencies and requests · [`scenario`] says what happens · [`service`] turns requests
//! into work for minds of different speed · [`geography`], [`city`] and [`net`] are the world's map and its network ·
//! [`setup`] puts these together · [`baselines`] schedule the same work without MindOS, [`outcome`] sums up either and
//! [`yardstick`] compares them · [`result`], [`figures`] and [`story`] hold what a run has to say · [`report`] draws it ·
//! [`world`] lets the nodes live · [`flood`] is about one node under attack, [`liars`] about many that lie, [`centres`]
//! about local agents and central models · [`vectors`] are for any implementation, which [`runner`] asks and which answers as
//! [`testee`] does · [`identity`] makes and shows keys · [`truth`] lets the truth engine and others judge public data
//! under attack · [`cli`] is the command `mindos`.

pub mod baselines;
pub mod centres;
pub mod city;
pub mod cli;
pub mod data;
pub mod figures;
pub mod flood;
pub mod geography;
pub mod identity;
pub mod input;
pub mod inspect;
pub mod liars;
pub mod net;
pub mod outcome;
pub mod report;
pub mod result;
pub mod rng;
pub mod runner;
pub mod scenario;
pub mod service;
pub mod setup;
pub mod stats;
pub mod story;
pub mod testee;
pub mod truth;
pub mod vectors;
pub mod world;
pub mod yardstick;
