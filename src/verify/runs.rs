//! Runs: stretches of failing items that no passing item interrupts, so that one fault in a
//! thousand frames is one finding and not a thousand.

use crate::frame::Frame;

/// One stretch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Run {
    /// Its first frame.
    pub(super) first: Frame,
    /// Its last frame.
    pub(super) last: Frame,
    /// Failing items in it.
    pub(super) count: u32,
    /// Capture sequence numbers of the events that show them, the first ones.
    pub(super) seqs: Vec<u32>,
}

/// Runs of one check, peer and episode that are told apart; what fails later falls into the last.
const MAX_RUNS: usize = 32;

/// Gathers runs out of items in order.
#[derive(Debug, Default)]
pub(super) struct Runs {
    runs: Vec<Run>,
    is_open: bool,
}

impl Runs {
    /// Takes an item that holds.
    pub(super) fn pass(&mut self) {
        self.is_open = false;
    }

    /// Takes an item that fails.
    pub(super) fn fail(&mut self, frame: Frame, seqs: impl IntoIterator<Item = u32>) {
        let is_new = !self.is_open && self.runs.len() < MAX_RUNS;
        if is_new {
            self.runs.push(Run { first: frame, last: frame, count: 0, seqs: Vec::new() });
        }
        self.is_open = true;
        if let Some(run) = self.runs.last_mut() {
            run.first = run.first.min(frame);
            run.last = run.last.max(frame);
            run.count += 1;
            let room = super::finding::MAX_EVIDENCE.saturating_sub(run.seqs.len());
            run.seqs.extend(seqs.into_iter().take(room));
        }
    }

    /// The runs in order.
    pub(super) fn finish(self) -> Vec<Run> {
        self.runs
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_passing_item_ends_a_run() {
        let mut runs = Runs::default();
        for (frame, holds) in [(0, true), (5, false), (10, false), (15, true), (20, false)] {
            if holds { runs.pass() } else { runs.fail(Frame(frame), [frame]) }
        }
        let runs: Vec<_> = runs.finish().iter().map(|r| (r.first.0, r.last.0, r.count)).collect();
        assert_eq!(runs, [(5, 10, 2), (20, 20, 1)]);
    }

    #[test]
    fn runs_and_their_evidence_are_bounded() {
        let mut runs = Runs::default();
        for frame in 0..10_000 {
            runs.fail(Frame(frame), [frame, frame]);
            if frame % 2 == 0 {
                runs.pass();
            }
        }
        let runs = runs.finish();
        assert_eq!(runs.len(), MAX_RUNS);
        assert_eq!(runs.iter().map(|run| run.count).sum::<u32>(), 10_000);
        assert!(runs.iter().all(|run| run.seqs.len() <= 64));
        assert_eq!(runs[MAX_RUNS - 1].last, Frame(9_999));
    }
}
