//! Seeded sessions of two to eight live engines in a mesh, against a simulation that knew every
//! input: loss, duplication, reordering, outages, pauses, background tabs, ends that the game
//! decides, episode changes inside one engine, pages that are loaded anew, resyncs, spectators and hostile noise.
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
use rollscope::message::{
    Form, PROTOCOL_VERSION, PeerMessage, PeerStatus, PredictionRule, SessionSettings,
};
use rollscope::player::PlayerId;
use rollscope::rollback::{
    DropReason, Engine, EngineConfig, EngineEvent, EngineOptions, HashRate, Request, ResyncRule,
    SendOrder, Spectator,
};
use rollscope::time::Micros;

const TICK_MICROS: u64 = 16_667;

/// Frames of the longest episode; most end earlier, by their states.
const MAX_FRAMES: u32 = 64;

const EPISODES: u32 = 2;

/// A state that every step mixes: any wrong input anywhere changes it for good.
fn step(state: u64, actions: &[Action]) -> u64 {
    actions.iter().fold(state, |mixed, action| SplitMix64(mixed ^ u64::from(action.0)).next_u64())
}

/// Whether the step of `frame`, which led to `state`, ended the episode.
fn is_terminal(frame: Frame, state: u64) -> bool {
    frame.0 + 1 >= MAX_FRAMES || (frame.0 >= 30 && state.is_multiple_of(24))
}

fn first_state(episode: Episode) -> u64 {
    u64::from(episode.0) + 1
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
    options: EngineOptions,
    profile: LinkProfile,
    /// The form of its messages on the wire.
    form: Form,
    /// A peer in a background tab: it runs no tick, and what arrives waits.
    background: Option<(PlayerId, Ticks)>,
    /// A peer whose player pauses the game.
    pause: Option<(PlayerId, Ticks)>,
    /// Two peers that lose every message between them for a while.
    outage: Option<(PlayerId, PlayerId, Ticks)>,
    /// A peer whose page is gone for a while and then loaded anew: it knows nothing.
    reload: Option<(PlayerId, Ticks)>,
    /// A peer whose game steps this frame of episode 0 in its own way.
    fault: Option<(PlayerId, Frame)>,
    /// Whether strangers and liars send messages too.
    is_noisy: bool,
}

impl Plan {
    fn new(seed: u64) -> Self {
        let mut random = SplitMix64(seed);
        let mut below = |limit: u64| random.next_u64() % limit;
        let players = [2, 2, 2, 3, 3, 4, 5, 8][below(8) as usize];
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
        let rates = [HashRate::EverySnapshot, HashRate::Adaptive, HashRate::Predictive];
        let options = EngineOptions {
            hash_rate: rates[below(3) as usize],
            send_interval_ticks: 1 + below(3) as u32,
            frame_sync_interval_ticks: [0, 10][below(2) as usize],
            send_order: [SendOrder::ByPriority, SendOrder::AsMade][below(2) as usize],
            // Some sessions have a fixed number of frames, the others end by their states.
            episode_frames: (below(4) == 0).then_some(50),
            ..EngineOptions::default()
        };
        let profile = LinkProfile {
            latency_micros: below(120_000),
            jitter_micros: below(80_000),
            loss: below(300) as f64 / 1000.0,
            duplication: below(150) as f64 / 1000.0,
        };
        let mut ticks = |first: u64, most: u64| Ticks {
            first: below(first) as u32,
            count: 10 + below(most) as u32,
        };
        let (background, pause, outage) = (ticks(60, 80), ticks(60, 30), ticks(60, 150));
        let who = below(1 << 30);
        Self {
            seed,
            players,
            settings,
            options,
            profile,
            // Texts take long to read in a debug build.
            form: [Form::Json, Form::MessagePack][..]
                .get((seed % 24) as usize)
                .copied()
                .unwrap_or(Form::Binary),
            background: (who & 1 == 0).then_some((player(who >> 3), background)),
            pause: (who & 6 == 0).then_some((player(who >> 8), pause)),
            outage: (who % 3 == 0).then_some((player(who >> 12), player((who >> 12) + 1), outage)),
            reload: None,
            fault: None,
            is_noisy: false,
        }
    }

