//! `cargo xtask loadtest`: what latency, jitter, loss, input delay and the number of players do to
//! a rollback session, measured and not advised.
//!
//! Real engines over seeded links, no clock: the same figures on every machine. Writes a table of
//! all runs and a chart of the main ones into the folder given as the only argument, and prints the tables
//! of the page that explains them.

#![expect(clippy::disallowed_methods, reason = "a program that writes its results")]

mod advice;
mod chart;
mod figures;
mod game;
mod optimisations;
mod simulation;
mod table;
mod way;

use std::error::Error;
use std::path::PathBuf;

use figures::Outcome;
use rollscope::link::LinkProfile;
use simulation::{Plan, play};

const LATENCIES_MS: [u64; 6] = [10, 30, 60, 100, 150, 200];
const JITTERS_MS: [u64; 3] = [0, 20, 60];
const LOSSES: [f64; 3] = [0.0, 0.02, 0.1];
const INPUT_DELAYS_FRAMES: [u32; 5] = [0, 1, 2, 3, 4];

/// Players of the runs over every network.
const PLAYERS: [u8; 2] = [2, 4];

/// Players, and what is lost at once in the middle, of the runs over the middle network only.
const MIDDLE: [(u8, u64); 5] = [(3, 0), (6, 0), (8, 0), (2, 1000), (2, 5000)];

/// Frames between snapshots, and the longest prediction, of the runs over the middle network that tune
/// these; the usual ones are among the other runs.
const SNAPSHOT_INTERVALS_FRAMES: [u32; 5] = [1, 2, 10, 20, 30];
const MAX_PREDICTIONS_FRAMES: [u32; 4] = [4, 8, 40, 80];

/// Input delays of the runs that tune something else.
const TUNED_DELAYS_FRAMES: [u32; 2] = [0, 2];

/// One simulated minute at 60 frames per second.
const FRAMES: u32 = 3600;

fn main() -> Result<(), Box<dyn Error>> {
    let asked = std::env::args().nth(1);
    if asked.as_deref() == Some("--optimisations") {
        print!("{}", optimisations::table()?);
        return Ok(());
    }
    let folder = asked.map(PathBuf::from);
    let folder = folder.ok_or("name the folder to write into: cargo xtask loadtest does so")?;
    let mut runs: Vec<(Plan, Outcome)> = Vec::new();
    for players in PLAYERS {
        for latency_ms in LATENCIES_MS {
            for plan in plans(players, latency_ms) {
                runs.push((plan, play(&plan)));
            }
            eprintln!("{players} players, {latency_ms} ms: {} runs done", runs.len());
        }
    }
    for (players, outage_millis) in MIDDLE {
        for latency_ms in LATENCIES_MS {
            for input_delay_frames in INPUT_DELAYS_FRAMES {
                let middle = plan(players, latency_ms, JITTERS_MS[1], LOSSES[1]);
                let plan = Plan { input_delay_frames, outage_millis, ..middle };
                runs.push((plan, play(&plan)));
            }
        }
        eprintln!("{players} players, {outage_millis} ms outage: {} runs done", runs.len());
    }
    for plan in tuned() {
        runs.push((plan, play(&plan)));
    }
    eprintln!("snapshots and prediction: {} runs done", runs.len());
    std::fs::write(folder.join("loadtest.csv"), table::csv(&runs)?)?;
    std::fs::write(folder.join("loadtest.svg"), chart::draw(&runs)?)?;
    print!("{}", advice::tables(&runs)?);
    Ok(())
}

fn plan(players: u8, latency_ms: u64, jitter_ms: u64, loss: f64) -> Plan {
    let profile = LinkProfile {
        latency_micros: latency_ms * 1000,
        jitter_micros: jitter_ms * 1000,
        loss,
        duplication: 0.0,
    };
    Plan { players, profile, frames: FRAMES, ..Plan::usual() }
}

/// The runs that tune the snapshots and the prediction window.
fn tuned() -> Vec<Plan> {
    let mut plans = Vec::new();
    for latency_ms in LATENCIES_MS {
        for input_delay_frames in TUNED_DELAYS_FRAMES {
            let middle = plan(2, latency_ms, JITTERS_MS[1], LOSSES[1]);
            let usual = Plan { input_delay_frames, ..middle };
            plans.extend(
                SNAPSHOT_INTERVALS_FRAMES
                    .map(|snapshot_interval_frames| Plan { snapshot_interval_frames, ..usual }),
            );
            plans.extend(
                MAX_PREDICTIONS_FRAMES
                    .map(|max_prediction_frames| Plan { max_prediction_frames, ..usual }),
            );
        }
    }
    plans
}

fn plans(players: u8, latency_ms: u64) -> Vec<Plan> {
    let mut plans = Vec::new();
    for jitter_ms in JITTERS_MS {
        for loss in LOSSES {
            for input_delay_frames in INPUT_DELAYS_FRAMES {
                let plan = plan(players, latency_ms, jitter_ms, loss);
                plans.push(Plan { input_delay_frames, ..plan });
            }
        }
    }
    plans
}
