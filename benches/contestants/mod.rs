//! The contestants of the benchmarks: each plays the same game with a rollback in every frame, one state
//! of 1 KB, two players.
//!
//! All do the same saves (with a hash), loads and steps: `bare` does only these, in a loop over a ring
//! of states; `sync_test` is ours with all inputs known; `live` is our engine, messages included, whose
//! guess for the other player is wrong in every frame; `ggrs` is the sync test of GGRS.

use std::net::SocketAddr;

use divan::black_box;
use ggrs::{GgrsRequest, PredictRepeatLast, SessionBuilder};
use rollscope::action::Action;
use rollscope::frame::{Episode, Frame};
use rollscope::message::{PeerMessage, PredictionRule, SessionSettings};
use rollscope::player::PlayerId;
use rollscope::rollback::{Engine, EngineConfig, Request, SavedState, SyncTest};

/// Plays so many frames at a check distance; the last state's hash comes out.
pub(crate) type Play = fn(distance: u32, frames: u32) -> u64;

/// All of them by their names.
pub(crate) const CONTESTANTS: [(&str, Play); 4] =
    [("bare", bare), ("sync_test", sync_test), ("live", live), ("ggrs", ggrs)];

/// 128 words of 8 bytes: 1 KB.
#[derive(Clone, Copy)]
struct Game([u64; 128]);

impl Game {
    const START: Self = Self([1; 128]);

    #[inline(never)]
    fn step(&mut self, actions: [u32; 2]) {
        let [a, b] = actions.map(u64::from);
        for word in &mut self.0 {
            *word = (*word ^ a).rotate_left(5).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ b;
        }
    }

    #[inline(never)]
    fn hash(&self) -> u64 {
        self.0.iter().fold(0, |hash: u64, word| {
            (hash.rotate_left(5) ^ word).wrapping_mul(0x517c_c1b7_2722_0a95)
        })
    }
}

impl SavedState for Box<Game> {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.0.iter().flat_map(|word| word.to_le_bytes()));
    }

    fn read(_: &[u8]) -> Option<Self> {
        None
    }
}

/// What the two players do in a frame; never the default action, so that every guess is wrong.
fn actions(frame: u32) -> [u32; 2] {
    [1 + frame % 7, 1 + frame % 5]
}

/// The same saves, loads and steps without any engine.
fn bare(distance: u32, frames: u32) -> u64 {
    let mut ring = vec![(0_u64, Game::START); 8];
    let slot = |frame: u32| frame as usize % 8;
    let mut game = Game::START;
    for current in 0..frames {
        if let Some(oldest) = current.checked_sub(distance) {
            game = ring[slot(oldest)].1;
            for frame in oldest..current {
                if frame != oldest {
                    ring[slot(frame)] = (game.hash(), game);
                }
                game.step(actions(frame));
            }
        }
        ring[slot(current)] = (game.hash(), game);
        game.step(actions(current));
    }
    game.hash()
}

/// The game in a box that an engine has no more use for, or in a new one.
fn boxed(game: &Game, spare: Option<Box<Game>>) -> Box<Game> {
    let mut state = spare.unwrap_or_else(|| Box::new(Game::START));
    *state = *game;
    state
}

fn pair(actions: &[Action]) -> [u32; 2] {
    [actions[0].0, actions[1].0]
}

fn sync_test(distance: u32, frames: u32) -> u64 {
    let mut test = SyncTest::<Box<Game>>::new(2, distance);
    let mut game = Game::START;
    let mut requests = Vec::new();
    for frame in 0..frames {
        test.tick(&actions(frame).map(Action), &mut requests);
        for request in &requests {
            match request {
                Request::LoadSnapshot { frame } => game = **test.snapshot(*frame).unwrap(),
                Request::SaveSnapshot { frame } => {
                    let state = boxed(&game, test.take_spare_state());
                    test.handle_snapshot(*frame, state, game.hash());
                }
                Request::AdvanceFrame { inputs, .. } => game.step(pair(inputs.actions())),
            }
        }
    }
    assert_eq!(test.earliest_mismatch(), None);
    game.hash()
}

