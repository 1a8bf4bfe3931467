//! Accounts of one episode: the rewards of every frame's last step and their sums, and what pages
//! wrote beside the states that they restored: sums of rewards and numbers of steps.
//!
//! Replies and restored texts come in; the checks read what did not add up.

use super::frames::MAX_JUMP;
use crate::action::Action;
use crate::frame::Frame;
use crate::observation::Rewards;
use crate::sorted::SortedMap;
use crate::state::{Json, double_of, envelope};

/// Frames whose rewards are kept; an episode has fewer.
const MAX_FRAMES: usize = 1 << 20;

/// Wrong books kept with their evidence.
const MAX_WRONG: usize = 64;

/// Sums of floats are added up in another order by the page.
const TOLERANCE: f64 = 1e-6;

/// Books that pages keep beside their states, held against what was counted here.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Wrong {
    /// The frame of the restored state.
    pub frame: Frame,
    /// What stands beside it; of several players the first wrong one's.
    pub told: f64,
    /// What it should be.
    pub counted: f64,
    /// Capture sequence number of the request.
    pub seq: u32,
}

/// One kind of book.
#[derive(Debug, Clone, Default)]
pub struct Book {
    /// Restored states whose book was right.
    pub right: u32,
    /// Those whose book was wrong.
    pub wrong: u32,
    /// The first of them.
    pub first: Vec<Wrong>,
}

impl Book {
    fn note(&mut self, wrong: Option<Wrong>) {
        match wrong {
            Some(wrong) => {
                self.wrong += 1;
                if self.first.len() < MAX_WRONG {
                    self.first.push(wrong);
                }
            }
            None => self.right += 1,
        }
    }
}

/// The accounts of one episode.
#[derive(Debug, Clone, Default)]
pub struct Accounts {
    players: usize,
    // By frame and player, not a number where not known; and the sums of all frames before.
    rewards: Vec<f64>,
    before: Vec<f64>,
    /// Actions of a frame's last step that belong to no player: those of bots.
    pub bots: SortedMap<Frame, Vec<Action>>,
    /// Sums of rewards beside restored states.
    pub sums: Book,
    /// Numbers of steps beside restored states.
    pub steps: Book,
}

impl Accounts {
    /// Takes the rewards of a frame's step; the last step of a frame counts.
    pub(super) fn note_step(&mut self, frame: Frame, rewards: &Rewards) {
        let values = rewards.values();
        if values.is_empty() || (self.players > 0 && self.players != values.len()) {
            return;
        }
        self.players = values.len();
        let known = self.rewards.len() / self.players;
        if frame.index() >= MAX_FRAMES.min(known + MAX_JUMP) {
            return;
        }
        let end = (frame.index() + 1) * self.players;
        if self.rewards.len() < end {
            self.rewards.resize(end, f64::NAN);
            self.before.resize(end + self.players, f64::NAN);
        }
        if frame == Frame::ZERO {
            self.before.iter_mut().take(self.players).for_each(|sum| *sum = 0.0);
        }
        let start = frame.index() * self.players;
        for (player, value) in values.iter().enumerate() {
            let place = start + player;
            let sum = self.before.get(place).copied().unwrap_or(f64::NAN) + value;
            if let (Some(reward), Some(next)) =
                (self.rewards.get_mut(place), self.before.get_mut(place + self.players))
            {
                *reward = *value;
                *next = sum;
            }
        }
    }

    /// Takes the actions of a frame's step in a game of so many players; what follows theirs are bots'.
    pub(super) fn note_actions(&mut self, frame: Frame, actions: &[Action], players: usize) {
        let bots = actions.get(players..).filter(|bots| players > 0 && !bots.is_empty());
        if let Some(bots) = bots.filter(|_| frame.index() < MAX_FRAMES) {
            self.bots.insert(frame, bots.to_vec());
        }
    }

