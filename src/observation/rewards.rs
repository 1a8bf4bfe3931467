//! The rewards of one step, by player.
//!
//! Dialects make them out of replies and state texts; `session` adds them up.

use crate::player::MAX_PLAYERS;
use crate::sorting;

/// Rewards in order of the players' names, as every table of players is; none where a message tells
/// none that can be read.
#[derive(Debug, Clone, Copy, PartialEq, Default)]
pub struct Rewards {
    values: [f64; MAX_PLAYERS],
    count: u8,
}

impl Rewards {
    /// The rewards of named players; none if one is no number or there are too many.
    #[must_use]
    pub fn of<N: AsRef<str>>(named: impl IntoIterator<Item = (N, Option<f64>)>) -> Self {
        let mut known: Vec<(N, f64)> = Vec::new();
        for (name, value) in named {
            match value {
                Some(value) if value.is_finite() && known.len() < MAX_PLAYERS => {
                    known.push((name, value));
                }
                _ => return Self::default(),
            }
        }
        if !known.is_sorted_by(|left, right| left.0.as_ref() <= right.0.as_ref()) {
            sorting::sort_by(&mut known, |left, right| left.0.as_ref().cmp(right.0.as_ref()));
        }
        let mut rewards = Self { count: known.len() as u8, ..Self::default() };
        for (slot, (_, value)) in rewards.values.iter_mut().zip(known) {
            *slot = value;
        }
        rewards
    }

    /// One number per player; empty where none are told.
    #[must_use]
    pub fn values(&self) -> &[f64] {
        self.values.get(..usize::from(self.count)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn players_stand_in_order_of_their_names_and_bad_numbers_tell_nothing() {
        let rewards = Rewards::of([("b", Some(2.0)), ("a", Some(-1.0))]);
        assert_eq!(rewards.values(), [-1.0, 2.0]);
        assert_eq!(Rewards::of([("a", Some(1.0)), ("b", None)]).values(), [0.0; 0]);
        assert_eq!(Rewards::of([("a", Some(f64::NAN))]), Rewards::default());
        let many = (0..9).map(|_| ("a", Some(1.0)));
        assert_eq!(Rewards::of(many), Rewards::default());
    }
}
