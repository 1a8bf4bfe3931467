//! One run: a full mesh of engines over seeded links, each driven by its own clock.

use std::collections::{BTreeMap, VecDeque};

use rollscope::action::Action;
use rollscope::frame::{Episode, Frame};
use rollscope::link::LinkProfile;
use rollscope::message::{Form, PeerMessage, PredictionRule, SessionSettings};
use rollscope::player::PlayerId;
use rollscope::rollback::{Engine, EngineConfig, EngineEvent, EngineOptions, PaceAdvice, Request};
use rollscope::time::Micros;

use super::figures::{Counts, Outcome};
use super::game::{Habit, State};
use super::way::Way;

const TICK_MICROS: u64 = 16_667;

const SEED: u64 = 0x0123_4567_89ab_cdef;

/// The conditions of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) players: u8,
    pub(crate) profile: LinkProfile,
    pub(crate) input_delay_frames: u32,
    pub(crate) snapshot_interval_frames: u32,
    pub(crate) max_prediction_frames: u32,
    pub(crate) prediction: PredictionRule,
    pub(crate) habit: Habit,
    pub(crate) frames: u32,
    pub(crate) form: Form,
    pub(crate) options: EngineOptions,
    /// Every so many frames player 0's game goes its own way; 0 for never.
    pub(crate) fault_interval_frames: u32,
    /// From two seconds on, nothing crosses for so long, and again after each interval if there is
    /// one.
    pub(crate) outage_millis: u64,
    pub(crate) outage_interval_millis: u64,
    /// How much later the last player begins, and by how much slower its clock goes.
    pub(crate) late_millis: u64,
    pub(crate) slower_permille: u64,
    /// Whether messages come in order and lost ones are sent again.
    pub(crate) is_reliable: bool,
    /// Steps are taken when a timer fires: periods of the first players' and the last one's in
    /// microseconds; 0 for a timer that fires when it should.
    pub(crate) timers_micros: (u64, u64),
    /// Whether what a late timer owes is lost.
    pub(crate) is_owed_time_lost: bool,
}

impl Plan {
    /// One simulated minute of two players over a usual network, with nothing special.
    pub(crate) fn usual() -> Self {
        Self {
            players: 2,
            profile: LinkProfile {
                latency_micros: 60_000,
                jitter_micros: 20_000,
                loss: 0.02,
                duplication: 0.0,
            },
            input_delay_frames: 0,
            snapshot_interval_frames: 5,
            max_prediction_frames: 20,
            prediction: PredictionRule::RepeatLast,
            habit: Habit::Wandering,
            frames: 3600,
            form: Form::Binary,
            options: EngineOptions { frame_sync_interval_ticks: 0, ..EngineOptions::default() },
            fault_interval_frames: 0,
            outage_millis: 0,
            outage_interval_millis: 0,
            late_millis: 0,
            slower_permille: 0,
            is_reliable: false,
            timers_micros: (0, 0),
            is_owed_time_lost: false,
        }
    }
}

impl Plan {
    fn is_out(&self, now: u64) -> bool {
        let since_first = now.checked_sub(2_000_000);
        let interval = self.outage_interval_millis * 1000;
        since_first.is_some_and(|since| {
            let since = if interval == 0 { since } else { since % interval };
            since < self.outage_millis * 1000
        })
    }
}

struct Peer {
    local: PlayerId,
    engine: Engine<State>,
    state: State,
    next_tick: u64,
    // When the next tick would be if timers fired when they should.
    due: u64,
    timer: u64,
    period: u64,
    left_out: u32,
    // When each own input was read, and of each other player the first frame that is not held.
    read_at: Vec<u64>,
    held: BTreeMap<PlayerId, usize>,
    // Faults of this game that nobody has seen yet, and since when one was seen.
    spoiled: VecDeque<(Frame, u64)>,
}

struct Run<'a> {
    plan: &'a Plan,
    links: BTreeMap<(PlayerId, PlayerId), Way>,
    counts: Counts,
    spoiled_at: Option<u64>,
    seen_at: Option<u64>,
}

