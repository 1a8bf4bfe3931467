//! Recorded MUG sessions, rebuilt from their traffic alone and held against the application's own
//! log. The full set stands beside the repository; without it the tests say so and pass.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test reads its files and stops at its first surprise"
)]

use std::fs;
use std::io::Read;
use std::ops::RangeInclusive;
use std::path::Path;

use flate2::read::GzDecoder;
use rollscope::capture::{Assembler, recorder};
use rollscope::dialect::DialectReader;
use rollscope::frame::Frame;
use rollscope::issue::IssueLog;
use rollscope::observation::{Direction, Fact, Observation};
use rollscope::session::{PeerSession, QueueSizes, RollbackState, Session};
use rollscope::time::Micros;
use serde_json::Value;

const SESSIONS: [&str; 6] = ["H-clean", "H-nondet", "H-quiet", "W-clean", "W-nondet", "W-quiet"];

/// Frames that a count in the middle of a tick may be off by: a replay's length.
const MID_TICK_FRAMES: i64 = 20;

fn root() -> Option<&'static Path> {
    let root = Path::new("../shared/captures");
    if !root.is_dir() {
        eprintln!("skipped: {} is not there", root.display());
        return None;
    }
    Some(root)
}

fn unpack(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    GzDecoder::new(&*fs::read(path).unwrap()).read_to_end(&mut bytes).unwrap();
    bytes
}