    /// Takes a state text that is restored for `frame`.
    pub(super) fn note_restored(&mut self, frame: Frame, text: &str, seq: u32) {
        let number = |told: f64, counted: f64| Wrong { frame, told, counted, seq };
        if let Some(told) = envelope::member(text, "step_num").and_then(double_of) {
            let counted = f64::from(frame.0);
            self.steps.note((counted != told).then(|| number(told, counted)));
        }
        let Some(sums) = envelope::member(text, "cumulative_rewards").and_then(sums_of) else {
            return;
        };
        let start = frame.index().saturating_mul(self.players.max(1));
        let counted = self.before.get(start..start + self.players).unwrap_or_default();
        let is_known = counted.iter().all(|sum| sum.is_finite());
        if counted.is_empty() || counted.len() != sums.values().len() || !is_known {
            return;
        }
        let mut pairs = sums.values().iter().zip(counted);
        let wrong = pairs.find(|(told, counted)| (**told - **counted).abs() > TOLERANCE);
        self.sums.note(wrong.map(|(told, counted)| number(*told, *counted)));
    }

    /// The rewards of a frame's last step, by player; empty where they are not known.
    #[must_use]
    pub fn rewards(&self, frame: Frame) -> &[f64] {
        let start = frame.index().saturating_mul(self.players);
        let known = self.rewards.get(start..start + self.players).unwrap_or_default();
        if known.iter().any(|value| value.is_nan()) { &[] } else { known }
    }
}

fn sums_of(text: &str) -> Option<Rewards> {
    let Json::Object(object) = Json::parse(text).ok()? else {
        return None;
    };
    let members = object.members().map(|(name, value)| match value {
        Json::Number(number) => (name.to_lossy(), Some(number.as_f64())),
        _ => (name.to_lossy(), None),
    });
    Some(Rewards::of(members)).filter(|sums| !sums.values().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rewards(a: f64, b: f64) -> Rewards {
        Rewards::of([("0", Some(a)), ("1", Some(b))])
    }

    fn stepped(frames: u32) -> Accounts {
        let mut accounts = Accounts::default();
        for frame in 0..frames {
            accounts.note_step(Frame(frame), &rewards(1.0, f64::from(frame)));
        }
        accounts
    }

    #[test]
    fn sums_follow_the_last_step_of_every_frame() {
        let mut accounts = stepped(6);
        accounts.note_step(Frame(3), &rewards(5.0, 0.0));
        accounts.note_step(Frame(4), &rewards(1.0, 4.0));
        accounts.note_step(Frame(5), &rewards(1.0, 5.0));
        let text = |a, b| format!(r#"{{"cumulative_rewards":{{"0":{a},"1":{b}}},"step_num":5}}"#);
        accounts.note_restored(Frame(5), &text(9, 7), 1);
        accounts.note_restored(Frame(5), &text(9, 10), 2);
        assert_eq!((accounts.sums.right, accounts.sums.wrong), (1, 1));
        let wrong = Wrong { frame: Frame(5), told: 10.0, counted: 7.0, seq: 2 };
        assert_eq!(accounts.sums.first, [wrong]);
        assert_eq!((accounts.steps.right, accounts.steps.wrong), (2, 0));
        assert_eq!(accounts.rewards(Frame(3)), [5.0, 0.0]);
        assert_eq!(accounts.rewards(Frame(6)), [0.0; 0]);
    }

    #[test]
    fn what_is_not_known_is_not_judged() {
        let mut accounts = Accounts::default();
        accounts.note_restored(Frame(5), r#"{"cumulative_rewards":{"0":1,"1":2}}"#, 1);
        accounts.note_restored(Frame(5), r#"{"cumulative_rewards":"x","step_num":"y"}"#, 1);
        // A hole before the frame: nobody knows the sum.
        accounts.note_step(Frame(3), &rewards(1.0, 1.0));
        accounts.note_step(Frame(u32::MAX), &rewards(1.0, 1.0));
        accounts.note_restored(Frame(4), r#"{"cumulative_rewards":{"0":1,"1":1}}"#, 1);
        assert_eq!((accounts.sums.right, accounts.sums.wrong, accounts.steps.right), (0, 0, 0));
    }

    #[test]
    fn a_counter_that_drifts_is_wrong() {
        let mut accounts = stepped(3);
        accounts.note_restored(Frame(2), r#"{"env_state":{},"step_num":1}"#, 8);
        assert_eq!(
            accounts.steps.first,
            [Wrong { frame: Frame(2), told: 1.0, counted: 2.0, seq: 8 }]
        );
    }
}
