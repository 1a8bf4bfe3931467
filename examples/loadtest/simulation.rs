//! One run: a full mesh of engines over seeded links, driven tick by tick.

use std::collections::BTreeMap;

use rollscope::action::Action;
use rollscope::frame::{Episode, Frame};
use rollscope::link::{Link, LinkProfile, SplitMix64};
use rollscope::message::{PeerMessage, PredictionRule, SessionSettings};
use rollscope::player::PlayerId;
use rollscope::rollback::{Engine, EngineConfig, EngineEvent, Request};
use rollscope::summary::quantile;
use rollscope::time::Micros;

const TICK_MICROS: u64 = 16_667;

/// Players of the arena change their input about this often.
const FRAMES_PER_INPUT: u32 = 10;

const SEED: u64 = 0x0123_4567_89ab_cdef;

/// The conditions of a run.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Plan {
    pub(crate) players: u8,
    pub(crate) profile: LinkProfile,
    pub(crate) input_delay_frames: u32,
    pub(crate) frames: u32,
}

/// The figures of a run, per peer.
#[derive(Debug, Clone, Copy, Default)]
pub(crate) struct Outcome {
    pub(crate) rollbacks_per_minute: f64,
    pub(crate) depth_median_frames: u32,
    pub(crate) depth_p95_frames: u32,
    pub(crate) depth_max_frames: u32,
    pub(crate) resimulated_frames_per_minute: f64,
    pub(crate) stalled_ticks_per_minute: f64,
    pub(crate) sent_bytes_per_second: f64,
    pub(crate) sent_messages_per_second: f64,
    pub(crate) desyncs: u32,
}

#[derive(Default)]
struct Counts {
    depths: Vec<u32>,
    resimulated: u64,
    stalls: u64,
    bytes: u64,
    messages: u64,
    desyncs: u32,
}

/// Plays one run to its end. A run that cannot end gives what it has after ten times its length.
pub(crate) fn play(plan: &Plan) -> Outcome {
    let players: Vec<PlayerId> = (0..plan.players).map(PlayerId).collect();
    let mut peers: Vec<(PlayerId, Engine<u64>, u64)> = players
        .iter()
        .filter_map(|local| {
            let settings = vec![settings(plan); players.len()];
            let config = EngineConfig { local: *local, settings, episode: Episode(0) };
            Some((*local, Engine::new(&config)?, 0))
        })
        .collect();
    let mut links: BTreeMap<(PlayerId, PlayerId), Link<Vec<u8>>> = BTreeMap::new();
    for from in &players {
        for to in players.iter().filter(|to| *to != from) {
            let seed = SEED ^ (u64::from(from.0) << 8) ^ u64::from(to.0);
            links.insert((*from, *to), Link::new(seed, plan.profile));
        }
    }
    let mut counts = Counts::default();
    let mut ticks = 0_u64;
    while peers.iter().any(|(_, engine, _)| engine.current().0 < plan.frames) {
        ticks += 1;
        if ticks > u64::from(plan.frames) * 10 {
            break;
        }
        let now = Micros(ticks * TICK_MICROS);
        for (local, engine, state) in &mut peers {
            for ((_, to), link) in &mut links {
                while let Some(wire) = (to == local).then(|| link.poll(now)).flatten() {
                    if let Ok(message) = PeerMessage::decode(&wire) {
                        engine.handle_message(&message);
                    }
                }
            }
            tick(*local, engine, state, plan);
            while let Some((to, message)) = engine.poll_message() {
                let mut wire = Vec::new();
                message.encode(&mut wire);
                counts.bytes += wire.len() as u64;
                counts.messages += 1;
                if let Some(link) = links.get_mut(&(*local, to)) {
                    link.send(now, wire);
                }
            }
            while let Some(event) = engine.poll_event() {
                counts.note(&event);
            }
        }
    }
    counts.outcome(ticks, f64::from(plan.players))
}

fn tick(local: PlayerId, engine: &mut Engine<u64>, state: &mut u64, plan: &Plan) {
    let target = engine.current().plus(plan.input_delay_frames);
    let tick = engine.tick(bot(local, target));
    let mut requests = tick.rollback.map(|(_, batch)| batch.to_vec()).unwrap_or_default();
    requests.extend(tick.live);
    for request in requests {
        match request {
            Request::LoadSnapshot { frame } => {
                *state = engine.snapshot(frame).copied().unwrap_or_default();
            }
            Request::SaveSnapshot { frame } => engine.handle_snapshot(frame, *state, *state),
            Request::AdvanceFrame { inputs, .. } => {
                for action in inputs.actions() {
                    *state = SplitMix64(*state ^ u64::from(action.0)).next_u64();
                }
            }
        }
    }
    engine.handle_tick_done();
}

fn bot(player: PlayerId, frame: Frame) -> Action {
    let block = u64::from((frame.0 + u32::from(player.0) * 3) / FRAMES_PER_INPUT);
    Action((SplitMix64(SEED ^ (u64::from(player.0) << 40) ^ block).next_u64() % 9) as u32)
}

fn settings(plan: &Plan) -> SessionSettings {
    SessionSettings {
        input_delay_frames: plan.input_delay_frames,
        snapshot_interval_frames: 5,
        max_prediction_frames: 20,
        frames_per_second: 60,
        prediction: PredictionRule::RepeatLast,
        default_action: Action(0),
        seed: 1,
    }
}

impl Counts {
    fn note(&mut self, event: &EngineEvent) {
        match event {
            EngineEvent::Rollback { target, current, resimulated, .. } => {
                self.depths.push(current.since(*target));
                self.resimulated += u64::from(*resimulated);
            }
            EngineEvent::Stalled { .. } => self.stalls += 1,
            EngineEvent::Desync { .. } => self.desyncs += 1,
            _ => {}
        }
    }

    fn outcome(mut self, ticks: u64, peers: f64) -> Outcome {
        self.depths.sort_unstable();
        let seconds = (ticks * TICK_MICROS) as f64 / 1e6;
        let per_minute = |count: u64| count as f64 * 60.0 / seconds / peers;
        Outcome {
            rollbacks_per_minute: per_minute(self.depths.len() as u64),
            depth_median_frames: quantile(&self.depths, 50).unwrap_or(0),
            depth_p95_frames: quantile(&self.depths, 95).unwrap_or(0),
            depth_max_frames: self.depths.last().copied().unwrap_or(0),
            resimulated_frames_per_minute: per_minute(self.resimulated),
            stalled_ticks_per_minute: per_minute(self.stalls),
            sent_bytes_per_second: self.bytes as f64 / seconds / peers,
            sent_messages_per_second: self.messages as f64 / seconds / peers,
            desyncs: self.desyncs,
        }
    }
}
