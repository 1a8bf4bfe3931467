//! `cargo xtask loadtest`: what latency, jitter, loss, input delay and the number of players do to
//! a rollback session, measured and not advised.
//!
//! Real engines over seeded links, no clock: the same figures on every machine. Writes a table of
//! all runs and a chart of the main ones into the folder given as the only argument.

#![expect(clippy::disallowed_methods, reason = "a program that writes its results")]

mod chart;
mod simulation;

use std::error::Error;
use std::fmt::Write as _;
use std::path::PathBuf;

use rollscope::link::LinkProfile;
use simulation::{Outcome, Plan, play};

const LATENCIES_MS: [u64; 6] = [10, 30, 60, 100, 150, 200];
const JITTERS_MS: [u64; 3] = [0, 20, 60];
const LOSSES: [f64; 3] = [0.0, 0.02, 0.1];
const INPUT_DELAYS_FRAMES: [u32; 5] = [0, 1, 2, 3, 4];
const PLAYERS: [u8; 2] = [2, 4];

/// One simulated minute at 60 frames per second.
const FRAMES: u32 = 3600;

fn main() -> Result<(), Box<dyn Error>> {
    let folder = std::env::args().nth(1).map(PathBuf::from);
    let folder = folder.ok_or("name the folder to write into: cargo xtask loadtest does so")?;
    let mut runs: Vec<(Plan, Outcome)> = Vec::new();
    for players in PLAYERS {
        for latency_ms in LATENCIES_MS {
            for plan in plans(players, latency_ms) {
                runs.push((plan, play(&plan)));
            }
            println!("{players} players, {latency_ms} ms: {} runs done", runs.len());
        }
    }
    std::fs::write(folder.join("loadtest.csv"), table(&runs)?)?;
    std::fs::write(folder.join("loadtest.svg"), chart::draw(&runs)?)?;
    println!("written: loadtest.csv, loadtest.svg");
    Ok(())
}

fn plans(players: u8, latency_ms: u64) -> Vec<Plan> {
    let mut plans = Vec::new();
    for jitter_ms in JITTERS_MS {
        for loss in LOSSES {
            for input_delay_frames in INPUT_DELAYS_FRAMES {
                let profile = LinkProfile {
                    latency_micros: latency_ms * 1000,
                    jitter_micros: jitter_ms * 1000,
                    loss,
                    duplication: 0.0,
                };
                plans.push(Plan { players, profile, input_delay_frames, frames: FRAMES });
            }
        }
    }
    plans
}

// Rates are per peer: the mean over the peers of a run, because they are alike by construction.
fn table(runs: &[(Plan, Outcome)]) -> Result<String, std::fmt::Error> {
    let mut csv = String::from(
        "players,latency_ms,jitter_ms,loss,input_delay_frames,rollbacks_per_minute,\
         depth_median_frames,depth_p95_frames,depth_max_frames,resimulated_frames_per_minute,\
         stalled_ticks_per_minute,sent_bytes_per_second,sent_messages_per_second,desyncs\n",
    );
    for (plan, outcome) in runs {
        writeln!(
            csv,
            "{},{},{},{},{},{:.1},{},{},{},{:.1},{:.1},{:.0},{:.1},{}",
            plan.players,
            plan.profile.latency_micros / 1000,
            plan.profile.jitter_micros / 1000,
            plan.profile.loss,
            plan.input_delay_frames,
            outcome.rollbacks_per_minute,
            outcome.depth_median_frames,
            outcome.depth_p95_frames,
            outcome.depth_max_frames,
            outcome.resimulated_frames_per_minute,
            outcome.stalled_ticks_per_minute,
            outcome.sent_bytes_per_second,
            outcome.sent_messages_per_second,
            outcome.desyncs,
        )?;
    }
    Ok(csv)
}