    /// The same session with a game that one peer steps in its own way.
    fn with_fault(mut self, resync: ResyncRule) -> Self {
        let mut random = SplitMix64(self.seed ^ 0xfa);
        let player = PlayerId((random.next_u64() % u64::from(self.players)) as u8);
        // Before any episode ends.
        self.fault = Some((player, Frame((random.next_u64() % 30) as u32)));
        self.options.resync = resync;
        self
    }

    /// The same session, in which one page is loaded anew at any time, also between two episodes.
    fn with_reload(mut self) -> Self {
        let mut random = SplitMix64(self.seed ^ 0x4e11);
        let mut below = |limit: u64| random.next_u64() % limit;
        let player = PlayerId(below(u64::from(self.players)) as u8);
        self.reload = Some((player, Ticks { first: below(160) as u32, count: below(40) as u32 }));
        self
    }

    /// What a player does in a tick: changes rarely enough for predictions to be right at times.
    fn action(&self, episode: Episode, player: PlayerId, frame: Frame) -> Action {
        let key = (u64::from(episode.0) << 48) ^ (u64::from(player.0) << 32);
        let block = u64::from(frame.0 / 7);
        Action((SplitMix64(self.seed ^ key ^ block).next_u64() % 4) as u32)
    }

    /// States of an episode from its start to its end, from a loop that knew all inputs.
    fn truth(&self, episode: Episode, inputs: &[Vec<Action>]) -> Vec<u64> {
        let mut states = vec![first_state(episode)];
        for frame in (0..).map(Frame) {
            let actions: Vec<Action> = inputs.iter().map(|held| held[frame.index()]).collect();
            let state = step(states[frame.index()], &actions);
            states.push(state);
            let is_last = match self.options.episode_frames {
                Some(frames) => frame.0 + 1 == frames,
                None => is_terminal(frame, state),
            };
            if is_last {
                break;
            }
        }
        states
    }
}

/// What one peer says of one episode that it has left.
#[derive(Debug, Clone)]
struct Played {
    end: Frame,
    /// The last state; `None` if the peers' games ended in discord and it could not be made.
    state: Option<u64>,
    hashes: Vec<(Frame, u64)>,
    inputs: Vec<Action>,
    desyncs: Vec<Frame>,
    wanted: u32,
    resynced: u32,
    /// Whether it was over before the page came back that was loaded anew.
    is_missed: bool,
}

struct Peer {
    local: PlayerId,
    // The episode that `now` is of.
    episode: Episode,
    returns: u32,
    engine: Engine<u64>,
    state: u64,
    requests: Vec<Request>,
    now: Played,
    played: Vec<Played>,
    rollbacks: u32,
    fast_forwards: u32,
    rewinds: u32,
    held: u32,
    silences: u32,
}

impl Peer {
    fn new(plan: &Plan, local: PlayerId) -> Self {
        let settings = vec![plan.settings; usize::from(plan.players)];
        let config = EngineConfig { local, settings, episode: Episode(0) };
        Self {
            local,
            episode: Episode(0),
            returns: 0,
            engine: Engine::with_options(&config, plan.options).unwrap(),
            state: first_state(Episode(0)),
            requests: Vec::new(),
            now: Self::before(plan),
            played: Vec::new(),
            rollbacks: 0,
            fast_forwards: 0,
            rewinds: 0,
            held: 0,
            silences: 0,
        }
    }

    fn before(plan: &Plan) -> Played {
        Played {
            end: Frame::ZERO,
            state: None,
            hashes: Vec::new(),
            inputs: vec![plan.settings.default_action; plan.settings.input_delay_frames as usize],
            desyncs: Vec::new(),
            wanted: 0,
            resynced: 0,
            is_missed: false,
        }
    }

    /// The page is loaded anew while `episode` is played.
    fn load_anew(&mut self, plan: &Plan, episode: Episode) {
        let settings = vec![plan.settings; usize::from(plan.players)];
        let config = EngineConfig { local: self.local, settings, episode };
        self.engine = Engine::returning(&config, plan.options).unwrap();
        self.state = first_state(episode);
    }