fn live(distance: u32, frames: u32) -> u64 {
    let settings = SessionSettings {
        input_delay_frames: 0,
        snapshot_interval_frames: 1,
        max_prediction_frames: 16,
        frames_per_second: 60,
        prediction: PredictionRule::DefaultAction,
        default_action: Action(0),
        seed: 1,
    };
    let config =
        EngineConfig { local: PlayerId(0), settings: vec![settings; 2], episode: Episode(0) };
    let mut engine = Engine::<Box<Game>>::new(&config).unwrap();
    let mut game = Game::START;
    let mut requests = Vec::new();
    let mut message = PeerMessage::Inputs {
        episode: Episode(0),
        player: PlayerId(1),
        current: Frame::ZERO,
        received_through: None,
        first: Frame::ZERO,
        actions: vec![Action(0)],
    };
    for frame in 0..frames {
        if let Some(late) = frame.checked_sub(distance)
            && let PeerMessage::Inputs { current, received_through, first, actions: list, .. } =
                &mut message
        {
            *current = Frame(late);
            *received_through = Some(Frame(late));
            *first = Frame(late);
            list[0] = Action(actions(late)[1]);
            engine.handle_message(&message);
        }
        let tick = engine.tick(Action(actions(frame)[0]));
        requests.clear();
        requests.extend_from_slice(tick.rollback.map(|(_, batch)| batch).unwrap_or_default());
        requests.extend_from_slice(tick.live);
        for request in &requests {
            match request {
                Request::LoadSnapshot { frame } => game = **engine.snapshot(*frame).unwrap(),
                Request::SaveSnapshot { frame } => {
                    let state = boxed(&game, engine.take_spare_state());
                    engine.handle_snapshot(*frame, state, game.hash());
                }
                Request::AdvanceFrame { inputs, .. } => game.step(pair(inputs.actions())),
            }
        }
        engine.handle_tick_done();
        let mut said = None;
        while let Some((_, message)) = engine.poll_message() {
            if let PeerMessage::StateHashes { hashes, .. } = &message {
                said = hashes.first().zip(hashes.last()).map(|(first, last)| (first.0, last.0));
            }
            engine.recycle_message(black_box(message));
        }
        // As a peer does, or every hash would be said again in every frame.
        if let Some((first, last)) = said {
            let (episode, player) = (Episode(0), PlayerId(1));
            engine.handle_message(&PeerMessage::HashesReceived { episode, player, first, last });
        }
        while let Some(event) = engine.poll_event() {
            black_box(event);
        }
    }
    assert_eq!(engine.current(), Frame(frames));
    game.hash()
}

struct GgrsGame;

impl ggrs::Config for GgrsGame {
    type Input = u32;
    type InputPredictor = PredictRepeatLast;
    type State = Game;
    type Address = SocketAddr;
}

fn ggrs(distance: u32, frames: u32) -> u64 {
    let mut session = SessionBuilder::<GgrsGame>::new()
        .with_num_players(2)
        .unwrap()
        .with_max_prediction_window(8)
        .with_check_distance(distance as usize)
        .start_synctest_session()
        .unwrap();
    let mut game = Game::START;
    for frame in 0..frames {
        for (player, action) in actions(frame).into_iter().enumerate() {
            session.add_local_input(player, action).unwrap();
        }
        for request in session.advance_frame().unwrap() {
            match request {
                GgrsRequest::LoadGameState { cell, .. } => game = cell.load().unwrap(),
                GgrsRequest::SaveGameState { cell, frame } => {
                    cell.save(frame, Some(game), Some(u128::from(game.hash())));
                }
                GgrsRequest::AdvanceFrame { inputs } => game.step([inputs[0].0, inputs[1].0]),
            }
        }
    }
    game.hash()
}
