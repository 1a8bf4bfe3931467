//! A session of two to four players in memory: real engines, the real worker executor, lossy links,
//! and a hook that writes down what crosses. Each pair of players has a connection of its own; when it
//! is lost its messages go through the server, which loses some, too.

#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a simulation that surprises its test must stop it"
)]

use std::borrow::Cow;
use std::collections::BTreeMap;

use rollscope::action::Action;
use rollscope::capture::{
    ChannelDetails, ChannelId, ChannelKind, ChannelOpened, ChunkBuilder, EventKind, Message,
    MessageFlags, PageId, PagePlacement, PageStarted, Value,
};
use rollscope::frame::{Episode, Frame};
use rollscope::link::{Link, LinkProfile, SplitMix64};
use rollscope::message::{Form, PeerMessage, PredictionRule, SessionSettings};
use rollscope::player::PlayerId;
use rollscope::rollback::{
    Engine, EngineConfig, EngineEvent, EngineOptions, Request as EngineRequest, ResyncRule,
};
use rollscope::state::HashRule;
use rollscope::time::Micros;
use rollscope::worker::{
    Command, Env, EnvError, Operation, ReplyBody, Request, StepOutcome, execute,
};
use serde_json::{Value as Wire, json};

use super::convert;

const WORKER: ChannelId = ChannelId(1);
const SOCKET: ChannelId = ChannelId(2);
const TICK_MICROS: u64 = 16_667;

/// Frames of an episode as a rule.
const EPISODE_FRAMES: u32 = 90;

/// How a session is played.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub seed: u64,
    pub players: u8,
    pub episodes: u32,
    pub form: Form,
    pub resync: ResyncRule,
    /// The tick from which on the messages of players 0 and 1 go through the server.
    pub relayed_from: Option<u32>,
    pub profile: LinkProfile,
    pub input_delay_frames: u32,
    pub prediction: PredictionRule,
    pub episode_frames: u32,
    /// A page that is loaded anew: its player, and the tick. Nothing before it is recorded.
    pub reload: Option<(u8, u32)>,
}

impl Plan {
    pub(crate) fn new(seed: u64) -> Self {
        let mut random = SplitMix64(seed ^ 0x6d65_7368);
        let mut below = |limit: u64| random.next_u64() % limit;
        Self {
            seed,
            players: [2, 2, 3, 4][below(4) as usize],
            episodes: 2,
            form: Form::ALL[below(3) as usize],
            resync: [ResyncRule::Off, ResyncRule::Full, ResyncRule::Delta][below(3) as usize],
            relayed_from: (below(3) == 0).then_some(20 + below(100) as u32),
            profile: LinkProfile {
                latency_micros: below(120_000),
                jitter_micros: below(80_000),
                loss: below(200) as f64 / 1000.0,
                duplication: below(100) as f64 / 1000.0,
            },
            input_delay_frames: below(4) as u32,
            prediction: PredictionRule::ALL[below(3) as usize],
            episode_frames: EPISODE_FRAMES,
            reload: None,
        }
    }

    fn settings(&self) -> SessionSettings {
        SessionSettings {
            input_delay_frames: self.input_delay_frames,
            snapshot_interval_frames: 5,
            max_prediction_frames: 40,
            frames_per_second: 60,
            prediction: self.prediction,
            default_action: Action(0),
            seed: self.seed as u32,
        }
    }

    fn options(&self) -> EngineOptions {
        EngineOptions {
            resync: self.resync,
            episode_frames: Some(self.episode_frames),
            ..EngineOptions::default()
        }
    }

    fn action(&self, episode: Episode, player: PlayerId, frame: Frame) -> Action {
        let key = (u64::from(episode.0) << 48) ^ (u64::from(player.0) << 32);
        Action((SplitMix64(self.seed ^ key ^ u64::from(frame.0 / 7)).next_u64() % 5) as u32)
    }

    fn is_relayed(&self, one: u8, other: u8, tick: u32) -> bool {
        one + other == 1 && self.relayed_from.is_some_and(|from| tick >= from)
    }
}

/// A peer with its page.
pub(crate) struct Peer {
    pub chunks: Vec<Vec<u8>>,
    pub events: Vec<EngineEvent>,
    local: u8,
    builder: ChunkBuilder,
    engine: Engine<String>,
    game: Game,
    next_id: u32,
    is_recorded: bool,
    is_done: bool,
}

