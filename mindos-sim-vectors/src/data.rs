//! The measurements that ship with the lab, as gzip of their original text. Origin, citation and licence of each:
//! `data/SOURCES.md`.

use std::io::BufReader;

use flate2::read::GzDecoder;

use crate::{
    input::{InputError, LatencyMatrix, LatencyUnit, Trace, parse_latency, parse_tasks},
    scenario::{Scenario, Source},
    truth::{Graph, Set},
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

/// Attribution of the shipped sets for truth scoring, by name.
pub fn truth_attribution(set: &str) -> Option<&'static str> {
    match set {
        "rte" => Some(
            "rte: Snow, O'Connor, Jurafsky, Ng: Cheap and Fast — But is it Good?, EMNLP 2008; from \
             bob-carpenter/crowdsource-computo, MIT licence.",
        ),
        "bluebirds" => Some(
            "bluebirds: Welinder, Branson, Belongie, Perona: The Multidimensional Wisdom of Crowds, NIPS 2010; cubam, \
             Clear BSD licence, © 2011-2012 Peter Welinder.",
        ),
        "barzan_tweets" => {
            Some("barzan_tweets: collected by Mozafari; from ipeirotis/Get-Another-Label, Apache License 2.0.")
        }
        "bitcoin_otc" => Some(
            "bitcoin_otc: ratings by Kumar, Spezzano, Subrahmanian, Faloutsos, ICDM 2016 (SNAP), labels by Kumar et al.: \
             REV2, WSDM 2018; from fpour/TGBase, MIT licence, © 2021 fps.",
        ),
        _ => None,
    }
}

static RTE: [&[u8]; 2] = [include_bytes!("../data/rte_reports.csv.gz"), include_bytes!("../data/rte_truth.csv.gz")];
static BLUEBIRDS: [&[u8]; 2] =
    [include_bytes!("../data/bluebirds_reports.csv.gz"), include_bytes!("../data/bluebirds_truth.csv.gz")];
static BARZAN_TWEETS: [&[u8]; 2] =
    [include_bytes!("../data/barzan_tweets_reports.csv.gz"), include_bytes!("../data/barzan_tweets_truth.csv.gz")];
static BITCOIN_OTC: [&[u8]; 2] =
    [include_bytes!("../data/bitcoin_otc_ratings.csv.gz"), include_bytes!("../data/bitcoin_otc_truth.csv.gz")];

/// A shipped set for truth scoring.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, clap::ValueEnum)]
#[value(rename_all = "snake_case")]
pub enum Crowd {
    /// Whether one sentence follows from another: 8,000 reports of 164 agents on 800 questions.
    #[default]
    Rte,
    /// Which of two species a picture shows: 4,212 reports of 39 agents on 108 questions.
    Bluebirds,
    /// Whether a tweet is positive: 5,000 reports of 83 agents on 1,000 questions.
    BarzanTweets,
}

impl Crowd {
    /// All of them.
    pub const ALL: [Self; 3] = [Self::Rte, Self::Bluebirds, Self::BarzanTweets];

    /// The set.
    ///
    /// # Errors
    /// Only if an embedded file is damaged.
    pub fn set(self) -> Result<Set, InputError> {
        let (name, [reports, truth]) = match self {
            Self::Rte => ("rte", RTE),
            Self::Bluebirds => ("bluebirds", BLUEBIRDS),
            Self::BarzanTweets => ("barzan_tweets", BARZAN_TWEETS),
        };
        let truth = ("truth (built in)", GzDecoder::new(truth));
        Set::parse(name, ("reports (built in)", GzDecoder::new(reports)), Some(truth))
    }
}

/// Who trusts whom among traders of Bitcoin: 35,592 ratings, 158 nodes with a label.
///
/// # Errors
/// Only if an embedded file is damaged.
pub fn bitcoin_otc() -> Result<Graph, InputError> {
    let [ratings, truth] = BITCOIN_OTC;
    let truth = ("truth (built in)", GzDecoder::new(truth));
    Graph::parse("bitcoin_otc", ("ratings (built in)", GzDecoder::new(ratings)), truth)
}

#[cfg(test)]
mod tests;