    // What of this player's inputs the others never heard of was never said.
    fn note_return(&mut self, plan: &Plan, episode: Episode, inputs_through: Option<Frame>) {
        self.returns += 1;
        while self.episode < episode {
            let now = std::mem::replace(&mut self.now, Self::before(plan));
            self.played.push(Played { is_missed: true, ..now });
            self.episode.0 += 1;
        }
        if episode < self.episode {
            (self.now, self.episode) = (Self::before(plan), episode);
        }
        let known = inputs_through.map_or(Frame::ZERO, Frame::next);
        self.now.inputs.truncate(known.index());
        // Nor was what the old page made of them.
        self.now.hashes.retain(|(frame, _)| *frame <= known);
    }

    fn tick(&mut self, plan: &Plan) {
        let (episode, before) = (self.engine.episode(), self.engine.current());
        let action =
            plan.action(episode, self.local, before.plus(plan.settings.input_delay_frames));
        if let Some(later) = self.engine.missed_episode() {
            self.enter(plan, later);
        }
        let behind = self.engine.frames_behind();
        let tick = if behind > 8 {
            self.engine.fast_forward(action, behind)
        } else {
            self.engine.tick(action)
        };
        self.requests.clear();
        self.requests.extend(tick.rollback.map(|(_, batch)| batch).unwrap_or_default());
        self.requests.extend(tick.correction.map(|(_, batch)| batch).unwrap_or_default());
        self.requests.extend(tick.live);
        let has_stepped = !tick.live.is_empty() && self.engine.current() > before;
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
                    let is_faulty =
                        episode == Episode(0) && plan.fault == Some((self.local, *frame));
                    self.state ^= u64::from(is_faulty);
                    if is_terminal(*frame, self.state) {
                        self.engine.handle_terminal(*frame);
                    }
                }
            }
        }
        self.engine.handle_tick_done();
        while let Some(event) = self.engine.poll_event() {
            match event {
                EngineEvent::Rollback { .. } => self.rollbacks += 1,
                EngineEvent::FastForwarded { .. } => self.fast_forwards += 1,
                EngineEvent::Rewound { .. } => self.rewinds += 1,
                EngineEvent::Held { .. } => self.held += 1,
                EngineEvent::PeerSilent { .. } => self.silences += 1,
                EngineEvent::Hash { frame, hash, .. } => self.now.hashes.push((frame, hash)),
                EngineEvent::Desync { frame, .. } => self.now.desyncs.push(frame),
                EngineEvent::EndsDiffer { theirs, .. } => self.now.desyncs.push(theirs),
                EngineEvent::ResyncWanted { .. } => self.now.wanted += 1,
                EngineEvent::Resynced { .. } => self.now.resynced += 1,
                EngineEvent::Conflict { .. } => panic!("no peer changes an input: {plan:?}"),
                EngineEvent::Returned { episode, inputs_through, .. } => {
                    self.note_return(plan, episode, inputs_through);
                }
                EngineEvent::Frame { .. }
                | EngineEvent::PeerReturned { .. }
                | EngineEvent::Stalled { .. }
                | EngineEvent::PeerHeard { .. }
                | EngineEvent::StateGiven { .. }
                | EngineEvent::EpisodeEnded { .. } => {}
            }
        }
        // What the page tells its engine to hold, noted by the page itself.
        let through = self.engine.current().0 + plan.settings.input_delay_frames;
        while has_stepped && (self.now.inputs.len() as u32) < through {
            self.now.inputs.push(action);
        }
    }

    fn enter(&mut self, plan: &Plan, next: Episode) {
        let settings = vec![plan.settings; usize::from(plan.players)];
        assert!(self.engine.begin_episode(next, &settings));
        self.state = first_state(next);
    }

    /// Goes on to the next episode when it may. Returns whether the last one is left or could be.
    fn leave(&mut self, plan: &Plan) -> bool {
        if !self.engine.may_leave_episode() {
            return false;
        }
        let episode = self.engine.episode();
        if (self.played.len() as u32) <= episode.0 {
            let end = self.engine.ended().unwrap();
            let state = self.engine.snapshot(end).copied();
            let now = std::mem::replace(&mut self.now, Self::before(plan));
            self.played.push(Played { end, state, ..now });
        }
        if episode.0 + 1 == EPISODES {
            return true;
        }
        self.episode = Episode(episode.0 + 1);
        self.now = Self::before(plan);
        self.enter(plan, self.episode);
        false
    }
}

/// A spectator at player 0's peer, with its own game.
struct Watching {
    engine: Spectator<u64>,
    state: u64,
    joins_at: u32,
    states: Vec<(Frame, u64)>,
}

