//! Bounds of a scenario.

use std::cmp::Ordering;

use super::{Event, EventKind, Scenario, Source};
use crate::data;

/// A value out of bounds.
#[derive(Debug, PartialEq, Eq)]
pub struct OutOfBounds {
    /// Key in the file, with the number of the event if it is in one.
    pub key: String,
    /// The value.
    pub found: String,
    /// What would have been accepted.
    pub expected: &'static str,
}

fn check(ok: bool, key: &str, found: impl ToString, expected: &'static str) -> Result<(), OutOfBounds> {
    if ok { Ok(()) } else { Err(OutOfBounds { key: key.to_owned(), found: found.to_string(), expected }) }
}

impl Scenario {
    /// Checks every value; the first one out of bounds is named.
    ///
    /// # Errors
    /// [`OutOfBounds`], naming the key.
    pub fn check(&self) -> Result<(), OutOfBounds> {
        let plain = |c: char| c.is_ascii_lowercase() || c.is_ascii_digit() || c == '-';
        let name_ok = (1..=64).contains(&self.name.len()) && self.name.chars().all(plain);
        check(name_ok, "name", format!("{:?}", self.name), "1 to 64 characters of a-z, 0-9 and -")?;
        check(self.title.chars().count() <= 200, "title", "more", "at most 200 characters")?;
        let nodes_ok = self.nodes == 0 || (4..=1_000_000).contains(&self.nodes);
        check(nodes_ok, "nodes", self.nodes, "4 to 1000000, or 0 for one per host")?;
        check(self.latency != Source::AzureConv, "latency", data::AZURE_CONV, "planetlab or a file")?;
        check(self.tasks != Source::PlanetLab, "tasks", data::PLANETLAB, "azure-conv or a file")?;
        let stretch_ok = self.stretch > 0.0 && self.stretch <= 1.0;
        check(stretch_ok, "stretch", self.stretch, "a share above 0, at most 1")?;
        check((0.01..=2.0).contains(&self.load), "load", self.load, "0.01 to 2")?;
        for (key, share) in [("loss", self.loss), ("duplicate", self.duplicate), ("reorder", self.reorder)] {
            check((0.0..=0.9).contains(&share), key, share, "a share from 0 to 0.9")?;
        }
        check((0.0..=10.0).contains(&self.jitter), "jitter", self.jitter, "0 to 10")?;
        check(self.nodes == 0 || self.liars <= self.nodes / 2, "liars", self.liars, "at most half of the nodes")?;
        check(self.warmup_s <= 3_600, "warmup_s", self.warmup_s, "0 to 3600")?;
        check(self.events.len() <= 64, "event", self.events.len(), "at most 64 events")?;
        for (index, event) in self.events.iter().enumerate() {
            event.check().map_err(|mut error| {
                error.key = format!("event {}, {}", index + 1, error.key);
                error
            })?;
        }
        self.check_order()
    }

    /// An end needs its beginning, and nothing begins twice without an end.
    fn check_order(&self) -> Result<(), OutOfBounds> {
        // Shares and seconds compare only once the duration is known, so a mixture is left to the world to order.
        let (shares, seconds): (Vec<Event>, Vec<Event>) = self.events.iter().partition(|event| event.at.is_some());
        let mut ordered = if seconds.is_empty() {
            shares
        } else if shares.is_empty() {
            seconds
        } else {
            return Ok(());
        };
        ordered.sort_by(|a, b| (a.at, a.at_s).partial_cmp(&(b.at, b.at_s)).unwrap_or(Ordering::Equal));
        let mut open: Vec<EventKind> = Vec::new();
        for event in ordered {
            let key = format!("event \"{}\"", event.kind.name());
            match event.kind.ends() {
                Some(begin) => {
                    let at = open.iter().position(|&kind| kind == begin);
                    check(at.is_some(), &key, "no beginning", "what it ends to begin earlier")?;
                    at.map(|at| open.remove(at));
                }
                None => {
                    check(!open.contains(&event.kind), &key, "a second beginning", "the first to end earlier")?;
                    open.push(event.kind);
                }
            }
        }
        Ok(())
    }
}

impl Event {
    fn check(&self) -> Result<(), OutOfBounds> {
        match (self.at, self.at_s) {
            (Some(at), None) => check((0.0..=1.0).contains(&at), "at", at, "a share of the run from 0 to 1")?,
            (None, Some(at_s)) => check((0.0..=1e6).contains(&at_s), "at_s", at_s, "seconds from 0 to 1000000")?,
            (None, None) => check(false, "at", "nothing", "at (share of the run) or at_s (seconds)")?,
            (Some(_), Some(_)) => check(false, "at", "at and at_s", "only one of them")?,
        }
        match (self.share, self.kind.ends()) {
            (Some(share), None) => check(share > 0.0 && share <= 0.9, "share", share, "above 0, at most 0.9"),
            (None, None) => check(false, "share", "nothing", "the share of minds it befalls, above 0, at most 0.9"),
            (Some(share), Some(_)) => check(false, "share", share, "none: it ends what began"),
            (None, Some(_)) => Ok(()),
        }
    }
}
