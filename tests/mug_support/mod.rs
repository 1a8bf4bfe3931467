//! Recorded MUG sessions for tests: trimmed fixtures in the capture format, the full recordings
//! where they stand beside the repository, and the application's own log as truth.

// Every test file uses its own part of this module.
#![allow(dead_code, clippy::allow_attributes, reason = "each test binary uses its own part")]
#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads its files and stops at its first surprise"
)]

pub(crate) mod interleave;
pub(crate) mod json;
pub(crate) mod merge;
pub(crate) mod python;
pub(crate) mod recheck;
pub(crate) mod trim;

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use rollscope::capture::{Assembler, CaptureFile, recorder};
use rollscope::dialect::DialectReader;
use rollscope::issue::IssueLog;
use rollscope::observation::Observation;
use rollscope::session::{PeerSession, RollbackState, Session};
use serde_json::Value;

pub(crate) const SESSIONS: [&str; 6] =
    ["H-clean", "H-nondet", "H-quiet", "W-clean", "W-nondet", "W-quiet"];

/// The page's clock and everything else that one player's page left behind.
pub(crate) struct Page {
    pub name: String,
    /// In the hook's format.
    pub chunks: Vec<Vec<u8>>,
    /// The application's own log.
    pub truth: Vec<Value>,
}

pub(crate) fn unpack(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    GzDecoder::new(&*fs::read(path).unwrap()).read_to_end(&mut bytes).unwrap();
    bytes
}

fn lines(path: &Path) -> Vec<Value> {
    let text = String::from_utf8(unpack(path)).unwrap();
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

pub(crate) fn fixture(session: &str, player: usize, suffix: &str) -> PathBuf {
    Path::new("tests/fixtures/mug").join(format!("{session}-{player}.{suffix}.gz"))
}

/// The full set beside the repository; `None` where it is not there.
pub(crate) fn recordings() -> Option<&'static Path> {
    let root = Path::new("../shared/captures");
    root.is_dir().then_some(root)
}

pub(crate) fn chunks_of_recording(bytes: &[u8]) -> Vec<Vec<u8>> {
    let (mut chunks, mut issues) = (Vec::new(), IssueLog::default());
    recorder::import(bytes, &mut issues, &mut |chunk| chunks.push(chunk.to_vec()));
    assert_eq!(issues.issues(), []);
    chunks
}

/// Both pages of a trimmed session.
pub(crate) fn trimmed(session: &str) -> [Page; 2] {
    [1, 2].map(|player| {
        let bytes = unpack(&fixture(session, player, "rollscope"));
        let mut file = CaptureFile::open(&bytes).unwrap();
        Page {
            name: format!("{session} player {player}"),
            chunks: file.by_ref().map(<[u8]>::to_vec).collect(),
            truth: lines(&fixture(session, player, "truth.jsonl")),
        }
    })
}

/// Both pages of a full recording.
pub(crate) fn full(root: &Path, session: &str) -> [Page; 2] {
    [1, 2].map(|player| {
        let file = |name: &str| root.join(session).join(format!("player{player}.{name}.gz"));
        Page {
            name: format!("{session} player {player}, in full"),
            chunks: chunks_of_recording(&unpack(&file("jsonl"))),
            truth: lines(&file("truth.jsonl")),
        }
    })
}

pub(crate) fn of_kind<'t>(truth: &'t [Value], kind: &'t str) -> impl Iterator<Item = &'t Value> {
    truth.iter().filter(move |line| line["k"] == kind)
}

pub(crate) fn number(line: &Value, key: &str) -> u32 {
    line[key].as_u64().unwrap() as u32
}

/// Reads chunks into one session; `watch` sees the session before each observation and says whether
/// it may be taken.
pub(crate) fn rebuild<'c>(
    chunks: impl IntoIterator<Item = &'c Vec<u8>>,
    watch: &mut dyn FnMut(&Session, &Observation<'_>) -> bool,
) -> Session {
    let mut session = Session::default();
    let (mut assembler, mut reader) = (Assembler::default(), DialectReader::default());
    let (mut issues, mut unread) = <(IssueLog, IssueLog)>::default();
    for chunk in chunks {
        assembler.handle_chunk(chunk, &mut issues, &mut |event| {
            let mut sink = |observation: &Observation<'_>| {
                if watch(&session, observation) {
                    session.handle(observation);
                }
            };
            reader.handle_event(&event, &mut sink, &mut unread);
        });
    }
    for log in [&issues, &unread, &session.issues] {
        assert_eq!(log.issues(), []);
    }
    session
}

/// Episode, target, current and snapshot of every executed rollback whose cause is known.
pub(crate) fn executed(peer: &PeerSession) -> Vec<[u32; 4]> {
    let episodes = peer.episodes.iter();
    let rollbacks =
        episodes.flat_map(|record| record.rollbacks.iter().map(move |one| (record, one)));
    let executed = rollbacks.filter(|(_, one)| one.state == RollbackState::Executed);
    executed
        .filter_map(|(record, one)| {
            Some([record.number.0, one.cause?.frame.0, one.current.0, one.snapshot.0])
        })
        .collect()
}

/// The same as the application logged them.
pub(crate) fn logged_rollbacks(truth: &[Value]) -> Vec<[u32; 4]> {
    let keys = ["ep", "target", "current", "snapshot"];
    of_kind(truth, "rollback_start").map(|line| keys.map(|key| number(line, key))).collect()
}
