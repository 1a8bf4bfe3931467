//! The game: two hovercraft on a round floe of ice that race for gems and push each other off.
//!
//! Everything that later steps depend on, random state included, is in [`GameState`]; only
//! `+ - * /` and `sqrt` touch its floats, so that every browser computes the same bits. Actions
//! come from the session, pictures go out as [`View`]; nothing here knows players' names.

mod physics;
mod random;
mod state;
mod view;

pub use state::{Craft, GEMS, GameState, Gem, GemKind, PLAYERS};
pub use view::{CraftView, GemView, View};

use std::collections::BTreeMap;

use rollscope::action::Action;
use rollscope::worker::{Env, EnvError, StepOutcome};
use rollscope_runtime::STATE_HASH_RULE;
use serde_json::Value;

use crate::faults::{FAULT_FRAME, Fault, Faults};

/// Bits of an action; opposite directions cancel each other out.
pub mod buttons {
    /// Thrust to the left.
    pub const LEFT: u32 = 1;
    /// Thrust to the right.
    pub const RIGHT: u32 = 2;
    /// Thrust up the screen.
    pub const UP: u32 = 4;
    /// Thrust down the screen.
    pub const DOWN: u32 = 8;
    /// Thrust harder while there is fuel.
    pub const BOOST: u32 = 16;
}

/// The game as an environment of the Worker protocol.
#[derive(Debug, Clone)]
pub struct Game {
    state: GameState,
    faults: Faults,
    // What a game must not have: something that later steps depend on and no state holds.
    steps: u32,
    text_before: String,
}

impl Game {
    /// The game before its first `reset`, which starts from seed 0.
    #[must_use]
    pub fn new(faults: Faults) -> Self {
        Self { state: GameState::new(0), faults, steps: 0, text_before: String::new() }
    }

    fn is_at_work(&self, fault: Fault) -> bool {
        self.faults.has(fault) && self.state.frame >= FAULT_FRAME
    }

    /// The state as it is.
    #[must_use]
    pub fn state(&self) -> &GameState {
        &self.state
    }
}

impl Env for Game {
    fn reset(&mut self, seed: Option<u32>) {
        self.state = match seed {
            Some(seed) => GameState::new(seed),
            None => GameState::with_random(self.state.random.clone()),
        };
    }

    fn seed_rng(&mut self, seed: u32) {
        self.state.random = random::Random::new(seed);
    }

    fn step(&mut self, actions: &[Action]) -> Result<StepOutcome, EnvError> {
        let &[first, second] = actions else {
            let given = actions.len();
            return Err(EnvError(format!("the game is for 2 players, not {given}")));
        };
        self.steps += 1;
        if self.is_at_work(Fault::StepFails) {
            self.faults = Faults::default();
            return Err(EnvError("this step was made to fail".to_owned()));
        }
        if self.is_at_work(Fault::StaleHash) {
            self.text_before = self.state_json();
        }
        let before = self.state.craft.each_ref().map(|craft| craft.score);
        physics::step(&mut self.state, [first.0, second.0]);
        if self.is_at_work(Fault::HiddenCounter) {
            self.state.craft[0].x += f64::from(self.steps % 7) * 1e-3;
        }
        let mut outcome = StepOutcome { rewards: BTreeMap::new(), terminateds: BTreeMap::new() };
        for (player, (craft, before)) in self.state.craft.iter().zip(before).enumerate() {
            let reward = f64::from(craft.score) - f64::from(before);
            outcome.rewards.insert(player.to_string(), reward);
            outcome.terminateds.insert(player.to_string(), false);
        }
        Ok(outcome)
    }

    fn state_json(&self) -> String {
        serde_json::to_string(&self.state).unwrap_or_default()
    }

    fn set_state_json(&mut self, state_json: &str) -> Result<(), EnvError> {
        let state: GameState = serde_json::from_str(state_json)
            .map_err(|error| EnvError(format!("not a state of this game: {error}")))?;
        let speed = self.state.craft[0].vx;
        self.state = state;
        if self.is_at_work(Fault::LossyRestore) {
            self.state.craft[0].vx = speed;
        }
        Ok(())
    }