impl Watching {
    fn tick(&mut self) {
        let requests = self.engine.tick(20).to_vec();
        for request in requests {
            match request {
                Request::LoadSnapshot { frame } => {
                    self.state = *self.engine.snapshot(frame).unwrap();
                    self.states.push((frame, self.state));
                }
                Request::AdvanceFrame { frame, inputs } => {
                    assert!(inputs.predicted.is_empty());
                    self.state = step(self.state, inputs.actions());
                    self.states.push((frame.next(), self.state));
                }
                Request::SaveSnapshot { .. } => panic!("a spectator never rolls back"),
            }
        }
    }
}

/// The network of a session. It outlives the episodes, so that late messages reach the next one.
struct Mesh {
    links: Vec<Link<Vec<u8>>>,
    random: SplitMix64,
    now: Micros,
    tick: u32,
}

impl Mesh {
    fn new(plan: &Plan) -> Self {
        let count = u64::from(plan.players) * u64::from(plan.players);
        let link = |number| Link::new(plan.seed ^ (number << 20), plan.profile);
        let links = (0..count).map(link).collect();
        Self { links, random: SplitMix64(plan.seed), now: Micros(0), tick: 0 }
    }

    /// One tick of every peer; returns whether all have left the last episode.
    fn tick(&mut self, plan: &Plan, peers: &mut [Peer]) -> bool {
        self.tick += 1;
        if self.tick >= 6000 {
            for peer in peers.iter() {
                let engine = &peer.engine;
                eprintln!(
                    "{}: episode {}, at {}, confirmed {:?}, ended {:?}, {} desyncs, {} wanted",
                    peer.local,
                    engine.episode(),
                    engine.current(),
                    engine.confirmed_frame(),
                    engine.ended(),
                    peer.now.desyncs.len(),
                    peer.now.wanted,
                );
            }
            panic!("the session never ends: {plan:?}");
        }
        self.now = self.now.plus(TICK_MICROS);
        let players = usize::from(plan.players);
        let mut are_done = true;
        if let Some((who, ticks)) = plan.reload
            && self.tick == ticks.first + ticks.count
        {
            self.load_anew(plan, who, peers);
        }
        for to in peers {
            let is_in = |stretch: Option<(PlayerId, Ticks)>| {
                stretch.is_some_and(|(who, ticks)| who == to.local && ticks.contains(self.tick))
            };
            if is_in(plan.reload) {
                are_done = false;
                continue;
            }
            if is_in(plan.background) {
                are_done = false;
                continue;
            }
            let is_paused = is_in(plan.pause);
            let status = if is_paused { PeerStatus::Paused } else { PeerStatus::Running };
            to.engine.set_status(status);
            let local = to.local.index();
            for from in (0..players).filter(|from| *from != local) {
                if plan.is_noisy {
                    noise(&mut self.random, PlayerId(from as u8), to);
                }
                let link = &mut self.links[from * players + to.local.index()];
                while let Some(wire) = link.poll(self.now) {
                    to.engine.handle_bytes(PlayerId(from as u8), &wire).unwrap();
                }
            }
            to.tick(plan);
            while let Some((peer, message)) = to.engine.poll_message() {
                let is_cut = plan.outage.is_some_and(|(one, other, ticks)| {
                    ticks.contains(self.tick)
                        && ((to.local, peer) == (one, other) || (peer, to.local) == (one, other))
                });
                if !is_cut {
                    let mut wire = Vec::new();
                    message.encode_as(plan.form, &mut wire);
                    self.links[to.local.index() * players + peer.index()].send(self.now, wire);
                }
                to.engine.recycle_message(message);
            }
            are_done &= to.leave(plan);
        }
        are_done
    }
}

impl Mesh {
    /// As the server has it: what was under way to or from the old page is lost, the others hear
    /// that it was loaded anew, and the new one hears from one of them what is played.
    fn load_anew(&mut self, plan: &Plan, who: PlayerId, peers: &mut [Peer]) {
        let players = usize::from(plan.players);
        for other in (0..players).filter(|other| *other != who.index()) {
            for way in [other * players + who.index(), who.index() * players + other] {
                self.links[way] = Link::new(plan.seed ^ ((way as u64) << 40), plan.profile);
            }
            peers[other].engine.readmit(who);
        }
        let heard = (who.index() + 1 + (plan.seed % (players as u64 - 1)) as usize) % players;
        let episode = peers[heard].engine.episode();
        peers[who.index()].load_anew(plan, episode);
    }
}

