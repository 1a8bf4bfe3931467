//! A steady-state frame of the engine allocates nothing, whatever it rolls back.
#![cfg(not(target_arch = "wasm32"))]
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a test stops at its first surprise"
)]

use std::collections::VecDeque;

use rollscope::action::Action;
use rollscope::frame::{Episode, Frame};
use rollscope::message::{PeerMessage, PredictionRule, SessionSettings};
use rollscope::player::PlayerId;
use rollscope::rollback::{Engine, EngineConfig, EngineEvent, Request};

/// Ticks that a message is under way: as many frames are guessed.
const LATENCY_TICKS: usize = 6;

struct Peer {
    engine: Engine<u64>,
    state: u64,
    requests: Vec<Request>,
    rollbacks: u32,
    hashes: u32,
}

/// A mesh of peers whose messages arrive some ticks later.
struct Mesh {
    peers: Vec<Peer>,
    // One list a tick that the messages are under way.
    under_way: VecDeque<Vec<(usize, PlayerId, PeerMessage)>>,
}

fn settings(prediction: PredictionRule) -> SessionSettings {
    SessionSettings {
        input_delay_frames: 1,
        snapshot_interval_frames: 2,
        max_prediction_frames: 20,
        frames_per_second: 60,
        prediction,
        default_action: Action(0),
        seed: 1,
    }
}

impl Mesh {
    fn new(players: u8, prediction: PredictionRule) -> Self {
        let peer = |local| Peer {
            engine: Engine::new(&EngineConfig {
                local: PlayerId(local),
                settings: vec![settings(prediction); usize::from(players)],
                episode: Episode(0),
            })
            .unwrap(),
            state: 0,
            requests: Vec::new(),
            rollbacks: 0,
            hashes: 0,
        };
        Self {
            peers: (0..players).map(peer).collect(),
            under_way: (0..LATENCY_TICKS).map(|_| Vec::new()).collect(),
        }
    }

    fn tick(&mut self) {
        let mut arrived = self.under_way.pop_front().unwrap();
        for (from, to, message) in arrived.drain(..) {
            self.peers[to.index()].engine.handle_message(&message);
            self.peers[from].engine.recycle_message(message);
        }
        for (index, peer) in self.peers.iter_mut().enumerate() {
            peer.tick(index as u32);
            while let Some((to, message)) = peer.engine.poll_message() {
                arrived.push((index, to, message));
            }
            while let Some(event) = peer.engine.poll_event() {
                match event {
                    EngineEvent::Rollback { .. } => peer.rollbacks += 1,
                    EngineEvent::Hash { .. } => peer.hashes += 1,
                    EngineEvent::Desync { .. } => panic!("{event:?}"),
                    _ => {}
                }
            }
        }
        self.under_way.push_back(arrived);
    }
}

impl Peer {
    fn tick(&mut self, index: u32) {
        let Frame(frame) = self.engine.current();
        let tick = self.engine.tick(Action((frame / 3 + index) % 4));
        self.requests.clear();
        self.requests.extend(tick.rollback.map(|(_, batch)| batch).unwrap_or_default());
        self.requests.extend(tick.live);
        for request in &self.requests {
            match request {
                Request::LoadSnapshot { frame } => {
                    self.state = *self.engine.snapshot(*frame).unwrap();
                }
                Request::SaveSnapshot { frame } => {
                    self.engine.handle_snapshot(*frame, self.state, self.state);
                }
                Request::AdvanceFrame { inputs, .. } => {
                    for action in inputs.actions() {
                        self.state = self.state.wrapping_mul(31).wrapping_add(action.0.into());
                    }
                }
            }
        }
        self.engine.handle_tick_done();
    }
}

#[track_caller]
fn check_no_allocation(players: u8, prediction: PredictionRule) {
    let mut mesh = Mesh::new(players, prediction);
    for _ in 0..500 {
        mesh.tick();
    }
    let before: Vec<_> = mesh.peers.iter().map(|p| (p.rollbacks, p.hashes)).collect();
    let info = allocation_counter::measure(|| {
        for _ in 0..1000 {
            mesh.tick();
        }
    });
    assert_eq!((info.count_total, info.bytes_total), (0, 0), "{players} players");
    for (peer, (rollbacks, hashes)) in mesh.peers.iter().zip(before) {
        assert!(peer.rollbacks - rollbacks > 300, "too few rollbacks to prove anything");
        assert!(peer.hashes - hashes > 400, "too few hashes to prove anything");
    }
}

#[test]
fn two_players_allocate_nothing_in_a_thousand_frames_with_rollbacks() {
    check_no_allocation(2, PredictionRule::RepeatLast);
}

#[test]
fn eight_players_allocate_nothing_in_a_thousand_frames_with_rollbacks() {
    check_no_allocation(8, PredictionRule::RepeatLast);
}

#[test]
fn learning_what_players_do_allocates_nothing_and_spares_rollbacks() {
    let rollbacks = |rule| {
        let mut mesh = Mesh::new(2, rule);
        for _ in 0..500 {
            mesh.tick();
        }
        let before: u32 = mesh.peers.iter().map(|peer| peer.rollbacks).sum();
        let info = allocation_counter::measure(|| {
            for _ in 0..1000 {
                mesh.tick();
            }
        });
        assert_eq!((info.count_total, info.bytes_total), (0, 0), "{rule:?}");
        mesh.peers.iter().map(|peer| peer.rollbacks).sum::<u32>() - before
    };
    assert_eq!(rollbacks(PredictionRule::Frequency), 0, "the players press in a rhythm");
    assert!(rollbacks(PredictionRule::RepeatLast) > 600);
}
