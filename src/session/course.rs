//! The course of a game beside its frames: pairing, breaks and ends as pages and their server tell
//! them, inputs that went through the server, the pace of pings and of the page's timer.
//!
//! Facts of one observed page come in; counts with their first events stand ready for the checks.

use super::lifecycle::Lifecycle;
use super::worker_order::Tally;
use crate::frame::Frame;
use crate::observation::{Direction, Fact, Milestone};
use crate::time::Micros;

/// Longest reason that is kept, in bytes.
const MAX_REASON_BYTES: usize = 120;

/// A page that is not slowed down pings every half second; beyond this it was (MUG wire notes, §2.4).
const LATE_PING_MICROS: u64 = 1_000_000;

/// Reasons for an end that are none of a fault.
const PROPER_ENDS: [&str; 3] = ["", "scene_completed", "completed"];

/// Things of one kind with the first reason that was given.
#[derive(Debug, Clone, Default)]
pub struct Told {
    /// How often, where, and the events.
    pub tally: Tally,
    /// The first one in the application's words; empty if it gave none.
    pub reason: String,
}

impl Told {
    fn add(&mut self, frame: Option<Frame>, reason: &str, seq: u32) {
        if self.tally.count == 0 {
            let cut = reason.char_indices().map(|(at, _)| at).find(|at| *at >= MAX_REASON_BYTES);
            self.reason = reason.get(..cut.unwrap_or(reason.len())).unwrap_or_default().to_owned();
        }
        self.tally.add(frame, [seq]);
    }
}

/// Ticks of this project's timer per tick of its game.
const TIMER_TICKS: u32 = 2;

/// Ticks of the game that such a page catches up at most; what is beyond is lost.
const CAUGHT_UP_TICKS: u32 = 6;

/// What the timer says that a page owes, which catches up what it could not step in time.
#[derive(Debug, Clone, Copy, Default)]
struct Owed {
    // In ticks of the timer.
    ticks: u32,
    counted: u32,
    uncounted: u32,
    next: Option<Frame>,
}

impl Owed {
    /// Takes a tick of the timer. With every one that completes a tick of the game it returns whether
    /// one was lost. A page that is idle owes nothing: it waits for something else than its worker.
    fn note_tick(&mut self, next: Option<Frame>, is_busy: bool) -> Option<bool> {
        let stepped = next.zip(self.next).map_or(0, |(next, before)| next.since(before));
        self.next = next;
        self.ticks = self.ticks.saturating_sub(stepped.saturating_mul(TIMER_TICKS)) + 1;
        let is_first = next.is_none_or(|next| next == Frame::ZERO);
        if !is_busy || is_first {
            self.ticks = self.ticks.min(TIMER_TICKS);
        }
        if self.ticks > (CAUGHT_UP_TICKS + 1) * TIMER_TICKS {
            self.ticks -= TIMER_TICKS;
            // The timer's other ticks of it are yet to come.
            self.uncounted = TIMER_TICKS - 1;
            return Some(true);
        }
        if self.uncounted > 0 {
            self.uncounted -= 1;
            return None;
        }
        self.counted += 1;
        self.counted.is_multiple_of(TIMER_TICKS).then_some(false)
    }
}

/// Everything that was told of a game's course.
#[derive(Debug, Clone, Default)]
pub struct Course {
    /// Times that the page found its channel good.
    pub paired: u32,
    /// Times that it did not, or that the server paired its players anew.
    pub unpaired: Told,
    /// Words of the page about a channel that works: its health, and that it has it again.
    pub connected: u32,
    /// Times that the channel was lost or the game had to pause.
    pub interrupted: Told,
    /// Words that the game came to its end as it should.
    pub completed: u32,
    /// Whether it ended otherwise, counted once, with every word that says so.
    pub broken_off: Told,
    /// Messages with own inputs that went to the other page itself.
    pub direct: u32,
    /// Own inputs that went through the server.
    pub relayed: Tally,
    /// Own pings that came in time after the one before.
    pub pings: u32,
    /// Those that came late although the page never said that it lost the focus.
    pub late_pings: Tally,
    /// The longest time between two such pings, in microseconds.
    pub longest_ping_micros: u64,
    /// Ticks of the page's timer that found it idle.
    pub ticks: u32,
    /// Ticks that came while a step or a rollback was open: the page drops them.
    pub lost_ticks: Tally,
    /// Frames that the page caught up with at once, without a tick for each.
    pub caught_up: Tally,
    owed: Owed,
    last_ping: Option<Micros>,
    usual_ping_micros: Option<u64>,
}