/// Messages that no honest peer sends: none of them may change anything.
fn noise(random: &mut SplitMix64, from: PlayerId, to: &mut Peer) {
    let mut below = |limit: u64| random.next_u64() % limit;
    let episode = Episode(to.engine.episode().0 + 7 * below(2) as u32);
    let liar = PlayerId(below(12) as u8);
    let first = Frame([0, to.engine.current().0, u32::MAX - 1][below(3) as usize]);
    let message = match below(7) {
        // In another's name, or of another episode.
        0 => PeerMessage::Inputs {
            episode,
            player: liar,
            current: first,
            received_through: None,
            first,
            actions: vec![Action(77); 5],
        },
        1 => PeerMessage::StateHashes { episode, player: liar, hashes: vec![(first, 99); 9] },
        2 => PeerMessage::FrameSync {
            episode,
            player: liar,
            tick: u32::MAX,
            current: first,
            advantage_frames: i16::MIN,
            status: PeerStatus::Paused,
            ended: Some(Frame(3)),
        },
        // A state that nobody asked for, from whoever it is.
        3 => PeerMessage::StateChunk {
            episode: to.engine.episode(),
            player: from,
            frame: first,
            hash: 5,
            is_end: true,
            base: None,
            total_bytes: 1 << 22,
            index: 0,
            bytes: vec![1; 100],
        },
        // An acknowledgement of what was never sent, with inputs that must not count.
        4 => PeerMessage::Inputs {
            episode: to.engine.episode(),
            player: from,
            current: first,
            received_through: Some(Frame(u32::MAX - 2)),
            first: to.engine.current(),
            actions: vec![Action(78); 5],
        },
        // A word of a later peer, which nobody here knows.
        5 => {
            let unknown = [b'R', PROTOCOL_VERSION, 13 + below(200) as u8, below(256) as u8];
            to.engine.handle_bytes(from, &unknown).unwrap();
            return;
        }
        _ => {
            let garbage: Vec<u8> = (0..below(40)).map(|_| below(256) as u8).collect();
            let is_version =
                matches!(garbage.as_slice(), [b'R', version, ..] if *version != PROTOCOL_VERSION);
            assert!(to.engine.handle_bytes(from, &garbage).is_ok() || is_version);
            return;
        }
    };
    // In a peer's own name only what shows by itself that it is wrong.
    let shows = matches!(
        message,
        PeerMessage::StateChunk { .. } | PeerMessage::Inputs { received_through: Some(_), .. }
    );
    if message.speaker() != Some(from) || shows {
        to.engine.handle_message_from(from, &message);
    }
}

fn play(plan: &Plan) -> Vec<Peer> {
    let mut peers: Vec<Peer> =
        (0..plan.players).map(|player| Peer::new(plan, PlayerId(player))).collect();
    let mut mesh = Mesh::new(plan);
    while !mesh.tick(plan, &mut peers) {}
    peers
}

/// Sessions of one test: `ordinary`, or what the environment asks for.
fn sessions(ordinary: u64) -> u64 {
    let asked = std::env::var("ROLLSCOPE_SESSIONS").ok();
    asked.map_or(ordinary, |number| number.parse().expect("ROLLSCOPE_SESSIONS is a number"))
}

/// Every peer ended every episode in its true last state, and no hash differs from the truth.
#[track_caller]
fn check_truth(plan: &Plan, peers: &[Peer]) {
    for number in 0..EPISODES {
        let episodes: Vec<&Played> =
            peers.iter().map(|peer| &peer.played[number as usize]).collect();
        let inputs: Vec<_> = episodes.iter().map(|played| played.inputs.clone()).collect();
        let truth = plan.truth(Episode(number), &inputs);
        for played in episodes.into_iter().filter(|played| !played.is_missed) {
            let end = (truth.len() - 1, truth.last().copied());
            assert_eq!((played.end.index(), played.state), end, "{plan:?}");
            assert_eq!(played.desyncs, [], "a false alarm: {plan:?}");
            assert_eq!((played.wanted, played.resynced), (0, 0), "{plan:?}");
            for (frame, hash) in &played.hashes {
                assert_eq!(*hash, truth[frame.index()], "frame {frame}: {plan:?}");
            }
        }
    }
}