/// Plays one run to its end. A run that cannot end gives what it has after ten times its length.
pub(crate) fn play(plan: &Plan) -> Outcome {
    let players: Vec<PlayerId> = (0..plan.players).map(PlayerId).collect();
    let last = plan.players.saturating_sub(1);
    let mut peers: Vec<Peer> = players
        .iter()
        .filter_map(|local| {
            let settings = vec![settings(plan); players.len()];
            let config = EngineConfig { local: *local, settings, episode: Episode(0) };
            let is_last = local.0 == last;
            let late = if is_last { plan.late_millis * 1000 } else { 0 };
            let slower = if is_last { TICK_MICROS * plan.slower_permille / 1000 } else { 0 };
            Some(Peer {
                local: *local,
                engine: Engine::with_options(&config, plan.options)?,
                state: State::default(),
                next_tick: TICK_MICROS + late,
                due: TICK_MICROS + late,
                timer: if is_last { plan.timers_micros.1 } else { plan.timers_micros.0 },
                period: TICK_MICROS + slower,
                left_out: 0,
                read_at: Vec::new(),
                held: BTreeMap::new(),
                spoiled: VecDeque::new(),
            })
        })
        .collect();
    let mut links = BTreeMap::new();
    for from in &players {
        for to in players.iter().filter(|to| *to != from) {
            let seed = SEED ^ (u64::from(from.0) << 8) ^ u64::from(to.0);
            links.insert((*from, *to), Way::new(seed, plan.profile, plan.is_reliable));
        }
    }
    let counts = Counts { rollbacks: vec![0; players.len()], ..Counts::default() };
    let mut run = Run { plan, links, counts, spoiled_at: None, seen_at: None };
    let end_micros = u64::from(plan.frames) * TICK_MICROS * 10;
    let mut now = 0;
    while peers.iter().any(|peer| peer.engine.current().0 < plan.frames) && now < end_micros {
        let Some(place) =
            (0..peers.len()).min_by_key(|place| peers.get(*place).map(|p| p.next_tick))
        else {
            break;
        };
        now = peers.get(place).map_or(now, |peer| peer.next_tick);
        run.receive(&mut peers, place, now);
        if let Some(peer) = peers.get_mut(place) {
            run.tick(peer, now);
        }
        let frame = |peer: Option<&Peer>| peer.map_or(0.0, |p| f64::from(p.engine.current().0));
        if now > u64::from(plan.frames) * TICK_MICROS / 2 {
            run.counts.ahead.0 += frame(peers.first()) - frame(peers.last());
            run.counts.ahead.1 += 1;
        }
    }
    let behind = peers.iter().map(|peer| peer.engine.current().0).min().unwrap_or(0);
    run.counts.outcome(now, f64::from(plan.players), behind)
}