impl Course {
    /// Takes one fact; `next` is the frame about to be stepped, where it is known, and `is_busy`
    /// whether a request that steps or restores is open. A page that `catches_up` steps later what it
    /// could not step in time.
    pub(super) fn handle(
        &mut self,
        fact: &Fact<'_>,
        (seq, time): (u32, Micros),
        (next, is_busy, catches_up): (Option<Frame>, bool, bool),
        lifecycle: &Lifecycle,
    ) {
        match fact {
            Fact::MilestoneReached { milestone, frame, .. } => {
                self.note_milestone(*milestone, frame.or(next), seq);
            }
            Fact::InputsAnnounced {
                direction: Direction::Sent,
                is_relayed: true,
                first,
                actions,
                ..
            } => {
                let newest = actions.len().checked_sub(1).map(|last| first.plus(last as u32));
                self.relayed.add(newest, [seq]);
            }
            Fact::FrameInputsAnnounced { direction: Direction::Sent, .. }
            | Fact::InputsAnnounced { direction: Direction::Sent, .. } => self.direct += 1,
            Fact::InputRelayed { direction: Direction::Sent, frame, .. } => {
                self.relayed.add(Some(*frame), [seq]);
            }
            Fact::PingSent { .. } => self.note_ping(time, next, seq, lifecycle),
            Fact::TimerTicked if catches_up => match self.owed.note_tick(next, is_busy) {
                Some(true) => self.lost_ticks.add(next, [seq]),
                Some(false) => self.ticks += 1,
                None => {}
            },
            Fact::TimerTicked if is_busy => self.lost_ticks.add(next, [seq]),
            Fact::TimerTicked => self.ticks += 1,
            _ => {}
        }
    }

    /// Takes that the page stepped the frames from `first` up to before `end` without ticks.
    pub(super) fn note_caught_up(&mut self, first: Frame, end: Frame, seq: u32) {
        let frames = end.since(first);
        if let Some(last) = end.previous().filter(|_| frames > 0) {
            self.caught_up.add(Some(first), [seq]);
            self.caught_up.add(Some(last), []);
            self.caught_up.count += frames.saturating_sub(2);
            self.caught_up.count -= u32::from(frames == 1);
        }
    }

    fn note_milestone(&mut self, milestone: Milestone<'_>, frame: Option<Frame>, seq: u32) {
        match milestone {
            Milestone::ValidationSucceeded => self.paired += 1,
            Milestone::ValidationFailed { reason } | Milestone::Repooled { reason } => {
                self.unpaired.add(frame, reason, seq);
            }
            Milestone::HealthReported { status: "healthy" }
            | Milestone::Reconnected
            | Milestone::Resumed => self.connected += 1,
            Milestone::HealthReported { status: "reconnecting" } => {}
            Milestone::HealthReported { .. } => self.connected += 1,
            Milestone::ConnectionLost => {
                // Pings stop with the channel.
                self.last_ping = None;
                self.interrupted.add(frame, "the channel was lost", seq);
            }
            Milestone::Paused => self.interrupted.add(frame, "the server had it pause", seq),
            Milestone::GameCompleted => self.completed += 1,
            Milestone::GameEnded { reason } if PROPER_ENDS.contains(&reason) => {
                self.completed += 1;
            }
            Milestone::ReconnectionTimedOut => {
                self.note_broken_off(frame, "the channel did not come back in time", seq);
            }
            Milestone::GameEnded { reason }
            | Milestone::PlayerExcluded { reason }
            | Milestone::Terminal { reason } => self.note_broken_off(frame, reason, seq),
            _ => {}
        }
    }

    // A game breaks off once; page and server say so in several words, which are its evidence.
    fn note_broken_off(&mut self, frame: Option<Frame>, reason: &str, seq: u32) {
        self.broken_off.add(frame, reason, seq);
        self.broken_off.tally.count = 1;
    }

