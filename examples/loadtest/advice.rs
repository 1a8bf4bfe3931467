//! The parameters of seed 002, each with what was measured in place of what was advised. Markdown; `cargo
//! xtask loadtest` puts it into docs/tuning.md.

use std::fmt::{Error, Write};

use super::figures::Outcome;
use super::simulation::Plan;
use super::{JITTERS_MS, LOSSES, MAX_PREDICTIONS_FRAMES, SNAPSHOT_INTERVALS_FRAMES, plan};

type Run = (Plan, Outcome);

/// The usual values, as in [`Plan::usual`].
const USUAL_INTERVAL_FRAMES: u32 = 5;
const USUAL_PREDICTION_FRAMES: u32 = 20;

/// All tables.
pub(crate) fn tables(runs: &[Run]) -> Result<String, Error> {
    let mut text = String::new();
    delays(&mut text, runs)?;
    intervals(&mut text, runs)?;
    predictions(&mut text, runs)?;
    players(&mut text, runs)?;
    outages(&mut text, runs)?;
    advice(&mut text, runs)?;
    Ok(text)
}

/// The run of exactly this plan.
fn find(runs: &[Run], wanted: Plan) -> Option<&Outcome> {
    let key = |plan: &Plan| {
        let profile = &plan.profile;
        (
            plan.players,
            (profile.latency_micros, profile.jitter_micros, profile.loss.to_bits()),
            (plan.input_delay_frames, plan.snapshot_interval_frames, plan.max_prediction_frames),
            plan.outage_millis,
        )
    };
    let wanted = key(&wanted);
    runs.iter().find(|(plan, _)| key(plan) == wanted).map(|(_, outcome)| outcome)
}

fn middle(players: u8, latency_ms: u64) -> Plan {
    plan(players, latency_ms, JITTERS_MS[1], LOSSES[1])
}

fn of_depth(outcome: &Outcome) -> String {
    format!(
        "{} ({} to {})",
        outcome.depth_median_frames, outcome.depth_p5_frames, outcome.depth_p95_frames
    )
}

fn delays(text: &mut String, runs: &[Run]) -> Result<(), Error> {
    text.push_str(
        "**INPUT_DELAY.** Rollbacks a minute, and their depth in frames: median (5 % to 95 %).\n\n\
         | one-way latency | delay 0 | delay 2 | delay 4 |\n|---|---|---|---|\n",
    );
    for latency_ms in super::LATENCIES_MS {
        write!(text, "| {latency_ms} ms |")?;
        for input_delay_frames in [0, 2, 4] {
            let plan = Plan { input_delay_frames, ..middle(2, latency_ms) };
            if let Some(outcome) = find(runs, plan) {
                let rate = outcome.rollbacks_per_minute;
                let depth = if rate > 0.0 { of_depth(outcome) } else { "–".to_owned() };
                write!(text, " {rate:.0}, {depth} |")?;
            }
        }
        text.push('\n');
    }
    text.push('\n');
    Ok(())
}

fn intervals(text: &mut String, runs: &[Run]) -> Result<(), Error> {
    text.push_str(
        "**snapshotInterval.** No input delay; frames stepped again and states saved a minute, most \
         states held at once, and what is sent.\n\n\
         | frames between snapshots | stepped again at 60 ms | at 200 ms | saved at 60 ms | at 200 ms \
         | held at 200 ms | kB/s at 200 ms |\n|---|---:|---:|---:|---:|---:|---:|\n",
    );
    let mut all: Vec<u32> = SNAPSHOT_INTERVALS_FRAMES.to_vec();
    all.push(USUAL_INTERVAL_FRAMES);
    all.sort_unstable();
    for snapshot_interval_frames in all {
        let at = |latency| find(runs, Plan { snapshot_interval_frames, ..middle(2, latency) });
        if let (Some(near), Some(far)) = (at(60), at(200)) {
            writeln!(
                text,
                "| {snapshot_interval_frames} | {:.0} | {:.0} | {:.0} | {:.0} | {} | {:.1} |",
                near.resimulated_frames_per_minute,
                far.resimulated_frames_per_minute,
                near.saves_per_minute,
                far.saves_per_minute,
                far.held_states_max,
                far.sent_bytes_per_second / 1000.0,
            )?;
        }
    }
    text.push('\n');
    Ok(())
}

