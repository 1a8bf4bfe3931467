//! Writes a long session of the arena's peers, played in memory, as one capture file: what
//! `cargo xtask bench panel` opens. Arguments: frames, path.

#![expect(
    clippy::disallowed_methods,
    reason = "a measuring program writes a file and stops at its first surprise"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use rollscope::capture::{FileHeader, FileWriter};
use support::{Peer, Setup, play};

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let mut arguments = std::env::args().skip(1);
    let frames = arguments.next().ok_or("say how many frames")?.parse()?;
    let path = arguments.next().ok_or("say where to write")?;
    let header = FileHeader { created_by: "bench panel".to_owned(), created_at_ms: 0.0 };
    let (mut writer, mut bytes) = FileWriter::start(&header);
    for chunk in play(&Setup { frames, ..Setup::new(1) }).into_iter().flat_map(Peer::into_chunks) {
        bytes.extend(writer.chunk(&chunk)?);
    }
    bytes.extend(writer.end());
    std::fs::write(path, bytes)?;
    Ok(())
}
