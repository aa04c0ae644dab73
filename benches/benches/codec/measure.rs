//! Taking turns, and the median of it.

use std::hint::black_box;
use std::time::Duration;

use cpu_time::ThreadTime;

use crate::visit::{Fold, Whole};

/// How long to measure.
#[derive(Clone, Copy)]
pub(crate) struct Effort {
    rounds: usize,
    /// Of one codec in one round.
    turn: Duration,
}

impl Effort {
    pub(crate) const FULL: Self = Self { rounds: 301, turn: Duration::from_micros(150) };
    pub(crate) const QUICK: Self = Self { rounds: 51, turn: Duration::from_micros(50) };
    pub(crate) const TEST: Self = Self { rounds: 1, turn: Duration::from_micros(1) };
}

/// Does its work that many times.
type Work = Box<dyn FnMut(u32)>;

struct Case {
    codec: &'static str,
    size: usize,
    encode: Work,
    visit: Work,
}

/// One message and all its codecs; the first is ours.
pub(crate) struct Suite {
    pub(crate) title: String,
    cases: Vec<Case>,
    digest: Option<(u64, Whole)>,
}

/// What was measured of one codec. Times are in nanoseconds.
pub(crate) struct Row {
    pub(crate) codec: &'static str,
    pub(crate) size: usize,
    pub(crate) encode: f64,
    pub(crate) visit: f64,
    /// Its decode and visit over ours.
    pub(crate) ratio: f64,
    pub(crate) allocations: f64,
}

impl Suite {
    pub(crate) fn new(title: &str) -> Self {
        Self { title: title.to_owned(), cases: Vec::new(), digest: None }
    }

    /// Adds a codec; its content must be that of the first.
    #[expect(clippy::too_many_arguments, reason = "one place calls it")]
    pub(crate) fn add<B: ?Sized, V>(
        &mut self,
        codec: &'static str,
        size: usize,
        input: &'static B,
        value: &'static V,
        mut encode: impl FnMut(&'static V) -> usize + 'static,
        fold: impl Fn(&B, &mut Fold) -> Option<()> + 'static,
        whole: impl Fn(&B, &mut Whole) -> Option<()> + 'static,
    ) {
        let digest = move |input: &B| {
            let mut sink = Fold::default();
            fold(input, &mut sink).map(|()| sink.0)
        };
        let mut sink = Whole::default();
        whole(input, &mut sink).unwrap_or_else(|| panic!("{codec} refuses what it wrote"));
        let told = (digest(input).unwrap(), sink);
        let ours = self.digest.get_or_insert_with(|| (told.0, told.1.clone()));
        assert!(told == *ours, "{codec} carries other content");
        assert_eq!(encode(value), size, "{codec}");
        let encode = move |times| (0..times).for_each(|_| _ = black_box(encode(black_box(value))));
        let visit = move |times| (0..times).for_each(|_| _ = black_box(digest(black_box(input))));
        self.cases.push(Case { codec, size, encode: Box::new(encode), visit: Box::new(visit) });
    }

    pub(crate) fn codecs(&self) -> impl Iterator<Item = &'static str> {
        self.cases.iter().map(|c| c.codec)
    }

    /// Decodes and visits with one codec.
    pub(crate) fn visit(&mut self, codec: &str, times: u32) {
        let case = self.cases.iter_mut().find(|c| c.codec == codec).unwrap();
        (case.visit)(times);
    }

    pub(crate) fn measure(mut self, effort: Effort) -> Vec<Row> {
        const TIMES: u32 = 100;
        let allocations: Vec<_> = self
            .cases
            .iter_mut()
            .map(|c| allocation_counter::measure(|| (c.visit)(TIMES)).count_total as f64 / f64::from(TIMES))
            .collect();
        let mut encodes = vec![Vec::new(); self.cases.len()];
        let mut visits = encodes.clone();
        // The counter of allocations costs next to nothing when it does not count.
        allocation_counter::opt_out(|| {
            let times: Vec<_> = self
                .cases
                .iter_mut()
                .map(|c| (fitting(&mut c.encode, effort.turn), fitting(&mut c.visit, effort.turn)))
                .collect();
            for _ in 0..effort.rounds {
                for (i, (case, (encode, visit))) in self.cases.iter_mut().zip(&times).enumerate() {
                    encodes[i].push(nanoseconds(&mut case.encode, *encode));
                    visits[i].push(nanoseconds(&mut case.visit, *visit));
                }
            }
        });
        let row = |(i, case): (usize, &Case)| Row {
            codec: case.codec,
            size: case.size,
            encode: median(encodes[i].iter().copied()),
            visit: median(visits[i].iter().copied()),
            ratio: median(visits[i].iter().zip(&visits[0]).map(|(its, ours)| its / ours)),
            allocations: allocations[i],
        };
        self.cases.iter().enumerate().map(row).collect()
    }
}

/// Time of this thread on a processor for one of `times`: what others run is not in it.
fn nanoseconds(work: &mut Work, times: u32) -> f64 {
    // Caches and predictors are as after much of the same.
    work(times / 8 + 1);
    let start = ThreadTime::now();
    work(times);
    start.elapsed().as_nanos() as f64 / f64::from(times)
}

/// How often it fits into `turn`.
fn fitting(work: &mut Work, turn: Duration) -> u32 {
    let one = nanoseconds(work, 200).max(1.0);
    ((turn.as_nanos() as f64 / one) as u32).clamp(10, 100_000)
}

fn median(values: impl Iterator<Item = f64>) -> f64 {
    let mut values: Vec<_> = values.collect();
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
