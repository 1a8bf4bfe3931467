//! How one player's inputs follow each other: which action came after how long a hold of another.
//!
//! Learns from a queue's gapless inputs in order of their frames, so that two peers (and an
//! observer) who hold the same inputs know the same pattern. Bounded; no clock, no floats.

use crate::action::Action;

/// Actions that are told apart at once; those that share a place displace each other.
const PLACES: usize = 16;

/// Longer holds count as one of this many frames.
const LONGEST_HOLD_FRAMES: usize = 32;

/// Times that a follower must have won over others before it is believed.
const BELIEVED: u8 = 2;

/// Wins that are remembered: a changed habit is believed after at most as many losses.
const MOST_WINS: u8 = 6;

/// The follower that won the vote of its place: equal followers add to it, others take away.
#[derive(Debug, Clone, Copy, Default)]
struct Follower {
    of: Action,
    next: Action,
    wins: u8,
}

/// A held action and for how many frames it has been held.
#[derive(Debug, Clone, Copy)]
pub(super) struct Hold {
    pub(super) action: Action,
    frames: usize,
}

impl Hold {
    /// The hold after one more frame with `next`.
    pub(super) fn then(self, next: Action) -> Self {
        let frames = if next == self.action { self.frames + 1 } else { 1 };
        Self { action: next, frames: frames.min(LONGEST_HOLD_FRAMES) }
    }
}

/// What is known of one player's habits.
#[derive(Debug, Clone)]
pub(super) struct InputPattern {
    followers: Vec<Follower>,
    newest: Option<Hold>,
}

impl InputPattern {
    pub(super) fn new() -> Self {
        let followers = vec![Follower::default(); PLACES * LONGEST_HOLD_FRAMES];
        Self { followers, newest: None }
    }

    /// Takes the input of the next frame.
    pub(super) fn learn(&mut self, action: Action) {
        let Some(hold) = self.newest else {
            self.newest = Some(Hold { action, frames: 1 });
            return;
        };
        if let Some(follower) = self.followers.get_mut(place(hold)) {
            if follower.of != hold.action || follower.wins == 0 {
                *follower = Follower { of: hold.action, next: action, wins: 1 };
            } else if follower.next == action {
                follower.wins = (follower.wins + 1).min(MOST_WINS);
            } else {
                follower.wins -= 1;
            }
        }
        self.newest = Some(hold.then(action));
    }

    /// The hold that the newest learned frame belongs to; `None` before the first.
    pub(super) fn newest(&self) -> Option<Hold> {
        self.newest
    }

    /// What most often follows a hold of this length; without enough experience the same again.
    pub(super) fn follower(&self, hold: Hold) -> Action {
        self.followers
            .get(place(hold))
            .filter(|follower| follower.of == hold.action && follower.wins >= BELIEVED)
            .map_or(hold.action, |follower| follower.next)
    }
}

fn place(hold: Hold) -> usize {
    let action = (hold.action.0 ^ (hold.action.0 >> 4)) as usize % PLACES;
    action * LONGEST_HOLD_FRAMES + hold.frames.saturating_sub(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learned(actions: impl IntoIterator<Item = u32>) -> InputPattern {
        let mut pattern = InputPattern::new();
        actions.into_iter().for_each(|action| pattern.learn(Action(action)));
        pattern
    }

    #[test]
    fn a_habit_is_believed_after_it_was_seen_twice() {
        let tap = [1, 1, 0, 0, 0];
        let once = learned(tap.into_iter().chain([1, 1]));
        assert_eq!(once.follower(once.newest().unwrap()), Action(1), "seen only once");
        let twice = learned(tap.into_iter().chain(tap).chain([1, 1]));
        assert_eq!(twice.follower(twice.newest().unwrap()), Action(0));
    }

    #[test]
    fn a_changed_habit_is_unlearned() {
        let old = std::iter::repeat_n([1, 0], 50).flatten();
        let new = std::iter::repeat_n([1, 2], 10).flatten();
        let pattern = learned(old.chain(new).chain([1]));
        assert_eq!(pattern.follower(pattern.newest().unwrap()), Action(2));
    }

    #[test]
    fn actions_that_share_a_place_are_never_mixed_up() {
        let pattern = learned([1, 5, 1, 5, 1, 5, 0x110, 7]);
        let stranger = Hold { action: Action(0x110 + 0x1000), frames: 1 };
        assert_eq!(pattern.follower(stranger), stranger.action);
    }
}
