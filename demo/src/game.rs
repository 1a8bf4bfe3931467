//! The game: two to eight hovercraft on a round floe of ice that race for gems and push each other off.
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

use std::cell::Cell;
use std::collections::BTreeMap;
use std::rc::Rc;

use rollscope::action::Action;
use rollscope::worker::{Env, EnvError, StepOutcome};
use rollscope_runtime::STATE_HASH_RULE;
use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::faults::{Fault, Faults, Parts};

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

/// Name of the environment.
pub const NAME: &str = "arena";

/// What `initEnv` may set.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Config {
    /// Number of players, within [`PLAYERS`].
    pub players: usize,
}

impl Default for Config {
    fn default() -> Self {
        Self { players: *PLAYERS.start() }
    }
}

/// What a game must not look at, and some faults do.
#[derive(Debug, Clone, Copy)]
pub struct Outside {
    /// Milliseconds of a clock.
    pub clock_ms: fn() -> f64,
    /// A number from 0 to 1 that nobody seeded.
    pub random: fn() -> f64,
}

impl Default for Outside {
    fn default() -> Self {
        Self { clock_ms: || 0.0, random: || 0.0 }
    }
}

/// The game as an environment of the Worker protocol.
#[derive(Debug, Clone)]
pub struct Game {
    state: GameState,
    players: usize,
    faults: Faults,
    outside: Outside,
    parts: Parts,
    // Where the game stands, for the faults of a worker.
    frame: Rc<Cell<u32>>,
    has_failed: bool,
    has_dawdled: bool,
    // What a game must not have: something that later steps depend on and no state holds.
    steps: u32,
    reads: Cell<u32>,
    text_before: String,
}

/// Milliseconds of a step that is too long.
const DAWDLING_MS: f64 = 600.0;

/// Most looks at the clock meanwhile.
const MAX_LOOKS: u32 = 1 << 28;

/// Frames that a passing noise lasts.
const NOISE_FRAMES: u32 = 20;

impl Game {
    /// The game of two before its first `reset`, which starts from seed 0; `configure` changes the
    /// number of players.
    #[must_use]
    pub fn new(faults: Faults) -> Self {
        Self::looking(faults, Outside::default())
    }

    /// The same game, with what some faults look at.
    #[must_use]
    pub fn looking(faults: Faults, outside: Outside) -> Self {
        let players = *PLAYERS.start();
        Self {
            state: GameState::new(0, players),
            players,
            faults,
            outside,
            parts: Parts::of(faults),
            frame: Rc::default(),
            has_failed: false,
            has_dawdled: false,
            steps: 0,
            reads: Cell::new(0),
            text_before: String::new(),
        }
    }

    /// The frame that it has come to, which changes as it plays.
    #[must_use]
    pub fn frame(&self) -> Rc<Cell<u32>> {
        Rc::clone(&self.frame)
    }

    fn is_at_work(&self, fault: Fault) -> bool {
        self.faults.is_at_work(fault, self.state.frame)
    }

    /// What faults add to a place after a step.
    fn noise(&self) -> f64 {
        let from = self.faults.from().unwrap_or(u32::MAX);
        let passes = self.state.frame < from.saturating_add(NOISE_FRAMES);
        let mut noise = 0.0;
        if self.is_at_work(Fault::Nondeterminism)
            || passes && self.is_at_work(Fault::NoiseForAWhile)
            || passes && self.is_at_work(Fault::WholeState)
        {
            noise += 1e-3;
        }
        if self.is_at_work(Fault::HiddenCounter) {
            noise += f64::from(self.steps % 7) * 1e-3;
        }
        if self.is_at_work(Fault::UnseededRandom) {
            noise += (self.outside.random)() * 1e-3;
        }
        if self.is_at_work(Fault::WallClock) {
            noise += (self.outside.clock_ms)() % 1_000.0 * 1e-6;
        }
        if self.is_at_work(Fault::ChangesUnasked) {
            noise += f64::from(self.reads.get() % 7) * 1e-3;
        }
        noise
    }

