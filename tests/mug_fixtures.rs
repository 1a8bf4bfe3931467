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
use std::path::Path;

use flate2::Compression;
use flate2::write::GzEncoder;
use mug_support::{SESSIONS, chunks_of_recording, fixture, recordings, trim, unpack};
use rollscope::capture::{FileHeader, FileWriter};

/// Most bytes of all fixtures.
const MAX_BYTES: u64 = 8 << 20;

fn pack(path: &Path, bytes: &[u8]) {
    let mut encoder = GzEncoder::new(Vec::new(), Compression::best());
    encoder.write_all(bytes).unwrap();
    fs::write(path, encoder.finish().unwrap()).unwrap();
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
