//! Bots that no page announces: every page of a game works out by itself what they do, out of the
//! episode's seed and the frame alone, so that all pages and all replays agree.

use std::collections::BTreeMap;

use rollscope::action::Action;
use rollscope::frame::Frame;
use rollscope::link::SplitMix64;
use rollscope::player::PlayerId;
use rollscope::worker::Operation;

use super::{Fault, Faults};

/// Frames for which a bot presses the same buttons.
const HOLD_FRAMES: u32 = 12;

/// The directions that a bot may press.
const BUTTONS: u64 = 15;

/// What a bot does at a frame of an episode.
#[must_use]
fn action(seed: u32, bot: usize, frame: Frame) -> Action {
    let hold = u64::from(frame.0 / HOLD_FRAMES);
    let mixed = (u64::from(seed) << 32) ^ (hold << 4) ^ bot as u64;
    Action((SplitMix64(mixed).next_u64() & BUTTONS) as u32)
}

/// The bots of a game.
#[derive(Debug, Clone, Copy)]
pub(super) struct Company {
    bots: usize,
    seed: u32,
}

impl Company {
    pub(super) fn new(bots: u8) -> Self {
        Self { bots: usize::from(bots), seed: 0 }
    }

    /// An episode begins from this seed.
    pub(super) fn begin(&mut self, seed: Option<u32>) {
        self.seed = seed.unwrap_or(0);
    }

    /// Adds the bots' actions to those of the players in every step.
    pub(super) fn join(&self, operations: &mut [Operation], faults: Faults, own: Option<PlayerId>) {
        for operation in operations {
            if let Operation::Step { actions, frame: Some(frame) } = operation {
                let differs = faults.is_at_work(Fault::BotDiffers, frame.0);
                let own = own.map_or(0, |player| u32::from(player.0)) + 1;
                let seed = self.seed.wrapping_add(if differs { own } else { 0 });
                self.join_step(actions, seed, *frame);
            }
        }
    }

    fn join_step(&self, actions: &mut BTreeMap<String, Action>, seed: u32, frame: Frame) {
        let players = actions.len();
        for bot in 0..self.bots {
            actions.insert((players + bot).to_string(), action(seed, bot, frame));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn played(faults: &str, own: u8, frames: u32) -> Vec<Action> {
        let mut company = Company::new(1);
        company.begin(Some(7));
        let step = |frame| {
            let actions = [("0".to_owned(), Action(1)), ("1".to_owned(), Action(2))].into();
            Operation::Step { actions, frame: Some(Frame(frame)) }
        };
        let mut steps: Vec<Operation> = (0..frames).map(step).collect();
        let faults = Faults::parse(faults).unwrap().starting(Some(100));
        company.join(&mut steps, faults, Some(PlayerId(own)));
        let bot = |one: &Operation| match one {
            Operation::Step { actions, .. } => actions["2"],
            _ => unreachable!(),
        };
        steps.iter().map(bot).collect()
    }

    #[test]
    fn bots_act_alike_on_all_pages_until_a_fault_says_otherwise() {
        assert_eq!(played("", 0, 300), played("", 1, 300));
        let (with, without) = (played("bot-differs", 0, 300), played("", 0, 300));
        assert_eq!(with[..100], without[..100]);
        assert_ne!(with[100..], without[100..]);
        let moves = without.windows(2).filter(|pair| pair[0] != pair[1]).count();
        assert!((10..=24).contains(&moves), "{moves}");
    }
}
