//! From a scenario to everything that its run needs: the map, the work, and what befalls whom when.

use std::collections::BTreeSet;

use crate::{
    baselines::Blackout,
    city::{choose_city, draw_share},
    data,
    geography::Geography,
    input::{InputError, LatencyMatrix, Trace, load_latency, load_tasks},
    rng::Stream,
    scenario::{Event, EventKind, Scenario, Source, checks::OutOfBounds},
    service::{ServiceError, Workload, workload},
};

/// A scenario could not be prepared.
#[derive(Debug, thiserror::Error)]
pub enum SetupError {
    /// A latency or task file was refused.
    #[error(transparent)]
    Input(#[from] InputError),
    /// The trace does not make a run.
    #[error(transparent)]
    Service(#[from] ServiceError),
    /// With one mind per host, a value of the scenario is out of bounds.
    #[error("with one mind per host, {}: found {}; expected {}", .0.key, .0.found, .0.expected)]
    OutOfBounds(OutOfBounds),
    /// More liars than minds that nothing befalls.
    #[error("{liars} liars are more than the {untouched} minds that no event befalls")]
    TooManyLiars {
        /// Liars wanted.
        liars: u32,
        /// Minds to draw them from.
        untouched: u32,
    },
}

/// Something that befalls minds at a moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Befall {
    /// When, in µs from the start of the run.
    pub at_us: u64,
    /// What.
    pub kind: EventKind,
    /// Whom, in rising order. What ends something names those whom it began with.
    pub nodes: Vec<u32>,
    /// For a city, its radius in µs of round trip.
    pub radius_us: Option<u32>,
}

/// A scenario, ready to run.
#[derive(Clone, Debug)]
pub struct Setup {
    /// What was asked for; its number of minds is never 0.
    pub scenario: Scenario,
    /// Where the minds are.
    pub geography: Geography,
    /// What they have to do.
    pub workload: Workload,
    /// What befalls them, in order of time.
    pub events: Vec<Befall>,
    /// Minds that advertise more than they keep, in rising order; none of them is befallen by an event, so that what
    /// they lose they lose by their lies.
    pub liars: Vec<u32>,
    /// What a reader of the figures should know about the data, one sentence each.
    pub notes: Vec<String>,
}

impl Setup {
    /// Reads the data of a scenario and draws what is drawn.
    ///
    /// # Errors
    /// [`SetupError`] if a file is refused, the requests do not make a run, or there are too many liars.
    pub fn new(scenario: Scenario) -> Result<Self, SetupError> {
        let matrix = match &scenario.latency {
            Source::File(path) => load_latency(path, scenario.latency_unit)?,
            _ => data::planetlab()?,
        };
        let trace = match &scenario.tasks {
            Source::File(path) => load_tasks(path)?,
            _ => data::azure_conv()?,
        };
        Self::from_data(scenario, matrix, &trace)
    }

    /// The same with data at hand.
    ///
    /// # Errors
    /// As [`Setup::new`], but for files.
    pub fn from_data(mut scenario: Scenario, matrix: LatencyMatrix, trace: &Trace) -> Result<Self, SetupError> {
        if scenario.nodes == 0 {
            scenario.nodes = matrix.hosts() as u32;
            if scenario.nodes < 4 {
                let found = scenario.nodes.to_string();
                let error = OutOfBounds { key: "nodes".to_owned(), found, expected: "at least 4 hosts" };
                return Err(SetupError::OutOfBounds(error));
            }
            scenario.check().map_err(SetupError::OutOfBounds)?;
        }
        let mut notes = notes_on_matrix(&matrix, &scenario);
        let geography = Geography::new(matrix, scenario.nodes, scenario.seed);
        let workload = workload(&scenario, trace)?;
        if workload.tasks.len() < workload.trace_requests {
            let (played, all) = (workload.tasks.len(), workload.trace_requests);
            notes.push(format!("Played the first {played} of the trace's {all} requests."));
        }
        let events = befall(&scenario, &geography, &workload);
        let liars = draw_liars(&scenario, &events)?;
        Ok(Self { scenario, geography, workload, events, liars, notes })
    }

    /// The first city that goes dark, with its return if it has one.
    pub fn blackout(&self) -> Option<Blackout> {
        let begin = self.events.iter().position(|event| event.kind == EventKind::KillCity)?;
        let back = self.events[begin..].iter().find(|event| event.kind == EventKind::ReturnCity);
        let cut = &self.events[begin];
        Some(Blackout {
            at_us: cut.at_us,
            return_us: back.map(|back| back.at_us),
            dead: cut.nodes.iter().copied().collect(),
        })
    }

    /// Radius of the first city that an event befalls, in µs of round trip.
    pub fn city_radius_us(&self) -> Option<u32> {
        self.events.iter().find_map(|event| event.radius_us)
    }
}

fn notes_on_matrix(matrix: &LatencyMatrix, scenario: &Scenario) -> Vec<String> {
    let (hosts, filled) = (matrix.hosts(), matrix.filled());
    let mut notes = Vec::new();
    if filled.total() > 0 {
        notes.push(format!(
            "{} of {} round trips were not measured: {} were taken from the opposite direction, {} from the median \
             of their row, {} from the median of all.",
            filled.total(),
            hosts * (hosts - 1),
            filled.opposite,
            filled.row_median,
            filled.overall_median
        ));
    }
    if scenario.nodes as usize != hosts {
        notes.push(format!(
            "{} minds stand on {hosts} measured hosts drawn by seed, each with 1 to 8 ms of access delay.",
            scenario.nodes
        ));
    }
    notes
}

/// Gives every event its moment and its minds.
fn befall(scenario: &Scenario, geography: &Geography, workload: &Workload) -> Vec<Befall> {
    let mut befallen: Vec<Befall> = Vec::new();
    for (at_us, event) in scenario.timed_events(workload.warmup_us, workload.duration_us) {
        let (nodes, radius_us) = match event.kind.ends() {
            Some(begin) => {
                let began = befallen.iter().rev().find(|earlier| earlier.kind == begin);
                (began.map(|began| began.nodes.clone()).unwrap_or_default(), None)
            }
            None => whom(event, scenario, geography),
        };
        befallen.push(Befall { at_us, kind: event.kind, nodes, radius_us });
    }
    befallen
}

fn whom(event: Event, scenario: &Scenario, geography: &Geography) -> (Vec<u32>, Option<u32>) {
    let share = event.share.unwrap_or(0.0);
    if matches!(event.kind, EventKind::KillCity | EventKind::Partition) {
        let city = choose_city(geography, share, scenario.seed);
        return (city.members, Some(city.radius_us));
    }
    (draw_share(scenario.nodes, share, scenario.seed, event.kind.name()), None)
}

fn draw_liars(scenario: &Scenario, events: &[Befall]) -> Result<Vec<u32>, SetupError> {
    let touched: BTreeSet<u32> = events.iter().flat_map(|event| event.nodes.iter().copied()).collect();
    let mut untouched: Vec<u32> = (0..scenario.nodes).filter(|node| !touched.contains(node)).collect();
    if scenario.liars as usize > untouched.len() {
        return Err(SetupError::TooManyLiars { liars: scenario.liars, untouched: untouched.len() as u32 });
    }
    Stream::new(scenario.seed, "liars").shuffle(&mut untouched);
    untouched.truncate(scenario.liars as usize);
    untouched.sort_unstable();
    Ok(untouched)
}

#[cfg(test)]
mod tests;