fn truth(session: &str, player: &str) -> Vec<Value> {
    let path = root().unwrap().join(session).join(format!("{player}.truth.jsonl.gz"));
    let text = String::from_utf8(unpack(&path)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn of_kind<'t>(truth: &'t [Value], kind: &'t str) -> impl Iterator<Item = &'t Value> {
    truth.iter().filter(move |line| line["k"] == kind)
}

fn number(line: &Value, key: &str) -> u32 {
    line[key].as_u64().unwrap() as u32
}

/// Reads recordings into one session; `watch` sees the session before each observation.
fn rebuild(recordings: &[Vec<u8>], watch: &mut dyn FnMut(&Session, &Observation<'_>)) -> Session {
    let mut session = Session::default();
    let (mut assembler, mut reader) = (Assembler::default(), DialectReader::default());
    let (mut import, mut issues, mut unread) = <(IssueLog, IssueLog, IssueLog)>::default();
    for bytes in recordings {
        recorder::import(bytes, &mut import, &mut |chunk| {
            assembler.handle_chunk(chunk, &mut issues, &mut |event| {
                let mut sink = |observation: &Observation<'_>| {
                    watch(&session, observation);
                    session.handle(observation);
                };
                reader.handle_event(&event, &mut sink, &mut unread);
            });
        });
    }
    for log in [&import, &issues, &unread, &session.issues] {
        assert_eq!(log.issues(), []);
    }
    session
}

fn recordings(session: &str) -> Vec<Vec<u8>> {
    let path = |player: &str| root().unwrap().join(session).join(format!("{player}.jsonl.gz"));
    ["player1", "player2"].map(|player| unpack(&path(player))).to_vec()
}

/// Episode, target, current and snapshot of every executed rollback.
fn executed(peer: &PeerSession) -> Vec<[u32; 4]> {
    let episodes = peer.episodes.iter();
    let rollbacks =
        episodes.flat_map(|record| record.rollbacks.iter().map(move |one| (record, one)));
    let executed = rollbacks.filter(|(_, one)| one.state == RollbackState::Executed);
    executed
        .map(|(record, one)| {
            [record.number.0, one.cause.unwrap().frame.0, one.current.0, one.snapshot.0]
        })
        .collect()
}

#[test]
fn every_executed_rollback_is_rebuilt_and_none_is_invented() {
    if root().is_none() {
        return;
    }
    for session in SESSIONS {
        let rebuilt = rebuild(&recordings(session), &mut |_, _| {});
        let [game] = rebuilt.games() else {
            unreachable!("{session}: both pages play one game");
        };
        for (peer, player) in game.peers.iter().zip(["player1", "player2"]) {
            let truth = truth(session, player);
            let logged: Vec<[u32; 4]> = of_kind(&truth, "rollback_start")
                .map(|line| ["ep", "target", "current", "snapshot"].map(|key| number(line, key)))
                .collect();
            assert_eq!(executed(peer), logged, "{session} {player}");
        }
    }
}

/// The page's queues at one sample of the truth file.
#[derive(Clone, Copy)]
struct AtSample {
    /// Before the tick that was shown last.
    before: QueueSizes,
    /// After it, and after everything that came since.
    after: QueueSizes,
    /// Messages with inputs that carry the very time of the sample.
    at_once: u32,
}

fn queues_at_samples(recording: Vec<u8>, truth: &[Value]) -> Vec<Option<AtSample>> {
    let times = of_kind(truth, "sample").map(|line| line["t"].as_f64().unwrap());
    let times: Vec<Micros> = times.map(Micros::from_millis).collect();
    let mut seen: Vec<Option<AtSample>> = Vec::new();
    let (mut before, mut arrivals) = (None, Vec::new());
    let queues = |session: &Session| session.games().first()?.peers.first()?.queue_sizes();
    let at = |before: Option<QueueSizes>, session: &Session| {
        let after = queues(session)?;
        Some(AtSample { before: before.unwrap_or(after), after, at_once: 0 })
    };
    let rebuilt = rebuild(&[recording], &mut |session, observation| {
        while times.get(seen.len()).is_some_and(|time| *time < observation.time) {
            seen.push(at(before, session));
        }
        match &observation.fact {
            Fact::FrameInputsAnnounced { direction: Direction::Sent, .. }
            | Fact::InputRelayed { direction: Direction::Sent, .. } => before = queues(session),
            Fact::FrameInputsAnnounced { .. } => arrivals.push(observation.time),
            _ => {}
        }
    });
    seen.resize(times.len(), at(before, &rebuilt));
    for (at, time) in seen.iter_mut().zip(&times) {
        let at_once = arrivals.iter().filter(|arrival| *arrival == time).count() as u32;
        at.iter_mut().for_each(|at| at.at_once = at_once);
    }
    seen
}

/// From each reset to the end of the first step after it.
fn between_episodes(truth: &[Value]) -> Vec<RangeInclusive<f64>> {
    let at = |line: &Value| line["t"].as_f64().unwrap();
    let first_steps: Vec<f64> =
        of_kind(truth, "step").filter(|line| line["frame"] == 0).map(at).collect();
    let resets = of_kind(truth, "reset_start").map(at);
    resets.zip(first_steps).map(|(reset, step)| reset..=step).collect()
}

/// Keys of a sample and what is rebuilt for each.
fn figures(queues: &QueueSizes) -> [(&'static str, i64); 9] {
    let or_none = |frame: Option<Frame>| frame.map_or(-1, |frame| i64::from(frame.0));
    [
        ("frame", i64::from(queues.frame.0)),
        ("confirmed", or_none(queues.confirmed)),
        ("verified", or_none(queues.verified)),
        ("inputBuffer", queues.inputs.into()),
        ("predicted", queues.predicted.into()),
        ("snapshots", queues.snapshots.into()),
        ("pendingIn", queues.waiting.into()),
        ("hashHist", queues.own_hashes.into()),
        ("pendingPeerHashes", queues.peer_hashes.into()),
    ]
}

/// Why a figure of a sample may differ from the rebuilt one, by a rule of the wire notes.
fn explanation(session: &str, sample: &Value, key: &str, at: &AtSample) -> Option<&'static str> {
    let logged = sample[key].as_i64().unwrap();
    let of = |queues: &QueueSizes| figures(queues).into_iter().find(|(k, _)| *k == key).unwrap().1;
    let (before, after) = (of(&at.before), of(&at.after));
    let span = before.min(after)..=before.max(after);
    let is_busy = sample["busy"] == true;
    let is_without_worker = session.starts_with('H');
    match key {
        "pendingIn" if (logged - after).unsigned_abs() <= at.at_once.into() => {
            Some("a message that arrives at the time of the sample stands before or after it")
        }
        // §4.5: only the page knows how long its rollback runs on its own thread.
        "verified" | "pendingPeerHashes" if is_without_worker => {
            let is_less = key == "verified" && logged <= after;
            let is_more = key == "pendingPeerHashes" && logged >= after;
            (is_less || is_more).then_some("§4.5: a hash that comes during a rollback waits")
        }
        // §4.7: the frame after the last one is hashed and not announced any more.
        "hashHist" if (is_busy || sample["ep"].as_i64() > Some(0)) && logged == after + 1 => {
            Some("§4.3, §4.7: a hash is made before it is announced, the last one is not announced")
        }
        // §4.3: a tick takes inputs, repairs, confirms, saves, steps and prunes, in this order.
        _ if is_busy && span.contains(&logged) => Some("§4.3: the tick is not at its end"),
        "inputBuffer" | "predicted" if is_busy && (logged - after).abs() <= MID_TICK_FRAMES => {
            Some("§4.3: a replay marks again, and inputs are pruned last")
        }
        _ => None,
    }
}

#[test]
fn queues_are_those_of_the_page_at_every_sample() {
    if root().is_none() {
        return;
    }
    for session in SESSIONS {
        for (recording, player) in recordings(session).into_iter().zip(["player1", "player2"]) {
            let truth = truth(session, player);
            let resets = between_episodes(&truth);
            let (mut equal, mut explained) = (0, 0);
            for (sample, at) in of_kind(&truth, "sample").zip(queues_at_samples(recording, &truth))
            {
                // Nothing is known before the first message. From clearing the books to the end of the
                // next episode's first tick nothing tells of them (§4.7).
                let time = sample["t"].as_f64().unwrap();
                let is_between = resets.iter().any(|span| span.contains(&time));
                let Some(at) = at.filter(|_| !is_between) else { continue };
                for (key, rebuilt) in figures(&at.after) {
                    if sample[key].as_i64() == Some(rebuilt) {
                        equal += 1;
                        continue;
                    }
                    explained += 1;
                    let why = explanation(session, sample, key, &at);
                    assert!(
                        why.is_some(),
                        "{session} {player} at {time}: {key} {} and {rebuilt}, before {:?}",
                        sample[key],
                        figures(&at.before),
                    );
                }
            }
            assert!(equal > 2 * explained, "{session} {player}: {equal} equal, {explained} not");
        }
    }
}
