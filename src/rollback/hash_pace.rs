//! Which of the confirmed states' hashes are said: all, or few while nothing looks wrong.

use super::options::HashRate;
use crate::frame::Frame;

/// Frames between two hashes while all is calm (seed 001, B1).
const CALM_FRAMES: u32 = 30;

/// Ticks without a sign of trouble until it is calm again: five seconds at 60 a second.
const CALMING_TICKS: u32 = 300;

/// The pace of hashes of one peer.
#[derive(Debug, Clone, Copy)]
pub(super) struct HashPace {
    rate: HashRate,
    snapshot_interval_frames: u32,
    alarmed_ticks: u32,
}

impl HashPace {
    pub(super) fn new(rate: HashRate, snapshot_interval_frames: u32) -> Self {
        Self { rate, snapshot_interval_frames: snapshot_interval_frames.max(1), alarmed_ticks: 0 }
    }

    pub(super) fn handle_tick(&mut self) {
        self.alarmed_ticks = self.alarmed_ticks.saturating_sub(1);
    }

    /// Hashes differed.
    pub(super) fn handle_desync(&mut self) {
        self.alarmed_ticks = CALMING_TICKS;
    }

    /// Something happened after which hashes differ more often than usual.
    pub(super) fn handle_trouble(&mut self) {
        if self.rate == HashRate::Predictive {
            self.alarmed_ticks = CALMING_TICKS;
        }
    }

    /// Whether the hash of this frame, which stands on the grid of snapshots, is said.
    pub(super) fn is_said(&self, frame: Frame) -> bool {
        let between = (CALM_FRAMES / self.snapshot_interval_frames).max(1);
        self.rate == HashRate::EverySnapshot
            || self.alarmed_ticks > 0
            || (frame.0 / self.snapshot_interval_frames).is_multiple_of(between)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(pace: &HashPace) -> usize {
        (0..300).step_by(5).filter(|frame| pace.is_said(Frame(*frame))).count()
    }

    #[test]
    fn few_hashes_while_calm_and_all_after_a_desync() {
        let mut pace = HashPace::new(HashRate::Adaptive, 5);
        assert_eq!(said(&pace), 10);
        pace.handle_trouble();
        assert_eq!(said(&pace), 10, "only a desync counts");
        pace.handle_desync();
        assert_eq!(said(&pace), 60);
        (0..CALMING_TICKS).for_each(|_| pace.handle_tick());
        assert_eq!(said(&pace), 10);
    }

    #[test]
    fn foresight_counts_trouble_too_and_every_snapshot_needs_none() {
        let mut pace = HashPace::new(HashRate::Predictive, 5);
        pace.handle_trouble();
        assert_eq!(said(&pace), 60);
        assert_eq!(said(&HashPace::new(HashRate::EverySnapshot, 5)), 60);
        let wide = HashPace::new(HashRate::Adaptive, 60);
        assert!(wide.is_said(Frame(60)) && wide.is_said(Frame(120)));
    }
}
