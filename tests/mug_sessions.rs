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
use std::path::Path;

use flate2::read::GzDecoder;
use rollscope::capture::{Assembler, recorder};
use rollscope::dialect::DialectReader;
use rollscope::issue::IssueLog;
use rollscope::observation::Observation;
use rollscope::session::{PeerSession, RollbackState, Session};
use serde_json::Value;

const SESSIONS: [&str; 6] = ["H-clean", "H-nondet", "H-quiet", "W-clean", "W-nondet", "W-quiet"];

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