    // Takes as long as no step should.
    fn dawdle(&self) {
        let started = (self.outside.clock_ms)();
        let is_over = |now: f64| !(started..started + DAWDLING_MS).contains(&now);
        // A clock that stands still is no reason to stay here for ever.
        let _ = (0..MAX_LOOKS).find(|_| is_over((self.outside.clock_ms)()));
    }

    /// The state as it is.
    #[must_use]
    pub fn state(&self) -> &GameState {
        &self.state
    }
}

impl Env for Game {
    fn name(&self) -> &str {
        NAME
    }

    fn configure(&mut self, config: &Value) -> Result<(), EnvError> {
        let config: Config = match config {
            Value::Null => Config::default(),
            given => serde_json::from_value(given.clone())
                .map_err(|error| EnvError(format!("not a configuration of this game: {error}")))?,
        };
        if !PLAYERS.contains(&config.players) {
            let (least, most, given) = (PLAYERS.start(), PLAYERS.end(), config.players);
            return Err(EnvError(format!(
                "the game is for {least} to {most} players, not {given}"
            )));
        }
        self.players = config.players;
        self.state = GameState::new(0, self.players);
        Ok(())
    }

    fn reset(&mut self, seed: Option<u32>) -> Result<(), EnvError> {
        self.parts = Parts::of(self.faults);
        self.state = match seed {
            Some(seed) => GameState::new(seed, self.players),
            None => GameState::with_random(self.state.random.clone(), self.players),
        };
        Ok(())
    }

    fn seed_rng(&mut self, seed: u32) -> Result<(), EnvError> {
        self.state.random = random::Random::new(seed);
        Ok(())
    }

    fn step(&mut self, actions: &[Action]) -> Result<StepOutcome, EnvError> {
        let (players, given) = (self.players, actions.len());
        if players != given {
            return Err(EnvError(format!("the game is for {players} players, not {given}")));
        }
        self.steps += 1;
        let fails = self.is_at_work(Fault::StepAfterFailure) || self.is_at_work(Fault::LoopDies);
        if fails && !self.has_failed {
            self.has_failed = true;
            return Err(EnvError("this step was made to fail".to_owned()));
        }
        if self.is_at_work(Fault::LostTick) && !self.has_dawdled {
            self.has_dawdled = true;
            self.dawdle();
        }
        if self.is_at_work(Fault::StaleHash) {
            self.text_before = self.state_json()?;
        }
        let before: Vec<u32> = self.state.craft.iter().map(|craft| craft.score).collect();
        physics::step(&mut self.state, actions);
        let noise = self.noise();
        if let Some(first) = self.state.craft.first_mut().filter(|_| noise != 0.0) {
            first.x += noise;
        }
        self.frame.set(self.state.frame);
        let mut outcome = StepOutcome { rewards: BTreeMap::new(), terminateds: BTreeMap::new() };
        for (player, (craft, before)) in self.state.craft.iter().zip(before).enumerate() {
            let reward = f64::from(craft.score) - f64::from(before);
            outcome.rewards.insert(player.to_string(), reward);
            outcome.terminateds.insert(player.to_string(), false);
        }
        let differs = self.is_at_work(Fault::HashLeavesOut);
        self.parts.note_step(&outcome.rewards, differs);
        Ok(outcome)
    }

    fn state_json(&self) -> Result<String, EnvError> {
        let mut text = serde_json::to_string(&self.state);
        if self.is_at_work(Fault::ChangesUnasked) {
            // What is read differs from reading to reading.
            self.reads.set(self.reads.get().wrapping_add(1));
            let mut state = self.state.clone();
            if let Some(first) = state.craft.first_mut() {
                first.x += f64::from(self.reads.get() % 7) * 1e-3;
            }
            text = serde_json::to_string(&state);
        }
        let text = text.map_err(|error| EnvError(error.to_string()))?;
        Ok(self.parts.added_to(text))
    }

