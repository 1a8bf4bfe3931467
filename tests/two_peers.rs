//! Two live engines over seeded lossy links against a simulation that knew every input in advance.

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops at its first surprise"
)]

use rollscope::action::Action;
use rollscope::frame::{Episode, Frame};
use rollscope::link::{Link, LinkProfile, SplitMix64};
use rollscope::message::{PeerMessage, PredictionRule, SessionSettings};
use rollscope::player::PlayerId;
use rollscope::rollback::{Engine, EngineConfig, EngineEvent, Request};
use rollscope::time::Micros;

const TICK_MICROS: u64 = 16_667;

fn settings(input_delay_frames: u32, prediction: PredictionRule) -> SessionSettings {
    SessionSettings {
        input_delay_frames,
        snapshot_interval_frames: 5,
        max_prediction_frames: 30,
        frames_per_second: 60,
        prediction,
        default_action: Action(0),
        seed: 1,
    }
}

/// A state that every step mixes: any wrong input anywhere changes it for good.
fn step(state: u64, actions: &[Action]) -> u64 {
    actions.iter().fold(state, |mixed, action| SplitMix64(mixed ^ u64::from(action.0)).next_u64())
}

/// What player `player` does in frame `frame`: changes rarely enough for predictions to be right
/// at times.
fn bot(seed: u64, player: u8, frame: Frame) -> Action {
    let block = u64::from(frame.0 / 7);
    Action((SplitMix64(seed ^ (u64::from(player) << 32) ^ block).next_u64() % 4) as u32)
}

struct Peer {
    engine: Engine<u64>,
    state: u64,
    rollbacks: u32,
    stalls: u32,
    hashes: Vec<(Frame, u64)>,
    desyncs: u32,
}

impl Peer {
    fn new(local: u8, settings: SessionSettings) -> Self {
        let config = EngineConfig {
            local: PlayerId(local),
            settings: vec![settings; 2],
            episode: Episode(0),
        };
        Self {
            engine: Engine::new(&config).unwrap(),
            state: 0,
            rollbacks: 0,
            stalls: 0,
            hashes: Vec::new(),
            desyncs: 0,
        }
    }

    fn tick(&mut self, action: Action) {
        let tick = self.engine.tick(action);
        let mut requests = tick.rollback.map(|(_, batch)| batch.to_vec()).unwrap_or_default();
        requests.extend(tick.live);
        for request in requests {
            match request {
                Request::LoadSnapshot { frame } => {
                    self.state = *self.engine.snapshot(frame).expect("planned from what is held");
                }
                Request::SaveSnapshot { frame } => {
                    self.engine.handle_snapshot(frame, self.state, self.state);
                }
                Request::AdvanceFrame { inputs, .. } => {
                    self.state = step(self.state, inputs.actions());
                }
            }
        }
        self.engine.handle_tick_done();
        while let Some(event) = self.engine.poll_event() {
            match event {
                EngineEvent::Rollback { .. } => self.rollbacks += 1,
                EngineEvent::Stalled { .. } => self.stalls += 1,
                EngineEvent::Hash { frame, hash, .. } => self.hashes.push((frame, hash)),
                EngineEvent::Desync { .. } => self.desyncs += 1,
                _ => {}
            }
        }
    }
}

/// Plays until both peers hold `frames` frames and the link is quiet; returns both peers.
fn play(seed: u64, frames: u32, profile: LinkProfile, settings: SessionSettings) -> [Peer; 2] {
    let mut peers = [Peer::new(0, settings), Peer::new(1, settings)];
    let mut links = [Link::new(seed, profile), Link::new(seed + 1, profile)];
    let end = Frame(frames);
    let mut now = Micros(0);
    let mut bytes = Vec::new();
    let both_done = |peers: &[Peer; 2]| {
        peers.iter().all(|peer| {
            peer.engine.current() >= end
                && peer.engine.confirmed_frame().is_some_and(|frame| frame >= end)
        })
    };
    let mut ticks = 0;
    while !both_done(&peers) {
        ticks += 1;
        assert!(ticks < frames * 20 + 1000, "seed {seed}: the session never ends");
        for (side, peer) in peers.iter_mut().enumerate() {
            while let Some(wire) = links[1 - side].poll(now) {
                let wire: Vec<u8> = wire;
                peer.engine.handle_message(&PeerMessage::decode(&wire).unwrap());
            }
            let target = peer.engine.current().plus(settings.input_delay_frames);
            peer.tick(bot(seed, side as u8, target));
            while let Some((_, message)) = peer.engine.poll_message() {
                bytes.clear();
                message.encode(&mut bytes);
                links[side].send(now, bytes.clone());
            }
        }
        now = now.plus(TICK_MICROS);
    }
    peers
}

