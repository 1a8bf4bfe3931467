//! One peer is hostile: it sends what honest messages look like after something changed them. The
//! engine stays whole and bounded, and counts what it drops.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops at its first surprise"
)]

use std::collections::VecDeque;

use rollscope::action::Action;
use rollscope::frame::{Episode, Frame};
use rollscope::link::SplitMix64;
use rollscope::message::{
    Form, MessageError, PROTOCOL_VERSION, PeerMessage, PredictionRule, SessionSettings,
};
use rollscope::player::PlayerId;
use rollscope::rollback::{
    DropReason, Engine, EngineConfig, EngineEvent, EngineOptions, Request, ResyncRule, Spectator,
};

/// Messages that one test mutates.
fn messages() -> u64 {
    let asked = std::env::var("ROLLSCOPE_SESSIONS").ok();
    asked.and_then(|number| number.parse().ok()).map_or(40_000, |sessions: u64| sessions * 20)
}

const SETTINGS: SessionSettings = SessionSettings {
    input_delay_frames: 2,
    snapshot_interval_frames: 2,
    max_prediction_frames: 12,
    frames_per_second: 60,
    prediction: PredictionRule::Frequency,
    default_action: Action(0),
    seed: 1,
};

fn engine(local: u8, options: EngineOptions) -> Engine<Vec<u8>> {
    let (local, settings) = (PlayerId(local), vec![SETTINGS; 3]);
    Engine::with_options(&EngineConfig { local, settings, episode: Episode(1) }, options).unwrap()
}

fn returning(options: EngineOptions) -> Engine<Vec<u8>> {
    let (local, settings) = (PlayerId(0), vec![SETTINGS; 3]);
    let config = EngineConfig { local, settings, episode: Episode(1) };
    Engine::returning(&config, options).unwrap()
}

fn options() -> EngineOptions {
    EngineOptions { resync: ResyncRule::Delta, spectators: 1, ..EngineOptions::default() }
}

/// A peer with its game; returns what it sent.
fn tick(engine: &mut Engine<Vec<u8>>, state: &mut Vec<u8>) -> Vec<(PlayerId, PeerMessage)> {
    let action = Action(engine.current().0 / 5 % 3);
    let tick = engine.fast_forward(action, 3);
    let mut requests = tick.rollback.map(|(_, batch)| batch.to_vec()).unwrap_or_default();
    requests.extend(tick.correction.map(|(_, batch)| batch).unwrap_or_default());
    requests.extend(tick.live);
    assert!(requests.len() < 10_000);
    for request in requests {
        match request {
            Request::LoadSnapshot { frame } => state.clone_from(engine.snapshot(frame).unwrap()),
            Request::SaveSnapshot { frame } => {
                let hash = state
                    .iter()
                    .fold(7, |hash: u64, byte| hash * 31 % 1_000_003 + u64::from(*byte));
                engine.handle_snapshot(frame, state.clone(), hash);
            }
            Request::AdvanceFrame { inputs, .. } => {
                for (place, action) in inputs.actions().iter().enumerate() {
                    let length = state.len().max(1);
                    state.resize(length.max(300), 1);
                    state[place * 7 % 300] =
                        state[place].wrapping_mul(3).wrapping_add(action.0 as u8);
                }
            }
        }
    }
    engine.handle_tick_done();
    while engine.poll_event().is_some() {}
    std::iter::from_fn(|| engine.poll_message()).take(5000).collect()
}

