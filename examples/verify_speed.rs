//! What verification adds to reconstruction: a session of several minutes played in memory, then read
//! from its bytes, then checked. `cargo xtask bench verify` runs it.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measuring program reads a clock and prints what it found"
)]

#[path = "../tests/support/mod.rs"]
mod support;

use std::time::Instant;

use rollscope::analysis::Analysis;
use support::{Peer, Setup, play};

/// Rounds of which the fastest counts.
const ROUNDS: u32 = 12;

fn main() {
    let frames = 10_800;
    let chunks = play(&Setup { frames, ..Setup::new(1) }).map(Peer::into_chunks);
    let bytes: usize = chunks.iter().flatten().map(Vec::len).sum();
    let (mut read, mut check) = (f64::INFINITY, f64::INFINITY);
    let mut findings = 0;
    for _ in 0..ROUNDS {
        let start = Instant::now();
        let mut analysis = Analysis::new();
        for chunk in chunks.iter().flatten() {
            analysis.handle_chunk(chunk);
        }
        analysis.flush();
        read = read.min(start.elapsed().as_secs_f64());
        let start = Instant::now();
        let checked = analysis.check();
        check = check.min(start.elapsed().as_secs_f64());
        findings = checked.checks.iter().map(|one| one.outcome.findings.len()).sum();
    }
    let frames = frames * 2;
    println!("{frames} {bytes} {:.3} {:.3} {findings}", read * 1e3, check * 1e3);
}
