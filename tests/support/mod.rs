//! A whole two-peer session in memory: real engines, the real worker executor, lossy links, and a
//! hook that writes down what crosses, in the same bytes as the extension's.
//!
//! Shared by the tests that hold reconstruction and checks against the engines' own logs.

// Every test file uses its own part of this module.
#![allow(
    dead_code,
    unreachable_pub,
    clippy::allow_attributes,
    reason = "each test binary uses its own part, and one file belongs to the arena as well"
)]
#![expect(
    clippy::indexing_slicing,
    clippy::panic,
    clippy::unwrap_used,
    reason = "a simulation that surprises its test must stop it"
)]

mod convert;
mod course;
#[path = "../../demo/src/faults/kind.rs"]
mod kind;
mod protocol;
mod rows;

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::{BTreeMap, VecDeque};

use rollscope::action::Action;
use rollscope::analysis::Analysis;
use rollscope::capture::{
    ChannelDetails, ChannelId, ChannelKind, ChannelOpened, ChannelState, ChunkBuilder, EventKind,
    Message, MessageFlags, PageId, PagePlacement, PageStarted, PageState, Value,
};
use rollscope::frame::{Episode, Frame};
use rollscope::link::{Link, LinkProfile, SplitMix64};
use rollscope::message::{PeerMessage, PredictionRule, SessionSettings};
use rollscope::player::PlayerId;
use rollscope::rollback::{
    Engine, EngineConfig, EngineEvent, EngineOptions, Request as EngineRequest, ResyncRule,
};
use rollscope::state::HashRule;
use rollscope::time::Micros;
use rollscope::worker::{
    Command, Env, EnvError, Operation, ReplyBody, Request, StepOutcome, Timing, execute,
};
use serde_json::{Value as Wire, json};

pub(crate) use kind::Fault;

const WORKER: ChannelId = ChannelId(1);
const DATA_CHANNEL: ChannelId = ChannelId(2);
/// A channel on which MUG's words of episodes and focus go.
const MUG_CHANNEL: ChannelId = ChannelId(3);
/// The page's timer.
const TIMER: ChannelId = ChannelId(5);
const TICK_MICROS: u64 = 16_667;
const TIME_ORIGIN_MS: f64 = 1_700_000_000_000.0;

/// From this frame on a fault is at work.
pub(crate) const FAULT_FRAME: u32 = 60;

/// Faults that a page's own repetitions show.
pub(crate) const REPEATED_OTHERWISE: [Fault; 2] = [Fault::WallClock, Fault::UnseededRandom];

/// How a session is played.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Setup {
    pub seed: u64,
    pub frames: u32,
    pub profile: LinkProfile,
    pub input_delay_frames: u32,
    pub prediction: PredictionRule,
    /// Frames that a page guesses ahead at most.
    pub window_frames: u32,
    /// The fault of peer 0.
    pub fault: Fault,
    /// Whether both bots stay at the default action.
    pub(crate) is_idle: bool,
    /// Whether the pages hash the state after every step, not only where they save it.
    pub(crate) hashes_each_step: bool,
    /// Whether the pages save a state again right after they restored it.
    pub(crate) saves_after_restore: bool,
    /// Whether peer 0's own introduction reaches the wire only after its first steps.
    pub(crate) is_late: bool,
    /// Whether a desync is repaired by the other peer's state.
    pub(crate) resync: ResyncRule,
    /// Whether the browser says whether the pages are visible, and whether peer 0 is hidden for a second.
    pub(crate) visibility: Option<bool>,
    /// Whether peer 0 ends its worker after the last reply, as a page may.
    pub(crate) ends_worker: bool,
}

impl Setup {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            seed,
            frames: 240,
            profile: LinkProfile {
                latency_micros: 60_000,
                jitter_micros: 40_000,
                loss: 0.08,
                duplication: 0.02,
            },
            input_delay_frames: 2,
            prediction: PredictionRule::RepeatLast,
            window_frames: 40,
            fault: Fault::None,
            is_idle: false,
            hashes_each_step: false,
            saves_after_restore: false,
            is_late: false,
            resync: ResyncRule::Off,
            visibility: None,
            ends_worker: false,
        }
    }
}

/// The actions of frames, by player.
type Actions = BTreeMap<Frame, BTreeMap<String, Action>>;

/// A peer with its page: the engine, the game behind its worker, and the hook's chunks.
pub(crate) struct Peer {
    pub chunks: Vec<Vec<u8>>,
    pub events: Vec<EngineEvent>,
    local: PlayerId,
    builder: ChunkBuilder,
    engine: Engine<String>,
    game: Game,
    next_id: u32,
    worker_free: Micros,
    fault: Fault,
    is_fault_spent: bool,
    /// The frame that was about to be stepped when the fault was carried out.
    pub planted_at: Frame,
    /// Messages that go out at once, past the link.
    urgent: Vec<Vec<u8>>,
    arriving: Vec<Vec<u8>>,
    used: Actions,
    hashes: BTreeMap<Frame, u64>,
    repeats: BTreeMap<String, String>,
    texts: BTreeMap<Frame, String>,
    held_back: Option<(ChannelId, Wire)>,
    /// The newest message with hashes.
    said: Option<PeerMessage>,
    in_order: Vec<Wire>,
    backlog: VecDeque<Wire>,
    ticks: u32,
    is_overlapping: bool,
    late: Option<(Frame, Actions)>,
    is_dead: bool,
    hashes_each_step: bool,
    saves_after_restore: bool,
    has_bot: bool,
    ends_worker: bool,
}

/// Everything known after all chunks came.
pub(crate) fn analyse(chunks: &[Vec<u8>]) -> Analysis {
    let mut analysis = Analysis::new();
    for chunk in chunks {
        analysis.handle_chunk(chunk);
    }
    analysis.flush();
    analysis
}

