//! Who speaks with how much of a voice (spec 09, "Voices").

use alloc::vec::Vec;

use super::blocs::ALONE;
use super::{Filed, Truth};

impl Truth {
    /// Gives the place and the share of a voice of each report on one question, in parts per 256.
    pub(super) fn voices(&self, reports: &[Filed], mut each: impl FnMut(usize, u32)) {
        let alone = |r: &Filed| r.lineage == 0 && self.agents[usize::from(r.agent)].bloc == ALONE;
        if reports.iter().all(alone) {
            reports.iter().enumerate().for_each(|(i, r)| each(i, self.cap(r.agent)));
        } else {
            let circles = self.circles(reports);
            (0..reports.len()).for_each(|i| each(i, circles.voice(i, 0)));
        }
    }

    pub(super) fn circles(&self, reports: &[Filed]) -> Circles {
        let caps: Vec<u32> = reports.iter().map(|r| self.cap(r.agent)).collect();
        let blocs: Vec<u8> = reports.iter().map(|r| self.agents[usize::from(r.agent)].bloc).collect();
        let mut circles = Circles { together: caps.clone(), caps, blocs };
        let some: Vec<usize> =
            (0..reports.len()).filter(|&i| circles.blocs[i] != ALONE || reports[i].lineage != 0).collect();
        for (n, &i) in some.iter().enumerate() {
            for &j in &some[..n] {
                if circles.related(reports, i, j) {
                    circles.together[i] += circles.caps[j];
                    circles.together[j] += circles.caps[i];
                }
            }
        }
        circles
    }
}

/// Reports on one question, and with whom each shares its voice.
pub(super) struct Circles {
    /// Parts per 256 of a voice that each could have, and that it and those related to it could.
    pub(super) caps: Vec<u32>,
    pub(super) together: Vec<u32>,
    pub(super) blocs: Vec<u8>,
}

impl Circles {
    /// Two reports with the same label, from one bloc or with a source in common.
    pub(super) fn related(&self, reports: &[Filed], i: usize, j: usize) -> bool {
        let (Some(x), Some(y)) = (reports.get(i), reports.get(j)) else { return false };
        let bloc = self.blocs[i] != ALONE && self.blocs[i] == self.blocs[j];
        x.label == y.label && (bloc || x.lineage & y.lineage != 0)
    }

    /// Share of a voice that report `i` has, in parts per 256, if those related to it could have so much less.
    pub(super) fn voice(&self, i: usize, less: u32) -> u32 {
        self.caps[i] * 256 / (self.together[i] - less).max(256)
    }
}