/// Plays a session to the end of its last episode.
pub(crate) fn play(plan: &Plan) -> Vec<Peer> {
    let mut peers: Vec<Peer> = (0..plan.players).map(|player| Peer::new(player, plan)).collect();
    let mut links: BTreeMap<(u8, u8), Link<Vec<u8>>> = BTreeMap::new();
    for from in 0..plan.players {
        for to in (0..plan.players).filter(|to| *to != from) {
            let seed = plan.seed ^ (u64::from(from) << 8) ^ u64::from(to);
            links.insert((from, to), Link::new(seed, plan.profile));
        }
    }
    let mut now = Micros(1_000_000);
    introduce(plan, &mut peers, now);
    for tick in 0..20_000 + 2 * plan.episode_frames {
        if let Some((who, _)) = plan.reload.filter(|(_, at)| *at == tick) {
            load_anew(plan, who, &mut peers, &mut links, now);
        }
        for place in 0..plan.players {
            for from in (0..plan.players).filter(|from| *from != place) {
                let link = links.get_mut(&(from, place)).unwrap();
                while let Some(wire) = link.poll(now) {
                    let is_relayed = plan.is_relayed(from, place, tick);
                    peers[usize::from(from)].record_peer(now, place, &wire, true, is_relayed);
                    peers[usize::from(place)].record_peer(now, from, &wire, false, is_relayed);
                    let (message, form) = PeerMessage::decode_any(&wire).unwrap();
                    assert_eq!(form, plan.form);
                    peers[usize::from(place)].engine.handle_message(&message);
                }
            }
            let peer = &mut peers[usize::from(place)];
            peer.tick(plan, now);
            while let Some((to, message)) = peer.engine.poll_message() {
                let mut wire = Vec::new();
                message.encode_as(plan.form, &mut wire);
                links.get_mut(&(place, to.0)).unwrap().send(now, wire);
            }
        }
        now = now.plus(TICK_MICROS);
        for peer in &mut peers {
            peer.leave(plan, now);
        }
        if peers.iter().all(|peer| peer.is_done) {
            break;
        }
    }
    assert!(peers.iter().all(|peer| peer.is_done), "it must come to its end: {plan:?}");
    for peer in &mut peers {
        let chunk = peer.builder.finish();
        peer.chunks.push(chunk);
    }
    peers
}

// What was under way to or from the old page is lost; the others hear that it was loaded anew, and greet
// the new one, which is recorded from its beginning on.
fn load_anew(
    plan: &Plan,
    who: u8,
    peers: &mut [Peer],
    links: &mut BTreeMap<(u8, u8), Link<Vec<u8>>>,
    now: Micros,
) {
    for ((from, to), link) in links.iter_mut().filter(|((from, to), _)| [*from, *to].contains(&who))
    {
        *link = Link::new(plan.seed ^ (u64::from(*from) << 24) ^ u64::from(*to), plan.profile);
    }
    let others: Vec<u8> = (0..plan.players).filter(|other| *other != who).collect();
    for other in &others {
        peers[usize::from(*other)].engine.readmit(PlayerId(who));
    }
    let episode = peers[usize::from(others[0])].engine.episode();
    let mut new = Peer::new(who, plan);
    new.is_recorded = true;
    new.record_start(plan, now);
    let (settings, options) = (vec![plan.settings(); usize::from(plan.players)], plan.options());
    let config = EngineConfig { local: PlayerId(who), settings, episode };
    new.engine = Engine::returning(&config, options).unwrap();
    for other in others {
        new.record_peer(now, other, &hello(plan, who, episode), true, false);
        new.record_peer(now, other, &hello(plan, other, episode), false, false);
    }
    peers[usize::from(who)] = new;
}

// Every page has heard every other one before the first frame.
fn introduce(plan: &Plan, peers: &mut [Peer], now: Micros) {
    for from in 0..plan.players {
        for to in (0..plan.players).filter(|to| *to != from) {
            let wire = hello(plan, from, Episode(0));
            peers[usize::from(from)].record_peer(now, to, &wire, true, false);
            peers[usize::from(to)].record_peer(now, from, &wire, false, false);
        }
    }
}

fn hello(plan: &Plan, player: u8, episode: Episode) -> Vec<u8> {
    let hello = PeerMessage::Hello {
        episode,
        player: PlayerId(player),
        players: plan.players,
        answered: true,
        settings: plan.settings(),
    };
    let mut wire = Vec::new();
    hello.encode_as(plan.form, &mut wire);
    wire
}

impl Peer {
    fn new(local: u8, plan: &Plan) -> Self {
        let config = EngineConfig {
            local: PlayerId(local),
            settings: vec![plan.settings(); usize::from(plan.players)],
            episode: Episode(0),
        };
        let options = plan.options();
        let page = (plan.seed << 3 | u64::from(local)).to_le_bytes();
        let mut peer = Self {
            chunks: Vec::new(),
            events: Vec::new(),
            local,
            builder: ChunkBuilder::new(PageId(page)),
            engine: Engine::with_options(&config, options).unwrap(),
            game: Game::of(plan, local, Episode(0)),
            next_id: 1,
            is_recorded: plan.reload.is_none(),
            is_done: false,
        };
        peer.record_start(plan, Micros(0));
        peer
    }

