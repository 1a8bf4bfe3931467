//! Seeded sessions of two to eight live engines in a mesh, against a simulation that knew every
//! input: loss, duplication, reordering, outages, background tabs and episode changes.
//!
//! `ROLLSCOPE_SESSIONS` sets the number of sessions of each test (see CONTRIBUTING.md).

#![expect(
    clippy::expect_used,
    clippy::indexing_slicing,
    clippy::panic,
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

/// Frames of an episode, which every peer must confirm.
const FRAMES: u32 = 60;

/// Sessions of one test where the environment asks for no other number.
const ORDINARY: u64 = 5000;

/// A state that every step mixes: any wrong input anywhere changes it for good.
fn step(state: u64, actions: &[Action]) -> u64 {
    actions.iter().fold(state, |mixed, action| SplitMix64(mixed ^ u64::from(action.0)).next_u64())
}

/// A stretch of ticks.
#[derive(Debug, Clone, Copy)]
struct Ticks {
    first: u32,
    count: u32,
}

impl Ticks {
    fn contains(self, tick: u32) -> bool {
        (self.first..self.first + self.count).contains(&tick)
    }
}

/// All that happens in a session; everything follows from the seed.
#[derive(Debug, Clone)]
struct Plan {
    seed: u64,
    players: u8,
    settings: SessionSettings,
    profile: LinkProfile,
    /// A peer in a background tab: it runs no tick, and what arrives waits.
    pause: Option<(PlayerId, Ticks)>,
    /// Two peers that lose every message between them for a while.
    outage: Option<(PlayerId, PlayerId, Ticks)>,
    /// A peer whose game steps this frame in its own way.
    fault: Option<(PlayerId, Frame)>,
}

impl Plan {
    fn new(seed: u64) -> Self {
        let mut random = SplitMix64(seed);
        let mut below = |limit: u64| random.next_u64() % limit;
        let players = [2, 2, 3, 3, 4, 4, 5, 8][below(8) as usize];
        let player = |number: u64| PlayerId((number % u64::from(players)) as u8);
        let settings = SessionSettings {
            input_delay_frames: below(4) as u32,
            snapshot_interval_frames: [1, 2, 5][below(3) as usize],
            max_prediction_frames: 4 + below(27) as u32,
            frames_per_second: 60,
            prediction: PredictionRule::ALL[below(3) as usize],
            default_action: Action(0),
            seed: 1,
        };
        let profile = LinkProfile {
            latency_micros: below(120_000),
            jitter_micros: below(80_000),
            loss: below(300) as f64 / 1000.0,
            duplication: below(150) as f64 / 1000.0,
        };
        let pause = (below(2) == 0).then(|| {
            (player(below(8)), Ticks { first: below(60) as u32, count: 10 + below(80) as u32 })
        });
        let outage = (below(3) == 0).then(|| {
            let one = below(8);
            let ticks = Ticks { first: below(60) as u32, count: 10 + below(60) as u32 };
            (player(one), player(one + 1), ticks)
        });
        Self { seed, players, settings, profile, pause, outage, fault: None }
    }

    /// The same session with a game that one peer steps in its own way.
    fn with_fault(mut self) -> Self {
        let mut random = SplitMix64(self.seed ^ 0xfa);
        let player = PlayerId((random.next_u64() % u64::from(self.players)) as u8);
        self.fault = Some((player, Frame((random.next_u64() % u64::from(FRAMES)) as u32)));
        self
    }

    /// What a player does in a frame: changes rarely enough for predictions to be right at times.
    fn action(&self, episode: Episode, player: PlayerId, frame: Frame) -> Action {
        if frame.0 < self.settings.input_delay_frames {
            return self.settings.default_action;
        }
        let key = (u64::from(episode.0) << 48) ^ (u64::from(player.0) << 32);
        let block = u64::from(frame.0 / 7);
        Action((SplitMix64(self.seed ^ key ^ block).next_u64() % 4) as u32)
    }

    /// The hashes of an episode, from a loop that knew all inputs in advance.
    fn truth(&self, episode: Episode) -> Vec<(Frame, u64)> {
        let mut state = 0;
        let mut hashes = Vec::new();
        for frame in (0..FRAMES).map(Frame) {
            if frame.is_multiple_of(self.settings.snapshot_interval_frames) {
                hashes.push((frame, state));
            }
            let action = |player| self.action(episode, PlayerId(player), frame);
            let actions: Vec<Action> = (0..self.players).map(action).collect();
            state = step(state, &actions);
        }
        hashes
    }
}

struct Peer {
    local: PlayerId,
    engine: Engine<u64>,
    state: u64,
    requests: Vec<Request>,
    rollbacks: u32,
    hashes: Vec<(Frame, u64)>,
    desyncs: Vec<Frame>,
}

impl Peer {
    fn new(plan: &Plan, local: PlayerId, episode: Episode) -> Self {
        let settings = vec![plan.settings; usize::from(plan.players)];
        Self {
            local,
            engine: Engine::new(&EngineConfig { local, settings, episode }).unwrap(),
            state: 0,
            requests: Vec::new(),
            rollbacks: 0,
            hashes: Vec::new(),
            desyncs: Vec::new(),
        }
    }