/// Changes bytes of an honest message, or its fields.
fn mutated(random: &mut SplitMix64, message: &PeerMessage, current: Frame) -> Vec<u8> {
    let mut below = |limit: u64| random.next_u64() % limit;
    let mut wire = Vec::new();
    let number = [0, 1, current.0, current.0 + 3, 5000, u32::MAX - 1, u32::MAX][below(7) as usize];
    let (frame, episode, player) = (Frame(number), Episode(1), PlayerId(2));
    let changed = match below(10) {
        0 => PeerMessage::Inputs {
            episode,
            player,
            current: frame,
            received_through: Some(Frame(current.0.saturating_sub(below(9) as u32))),
            first: Frame(current.0.saturating_sub(below(12) as u32)),
            actions: vec![Action(below(4) as u32); below(120) as usize],
        },
        1 => PeerMessage::StateHashes {
            episode,
            player,
            hashes: (0..below(16)).map(|n| (Frame(number.wrapping_sub(n as u32)), n)).collect(),
        },
        2 => PeerMessage::StateRequest {
            episode,
            player,
            at_least: Frame(below(3) as u32),
            base: Some((frame, below(9))),
            missing: None,
        },
        3 => PeerMessage::StateChunk {
            episode,
            player,
            frame: Frame(current.0 + below(4) as u32),
            hash: below(5),
            is_end: below(2) == 0,
            base: (below(3) == 0).then_some(frame),
            total_bytes: [0, 3, 1024, 1500, 8 << 20][below(5) as usize],
            index: below(3) as u32,
            bytes: vec![below(4) as u8; [0, 3, 476, 1024][below(4) as usize]],
        },
        4 => PeerMessage::HashesReceived { episode, player, first: Frame(0), last: frame },
        5 => PeerMessage::FrameSync {
            episode,
            player,
            tick: below(1 << 32) as u32,
            current: frame,
            advantage_frames: below(1 << 16) as u16 as i16,
            status: rollscope::message::PeerStatus::Running,
            ended: (below(8) == 0).then_some(frame),
        },
        6 => PeerMessage::HeldInputs {
            episode,
            player,
            oldest: Frame(number.saturating_sub(below(3000) as u32)),
            through: (below(4) != 0).then_some(frame),
            first: Frame(number.saturating_sub(below(3) as u32)),
            actions: vec![Action(below(4) as u32); below(120) as usize],
        },
        7 => PeerMessage::InputRequest { episode, player, first: frame, last: current },
        _ => message.clone(),
    };
    changed.encode_as(Form::ALL[below(3) as usize], &mut wire);
    for _ in 0..below(3) {
        let place = below(wire.len() as u64) as usize;
        match below(3) {
            0 => wire[place] = below(256) as u8,
            1 => wire.truncate(place.max(1)),
            _ => wire.insert(place, below(256) as u8),
        }
    }
    wire
}

#[test]
fn a_hostile_peer_neither_stops_nor_bloats_an_engine() {
    let mut random = SplitMix64(0x5eed);
    let (mut drops, mut current, mut round, mut ordinary) = (0, 0, 0, 0);
    let mut left = messages();
    while left > 0 {
        round += 1;
        let mut engines = [engine(0, options()), engine(1, options())];
        // In some rounds a page was loaded anew: one that is attacked, or the attacker's.
        match round % 4 {
            2 => {
                engines[0] = returning(options());
                engines[1].readmit(PlayerId(0));
            }
            3 => engines.iter_mut().for_each(|engine| engine.readmit(PlayerId(2))),
            _ => {}
        }
        let mut states = [vec![1; 300], vec![1; 300]];
        let mut spectator = Spectator::<Vec<u8>>::new(3, Episode(1));
        let mut seen: VecDeque<PeerMessage> = VecDeque::new();
        for _ in 0..200 {
            for side in 0..2 {
                for (to, message) in tick(&mut engines[side], &mut states[side]) {
                    assert!(message.encoded_len() < 1200);
                    if to.index() < 2 {
                        engines[to.index()].handle_message_from(PlayerId(side as u8), &message);
                    }
                    seen.push_back(message);
                    seen.truncate(40);
                }
                for _ in 0..5 {
                    left = left.saturating_sub(1);
                    let place = (random.next_u64() % seen.len().max(1) as u64) as usize;
                    let ping = PeerMessage::Ping { stamp_micros: 0 };
                    let honest = seen.get(place).unwrap_or(&ping);
                    let wire = mutated(&mut random, honest, engines[side].current());
                    let outcome = engines[side].handle_bytes(PlayerId(2), &wire);
                    if let Err(error) = outcome {
                        assert!(matches!(error, MessageError::Version { .. }));
                    }
                    if let Ok((message, _)) = PeerMessage::decode_any(&wire) {
                        engines[side].handle_spectator_message(0, &message);
                        spectator.handle_message(&message);
                    }
                }
            }
            spectator.tick(50);
            assert!(std::iter::from_fn(|| spectator.poll_message()).count() < 100);
            let feed = std::iter::from_fn(|| engines[0].poll_spectator_message()).take(5000);
            feed.for_each(|(_, message)| spectator.handle_message(&message));
        }
        drops += engines.iter().map(|engine| u64::from(engine.drops().total())).sum::<u64>();
        // A page cannot come back while another one lies about what it holds; the others are as before.
        if !engines[0].is_returning() {
            current += engines[0].current().0;
            ordinary += 1;
        }
    }
    assert!(ordinary > round / 2, "{ordinary} of {round} rounds were played");
    assert!(drops > messages() / 4, "{drops} of {}", messages());
    assert!(
        current > ordinary * 10,
        "the engines must go on: {current} frames in {ordinary} rounds"
    );
}