impl Run<'_> {
    fn receive(&mut self, peers: &mut [Peer], place: usize, now: u64) {
        let Some(local) = peers.get(place).map(|peer| peer.local) else { return };
        let mut arrived = Vec::new();
        for ((from, to), link) in &mut self.links {
            while let Some(wire) = (*to == local).then(|| link.poll(Micros(now))).flatten() {
                arrived.push((*from, wire));
            }
        }
        for (from, wire) in arrived {
            if let Ok((PeerMessage::Inputs { first, actions, .. }, _)) =
                PeerMessage::decode_any(&wire)
            {
                let end = first.index() + actions.len();
                let held = peers.get(place).and_then(|p| p.held.get(&from)).copied().unwrap_or(0);
                let sender = peers.get(usize::from(from.0));
                let read = sender.map(|peer| &peer.read_at);
                let new = read.and_then(|read| read.get(held..end.min(read.len())));
                let ages = new.unwrap_or_default().iter();
                self.counts.latencies.extend(ages.map(|read| (now - read.min(&now)) as u32));
                if let Some(peer) = peers.get_mut(place) {
                    peer.held.insert(from, held.max(end));
                }
            }
            if let Some(peer) = peers.get_mut(place) {
                // A link changes no byte: every message can be read.
                let _ = peer.engine.handle_bytes(from, &wire);
            }
        }
    }

    fn tick(&mut self, peer: &mut Peer, now: u64) {
        let from = if self.plan.is_owed_time_lost { now } else { peer.due };
        peer.due = from + peer.period;
        match peer.engine.pace_advice() {
            PaceAdvice::Keep => {}
            PaceAdvice::Stretch { permille } => {
                peer.due += peer.period * u64::from(permille) / 1000;
            }
            PaceAdvice::Wait { ticks } if peer.left_out == 0 => {
                peer.left_out = 60;
                peer.due += peer.period * u64::from(ticks);
                peer.engine.note_waited(ticks);
            }
            PaceAdvice::Wait { .. } => {}
        }
        peer.next_tick = match peer.timer {
            0 => peer.due,
            timer => peer.due.max(now + 1).div_ceil(timer) * timer,
        };
        peer.left_out = peer.left_out.saturating_sub(1);
        self.step(peer, now);
        let is_out = self.plan.is_out(now);
        while let Some((to, message)) = peer.engine.poll_message() {
            let mut wire = Vec::new();
            message.encode_as(self.plan.form, &mut wire);
            self.counts.note_sent(&message, wire.len() as u64);
            if let Some(link) = self.links.get_mut(&(peer.local, to))
                && !is_out
            {
                link.send(Micros(now), wire);
            }
            peer.engine.recycle_message(message);
        }
        while let Some(event) = peer.engine.poll_event() {
            self.note(peer.local, &event, now);
        }
    }

    fn step(&mut self, peer: &mut Peer, now: u64) {
        let plan = self.plan;
        let target = peer.engine.current().plus(plan.input_delay_frames);
        let action: Action = plan.habit.action(peer.local, target);
        let tick = peer.engine.tick(action);
        let mut requests = tick.rollback.map(|(_, batch)| batch.to_vec()).unwrap_or_default();
        requests.extend(tick.correction.map(|(_, batch)| batch).unwrap_or_default());
        requests.extend(tick.live);
        for request in requests {
            match request {
                Request::LoadSnapshot { frame } => {
                    peer.state = peer.engine.snapshot(frame).copied().unwrap_or_default();
                }
                Request::SaveSnapshot { frame } => {
                    self.counts.saves += 1;
                    peer.engine.handle_snapshot(frame, peer.state, peer.state.hash());
                }
                Request::AdvanceFrame { frame, inputs } => {
                    peer.state.step(inputs.actions());
                    let is_new = frame.next() == peer.engine.current();
                    self.spoil(peer, frame, is_new, now);
                }
            }
        }
        let known = peer.engine.current().plus(plan.input_delay_frames).index();
        peer.read_at.resize(known.max(peer.read_at.len()), now);
        peer.engine.handle_tick_done();
        self.count_held(peer);
    }

    // Every state that the engine holds lies between the prediction window's end and its anchor.
    fn count_held(&mut self, peer: &Peer) {
        let reach = self.plan.max_prediction_frames + 2 * self.plan.snapshot_interval_frames;
        let frames = peer.engine.current().0.saturating_sub(reach)..=peer.engine.current().0;
        let held = frames.filter(|frame| peer.engine.snapshot(Frame(*frame)).is_some()).count();
        self.counts.held_states_max = self.counts.held_states_max.max(held as u32);
    }

    // A frame that went its own way does so whenever it is stepped again.
    fn spoil(&mut self, peer: &mut Peer, frame: Frame, is_new: bool, now: u64) {
        let interval = self.plan.fault_interval_frames;
        let is_due = interval != 0 && frame.0 % interval == interval / 2;
        if !is_due || peer.local != PlayerId(0) {
            return;
        }
        peer.state.spoil();
        if is_new && self.spoiled_at.is_none() {
            self.spoiled_at = Some(now);
            peer.spoiled.push_back((frame, now));
        }
    }

    fn note(&mut self, player: PlayerId, event: &EngineEvent, now: u64) {
        let counts = &mut self.counts;
        match event {
            EngineEvent::Rollback { target, current, resimulated, .. } => {
                counts.depths.push(current.since(*target));
                counts.resimulated += u64::from(*resimulated);
                if let Some(rollbacks) = counts.rollbacks.get_mut(player.index()) {
                    *rollbacks += 1;
                }
            }
            EngineEvent::Stalled { .. } => counts.stalls += 1,
            EngineEvent::Desync { .. } => {
                counts.desyncs += 1;
                if let Some(since) = self.spoiled_at.filter(|_| self.seen_at.is_none()) {
                    counts.detections.push((now - since) as u32);
                    self.seen_at = Some(now);
                }
            }
            EngineEvent::Resynced { .. } => {
                counts.resyncs += 1;
                if let Some(since) = self.seen_at.take() {
                    counts.repairs.push((now - since) as u32);
                }
                self.spoiled_at = None;
            }
            _ => {}
        }
    }
}

fn settings(plan: &Plan) -> SessionSettings {
    SessionSettings {
        input_delay_frames: plan.input_delay_frames,
        snapshot_interval_frames: plan.snapshot_interval_frames,
        max_prediction_frames: plan.max_prediction_frames,
        frames_per_second: 60,
        prediction: plan.prediction,
        default_action: Action(0),
        seed: 1,
    }
}