    fn hash_state(&self, state_json: &str) -> Result<String, EnvError> {
        let is_stale = self.is_at_work(Fault::StaleHash) && !self.text_before.is_empty();
        let text = if is_stale { &self.text_before } else { state_json };
        let hash = STATE_HASH_RULE.hash_text(text);
        hash.map(|hash| hash.hex()).map_err(|error| EnvError(error.to_string()))
    }

    fn render(&self) -> Value {
        serde_json::to_value(View::of(&self.state)).unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(game: &mut Game, frame: u32) {
        let mixed = frame.wrapping_mul(2_654_435_761);
        let actions = [Action((mixed >> 9) & 31), Action((mixed >> 17) & 31)];
        game.step(&actions).unwrap();
    }

    fn game_after(seed: u32, frames: u32) -> Game {
        let mut game = Game::new(Faults::default());
        game.reset(Some(seed));
        (0..frames).for_each(|frame| step(&mut game, frame));
        game
    }

    #[test]
    fn equal_seeds_and_actions_give_equal_states() {
        let text = game_after(7, 4000).state_json();
        assert_eq!(text, game_after(7, 4000).state_json());
        assert_ne!(text, game_after(8, 4000).state_json());
        assert!((300..2048).contains(&text.len()), "{} bytes", text.len());
    }

    #[test]
    fn a_state_is_restored_exactly_anywhere() {
        let mut game = game_after(3, 0);
        let mut copy = Game::new(Faults::default());
        for frame in 0..3000 {
            let text = game.state_json();
            copy.set_state_json(&text).unwrap();
            assert_eq!(copy.state_json(), text);
            step(&mut game, frame);
            step(&mut copy, frame);
            assert_eq!(copy.state(), game.state(), "frame {frame}");
        }
    }

    fn faulty(name: &str) -> Game {
        let mut game = Game::new(Faults::parse(name).unwrap());
        game.reset(Some(3));
        (0..FAULT_FRAME + 10).for_each(|frame| {
            let actions = [Action(frame % 31), Action(frame / 3 % 31)];
            // One of the faults is a step that fails.
            let _ = game.step(&actions);
        });
        game
    }

    /// Steps twice from one state; a sound game gives one text.
    fn replays_alike(game: &mut Game) -> bool {
        let start = game.state_json();
        let mut texts = [(); 2].map(|()| {
            game.set_state_json(&start).unwrap();
            (0..200).for_each(|frame| step(game, frame));
            game.state_json()
        });
        texts.sort();
        texts[0] == texts[1]
    }

    #[test]
    fn faults_are_at_work_only_where_they_are_switched_on() {
        assert!(replays_alike(&mut faulty("")));
        assert!(!replays_alike(&mut faulty("hidden-counter")));
        assert!(!replays_alike(&mut faulty("lossy-restore")));
        let game = faulty("stale-hash");
        let text = game.state_json();
        assert_ne!(game.hash_state(&text).unwrap(), faulty("").hash_state(&text).unwrap());
        assert_eq!(faulty("step-fails").state().frame, FAULT_FRAME + 9);
    }

    #[test]
    fn what_is_no_state_changes_nothing() {
        let mut game = game_after(3, 50);
        let before = game.state_json();
        for text in ["", "{}", "[1,2]", &before.replace("frame", "frome")] {
            assert!(game.set_state_json(text).is_err(), "{text}");
        }
        assert!(game.step(&[Action(0)]).is_err());
        assert_eq!(game.state_json(), before);
    }

    #[test]
    fn a_round_gives_gems_and_ends() {
        let state = game_after(5, 20_000).state().clone();
        assert!(state.round > 5, "round {}", state.round);
        assert!(state.craft.iter().any(|craft| craft.wins > 0));
        assert!(state.craft.iter().all(|craft| craft.x.is_finite() && craft.vy.is_finite()));
    }

    #[test]
    fn the_hash_follows_the_text() {
        let game = game_after(5, 10);
        let hash = game.hash_state(&game.state_json()).unwrap();
        assert_eq!(hash.len(), 16);
        let later = game_after(5, 11);
        assert_ne!(hash, later.hash_state(&later.state_json()).unwrap());
        assert!(game.hash_state("{").is_err());
    }
}