#[test]
fn all_peers_confirm_the_true_states_over_any_network() {
    let (mut rollbacks, mut fast, mut rewinds, mut held, mut silent) = (0, 0, 0, 0, 0);
    let sessions = sessions(6000);
    for seed in 0..sessions {
        let mut plan = Plan::new(seed);
        let rules = [ResyncRule::Off, ResyncRule::Full, ResyncRule::Delta];
        plan.options.resync = rules[(seed % 3) as usize];
        let peers = play(&plan);
        check_truth(&plan, &peers);
        for peer in peers {
            rollbacks += u64::from(peer.rollbacks);
            fast += peer.fast_forwards;
            rewinds += peer.rewinds;
            held += peer.held;
            silent += peer.silences;
        }
    }
    assert!(rollbacks > sessions * 10, "too few rollbacks to prove anything: {rollbacks}");
    for count in [fast, rewinds, held, silent] {
        assert!(u64::from(count) > sessions / 20, "{fast} {rewinds} {held} {silent}");
    }
}

#[test]
fn a_page_that_is_loaded_anew_is_taken_in_and_all_confirm_the_true_states() {
    let sessions = sessions(1000);
    let (mut returned, mut missed) = (0, 0);
    for seed in 0..sessions {
        let mut plan = Plan::new(seed ^ 0x4e11_0000).with_reload();
        let rules = [ResyncRule::Off, ResyncRule::Full, ResyncRule::Delta];
        plan.options.resync = rules[(seed % 3) as usize];
        let peers = play(&plan);
        check_truth(&plan, &peers);
        returned += u64::from(peers.iter().map(|peer| peer.returns).sum::<u32>());
        missed += peers.iter().flat_map(|peer| &peer.played).filter(|p| p.is_missed).count();
    }
    assert!(returned > sessions * 9 / 10, "only {returned} pages came back");
    assert!(missed as u64 > sessions / 100, "only {missed} came back in a later episode");
}

#[test]
fn every_planted_nondeterminism_is_found_and_never_too_early() {
    for seed in 0..sessions(2000) {
        let mut plan = Plan::new(seed).with_fault(ResyncRule::Off);
        plan.options.hash_rate = HashRate::EverySnapshot;
        let (_, fault) = plan.fault.unwrap();
        for peer in play(&plan) {
            let [first, second] = peer.played.as_slice() else { panic!("two episodes") };
            assert!(!first.desyncs.is_empty(), "{} never learned of it: {plan:?}", peer.local);
            assert!(first.desyncs.iter().all(|frame| *frame > fault), "too early: {plan:?}");
            assert_eq!(second.desyncs, [], "nothing leaks into the next episode: {plan:?}");
        }
    }
}

#[test]
fn after_a_resync_all_peers_agree_and_the_episode_goes_on() {
    let (mut resynced, mut from_fault) = (0, 0);
    let sessions = sessions(2000);
    for seed in 0..sessions {
        let rule = [ResyncRule::Full, ResyncRule::Delta][(seed % 2) as usize];
        let plan = Plan::new(seed).with_fault(rule);
        let (faulty, fault) = plan.fault.unwrap();
        let peers = play(&plan);
        let ends: Vec<_> = peers.iter().map(|p| (p.played[0].end, p.played[0].state)).collect();
        assert!(ends.iter().all(|end| *end == ends[0]), "{ends:?} {plan:?}");
        let found = peers.iter().flat_map(|peer| &peer.played[0].desyncs);
        assert!(found.clone().count() > 0, "never found: {plan:?}");
        assert!(found.clone().all(|frame| *frame > fault), "too early: {plan:?}");
        let giver = PlayerId(plan.players - 1);
        for peer in &peers {
            let played = &peer.played[0];
            assert_eq!(played.resynced, played.wanted, "{plan:?}");
            assert!(played.wanted <= 1, "one state makes it right again: {plan:?}");
            let takes = if faulty == giver { peer.local != giver } else { peer.local == faulty };
            assert_eq!(played.wanted == 1, takes, "{} {plan:?}", peer.local);
            assert_eq!(peer.played[1].desyncs, [], "nothing leaks: {plan:?}");
            resynced += played.resynced;
        }
        if faulty == giver {
            from_fault += 1;
            continue;
        }
        let inputs: Vec<_> = peers.iter().map(|peer| peer.played[0].inputs.clone()).collect();
        let truth = plan.truth(Episode(0), &inputs);
        assert_eq!(ends[0].1, truth.last().copied(), "{plan:?}");
    }
    assert!(u64::from(resynced) > sessions && from_fault > 0);
}