/// Executed rollbacks of an engine's log: target, current, snapshot.
pub(crate) fn logged_rollbacks(events: &[EngineEvent]) -> Vec<(Frame, Frame, Frame)> {
    let rollback = |event: &EngineEvent| match event {
        EngineEvent::Rollback { target, current, snapshot, .. } => {
            Some((*target, *current, *snapshot))
        }
        _ => None,
    };
    events.iter().filter_map(rollback).collect()
}

/// Plays a session to its end and returns both peers.
pub(crate) fn play(setup: &Setup) -> [Peer; 2] {
    let mut peers = [Peer::new(0, setup), Peer::new(1, setup)];
    let link = |side| Link::<Vec<u8>>::new(setup.seed ^ side, setup.profile);
    let mut links = [link(0), link(1)];
    let mut now = Micros(1_000_000);
    for side in [0_usize, 1] {
        let hello = peers[side].hello(setup);
        if !(setup.is_late && side == 0) {
            peers[side].record_message(now, &hello, Way::Sent);
        }
        peers[1 - side].record_message(now, &hello, Way::Received);
    }
    let end = Frame(setup.frames);
    for ticks in 0..setup.frames * 20 {
        if setup.is_late && ticks == 5 {
            let hello = peers[0].hello(setup);
            peers[0].record_message(now, &hello, Way::Sent);
        }
        for side in [0_usize, 1] {
            // The sending page's hook sees a message when it leaves the shaping link.
            while let Some(wire) = links[1 - side].poll(now) {
                peers[1 - side].record_message(now, &wire, Way::Sent);
                peers[side].record_message(now, &wire, Way::Received);
                if let Ok(message) = PeerMessage::decode(&wire) {
                    peers[side].engine.handle_message(&message);
                }
            }
            if ticks == 0 && peers[side].is_planned(Fault::LeakedInputs) {
                let leaked = peers[side].leaked_inputs();
                peers[side].urgent.push(leaked);
            }
            if peers[side].is_planned(Fault::EchoStorm) && (60..240).contains(&ticks) {
                let hello = peers[side].hello(setup);
                peers[side].urgent.push(hello);
            }
            for wire in std::mem::take(&mut peers[side].urgent) {
                peers[side].record_message(now, &wire, Way::Sent);
                peers[side].arriving.push(wire);
            }
            for wire in std::mem::take(&mut peers[side].arriving) {
                peers[1 - side].record_message(now, &wire, Way::Received);
                if let Ok(message) = PeerMessage::decode(&wire) {
                    peers[1 - side].engine.handle_message(&message);
                }
            }
            if let Some(hides) = setup.visibility {
                let is_visible = match ticks {
                    0 | 150 => Some(true),
                    90 if hides && side == 0 => Some(false),
                    _ => None,
                };
                peers[side].record_visibility(is_visible, now);
            }
            peers[side].say_lifecycle(ticks, now);
            peers[side].say_course(ticks, now);
            let target = peers[side].engine.current().plus(setup.input_delay_frames);
            let action =
                if setup.is_idle { Action(0) } else { bot(setup.seed, side as u8, target) };
            peers[side].tick(action, now);
            while let Some((_, message)) = peers[side].engine.poll_message() {
                for wire in peers[side].wires(&message) {
                    links[side].send(now, wire);
                }
            }
            peers[side].flush();
        }
        now = now.plus(TICK_MICROS);
        let is_done = |peer: &Peer| {
            peer.engine.current() >= end
                && peer.engine.confirmed_frame().is_some_and(|frame| frame >= end)
        };
        if setup.fault == Fault::ExportEarly {
            for peer in &mut peers {
                peer.export_early(now);
            }
        }
        if peers.iter().all(is_done) {
            break;
        }
    }
    if matches!(setup.fault, Fault::Background | Fault::BackgroundForgotten) {
        peers[0].report_background(now);
    }
    if rows::EXPORT_FAULTS.contains(&setup.fault) && setup.fault != Fault::ExportEarly {
        for peer in &mut peers {
            peer.export(now, setup.frames);
        }
    }
    peers
}

fn frame_of(request: &EngineRequest) -> Option<Frame> {
    match request {
        EngineRequest::AdvanceFrame { frame, .. } => Some(*frame),
        _ => None,
    }
}

/// The actions of every step of a batch.
fn actions_of(batch: &[EngineRequest]) -> Actions {
    let step = |request: &EngineRequest| match request {
        EngineRequest::AdvanceFrame { frame, inputs } => {
            let actions = inputs.actions().iter().enumerate();
            Some((*frame, actions.map(|(player, action)| (player.to_string(), *action)).collect()))
        }
        _ => None,
    };
    batch.iter().filter_map(step).collect()
}

