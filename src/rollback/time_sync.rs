//! Who is ahead of whom, and how much slower to step until nobody is.
//!
//! Each side knows how far its current frame is ahead of the newest frame that it heard of the
//! other. Both figures hold the time on the way; half their difference does not, if both ways take
//! equally long. Whole numbers only, counted in ticks: no clock.

use crate::frame::Frame;

/// Fractions of a frame that are told apart.
const UNITS: i32 = 256;

/// A new figure counts one in this many: half a second at 60 ticks a second.
const SMOOTHING: i32 = 32;

/// Being ahead by fewer frames than this changes nothing: jitter alone does that.
const TOLERATED_UNITS: i32 = UNITS / 2;

/// From this many frames on, ticks are left out rather than stretched.
const WAIT_FRAMES: i32 = 8;

/// Steps are stretched by at most this many thousandths, which nobody sees.
const MAX_STRETCH_PERMILLE: i32 = 50;

/// What to do about the pace.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PaceAdvice {
    /// Step as the settings say.
    Keep,
    /// Make every step longer by so many thousandths.
    Stretch {
        /// Thousandths of a step, 1 to 50.
        permille: u32,
    },
    /// Leave out so many ticks, then ask again.
    Wait {
        /// Ticks to leave out.
        ticks: u32,
    },
}

/// The pace of this peer beside that of another one.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct TimeSync {
    local: Option<i32>,
    remote: Option<i32>,
}

impl TimeSync {
    /// Takes both peers' frames as they are known here in this tick.
    pub(super) fn handle_tick(&mut self, ours: Frame, theirs: Frame) {
        let ahead = i64::from(ours.0) - i64::from(theirs.0);
        let ahead = ahead.clamp(-10_000, 10_000) as i32 * UNITS;
        self.local = Some(smoothed(self.local, ahead));
    }

    /// Takes what the other peer says of its own advantage over this one.
    pub(super) fn handle_remote(&mut self, advantage_frames: i16) {
        let ahead = i32::from(advantage_frames).clamp(-10_000, 10_000) * UNITS;
        // It comes every few ticks only.
        let once = smoothed(self.remote, ahead);
        self.remote = Some(smoothed(Some(smoothed(Some(once), ahead)), ahead));
    }

    /// This peer's own figure as it goes out, rounded to frames.
    pub(super) fn said(&self) -> i16 {
        let frames = self.local.unwrap_or(0) / UNITS;
        frames.clamp(i32::from(i16::MIN), i32::from(i16::MAX)) as i16
    }

    /// Frames that this peer is ahead, in units of 1/256; `None` before both sides have spoken.
    pub(super) fn advantage_units(&self) -> Option<i32> {
        Some((self.local? - self.remote?) / 2)
    }

    /// Forgets everything: the other peer's frames begin anew.
    pub(super) fn reset(&mut self) {
        *self = Self::default();
    }

    /// Takes into account that this peer has left out `ticks`.
    pub(super) fn note_waited(&mut self, ticks: u32) {
        let units = ticks.min(10_000) as i32 * UNITS;
        self.local = self.local.map(|local| local - units);
        self.remote = self.remote.map(|remote| remote + units);
    }
}

fn smoothed(known: Option<i32>, new: i32) -> i32 {
    known.map_or(new, |known| {
        let step = (new - known) / SMOOTHING;
        // The rest of the division must not hold the figure off its goal.
        if step == 0 { known + (new - known).signum() } else { known + step }
    })
}

/// The advice for a peer that is so far ahead of the slowest other one.
pub(super) fn advice(advantage_units: i32) -> PaceAdvice {
    if advantage_units <= TOLERATED_UNITS {
        PaceAdvice::Keep
    } else if advantage_units >= WAIT_FRAMES * UNITS {
        PaceAdvice::Wait { ticks: (advantage_units / UNITS - 1).max(1) as u32 }
    } else {
        let permille = (advantage_units * 25 / UNITS).clamp(1, MAX_STRETCH_PERMILLE);
        PaceAdvice::Stretch { permille: permille as u32 }
    }
}

/// Units as frames.
pub(super) fn frames_from_units(units: i32) -> f64 {
    f64::from(units) / f64::from(UNITS)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_time_on_the_way_cancels_out() {
        // Both see the other six frames late, and this peer is four frames ahead.
        let mut sync = TimeSync::default();
        assert_eq!(sync.advantage_units(), None);
        for frame in 0..500 {
            sync.handle_tick(Frame(frame + 10), Frame(frame));
            sync.handle_remote(2);
        }
        assert_eq!(sync.advantage_units(), Some(4 * UNITS));
        assert_eq!(advice(4 * UNITS), PaceAdvice::Stretch { permille: 50 });
    }

    #[test]
    fn a_peer_behind_is_not_hurried_and_one_far_ahead_waits() {
        assert_eq!(advice(-20 * UNITS), PaceAdvice::Keep);
        assert_eq!(advice(UNITS / 2), PaceAdvice::Keep);
        assert_eq!(advice(UNITS), PaceAdvice::Stretch { permille: 25 });
        assert_eq!(advice(20 * UNITS), PaceAdvice::Wait { ticks: 19 });
    }

    #[test]
    fn hostile_figures_stay_in_bounds() {
        let mut sync = TimeSync::default();
        for _ in 0..100 {
            sync.handle_tick(Frame(u32::MAX), Frame(0));
            sync.handle_remote(i16::MIN);
            sync.note_waited(u32::MAX);
        }
        assert!(sync.advantage_units().is_some());
        sync.said();
    }
}