    fn tick(&mut self, plan: &Plan, episode: Episode) {
        let target = self.engine.current().plus(plan.settings.input_delay_frames);
        let tick = self.engine.tick(plan.action(episode, self.local, target));
        self.requests.clear();
        self.requests.extend(tick.rollback.map(|(_, batch)| batch).unwrap_or_default());
        self.requests.extend(tick.live);
        for request in &self.requests {
            match request {
                Request::LoadSnapshot { frame } => {
                    self.state = *self.engine.snapshot(*frame).expect("planned from what is held");
                }
                Request::SaveSnapshot { frame } => {
                    self.engine.handle_snapshot(*frame, self.state, self.state);
                }
                Request::AdvanceFrame { frame, inputs } => {
                    self.state = step(self.state, inputs.actions());
                    self.state ^= u64::from(plan.fault == Some((self.local, *frame)));
                }
            }
        }
        self.engine.handle_tick_done();
        while let Some(event) = self.engine.poll_event() {
            match event {
                EngineEvent::Rollback { .. } => self.rollbacks += 1,
                EngineEvent::Hash { frame, hash, .. } => self.hashes.push((frame, hash)),
                EngineEvent::Desync { frame, .. } => self.desyncs.push(frame),
                EngineEvent::Conflict { .. } => panic!("no peer changes an input: {event:?}"),
                EngineEvent::Frame { .. } | EngineEvent::Stalled { .. } => {}
            }
        }
    }

    /// Whether the episode is over for this peer: stepped and confirmed.
    fn is_done(&self) -> bool {
        let end = Frame(FRAMES);
        self.engine.current() > end && self.engine.confirmed_frame().is_some_and(|f| f >= end)
    }
}

/// The network of a session. It outlives the episodes, so that late messages reach the next one.
struct Mesh {
    links: Vec<Link<PeerMessage>>,
    now: Micros,
}

impl Mesh {
    fn new(plan: &Plan) -> Self {
        let count = u64::from(plan.players) * u64::from(plan.players);
        let link = |number| Link::new(plan.seed ^ (number << 20), plan.profile);
        Self { links: (0..count).map(link).collect(), now: Micros(0) }
    }

    /// Plays one episode until `is_over` says so.
    fn play(
        &mut self,
        plan: &Plan,
        episode: Episode,
        is_over: impl Fn(&[Peer]) -> bool,
    ) -> Vec<Peer> {
        let players = usize::from(plan.players);
        let mut peers: Vec<Peer> =
            (0..plan.players).map(|player| Peer::new(plan, PlayerId(player), episode)).collect();
        let mut tick = 0;
        while !is_over(&peers) {
            tick += 1;
            assert!(tick < 4000, "the session never ends: {plan:?}");
            self.now = self.now.plus(TICK_MICROS);
            for to in &mut peers {
                if plan.pause.is_some_and(|(who, ticks)| who == to.local && ticks.contains(tick)) {
                    continue;
                }
                for from in 0..players {
                    let link = &mut self.links[from * players + to.local.index()];
                    while let Some(message) = link.poll(self.now) {
                        to.engine.handle_message(&message);
                        to.engine.recycle_message(message);
                    }
                }
                to.tick(plan, episode);
                while let Some((peer, message)) = to.engine.poll_message() {
                    let is_cut = plan.outage.is_some_and(|(one, other, ticks)| {
                        ticks.contains(tick)
                            && ((to.local, peer) == (one, other)
                                || (peer, to.local) == (one, other))
                    });
                    if !is_cut {
                        let link = &mut self.links[to.local.index() * players + peer.index()];
                        link.send(self.now, message);
                    }
                }
            }
        }
        peers
    }
}

/// Sessions of one test: `ordinary`, or what the environment asks for.
fn sessions(ordinary: u64) -> u64 {
    let asked = std::env::var("ROLLSCOPE_SESSIONS").ok();
    asked.map_or(ordinary, |number| number.parse().expect("ROLLSCOPE_SESSIONS is a number"))
}

#[test]
fn all_peers_confirm_the_true_states_over_any_network() {
    let (mut rollbacks, mut played) = (0, 0);
    for seed in 0..sessions(ORDINARY) {
        let plan = Plan::new(seed);
        let mut mesh = Mesh::new(&plan);
        for episode in [Episode(0), Episode(1)] {
            let peers = mesh.play(&plan, episode, |peers| peers.iter().all(Peer::is_done));
            let truth = plan.truth(episode);
            for peer in &peers {
                assert_eq!(peer.hashes.get(..truth.len()), Some(&truth[..]), "{plan:?}");
                assert_eq!(peer.desyncs, [], "a false alarm: {plan:?}");
                rollbacks += peer.rollbacks;
            }
            played += 1;
        }
    }
    assert!(rollbacks > played * 5, "too few rollbacks to prove anything: {rollbacks}");
}

#[test]
fn every_planted_nondeterminism_is_found_and_never_too_early() {
    for seed in 0..sessions(ORDINARY) {
        let plan = Plan::new(seed).with_fault();
        let (_, fault) = plan.fault.unwrap();
        // Every peer must learn that somebody's game went another way.
        let is_over = |peers: &[Peer]| peers.iter().all(|peer| !peer.desyncs.is_empty());
        for peer in Mesh::new(&plan).play(&plan, Episode(0), is_over) {
            assert!(peer.desyncs.iter().all(|frame| *frame > fault), "too early: {plan:?}");
        }
    }
}