#[test]
fn strangers_and_liars_change_nothing() {
    let mut counts = vec![0; DropReason::ALL.len()];
    for seed in 0..sessions(500) {
        let mut plan = Plan::new(seed ^ 0xbad);
        plan.is_noisy = true;
        let peers = play(&plan);
        check_truth(&plan, &peers);
        for (count, reason) in counts.iter_mut().zip(DropReason::ALL) {
            *count += peers.iter().map(|peer| peer.engine.drops().of(reason)).sum::<u32>();
        }
    }
    for reason in [
        DropReason::Unreadable,
        DropReason::WrongSpeaker,
        DropReason::AcknowledgesUnsent,
        DropReason::NotAsked,
        DropReason::EarlierEpisode,
        DropReason::LaterEpisode,
    ] {
        let place = DropReason::ALL.iter().position(|known| *known == reason).unwrap();
        assert!(counts[place] > 0, "{} never applied", reason.name());
    }
}

#[test]
fn spectators_see_the_true_states_and_stall_nobody() {
    let mut late = 0;
    for seed in 0..sessions(500) {
        let mut plan = Plan::new(seed ^ 0x5bec);
        let alone = play(&plan);
        plan.options.spectators = 2;
        let mut peers: Vec<Peer> =
            (0..plan.players).map(|player| Peer::new(&plan, PlayerId(player))).collect();
        let mut mesh = Mesh::new(&plan);
        let mut watching: Vec<Watching> = [0, 20 + (seed % 50) as u32]
            .map(|joins_at| Watching {
                engine: Spectator::new(plan.players, Episode(0)),
                state: first_state(Episode(0)),
                joins_at,
                states: vec![(Frame(0), first_state(Episode(0)))],
            })
            .into();
        let mut links: Vec<[Link<PeerMessage>; 2]> = (0..2)
            .map(|place| [1, 2].map(|way| Link::new(seed ^ place ^ (way << 9), plan.profile)))
            .collect();
        let mut is_over = false;
        while !is_over {
            is_over = mesh.tick(&plan, &mut peers);
            for (place, watcher) in watching.iter_mut().enumerate() {
                let [to_feeder, to_watcher] = &mut links[place];
                while let Some(message) = to_feeder.poll(mesh.now) {
                    peers[0].engine.handle_spectator_message(place as u8, &message);
                }
                while let Some(message) = to_watcher.poll(mesh.now) {
                    watcher.engine.handle_message(&message);
                }
                if mesh.tick >= watcher.joins_at {
                    watcher.tick();
                }
                while let Some(message) = watcher.engine.poll_message() {
                    to_feeder.send(mesh.now, message);
                }
            }
            while let Some((place, message)) = peers[0].engine.poll_spectator_message() {
                links[usize::from(place)][1].send(mesh.now, message);
            }
        }
        check_truth(&plan, &peers);
        // The players did in every tick what they did without spectators.
        for (peer, alone) in peers.iter().zip(&alone) {
            assert_eq!(peer.rollbacks, alone.rollbacks, "{plan:?}");
            assert_eq!(peer.played[1].hashes, alone.played[1].hashes, "{plan:?}");
        }
        let inputs: Vec<_> = peers.iter().map(|peer| peer.played[0].inputs.clone()).collect();
        let truth = plan.truth(Episode(0), &inputs);
        for watcher in &watching {
            assert!(watcher.states.len() > 1 || watcher.joins_at > 30, "{plan:?}");
            late += u32::from(watcher.joins_at > 0 && watcher.states.len() > 10);
            for (frame, state) in &watcher.states {
                assert_eq!(*state, truth[frame.index()], "frame {frame} {plan:?}");
            }
        }
    }
    assert!(late > 100, "only {late} late spectators saw anything");
}