/// Hashes of every fifth state, from a loop that knew all inputs in advance.
fn truth(seed: u64, frames: u32, input_delay_frames: u32) -> Vec<(Frame, u64)> {
    let mut state = 0;
    let mut hashes = Vec::new();
    for frame in (0..frames).map(Frame) {
        if frame.is_multiple_of(5) {
            hashes.push((frame, state));
        }
        let is_delayed = frame.0 < input_delay_frames;
        let action = |player| {
            if is_delayed { Action(0) } else { bot(seed, player, frame) }
        };
        state = step(state, &[action(0), action(1)]);
    }
    hashes
}

#[track_caller]
fn check_session(seed: u64, profile: LinkProfile, settings: SessionSettings) -> [Peer; 2] {
    const FRAMES: u32 = 200;
    let peers = play(seed, FRAMES, profile, settings);
    let truth = truth(seed, FRAMES, settings.input_delay_frames);
    for peer in &peers {
        let hashes: Vec<_> = peer.hashes.iter().copied().take(truth.len()).collect();
        assert_eq!(hashes, truth, "seed {seed}, {profile:?}, {settings:?}");
        assert_eq!(peer.desyncs, 0, "seed {seed}: a false alarm");
    }
    peers
}

#[test]
fn both_peers_confirm_the_true_states_over_any_network() {
    let mut rollbacks = 0;
    for seed in 0..300 {
        let mut random = SplitMix64(seed);
        let profile = LinkProfile {
            latency_micros: random.next_u64() % 150_000,
            jitter_micros: random.next_u64() % 60_000,
            loss: random.unit() * 0.3,
            duplication: random.unit() * 0.1,
        };
        let rule = [PredictionRule::RepeatLast, PredictionRule::DefaultAction];
        let delay = (random.next_u64() % 4) as u32;
        let peers = check_session(seed, profile, settings(delay, rule[(seed % 2) as usize]));
        rollbacks += peers[0].rollbacks + peers[1].rollbacks;
    }
    assert!(rollbacks > 3000, "the networks must have caused rollbacks, but only {rollbacks}");
}

#[test]
fn an_input_delay_beyond_the_latency_needs_no_rollback() {
    let profile = LinkProfile { latency_micros: 30_000, ..LinkProfile::default() };
    let peers = check_session(1, profile, settings(4, PredictionRule::DefaultAction));
    assert_eq!((peers[0].rollbacks, peers[1].rollbacks), (0, 0));
}

#[test]
fn a_small_prediction_window_stalls_and_still_ends_right() {
    let profile = LinkProfile { latency_micros: 200_000, ..LinkProfile::default() };
    let narrow =
        SessionSettings { max_prediction_frames: 4, ..settings(1, PredictionRule::RepeatLast) };
    let peers = check_session(1, profile, narrow);
    assert!(peers[0].stalls > 50);
}

/// The same figures stand in `tests/wasm.rs`, so that a link has one fate everywhere.
#[test]
fn link_fate() {
    let profile =
        LinkProfile { latency_micros: 50_000, jitter_micros: 20_000, loss: 0.1, duplication: 0.05 };
    let mut link = Link::new(7, profile);
    for n in 0..1000_u64 {
        link.send(Micros(n * 1000), n);
    }
    let mut sum = 0_u64;
    while let Some(n) = link.next_arrival().and_then(|time| link.poll(time)) {
        sum = sum.wrapping_mul(31).wrapping_add(n);
    }
    assert_eq!((sum, link.counts()), (9_885_161_819_663_866_459, (1000, 110)));
}