    fn note_ping(&mut self, time: Micros, next: Option<Frame>, seq: u32, lifecycle: &Lifecycle) {
        let last = self.last_ping.replace(time);
        let is_away = |last: Micros| lifecycle.was_in_background(last, time);
        let Some(last) = last.filter(|last| !is_away(*last)) else {
            return;
        };
        let gap = time.since(last);
        let usual = *self.usual_ping_micros.get_or_insert(gap);
        self.usual_ping_micros = Some(usual.min(gap));
        // A page that always pings seldom is not slowed down.
        if gap > LATE_PING_MICROS && gap > usual.saturating_mul(2) {
            self.longest_ping_micros = self.longest_ping_micros.max(gap);
            self.late_pings.add(next, [seq]);
        } else {
            self.pings += 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pinged(times_ms: &[u64], lifecycle: &Lifecycle) -> Course {
        let mut course = Course::default();
        for (seq, time) in (1..).zip(times_ms) {
            let fact = Fact::PingSent { stamp_micros: 0 };
            course.handle(&fact, (seq, Micros(time * 1000)), (None, false, false), lifecycle);
        }
        course
    }

    #[test]
    fn pings_are_late_by_their_own_measure() {
        let here = Lifecycle::default();
        let late = pinged(&[0, 500, 1000, 2600, 3100], &here);
        assert_eq!(
            (late.pings, late.late_pings.count, late.longest_ping_micros),
            (3, 1, 1_600_000)
        );
        assert_eq!(late.late_pings.seqs, [4]);
        // One that pings every two seconds is not late.
        let seldom = pinged(&[0, 2000, 4000, 6100], &here);
        assert_eq!((seldom.pings, seldom.late_pings.count), (3, 0));
    }

    /// Ticks of this project's timer, two for each of the game, while the steps take so many.
    fn ticked(timer_ticks: u32, step_takes: u32) -> (u32, u32) {
        let (mut course, lifecycle) = (Course::default(), Lifecycle::default());
        let (mut next, mut until) = (1, 0);
        for tick in 0..timer_ticks {
            if tick >= until && tick >= 2 * (next - 1) {
                (next, until) = (next + 1, tick + step_takes);
            }
            let place = (Some(Frame(next)), tick < until, true);
            course.handle(&Fact::TimerTicked, (1, Micros(0)), place, &lifecycle);
        }
        (course.ticks, course.lost_ticks.count)
    }

    #[test]
    fn a_page_that_catches_up_loses_only_what_is_too_much() {
        assert_eq!(ticked(240, 1), (120, 0));
        assert_eq!(ticked(12, 12), (6, 0));
        // Four ticks a step: half of the game's ticks are lost, after the first six.
        let (kept, lost) = ticked(240, 4);
        assert!((48..=56).contains(&lost) && (118..=120).contains(&(kept + lost)), "{kept} {lost}");
        // One long step of a third of a second.
        assert_eq!(ticked(40, 40), (7, 13));
    }

    #[test]
    fn a_page_in_the_background_may_ping_late() {
        let mut lifecycle = Lifecycle::default();
        let focus = |is_focused| Fact::FocusReported {
            direction: Direction::Sent,
            is_focused,
            frame: Frame(9),
        };
        lifecycle.handle(&focus(false), 1, Micros(1_100_000));
        assert_eq!(pinged(&[0, 500, 1000, 2600], &lifecycle).late_pings.count, 0);
        lifecycle.handle(&focus(true), 1, Micros(2_500_000));
        assert_eq!(pinged(&[0, 500, 1000, 2600], &lifecycle).late_pings.count, 0);
        assert_eq!(pinged(&[0, 500, 3000, 5000], &lifecycle).late_pings.count, 1);
    }

    #[test]
    fn the_first_reason_stays_and_proper_ends_are_none() {
        let mut course = Course::default();
        let ended = |reason| Fact::MilestoneReached {
            direction: Direction::Received,
            milestone: Milestone::GameEnded { reason },
            frame: None,
        };
        for (seq, reason) in [(1, "scene_completed"), (2, "partner_disconnected"), (3, "x")] {
            let place = (Some(Frame(7)), false, false);
            course.handle(&ended(reason), (seq, Micros(0)), place, &Lifecycle::default());
        }
        assert_eq!((course.completed, course.broken_off.tally.count), (1, 1));
        assert_eq!(course.broken_off.tally.seqs, [2, 3]);
        assert_eq!(course.broken_off.reason, "partner_disconnected");
        assert_eq!(course.broken_off.tally.frames, Some((Frame(7), Frame(7))));
    }
}