fn bot(seed: u64, player: u8, frame: Frame) -> Action {
    let block = u64::from(frame.0 / 9);
    Action((SplitMix64(seed ^ (u64::from(player) << 40) ^ block).next_u64() % 5) as u32)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Way {
    Sent,
    Received,
}

impl Peer {
    fn new(local: u8, setup: &Setup) -> Self {
        let config = EngineConfig {
            local: PlayerId(local),
            settings: vec![settings(setup); 2],
            episode: Episode(0),
        };
        let page = (setup.seed.wrapping_mul(2) + u64::from(local)).to_le_bytes();
        let mut peer = Self {
            chunks: Vec::new(),
            events: Vec::new(),
            local: config.local,
            builder: ChunkBuilder::new(PageId(page)),
            engine: Engine::with_options(
                &config,
                EngineOptions { resync: setup.resync, ..EngineOptions::default() },
            )
            .unwrap(),
            game: Game {
                numbers: [0.5, 0.25],
                random: Cell::new(setup.seed as u32),
                noise: 0.0,
                is_lossy: false,
                drifts: false,
                is_stale: false,
                text_before: String::new(),
                steps: 0,
                uncounted: false,
                draws: SplitMix64(setup.seed),
                unseeded: false,
                left_out: (setup.fault == Fault::HashLeavesOut).then_some(0),
                large: (setup.fault == Fault::RoundedInteger).then_some(LARGE),
                books: matches!(setup.fault, Fault::StepDrift | Fault::RewardLoss)
                    .then(Books::default),
            },
            next_id: 1,
            worker_free: Micros(0),
            fault: if local == 0 { setup.fault } else { Fault::None },
            is_fault_spent: false,
            planted_at: Frame(FAULT_FRAME),
            urgent: Vec::new(),
            arriving: Vec::new(),
            used: BTreeMap::new(),
            hashes: BTreeMap::new(),
            repeats: BTreeMap::new(),
            texts: BTreeMap::new(),
            held_back: None,
            said: None,
            in_order: Vec::new(),
            backlog: VecDeque::new(),
            ticks: 0,
            is_overlapping: false,
            late: None,
            is_dead: false,
            hashes_each_step: setup.hashes_each_step,
            saves_after_restore: setup.saves_after_restore,
            has_bot: setup.fault == Fault::BotDiffers,
            ends_worker: setup.ends_worker && local == 0,
        };
        peer.record_start();
        let others = [Fault::Background, Fault::BackgroundForgotten, Fault::EndsLate];
        let says = [&rows::EXPORT_FAULTS[..], &course::SERVER_FAULTS, &others].concat();
        if says.contains(&setup.fault) {
            peer.record_socket();
        }
        if setup.fault == Fault::EndsLate {
            let scene = "42[\"activate_scene\",{\"scene_id\":\"s\",\"max_steps\":90}]";
            peer.say(Micros(0), Way::Received, scene);
        }
        peer
    }

    fn record_start(&mut self) {
        let started = EventKind::PageStarted(PageStarted {
            url: Cow::Borrowed("http://127.0.0.1/arena"),
            user_agent: Cow::Borrowed("test"),
            time_origin_ms: Some(TIME_ORIGIN_MS),
            placement: PagePlacement::Top,
            frame_label: None,
            hook_version: Some(1),
        });
        self.builder.push(Micros(0), ChannelId::PAGE, &started);
        for (channel, kind, label) in [
            (WORKER, ChannelKind::Worker, "worker.js"),
            (DATA_CHANNEL, ChannelKind::DataChannel, "game"),
            (MUG_CHANNEL, ChannelKind::DataChannel, "game"),
            (TIMER, ChannelKind::Worker, "blob:"),
        ] {
            let says = [
                Fault::StartsDiffer,
                Fault::EndsDiffer,
                Fault::EndsLate,
                Fault::Background,
                Fault::BackgroundForgotten,
                Fault::UnansweredRequest,
                Fault::ReadyStorm,
                Fault::LatePings,
            ];
            if channel == MUG_CHANNEL && !says.contains(&self.fault) {
                continue;
            }
            if channel == TIMER && self.fault != Fault::LostTick {
                continue;
            }
            let details = self.details_of(channel, label);
            let opened = EventKind::ChannelOpened(ChannelOpened { kind, details });
            self.builder.push(Micros(0), channel, &opened);
        }
        self.record_upgrade();
        let ready = json!({"type": "ready", "protocol": "rollscope-worker", "version": 1});
        self.record(Micros(0), WORKER, Way::Received, convert::value(&ready));
    }

    fn record(&mut self, time: Micros, channel: ChannelId, way: Way, value: Value<'_>) {
        let message = Message { flags: MessageFlags::default(), value };
        let kind = match way {
            Way::Sent => EventKind::MessageSent(message),
            Way::Received => EventKind::MessageReceived(message),
        };
        self.builder.push(time, channel, &kind);
    }

    fn record_message(&mut self, time: Micros, wire: &[u8], way: Way) {
        self.record(time, DATA_CHANNEL, way, Value::ArrayBuffer(wire));
    }

    fn flush(&mut self) {
        if self.builder.event_count() > 40 {
            let chunk = self.builder.finish();
            self.chunks.push(chunk);
        }
    }

    /// All chunks, the last events included.
    pub(crate) fn into_chunks(mut self) -> Vec<Vec<u8>> {
        if self.ends_worker {
            self.record_end_of_worker(Micros(60_000_000));
        }
        let chunk = self.builder.finish();
        self.chunks.push(chunk);
        self.chunks
    }

    fn hello(&self, setup: &Setup) -> Vec<u8> {
        let hello = PeerMessage::Hello {
            episode: Episode(0),
            player: self.local,
            players: 2,
            answered: true,
            settings: settings(setup),
        };
        let mut wire = Vec::new();
        hello.encode(&mut wire);
        wire
    }

    /// Whether the fault was really carried out.
    pub(crate) fn is_planted(&self) -> bool {
        self.is_fault_spent
    }

    /// Notes where a lasting fault was carried out for the first time.
    fn note_planted(&mut self) {
        if !self.is_fault_spent {
            self.planted_at = self.engine.current();
        }
        self.is_fault_spent = true;
    }

    fn is_planned(&mut self, fault: Fault) -> bool {
        self.is_fault_spent |= self.fault == fault;
        self.fault == fault
    }

    fn leaked_inputs(&self) -> Vec<u8> {
        let message = PeerMessage::Inputs {
            episode: Episode(0),
            player: self.local,
            current: Frame(FAULT_FRAME),
            received_through: None,
            first: Frame(FAULT_FRAME),
            actions: vec![Action(9); 7],
        };
        let mut wire = Vec::new();
        message.encode(&mut wire);
        wire
    }

    fn is_due(&mut self, fault: Fault) -> bool {
        self.fault == fault && self.engine.current().0 >= FAULT_FRAME
    }

    fn is_due_once(&mut self, fault: Fault) -> bool {
        let is_due = self.is_due(fault) && !self.is_fault_spent;
        if is_due {
            self.planted_at = self.engine.current();
        }
        self.is_fault_spent |= is_due;
        is_due
    }

    fn tick(&mut self, action: Action, now: Micros) {
        let is_noisy = matches!(self.fault, Fault::NoiseForAWhile | Fault::WholeState)
            && (FAULT_FRAME..FAULT_FRAME + 20).contains(&self.engine.current().0);
        self.game.noise = if self.is_due(Fault::Nondeterminism) || is_noisy {
            0.001
        } else if self.is_due(Fault::WallClock) {
            now.as_millis() * 1e-6
        } else if self.is_due(Fault::HiddenCounter) {
            self.game.uncounted = true;
            0.0
        } else if self.is_due(Fault::UnseededRandom) {
            self.game.unseeded = true;
            0.0
        } else {
            0.0
        };
        self.game.is_lossy = self.is_due(Fault::LossyRestore);
        self.game.drifts = self.is_due(Fault::ChangesUnasked);
        self.game.is_stale = self.is_due(Fault::StaleHash);
        if self.is_due_once(Fault::HashLeavesOut) {
            self.game.left_out = Some(7);
        }
        self.is_overlapping = false;
        if self.is_dead {
            return;
        }
        let tick = self.engine.tick(action);
        let target = tick.rollback.map(|(plan, _)| plan.cause.frame);
        let rollback = tick.rollback.map(|(_, batch)| batch.to_vec());
        let correction = tick.correction.map(|(_, batch)| batch.to_vec());
        let live = tick.live.to_vec();
        let has_rollback = rollback.is_some();
        let rollback_of = rollback.clone();
        if let Some(mut batch) = rollback
            && !self.is_due_once(Fault::DropRollback)
            && !self.is_planned(Fault::NoRollbacks)
            && !self.is_cleared()
            && !self.postpones(&batch, &live)
        {
            if self.is_due_once(Fault::LoneRestore) {
                self.run(&batch[..1], now);
            }
            if batch.len() > 3 && self.is_due_once(Fault::ReplayTooShort) {
                batch.pop();
            }
            if let Some((frame, rest)) = self.later_snapshot(&batch, target) {
                let mut shallow = vec![EngineRequest::LoadSnapshot { frame }];
                shallow.extend(rest);
                batch = shallow;
            }
            self.is_overlapping = !live.is_empty() && self.is_due_once(Fault::UntimedOverlap);
            self.run(&batch, now);
        }
        if let Some(batch) = correction {
            self.run(&batch, now);
        }
        if let Some(operations) = self.postponed(rollback_of.as_deref(), &live) {
            self.run_operations(operations, now);
        }
        if !has_rollback && !live.is_empty() && self.is_due_once(Fault::Spurious) {
            let operations = self.replay_of_the_same();
            self.run_operations(operations, now);
        }
        if self.is_due_once(Fault::RunPython) {
            let request = json!({"type": "runPython", "id": 900_000, "payload": {"code": "x = 1"}});
            self.record(now, WORKER, Way::Sent, convert::value(&request));
            let reply = json!({"type": "result", "id": 900_000, "result": {"ok": true}});
            self.record(now, WORKER, Way::Received, convert::value(&reply));
        }
        if self.is_dead {
            return;
        }
        if !live.is_empty() {
            self.run(&live, now);
        }
        if self.is_due_once(Fault::WorkerFails) {
            let details = json!({"state": "error", "message": "out of memory"});
            let state =
                ChannelState { state: Cow::Borrowed("error"), details: convert::value(&details) };
            self.builder.push(now, WORKER, &EventKind::ChannelState(state));
        }
        if self.is_due_once(Fault::WorkerEnded) {
            self.record_end_of_worker(now);
        }
        if self.is_due_once(Fault::OrphanReply) {
            let reply = json!({"type": "result", "id": 999_999, "result": []});
            self.record(now, WORKER, Way::Received, convert::value(&reply));
        }
        if let Some((channel, reply)) = self.held_back.take() {
            self.record(now.plus(3_000), channel, Way::Received, convert::value(&reply));
        }
        for reply in std::mem::take(&mut self.in_order) {
            self.record(now.plus(3_000), WORKER, Way::Received, convert::value(&reply));
        }
        self.ask_for_pictures(now);
        self.log_line(now);
        self.report_predicted(now);
        self.engine.handle_tick_done();
        while let Some(event) = self.engine.poll_event() {
            self.events.push(event);
        }
    }

    /// Whether wrong guesses pass for right ones now.
    fn is_cleared(&mut self) -> bool {
        let is_now = self.engine.current().0 < FAULT_FRAME + 30;
        let is_cleared = is_now && self.is_due(Fault::ClearedGuesses);
        if is_cleared {
            self.note_planted();
        }
        is_cleared
    }

    /// Whether a rollback is put off, and what it would have stepped.
    fn postpones(&mut self, batch: &[EngineRequest], live: &[EngineRequest]) -> bool {
        if self.late.is_some() || live.is_empty() || !self.is_due_once(Fault::LateRollback) {
            return self.late.is_some();
        }
        let Some(EngineRequest::LoadSnapshot { frame }) = batch.first() else {
            panic!("{batch:?}")
        };
        self.late = Some((*frame, actions_of(batch)));
        true
    }

    /// The rollback that was put off at the tick before, with what is known now.
    fn postponed(
        &mut self,
        batch: Option<&[EngineRequest]>,
        live: &[EngineRequest],
    ) -> Option<Vec<Operation>> {
        let current = match live.iter().find_map(frame_of) {
            Some(frame) => frame,
            None => self.engine.current(),
        };
        let (snapshot, actions) = self.late.clone()?;
        // At the tick of its cause the frame before `planted_at` is about to be stepped.
        if current < self.planted_at {
            return None;
        }
        self.late = None;
        let mut known = self.used.clone();
        known.extend(actions);
        known.extend(batch.map(actions_of).unwrap_or_default());
        let state_json = self.texts[&snapshot].clone();
        let mut operations = vec![Operation::SetState { state_json, frame: Some(snapshot) }];
        for frame in (snapshot.0..current.0).map(Frame) {
            if frame > snapshot && frame.0 % 5 == 0 {
                operations.push(Operation::GetState { frame: Some(frame) });
                operations.push(Operation::ComputeHash { state_json: None });
            }
            let actions = known[&frame].clone();
            self.used.insert(frame, actions.clone());
            operations.push(Operation::Step { actions, frame: Some(frame) });
        }
        Some(operations)
    }

    /// Hands the rows over while inputs of the last frames are missing.
    fn export_early(&mut self, now: Micros) {
        let confirmed = self.engine.confirmed_frame().map_or(0, |frame| frame.0 + 1);
        let current = self.engine.current().0;
        if confirmed + 1 < current && self.is_due_once(Fault::ExportEarly) {
            self.export(now, current);
            self.planted_at = Frame(confirmed);
        }
    }

    /// What MUG's pages say of an episode and of their focus, where the fault is about that.
    fn say_lifecycle(&mut self, tick: u32, now: Micros) {
        let ready = |hash: &str| [&[6, 0, 0, 0, 1], hash.as_bytes()].concat();
        let end = |frame| vec![5, 0, 0, 0, frame, 0, 0, 0, 0];
        let focus = |is_focused, frame| vec![0x14, is_focused, 0, 0, 0, frame];
        let request = vec![0x12, 0, 0, 0, 60, 0, 0, 0, 66];
        let said: &[(Way, Vec<u8>)] = match (self.fault, tick) {
            (Fault::StartsDiffer, 0) => {
                &[(Way::Sent, ready("0000aaaa")), (Way::Received, ready("0000aaab"))]
            }
            (Fault::EndsLate, 150) => &[(Way::Sent, end(100)), (Way::Received, end(100))],
            (Fault::EndsDiffer, 150) => &[(Way::Sent, end(100)), (Way::Received, end(103))],
            (Fault::Background | Fault::BackgroundForgotten, 0) => {
                &[(Way::Sent, ready("0000aaaa")), (Way::Received, ready("0000aaaa"))]
            }
            (Fault::Background | Fault::BackgroundForgotten, 90) => &[(Way::Sent, focus(0, 60))],
            (Fault::Background | Fault::BackgroundForgotten, 150) => &[(Way::Sent, focus(1, 60))],
            (Fault::UnansweredRequest, 90) => &[(Way::Sent, request)],
            (Fault::ReadyStorm, 60..240) => {
                &[(Way::Sent, ready("0000aaaa")), (Way::Received, ready("0000aaaa"))]
            }
            _ => return,
        };
        self.note_planted();
        self.planted_at = match self.fault {
            Fault::StartsDiffer => Frame::ZERO,
            Fault::EndsDiffer | Fault::EndsLate => Frame(100),
            _ => Frame(FAULT_FRAME),
        };
        for (way, wire) in said {
            self.record(now, MUG_CHANNEL, *way, Value::ArrayBuffer(wire));
        }
    }

    fn record_visibility(&mut self, is_visible: Option<bool>, now: Micros) {
        if is_visible.is_some() {
            let state = PageState { is_visible, is_focused: None };
            self.builder.push(now, ChannelId::PAGE, &EventKind::PageState(state));
        }
    }

    fn record_end_of_worker(&mut self, now: Micros) {
        let details = json!({"state": "terminated"});
        let state =
            ChannelState { state: Cow::Borrowed("terminated"), details: convert::value(&details) };
        self.builder.push(now, WORKER, &EventKind::ChannelState(state));
    }

    fn run(&mut self, batch: &[EngineRequest], now: Micros) {
        let operations = self.operations(batch);
        self.run_operations(operations, now);
    }

    fn run_operations(&mut self, operations: Vec<Operation>, now: Micros) {
        let is_replay = matches!(operations.first(), Some(Operation::SetState { .. }));
        if is_replay && self.game.is_lossy {
            self.note_planted();
        }
        let request = Request { id: self.next_id, command: Command::Batch(operations) };
        self.next_id += 1;
        let mut wire = serde_json::to_value(&request).unwrap();
        if !is_replay && self.is_due(Fault::TextAction) && !self.is_fault_spent {
            let operations = wire["payload"]["operations"].as_array_mut().unwrap();
            if let Some(step) = operations.iter_mut().find(|one| one["op"] == "step") {
                step["params"]["actions"]["0"] = json!("left");
                self.note_planted();
            }
        }
        self.record(now, WORKER, Way::Sent, convert::value(&wire));
        if self.is_due_once(Fault::LostTick) {
            self.tick_of_timer(now.plus(1_000));
        }
        let mut reply = execute(&mut self.game, &request);
        // The worker takes up one request after the other.
        let started = now.plus(500).max(self.worker_free);
        self.worker_free = started.plus(750);
        let on_clock = |time: Micros| TIME_ORIGIN_MS + time.as_millis();
        reply.timing =
            Some(Timing { started_ms: on_clock(started), finished_ms: on_clock(self.worker_free) });
        if self.is_overlapping {
            reply.timing = None;
        }
        let ReplyBody::Result { result } = &reply.body else { panic!("{:?}", reply.body) };
        self.keep_snapshots(&request, result);
        let mut wire = serde_json::to_value(&reply).unwrap();
        self.note_repeats(&request, &wire);
        self.spoil_reply(&mut wire);
        if is_replay && self.is_due_once(Fault::InterruptedBatch) {
            self.held_back = Some((WORKER, wire));
            return;
        }
        if self.is_overlapping {
            self.in_order.push(wire);
            return;
        }
        let fails = is_replay
            && (self.is_due_once(Fault::StepAfterFailure) || self.is_due_once(Fault::LoopDies));
        if fails {
            let done = json!([wire["result"][0].clone()]);
            let error = json!({"message": "step failed", "failedIndex": 1, "partialResults": done});
            wire = json!({"type": "error", "id": request.id, "error": error});
            self.is_dead = self.fault == Fault::LoopDies;
        }
        self.record(now.plus(3_000), WORKER, Way::Received, convert::value(&wire));
    }

    fn operations(&mut self, batch: &[EngineRequest]) -> Vec<Operation> {
        let mut operations = Vec::new();
        for (index, request) in batch.iter().enumerate() {
            match request {
                EngineRequest::LoadSnapshot { frame } => {
                    // The engine lets go of snapshots after a wrong frame; the faults do not.
                    let kept = self.engine.snapshot(*frame).cloned();
                    let mut state_json = kept.unwrap_or_else(|| self.texts[frame].clone());
                    if self.is_due_once(Fault::StepDrift) {
                        let right = format!("\"step_num\":{frame}");
                        let wrong = format!("\"step_num\":{}", frame.next());
                        assert!(state_json.contains(&right), "{state_json}");
                        state_json = state_json.replacen(&right, &wrong, 1);
                    }
                    if self.is_due_once(Fault::RoundedInteger) {
                        let (right, read) = (LARGE.to_string(), (LARGE - 1).to_string());
                        assert!(state_json.contains(&right), "{state_json}");
                        state_json = state_json.replacen(&right, &read, 1);
                    }
                    if self.is_due_once(Fault::RewardLoss) {
                        let sums = "\"cumulative_rewards\":{\"0\":";
                        state_json = state_json.replacen(sums, &format!("{sums}-1"), 1);
                    }
                    if self.is_due_once(Fault::WrongSnapshot) {
                        state_json = state_json.replacen("\"random\":", "\"random\":1", 1);
                    }
                    operations.push(Operation::SetState { state_json, frame: Some(*frame) });
                    if self.saves_after_restore {
                        operations.push(Operation::GetState { frame: Some(*frame) });
                        operations.push(Operation::ComputeHash { state_json: None });
                    }
                }
                EngineRequest::SaveSnapshot { frame } => {
                    operations.push(Operation::GetState { frame: Some(*frame) });
                    operations.push(Operation::ComputeHash { state_json: None });
                }
                EngineRequest::AdvanceFrame { frame, inputs } => {
                    let mut actions: BTreeMap<String, Action> = inputs
                        .actions()
                        .iter()
                        .enumerate()
                        .map(|(player, action)| (player.to_string(), *action))
                        .collect();
                    let is_replay = matches!(batch[0], EngineRequest::LoadSnapshot { .. });
                    if is_replay && index > 1 && self.is_due_once(Fault::ReplayOtherAction) {
                        actions.insert("1".into(), Action(77));
                    }
                    if is_replay && let Some(old) = self.used.get(frame).cloned() {
                        let is_other = old != actions && self.fault == Fault::ReplayOldInputs;
                        if is_other && self.is_due(Fault::ReplayOldInputs) {
                            self.note_planted();
                            actions = old;
                        }
                    }
                    let is_held = !inputs.predicted.contains(PlayerId(1));
                    let skips = !is_replay && is_held && actions["1"] != Action(0);
                    if skips && self.is_due_once(Fault::SkipPlayer) {
                        actions.insert("1".into(), Action(0));
                    }
                    if self.has_bot {
                        let draws = self.is_due(Fault::BotDiffers) && frame.0 >= FAULT_FRAME;
                        if draws {
                            self.note_planted();
                            self.planted_at = Frame(FAULT_FRAME);
                        }
                        actions.insert("2".into(), Action(frame.0 % 3 + u32::from(draws)));
                    }
                    if frame.0 == FAULT_FRAME && self.fault == Fault::OwnOtherwise {
                        self.note_planted();
                        self.planted_at = Frame(FAULT_FRAME);
                        actions.insert("0".into(), Action(actions["0"].0 ^ 1));
                    }
                    if frame.0 < 2 && self.fault == Fault::InputBelowDelay {
                        self.note_planted();
                        actions.insert("0".into(), Action(3));
                    }
                    self.used.insert(*frame, actions.clone());
                    operations.push(Operation::Step { actions, frame: Some(*frame) });
                    if self.hashes_each_step {
                        operations.push(Operation::ComputeHash { state_json: None });
                    }
                }
            }
        }
        operations
    }

    fn keep_snapshots(&mut self, request: &Request, result: &Wire) {
        let Command::Batch(operations) = &request.command else { return };
        for (index, operation) in operations.iter().enumerate() {
            if let Operation::GetState { frame: Some(frame) } = operation {
                let text = result[index]["stateJson"].as_str().unwrap().to_owned();
                let hex = result[index + 1]["hash"].as_str().unwrap();
                let hash = u64::from_str_radix(hex, 16).unwrap();
                self.hashes.insert(*frame, hash);
                self.texts.insert(*frame, text.clone());
                self.engine.handle_snapshot(*frame, text, hash);
            }
        }
    }

    /// A later snapshot of a rollback's batch than the wrong frame allows, and what follows it.
    fn later_snapshot(
        &mut self,
        batch: &[EngineRequest],
        target: Option<Frame>,
    ) -> Option<(Frame, Vec<EngineRequest>)> {
        let save = |request: &EngineRequest| match request {
            EngineRequest::SaveSnapshot { frame } => Some(*frame),
            _ => None,
        };
        let (index, frame) =
            batch.iter().enumerate().find_map(|(index, one)| Some((index, save(one)?)))?;
        let is_late = self.fault == Fault::TooShallow && target.is_some_and(|t| t < frame);
        let rest = batch[index + 1..].to_vec();
        (is_late && !rest.is_empty() && self.is_due_once(Fault::TooShallow))
            .then_some((frame, rest))
    }

    /// A rollback to the newest snapshot that steps everything as it was.
    fn replay_of_the_same(&self) -> Vec<Operation> {
        let current = self.engine.current().previous().unwrap();
        let (frame, state) = (0..=current.0)
            .rev()
            .find_map(|frame| Some((Frame(frame), self.engine.snapshot(Frame(frame))?.clone())))
            .unwrap();
        let mut operations = vec![Operation::SetState { state_json: state, frame: Some(frame) }];
        for frame in (frame.0..current.0).map(Frame) {
            let actions = self.used[&frame].clone();
            operations.push(Operation::Step { actions, frame: Some(frame) });
        }
        operations
    }

    /// Reports the newest saved hash although its frame still rests on guesses.
    fn report_predicted(&mut self, now: Micros) {
        let Some((frame, hash)) = self.hashes.last_key_value().map(|(f, h)| (*f, *h)) else {
            return;
        };
        let confirmed = self.engine.confirmed_frame().map_or(Frame::ZERO, Frame::next);
        if frame > confirmed && self.is_due_once(Fault::HashOfPredicted) {
            let (episode, player) = (Episode(0), self.local);
            let hashes = vec![(frame, hash)];
            let mut wire = Vec::new();
            PeerMessage::StateHashes { episode, player, hashes }.encode(&mut wire);
            self.record_message(now, &wire, Way::Sent);
            self.arriving.push(wire);
        }
    }

    /// Whether a replay of the same state and actions came out otherwise, as the hashes after every
    /// step say.
    fn note_repeats(&mut self, request: &Request, wire: &Wire) {
        let Command::Batch(operations) = &request.command else { return };
        let Some(Operation::SetState { state_json, .. }) = operations.first() else { return };
        let (mut key, mut has_stepped) = (state_json.clone(), false);
        for (index, operation) in operations.iter().enumerate() {
            match operation {
                Operation::Step { actions, .. } => {
                    has_stepped = true;
                    key.push_str(&format!("{actions:?}"));
                }
                Operation::ComputeHash { .. } if has_stepped => {
                    let hash = wire["result"][index]["hash"].to_string();
                    let known = self.repeats.entry(key.clone()).or_insert_with(|| hash.clone());
                    let repeats_otherwise = REPEATED_OTHERWISE.contains(&self.fault);
                    self.is_fault_spent |= *known != hash && repeats_otherwise;
                }
                _ => {}
            }
        }
    }

    fn spoil_reply(&mut self, wire: &mut Wire) {
        let Some(results) = wire["result"].as_array_mut() else { return };
        if results.len() > 2 && self.is_due_once(Fault::DropResult) {
            results.pop();
        }
        if results.len() > 2 && self.is_due_once(Fault::SwapResults) {
            let last = results.len() - 1;
            results.swap(0, last);
        }
        if self.is_due(Fault::NotJson) {
            for result in results.iter_mut() {
                if let Some(text) = result["stateJson"].as_str() {
                    result["stateJson"] =
                        json!(text.replacen("\"random\":", "\"random\":NaN,\"x\":", 1));
                    self.is_fault_spent = true;
                }
            }
            return;
        }
        if self.fault == Fault::HashByOtherRule && self.engine.current().0 >= FAULT_FRAME {
            for result in results {
                if result.get("hash").is_some() {
                    result["hash"] = json!("00000000000000aa");
                }
            }
        }
    }

    fn wires(&mut self, message: &PeerMessage) -> Vec<Vec<u8>> {
        let mut message = message.clone();
        let mut wires = Vec::new();
        if let PeerMessage::StateHashes { hashes, .. } = &mut message
            && self.is_due(Fault::ReportOtherHash)
        {
            for (frame, hash) in hashes {
                *hash ^= u64::from(frame.0 >= FAULT_FRAME);
            }
        }
        let due = self.engine.current().0 >= FAULT_FRAME;
        if let PeerMessage::StateHashes { hashes, .. } = &mut message
            && due
            && self.fault == Fault::HashOfOtherFrame
        {
            for (frame, hash) in hashes.iter_mut().filter(|(frame, _)| frame.0 >= FAULT_FRAME) {
                *hash = self.hashes[&frame.minus(5)];
                self.is_fault_spent = true;
            }
        }
        if matches!(message, PeerMessage::StateHashes { .. }) && self.is_due(Fault::NoHashes) {
            self.is_fault_spent = true;
            return wires;
        }
        if matches!(self.fault, Fault::InputHole | Fault::Unannounced)
            && let PeerMessage::Inputs { first, actions, .. } = &mut message
            && first.0 <= FAULT_FRAME
            && first.plus(actions.len() as u32).0 > FAULT_FRAME
        {
            self.is_fault_spent = true;
            let hole = (FAULT_FRAME - first.0) as usize;
            let (mut before, mut after) = (message.clone(), message.clone());
            if let PeerMessage::Inputs { actions, .. } = &mut before {
                actions.truncate(hole);
            }
            if let PeerMessage::Inputs { first, actions, .. } = &mut after {
                *first = Frame(FAULT_FRAME + 1);
                actions.drain(..=hole);
            }
            for part in [before, after] {
                let mut wire = Vec::new();
                part.encode(&mut wire);
                wires.push(wire);
            }
            return wires;
        }
        if self.fault == Fault::ChattySync {
            match &message {
                PeerMessage::StateHashes { .. } => self.said = Some(message.clone()),
                PeerMessage::Inputs { .. } if let Some(said) = self.said.clone() => {
                    self.note_planted();
                    let mut wire = Vec::new();
                    said.encode(&mut wire);
                    wires.push(wire);
                }
                _ => {}
            }
        }
        let mut wire = Vec::new();
        message.encode(&mut wire);
        wires.push(wire);
        if let PeerMessage::Inputs { actions, .. } = &mut message
            && self.is_due(Fault::AnnounceTwice)
            && let Some(last) = actions.last_mut()
        {
            *last = Action(last.0 + 1);
            let mut second = Vec::new();
            message.encode(&mut second);
            wires.push(second);
        }
        wires
    }
}

pub(crate) fn settings(setup: &Setup) -> SessionSettings {
    SessionSettings {
        input_delay_frames: setup.input_delay_frames,
        snapshot_interval_frames: 5,
        max_prediction_frames: setup.window_frames,
        frames_per_second: 60,
        prediction: setup.prediction,
        default_action: Action(0),
        seed: setup.seed as u32,
    }
}

/// A whole number that JavaScript reads as the one below it.
const LARGE: u64 = (1 << 53) + 1;

/// Two floats and a random state that every action moves.
struct Game {
    numbers: [f64; 2],
    random: Cell<u32>,
    noise: f64,
    is_lossy: bool,
    /// Whether reading the state changes it.
    drifts: bool,
    /// Whether hashes are those of the state one step earlier.
    is_stale: bool,
    text_before: String,
    /// Steps of all time, which no state holds.
    steps: u32,
    /// Whether they change what a step does.
    uncounted: bool,
    /// A generator that no state holds.
    draws: SplitMix64,
    /// Whether it changes what a step does.
    unseeded: bool,
    /// A part of the state that the hash leaves out.
    left_out: Option<u32>,
    /// A number that no double holds.
    large: Option<u64>,
    /// What is counted beside the game, where the fault is about that.
    books: Option<Books>,
}

/// Numbers that a page keeps beside its state.
#[derive(Default)]
struct Books {
    steps: u32,
    sums: [f64; 2],
}

/// The reward of a step for a player with this action.
pub(crate) fn reward(action: Action) -> f64 {
    f64::from(action.0 % 3) / 2.0
}

impl Env for Game {
    fn name(&self) -> &str {
        "test game"
    }

    fn reset(&mut self, seed: Option<u32>) -> Result<(), EnvError> {
        self.random.set(seed.unwrap_or(self.random.get()));
        Ok(())
    }

    fn seed_rng(&mut self, seed: u32) -> Result<(), EnvError> {
        self.random.set(seed);
        Ok(())
    }

    fn step(&mut self, actions: &[Action]) -> Result<StepOutcome, EnvError> {
        self.steps += 1;
        if self.is_stale {
            self.text_before = self.state_json()?;
        }
        if self.uncounted {
            self.noise = f64::from(self.steps % 7) * 1e-3;
        }
        if self.unseeded {
            self.noise = self.draws.unit() * 1e-3;
        }
        for (number, action) in self.numbers.iter_mut().zip(actions) {
            let next = self.random.get().wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            self.random.set(next);
            let random = f64::from(next >> 16) / 65_536.0;
            let push = f64::from(action.0) + random + self.noise;
            *number = (*number * 0.75 + push) / 3.0;
        }
        if let Some(books) = &mut self.books {
            books.steps += 1;
            for (sum, action) in books.sums.iter_mut().zip(actions) {
                *sum += reward(*action);
            }
        }
        let named = actions.iter().enumerate();
        let rewards = named.map(|(player, action)| (player.to_string(), reward(*action)));
        Ok(StepOutcome { rewards: rewards.collect(), ..StepOutcome::default() })
    }

    fn state_json(&self) -> Result<String, EnvError> {
        let mut state = json!({"numbers": self.numbers, "random": self.random.get()});
        if let Some(part) = self.left_out {
            state["left_out"] = json!(part);
        }
        if let Some(large) = self.large {
            state["large"] = json!(large);
        }
        if let Some(books) = &self.books {
            state["cumulative_rewards"] = json!({"0": books.sums[0], "1": books.sums[1]});
            state["step_num"] = json!(books.steps);
        }
        if self.drifts {
            self.random.set(self.random.get().wrapping_add(1));
        }
        Ok(state.to_string())
    }

    fn set_state_json(&mut self, state_json: &str) -> Result<(), EnvError> {
        let wrong = |_| EnvError("no state of this game".into());
        let state: Wire = serde_json::from_str(state_json).map_err(wrong)?;
        self.numbers = serde_json::from_value(state["numbers"].clone()).map_err(wrong)?;
        if let Some(books) = &mut self.books {
            books.steps = state["step_num"].as_u64().unwrap() as u32;
            let sums = &state["cumulative_rewards"];
            books.sums = ["0", "1"].map(|player| sums[player].as_f64().unwrap());
        }
        if !self.is_lossy {
            self.random.set(state["random"].as_u64().unwrap_or(0) as u32);
        }
        Ok(())
    }

    fn hash_state(&self, state_json: &str) -> Result<String, EnvError> {
        let is_stale = self.is_stale && !self.text_before.is_empty();
        let state_json = if is_stale { &self.text_before } else { state_json };
        let mut state: Wire = serde_json::from_str(state_json).unwrap();
        let left_out = state.as_object_mut().and_then(|state| state.remove("left_out"));
        let text = left_out.map_or_else(|| state_json.to_owned(), |_| state.to_string());
        let hash = HashRule::NATIVE.hash_text(&text);
        hash.map(|hash| hash.hex()).map_err(|error| EnvError(error.to_string()))
    }

    fn render(&self) -> Result<Wire, EnvError> {
        Ok(json!(self.numbers))
    }
}