    fn set_state_json(&mut self, state_json: &str) -> Result<(), EnvError> {
        let state_json = self.parts.taken_from(state_json);
        let state: GameState = serde_json::from_str(&state_json)
            .map_err(|error| EnvError(format!("not a state of this game: {error}")))?;
        let (players, given) = (self.players, state.craft.len());
        if players != given {
            return Err(EnvError(format!("a state of {given} players in a game of {players}")));
        }
        let speed = self.state.craft.first().map(|craft| craft.vx);
        self.state = state;
        if self.is_at_work(Fault::LossyRestore)
            && let (Some(speed), Some(first)) = (speed, self.state.craft.first_mut())
        {
            first.vx = speed;
        }
        Ok(())
    }

    fn hash_state(&self, state_json: &str) -> Result<String, EnvError> {
        let is_stale = self.is_at_work(Fault::StaleHash) && !self.text_before.is_empty();
        let text = if is_stale { &self.text_before } else { state_json };
        let hash = STATE_HASH_RULE.hash_text(&self.parts.hashed(text));
        hash.map(|hash| hash.hex()).map_err(|error| EnvError(error.to_string()))
    }

    fn render(&self) -> Result<Value, EnvError> {
        serde_json::to_value(View::of(&self.state)).map_err(|error| EnvError(error.to_string()))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::faults::FAULT_FRAME;

    fn step(game: &mut Game, frame: u32) {
        let mixed = frame.wrapping_mul(2_654_435_761);
        let actions = [Action((mixed >> 9) & 31), Action((mixed >> 17) & 31)];
        game.step(&actions).unwrap();
    }

    fn game_after(seed: u32, frames: u32) -> Game {
        let mut game = Game::new(Faults::default());
        game.reset(Some(seed)).unwrap();
        (0..frames).for_each(|frame| step(&mut game, frame));
        game
    }

    #[test]
    fn equal_seeds_and_actions_give_equal_states() {
        let text = game_after(7, 4000).state_json().unwrap();
        assert_eq!(text, game_after(7, 4000).state_json().unwrap());
        assert_ne!(text, game_after(8, 4000).state_json().unwrap());
        assert!((300..2048).contains(&text.len()), "{} bytes", text.len());
    }

    #[test]
    fn a_state_is_restored_exactly_anywhere() {
        let mut game = game_after(3, 0);
        let mut copy = Game::new(Faults::default());
        for frame in 0..3000 {
            let text = game.state_json().unwrap();
            copy.set_state_json(&text).unwrap();
            assert_eq!(copy.state_json().unwrap(), text);
            step(&mut game, frame);
            step(&mut copy, frame);
            assert_eq!(copy.state(), game.state(), "frame {frame}");
        }
    }

    fn faulty(name: &str) -> Game {
        let mut game = Game::new(Faults::parse(name).unwrap());
        game.reset(Some(3)).unwrap();
        (0..FAULT_FRAME + 10).for_each(|frame| {
            let actions = [Action(frame % 31), Action(frame / 3 % 31)];
            // One of the faults is a step that fails.
            let _ = game.step(&actions);
        });
        game
    }

    /// Steps twice from one state; a sound game gives one text.
    fn replays_alike(game: &mut Game) -> bool {
        let start = game.state_json().unwrap();
        let mut texts = [(); 2].map(|()| {
            game.set_state_json(&start).unwrap();
            (0..200).for_each(|frame| step(game, frame));
            game.state_json().unwrap()
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
        let text = game.state_json().unwrap();
        assert_ne!(game.hash_state(&text).unwrap(), faulty("").hash_state(&text).unwrap());
        assert_eq!(faulty("step-after-failure").state().frame, FAULT_FRAME + 9);
    }

    #[test]
    fn what_is_no_state_changes_nothing() {
        let mut game = game_after(3, 50);
        let before = game.state_json().unwrap();
        for text in ["", "{}", "[1,2]", &before.replace("frame", "frome")] {
            assert!(game.set_state_json(text).is_err(), "{text}");
        }
        assert!(game.step(&[Action(0)]).is_err());
        assert_eq!(game.state_json().unwrap(), before);
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
        let hash = game.hash_state(&game.state_json().unwrap()).unwrap();
        assert_eq!(hash.len(), 16);
        let later = game_after(5, 11);
        assert_ne!(hash, later.hash_state(&later.state_json().unwrap()).unwrap());
        assert!(game.hash_state("{").is_err());
    }
}