fn predictions(text: &mut String, runs: &[Run]) -> Result<(), Error> {
    text.push_str(
        "**Prediction window.** No input delay; ticks stalled a minute, of 3,600, and the depth of \
         rollbacks.\n\n\
         | frames | stalled at 60 ms | at 100 ms | at 200 ms | depth at 200 ms |\n\
         |---|---:|---:|---:|---|\n",
    );
    let mut all: Vec<u32> = MAX_PREDICTIONS_FRAMES.to_vec();
    all.push(USUAL_PREDICTION_FRAMES);
    all.sort_unstable();
    for max_prediction_frames in all {
        let at = |latency| find(runs, Plan { max_prediction_frames, ..middle(2, latency) });
        if let (Some(near), Some(mean), Some(far)) = (at(60), at(100), at(200)) {
            writeln!(
                text,
                "| {max_prediction_frames} | {:.0} | {:.0} | {:.0} | {} |",
                near.stalled_ticks_per_minute,
                mean.stalled_ticks_per_minute,
                far.stalled_ticks_per_minute,
                of_depth(far),
            )?;
        }
    }
    text.push('\n');
    Ok(())
}

fn players(text: &mut String, runs: &[Run]) -> Result<(), Error> {
    text.push_str(
        "**Players.** At 60 ms without input delay, per peer.\n\n\
         | players | rollbacks a minute | depth | messages a second | kB/s |\n|---|---:|---|---:|---:|\n",
    );
    for players in [2, 3, 4, 6, 8] {
        if let Some(outcome) = find(runs, middle(players, 60)) {
            writeln!(
                text,
                "| {players} | {:.0} | {} | {:.0} | {:.1} |",
                outcome.rollbacks_per_minute,
                of_depth(outcome),
                outcome.sent_messages_per_second,
                outcome.sent_bytes_per_second / 1000.0,
            )?;
        }
    }
    text.push('\n');
    Ok(())
}

fn outages(text: &mut String, runs: &[Run]) -> Result<(), Error> {
    text.push_str(
        "**Outage.** At 60 ms without input delay: nothing crosses for so long, once.\n\n\
         | outage | ticks stalled | deepest rollback | rollbacks a minute |\n|---|---:|---:|---:|\n",
    );
    for outage_millis in [0, 1000, 5000] {
        if let Some(outcome) = find(runs, Plan { outage_millis, ..middle(2, 60) }) {
            writeln!(
                text,
                "| {} s | {:.0} | {} | {:.0} |",
                outage_millis / 1000,
                outcome.stalled_ticks_per_minute,
                outcome.depth_max_frames,
                outcome.rollbacks_per_minute,
            )?;
        }
    }
    text.push('\n');
    Ok(())
}

fn advice(text: &mut String, runs: &[Run]) -> Result<(), Error> {
    let usual = || {
        runs.iter().filter(|(plan, _)| {
            plan.snapshot_interval_frames == USUAL_INTERVAL_FRAMES
                && plan.max_prediction_frames == USUAL_PREDICTION_FRAMES
        })
    };
    let held = usual().map(|(_, outcome)| outcome.held_states_max).max().unwrap_or(0);
    let inputs = usual().map(|(_, outcome)| outcome.inputs_per_message_max).max().unwrap_or(0);
    let covered = |latency_ms, input_delay_frames| {
        let plan = Plan { input_delay_frames, ..middle(2, latency_ms) };
        find(runs, plan).map_or(0.0, |outcome| outcome.rollbacks_per_minute)
    };
    writeln!(
        text,
        "| parameter | advised | measured |\n|---|---|---|\n\
         | INPUT_DELAY | 2 to 3 frames | 2 leave {:.0} of {:.0} rollbacks a minute at 10 ms, and all of them \
         from 60 ms on, two frames less deep |\n\
         | snapshotInterval | 5 frames | 5 step {:.0} % more frames again than 1 does at 60 ms, for {:.0} % \
         of the states |\n\
         | maxSnapshots | 30 | never more than {held} held, over all {} runs with the usual settings |\n\
         | inputBufferMaxSize | 120 | never more than {inputs} inputs in a message, outages included |\n\
         | pruneThreshold | 60 frames | none: a state goes once a newer one is confirmed |",
        covered(10, 2),
        covered(10, 0),
        percent_more(runs, 1),
        100.0 / saves_ratio(runs, 1),
        usual().count(),
    )
}

/// How many more frames the usual interval steps again than another one, at 60 ms.
fn percent_more(runs: &[Run], snapshot_interval_frames: u32) -> f64 {
    let frames =
        |plan| find(runs, plan).map_or(1.0, |outcome| outcome.resimulated_frames_per_minute);
    let other = frames(Plan { snapshot_interval_frames, ..middle(2, 60) });
    (frames(middle(2, 60)) / other - 1.0) * 100.0
}

/// How many times as many states another interval saves as the usual one, at 60 ms.
fn saves_ratio(runs: &[Run], snapshot_interval_frames: u32) -> f64 {
    let saves = |plan| find(runs, plan).map_or(1.0, |outcome| outcome.saves_per_minute);
    saves(Plan { snapshot_interval_frames, ..middle(2, 60) }) / saves(middle(2, 60))
}