    fn record_start(&mut self, plan: &Plan, now: Micros) {
        if !self.is_recorded {
            return;
        }
        let started = EventKind::PageStarted(PageStarted {
            url: Cow::Borrowed("http://127.0.0.1/arena"),
            user_agent: Cow::Borrowed("test"),
            time_origin_ms: Some(1_700_000_000_000.0),
            placement: PagePlacement::Top,
            frame_label: None,
            hook_version: Some(1),
        });
        self.builder.push(now, ChannelId::PAGE, &started);
        self.open(now, WORKER, ChannelKind::Worker, "worker.js");
        self.open(now, SOCKET, ChannelKind::WebSocket, "ws://127.0.0.1/socket.io/?EIO=4");
        let local = self.local;
        for other in (0..plan.players).filter(|other| *other != local) {
            self.open(now, channel_to(other), ChannelKind::DataChannel, "game");
        }
        let ready = json!({"type": "ready", "protocol": "rollscope-worker", "version": 1});
        self.record(now, WORKER, false, convert::value(&ready));
        let opening = r#"0{"sid":"a","upgrades":[],"pingInterval":8000,"pingTimeout":8000}"#;
        self.record(now, SOCKET, false, Value::String(Cow::Borrowed(opening)));
    }

    fn open(&mut self, now: Micros, channel: ChannelId, kind: ChannelKind, label: &str) {
        let details =
            ChannelDetails { label: Some(Cow::Borrowed(label)), ..ChannelDetails::default() };
        let opened = EventKind::ChannelOpened(ChannelOpened { kind, details });
        self.builder.push(now, channel, &opened);
    }

    fn record(&mut self, time: Micros, channel: ChannelId, is_sent: bool, value: Value<'_>) {
        if !self.is_recorded {
            return;
        }
        let message = Message { flags: MessageFlags::default(), value };
        let kind = match is_sent {
            true => EventKind::MessageSent(message),
            false => EventKind::MessageReceived(message),
        };
        self.builder.push(time, channel, &kind);
        if self.builder.event_count() > 40 {
            let chunk = self.builder.finish();
            self.chunks.push(chunk);
        }
    }

    // A message on the connection of its two pages, or as the server carries it.
    fn record_peer(&mut self, now: Micros, other: u8, wire: &[u8], is_sent: bool, relayed: bool) {
        if !self.is_recorded || !relayed {
            return self.record(now, channel_to(other), is_sent, Value::ArrayBuffer(wire));
        }
        let (message, _) = PeerMessage::decode_any(wire).unwrap();
        let mut text = Vec::new();
        message.encode_as(Form::Json, &mut text);
        let object: Wire = serde_json::from_slice(&text).unwrap();
        let event = match (&message, is_sent) {
            (PeerMessage::Inputs { .. }, true) => "pyodide_player_action",
            (PeerMessage::Inputs { .. }, false) => "pyodide_other_player_action",
            (PeerMessage::StateHashes { .. }, _) => "pyodide_state_hash",
            (PeerMessage::FrameSync { .. }, _) => "pyodide_frame_sync",
            _ => "p2p_message",
        };
        let speaker = if is_sent { self.local } else { other };
        let carried = json!({"game_id": "g", "player_id": speaker, "message": object});
        let packet = format!("42{}", json!([event, carried]));
        self.record(now, SOCKET, is_sent, Value::String(Cow::Owned(packet)));
    }

    fn tick(&mut self, plan: &Plan, now: Micros) {
        let target = self.engine.current().plus(plan.input_delay_frames);
        let action = plan.action(self.engine.episode(), PlayerId(self.local), target);
        // A page that comes back catches up in one batch, as the runtime has it.
        let behind = self.engine.frames_behind();
        let tick = match plan.reload.is_some() && behind > 10 {
            true => self.engine.fast_forward(action, behind),
            false => self.engine.tick(action),
        };
        let rollback = tick.rollback.map(|(_, batch)| batch.to_vec());
        let correction = tick.correction.map(|(_, batch)| batch.to_vec());
        let live = Some(tick.live.to_vec()).filter(|live| !live.is_empty());
        for batch in [rollback, correction, live].into_iter().flatten() {
            self.run(&batch, now);
        }
        self.engine.handle_tick_done();
        while let Some(event) = self.engine.poll_event() {
            self.events.push(event);
        }
    }

