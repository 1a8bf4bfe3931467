//! The fixed timestep: when the next tick is due, and how a peer that is ahead waits for the others.
//!
//! Times come in from the session. A tick that cannot run when it is due (the worker has not
//! answered yet) stays in the accumulator and is caught up, but only a few of them.

use rollscope::frame::Frame;
use rollscope::player::PlayerId;
use rollscope::time::Micros;

/// Ticks that may be caught up at once; what is beyond is forgotten, so that a page that slept
/// does not race afterwards.
const MAX_BACKLOG_TICKS: f64 = 6.0;

/// A tick may run this share of a step early, so that a timer that fires a little too soon does
/// not cost a whole timer period.
const EARLY_SHARE: f64 = 0.1;

/// Frames that a peer may be ahead before it slows down. Both estimates are too high by up to a
/// frame, because messages wait for the next tick: below this both would slow down at once.
const FREE_ADVANTAGE_FRAMES: f64 = 2.0;

/// Most that a peer slows down, as a share of its step: not visible in play.
const MAX_SLOWDOWN: f64 = 0.05;

/// Share of a new estimate in the smoothed one.
const SMOOTHING: f64 = 0.1;

/// Accumulator of one peer.
#[derive(Debug, Clone)]
pub struct Pace {
    step_micros: f64,
    accumulated_micros: f64,
    last: Option<Micros>,
    others: Vec<Other>,
}

/// What is known of another peer.
#[derive(Debug, Clone, Copy, Default)]
struct Other {
    advantage_frames: f64,
    half_round_trip_micros: u64,
}

impl Pace {
    /// A pace of `frames_per_second` among so many players; 0 counts as 1.
    #[must_use]
    pub fn new(frames_per_second: u32, players: u8) -> Self {
        Self {
            step_micros: 1e6 / f64::from(frames_per_second.max(1)),
            accumulated_micros: 0.0,
            last: None,
            others: vec![Other::default(); usize::from(players)],
        }
    }

    /// Notes that it is `now`.
    pub fn handle_time(&mut self, now: Micros) {
        let elapsed = self.last.map_or(0, |last| now.since(last)) as f64;
        self.last = Some(self.last.map_or(now, |last| last.max(now)));
        let most = self.step_micros * MAX_BACKLOG_TICKS;
        self.accumulated_micros = (self.accumulated_micros + elapsed).min(most);
    }

    /// Takes one tick if one is due.
    pub fn take_tick(&mut self) -> bool {
        let step = self.step_micros * (1.0 + self.slowdown());
        if self.accumulated_micros < step - self.step_micros * EARLY_SHARE {
            return false;
        }
        self.accumulated_micros -= step;
        true
    }

    /// Takes a measured round trip to another peer.
    pub fn handle_round_trip(&mut self, from: PlayerId, micros: u64) {
        if let Some(other) = self.others.get_mut(from.index()) {
            other.half_round_trip_micros = micros / 2;
        }
    }

    /// Takes the newest frame that another peer named, when this one stands before `current`.
    pub fn handle_peer_frame(&mut self, from: PlayerId, current: Frame, peer: Frame) {
        let Some(other) = self.others.get_mut(from.index()) else {
            return;
        };
        let under_way = other.half_round_trip_micros as f64 / self.step_micros;
        let advantage = f64::from(current.0) - f64::from(peer.0) - under_way;
        other.advantage_frames += (advantage - other.advantage_frames) * SMOOTHING;
    }

    /// Frames that this peer is ahead of the one that is furthest behind, smoothed; below 0 if all
    /// others are ahead.
    #[must_use]
    pub fn advantage_frames(&self) -> f64 {
        let all = self.others.iter().map(|other| other.advantage_frames);
        all.filter(|advantage| *advantage != 0.0).reduce(f64::max).unwrap_or(0.0)
    }

    fn slowdown(&self) -> f64 {
        ((self.advantage_frames() - FREE_ADVANTAGE_FRAMES) * 0.02).clamp(0.0, MAX_SLOWDOWN)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(pace: &mut Pace, times: impl Iterator<Item = u64>) -> u32 {
        let mut ticks = 0;
        for time in times {
            pace.handle_time(Micros(time));
            ticks += u32::from(pace.take_tick());
        }
        ticks
    }

    #[test]
    fn an_uneven_timer_still_gives_sixty_ticks_a_second() {
        let mut pace = Pace::new(60, 2);
        let times = (0..10_000_000).step_by(8_333).map(|time| time + time % 3_000);
        let count = ticks(&mut pace, times);
        assert!((598..=601).contains(&count), "{count}");
    }

    #[test]
    fn a_page_that_slept_catches_up_a_few_ticks_only() {
        let mut pace = Pace::new(60, 2);
        ticks(&mut pace, [0, 5_000_000].into_iter());
        assert_eq!(ticks(&mut pace, std::iter::repeat_n(5_000_000, 100)), 5);
    }

    #[test]
    fn a_peer_far_ahead_slows_down_and_one_behind_does_not_hurry() {
        let count_with = |peer_frame: u32| {
            let mut pace = Pace::new(60, 2);
            for _ in 0..100 {
                pace.handle_peer_frame(PlayerId(1), Frame(100), Frame(peer_frame));
            }
            ticks(&mut pace, (0..10_000_000).step_by(8_333))
        };
        assert!((565..=575).contains(&count_with(80)), "{}", count_with(80));
        assert!((598..=601).contains(&count_with(99)), "{}", count_with(99));
        assert!((598..=601).contains(&count_with(120)), "{}", count_with(120));
    }
}
