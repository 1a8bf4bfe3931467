//! The trimmed recordings under `tests/fixtures/mug`: made anew with `UPDATE_FIXTURES=1` where the
//! full set stands beside the repository, and small in any case.

#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test reads its files and stops at its first surprise"
)]

mod mug_support;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use flate2::Compression;
use flate2::write::GzEncoder;
use mug_support::json::{Digits, in_json};
use mug_support::python::{Change, with_python};
use mug_support::{
    SESSIONS, chunks_of_recording, executed, fixture, logged_rollbacks, rebuild, recordings, trim,
    trimmed, unpack,
};
use rollscope::analysis::Analysis;
use rollscope::capture::{CaptureFile, FileHeader, FileWriter};

/// Most bytes of all fixtures.
const MAX_BYTES: u64 = 8 << 20;

fn pack(path: &Path, bytes: &[u8]) {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    fs::write(path, encoder.finish().unwrap()).unwrap();
}

/// Captures in dialects that no recording speaks, made from the trimmed ones.
fn update_dialects() {
    for page in trimmed("H-nondet") {
        let player = page.name.chars().last().unwrap();
        let digits = (Digits::ThirtyTwo, Digits::ThirtyTwo);
        for (dialect, chunks) in [
            ("p2p_json", in_json(&page, digits, None)),
            ("python_main_thread", with_python(&page, Change::None)),
        ] {
            let created_by = format!("{dialect}, of recording {}", page.name);
            let header = FileHeader { created_by, created_at_ms: 0.0 };
            let (mut writer, mut bytes) = FileWriter::start(&header);
            for chunk in chunks {
                bytes.extend(writer.chunk(&chunk).unwrap());
            }
            bytes.extend(writer.end());
            pack(&of_dialect(dialect, player), &bytes);
        }
    }
}

fn of_dialect(dialect: &str, player: char) -> PathBuf {
    Path::new("tests/fixtures/mug").join(format!("{dialect}-{player}.rollscope.gz"))
}

#[test]
fn stored_captures_of_every_dialect_are_read_as_the_application_logged_them() {
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        update_dialects();
    }
    for dialect in ["p2p_json", "python_main_thread"] {
        for page in trimmed("H-nondet") {
            let path = of_dialect(dialect, page.name.chars().last().unwrap());
            assert!(fs::metadata(&path).unwrap().len() < MAX_BYTES / 16);
            let mut analysis = Analysis::new();
            let bytes = unpack(&path);
            analysis.open_file(&bytes).unwrap();
            let channels = analysis.health().channels;
            assert!(channels.iter().any(|channel| channel.dialect == Some(dialect)));
            let mut file = CaptureFile::open(&bytes).unwrap();
            let chunks: Vec<Vec<u8>> = file.by_ref().map(<[u8]>::to_vec).collect();
            let rebuilt = rebuild(&chunks, &mut |_, _| true);
            let peer = &rebuilt.games().first().unwrap().peers.first().unwrap();
            assert_eq!(executed(peer), logged_rollbacks(&page.truth), "{dialect}, {}", page.name);
        }
    }
}

fn update(root: &Path) {
    for session in SESSIONS {
        for player in [1, 2] {
            let read = |name: &str| {
                let path = root.join(session).join(format!("player{player}.{name}.gz"));
                String::from_utf8(unpack(&path)).unwrap()
            };
            let header = FileHeader {
                created_by: format!("trimmed recording {session}, player {player}"),
                created_at_ms: 0.0,
            };
            let (mut writer, mut bytes) = FileWriter::start(&header);
            for chunk in chunks_of_recording(trim::recording(&read("jsonl")).as_bytes()) {
                bytes.extend(writer.chunk(&chunk).unwrap());
            }
            bytes.extend(writer.end());
            pack(&fixture(session, player, "rollscope"), &bytes);
            let truth = trim::truth(&read("truth.jsonl"));
            pack(&fixture(session, player, "truth.jsonl"), truth.as_bytes());
        }
    }
}

#[test]
fn trimmed_recordings_are_complete_and_small() {
    if let (Some(root), Some(_)) = (recordings(), std::env::var_os("UPDATE_FIXTURES")) {
        update(root);
    }
    let mut bytes = 0;
    for session in SESSIONS {
        for (player, suffix) in
            [(1, "rollscope"), (1, "truth.jsonl"), (2, "rollscope"), (2, "truth.jsonl")]
        {
            let path = fixture(session, player, suffix);
            bytes += fs::metadata(&path).unwrap().len();
            let unpacked = unpack(&path);
            let text = String::from_utf8_lossy(&unpacked);
            for page_text in ["import ", "<html", "def "] {
                assert!(!text.contains(page_text), "{} holds {page_text:?}", path.display());
            }
        }
    }
    assert!(bytes < MAX_BYTES, "{bytes} bytes");
}