    fn run(&mut self, batch: &[EngineRequest], now: Micros) {
        let mut operations = Vec::new();
        for request in batch {
            match request {
                EngineRequest::LoadSnapshot { frame } => {
                    let state_json = self.engine.snapshot(*frame).unwrap().clone();
                    operations.push(Operation::SetState { state_json, frame: Some(*frame) });
                }
                EngineRequest::SaveSnapshot { frame } => {
                    operations.push(Operation::GetState { frame: Some(*frame) });
                    operations.push(Operation::ComputeHash { state_json: None });
                }
                EngineRequest::AdvanceFrame { frame, inputs } => {
                    let actions = inputs.actions().iter().enumerate();
                    let actions =
                        actions.map(|(player, action)| (player.to_string(), *action)).collect();
                    operations.push(Operation::Step { actions, frame: Some(*frame) });
                }
            }
        }
        let request = Request { id: self.next_id, command: Command::Batch(operations) };
        self.next_id += 1;
        self.record_worker(now, true, &request);
        let reply = execute(&mut self.game, &request);
        let ReplyBody::Result { result } = &reply.body else { panic!("{:?}", reply.body) };
        let Command::Batch(operations) = &request.command else { return };
        for (index, operation) in operations.iter().enumerate() {
            if let Operation::GetState { frame: Some(frame) } = operation {
                let text = result[index]["stateJson"].as_str().unwrap().to_owned();
                let hash = result[index + 1]["hash"].as_str().unwrap();
                let hash = u64::from_str_radix(hash, 16).unwrap();
                self.engine.handle_snapshot(*frame, text, hash);
            }
        }
        self.record_worker(now.plus(3_000), false, &reply);
    }

    fn record_worker(&mut self, time: Micros, is_sent: bool, message: &impl serde::Serialize) {
        if self.is_recorded {
            let wire = serde_json::to_value(message).unwrap();
            self.record(time, WORKER, is_sent, convert::value(&wire));
        }
    }

    // Goes on to the next episode when it may.
    fn leave(&mut self, plan: &Plan, now: Micros) {
        if !self.engine.may_leave_episode() {
            return;
        }
        let next = Episode(self.engine.episode().0 + 1);
        self.is_done |= next.0 == plan.episodes;
        if !self.is_done {
            let settings = vec![plan.settings(); usize::from(plan.players)];
            assert!(self.engine.begin_episode(next, &settings));
            self.game = Game::of(plan, self.local, next);
            let local = self.local;
            for other in (0..plan.players).filter(|other| *other != local) {
                let wire = hello(plan, self.local, next);
                self.record_peer(now, other, &wire, true, false);
            }
        }
    }
}

fn channel_to(other: u8) -> ChannelId {
    ChannelId(10 + u32::from(other))
}

/// A number that every action moves, and at one page one step that comes out otherwise.
struct Game {
    number: u32,
    frame: u32,
    noisy: Option<u32>,
}

impl Game {
    fn of(plan: &Plan, local: u8, episode: Episode) -> Self {
        let is_noisy = plan.resync != ResyncRule::Off && local == 0 && episode == Episode(0);
        Self { number: 1, frame: 0, noisy: is_noisy.then_some(30) }
    }
}

impl Env for Game {
    fn name(&self) -> &str {
        "test game"
    }

    fn reset(&mut self, _: Option<u32>) -> Result<(), EnvError> {
        Ok(())
    }

    fn seed_rng(&mut self, _: u32) -> Result<(), EnvError> {
        Ok(())
    }

    fn step(&mut self, actions: &[Action]) -> Result<StepOutcome, EnvError> {
        for action in actions {
            self.number = self.number.wrapping_mul(1_664_525).wrapping_add(action.0 + 1);
        }
        // Once, so that a repaired state stays as it is.
        if self.noisy == Some(self.frame) {
            self.number ^= 1;
        }
        self.frame += 1;
        Ok(StepOutcome::default())
    }

    fn state_json(&self) -> Result<String, EnvError> {
        Ok(json!({"number": self.number, "frame": self.frame}).to_string())
    }

    fn set_state_json(&mut self, state_json: &str) -> Result<(), EnvError> {
        let state: Wire =
            serde_json::from_str(state_json).map_err(|_| EnvError("no state".into()))?;
        self.number = state["number"].as_u64().unwrap() as u32;
        self.frame = state["frame"].as_u64().unwrap() as u32;
        Ok(())
    }

    fn hash_state(&self, state_json: &str) -> Result<String, EnvError> {
        let hash = HashRule::NATIVE.hash_text(state_json);
        hash.map(|hash| hash.hex()).map_err(|error| EnvError(error.to_string()))
    }

    fn render(&self) -> Result<Wire, EnvError> {
        Ok(json!(self.number))
    }
}