#[test]
fn a_peer_of_another_version_is_refused_with_both_versions_named() {
    let mut engine = engine(0, options());
    let mut wire = PeerMessage::Ping { stamp_micros: 1 }.encoded();
    wire[1] = 1;
    let error = engine.handle_bytes(PlayerId(1), &wire).unwrap_err();
    assert_eq!(error.to_string(), "peer protocol version 1, this side speaks version 3");
    assert_eq!(engine.drops().of(DropReason::OtherVersion), 1);
}

#[test]
fn what_is_dropped_is_counted_by_its_reason() {
    let mut engine = engine(0, options());
    let inputs = |episode, player, received_through, first| PeerMessage::Inputs {
        episode: Episode(episode),
        player: PlayerId(player),
        current: Frame(0),
        received_through,
        first: Frame(first),
        actions: vec![Action(1)],
    };
    let chunk = PeerMessage::StateChunk {
        episode: Episode(1),
        player: PlayerId(2),
        frame: Frame(4),
        hash: 0,
        is_end: false,
        base: None,
        total_bytes: 3,
        index: 0,
        bytes: vec![1, 2, 3],
    };
    engine.handle_message_from(PlayerId(1), &inputs(1, 1, None, 4));
    let other = PeerMessage::Inputs {
        episode: Episode(1),
        player: PlayerId(1),
        current: Frame(0),
        received_through: None,
        first: Frame(4),
        actions: vec![Action(2)],
    };
    for (from, message, reason) in [
        (1, inputs(1, 2, None, 0), DropReason::WrongSpeaker),
        (0, inputs(1, 0, None, 0), DropReason::UnknownPlayer),
        (7, inputs(1, 7, None, 0), DropReason::UnknownPlayer),
        (1, inputs(0, 1, None, 0), DropReason::EarlierEpisode),
        (1, inputs(2, 1, None, 0), DropReason::LaterEpisode),
        (1, inputs(1, 1, Some(Frame(90)), 0), DropReason::AcknowledgesUnsent),
        (1, inputs(1, 1, None, 100_000), DropReason::TooFarAhead),
        (1, other, DropReason::Conflict),
        (2, chunk, DropReason::NotAsked),
    ] {
        let before = engine.drops().of(reason);
        engine.handle_message_from(PlayerId(from), &message);
        assert_eq!(engine.drops().of(reason), before + 1, "{}", reason.name());
    }
    engine.handle_bytes(PlayerId(1), b"Rubbish").unwrap_err();
    engine.handle_bytes(PlayerId(1), b"rubbish").unwrap();
    assert_eq!(engine.drops().of(DropReason::Unreadable), 1);
    // Kinds that a later peer may say within the version.
    for kind in 14..=u8::MAX {
        engine.handle_bytes(PlayerId(1), &[b'R', PROTOCOL_VERSION, kind, 1, 2, 3]).unwrap();
    }
    let object = format!(r#"{{"type":"later","v":{PROTOCOL_VERSION},"episode":1,"playerId":1}}"#);
    engine.handle_bytes(PlayerId(1), object.as_bytes()).unwrap();
    assert_eq!(engine.drops().of(DropReason::Unreadable), 1 + 242 + 1);
    let told = std::iter::from_fn(|| engine.poll_event());
    let conflicts = told.filter(|event| matches!(event, EngineEvent::Conflict { .. })).count();
    assert_eq!(conflicts, 1);
}
