//! The measurements that ship with the lab, as gzip of their original text. Origin, citation and licence of each:
//! `data/SOURCES.md`.

use std::io::BufReader;

use flate2::read::GzDecoder;

use crate::{
    input::{InputError, LatencyMatrix, LatencyUnit, Trace, parse_latency, parse_tasks},
    scenario::{Scenario, Source},
};

/// What a scenario calls the shipped latencies.
pub const PLANETLAB: &str = "planetlab";
/// What a scenario calls the shipped requests.
pub const AZURE_CONV: &str = "azure-conv";

/// Attribution of the shipped data that a scenario uses, one line per source; every output that shows the data
/// carries it.
pub fn attribution(scenario: &Scenario) -> Vec<&'static str> {
    let mut lines = Vec::new();
    if scenario.latency == Source::PlanetLab {
        lines.push(
            "Round-trip times between 490 PlanetLab hosts: NetLatency-Data, MIT licence, © 2016 uofa-rzhu3; Zhu, Liu, \
             Niu, Li, Zhao: Network Latency Estimation for Personal Devices, IEEE/ACM ToN 25 (2), 2017.",
        );
    }
    if scenario.tasks == Source::AzureConv {
        lines.push(
            "Requests: Azure LLM inference trace 2023, conversation; AzurePublicDataset, CC-BY 4.0, arrival times \
             scaled to the load; Patel et al.: Splitwise, ISCA 2024.",
        );
    }
    lines
}

static PLANETLAB_GZ: &[u8] = include_bytes!("../data/planetlab_490_t1.tsv.gz");
static AZURE_CONV_GZ: &[u8] = include_bytes!("../data/azure_llm_2023_conv.csv.gz");

/// Round trips between 490 PlanetLab hosts.
///
/// # Errors
/// Only if the embedded file is damaged.
pub fn planetlab() -> Result<LatencyMatrix, InputError> {
    parse_latency("planetlab (built in)", BufReader::new(GzDecoder::new(PLANETLAB_GZ)), LatencyUnit::Milliseconds)
}

/// 19,366 chat requests in 58 minutes.
///
/// # Errors
/// Only if the embedded file is damaged.
pub fn azure_conv() -> Result<Trace, InputError> {
    parse_tasks("azure-conv (built in)", BufReader::new(GzDecoder::new(AZURE_CONV_GZ)))
}

#[cfg(test)]
mod tests;
