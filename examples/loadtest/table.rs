//! The table of all runs, as CSV: what was set, then what came of it. Rates are per peer, the mean over
//! the peers of a run, which are alike by construction.

use std::fmt::{Error, Write};

use super::figures::Outcome;
use super::simulation::Plan;

const HEAD: &str = "players,latency_ms,jitter_ms,loss,input_delay_frames,outage_ms,\
    snapshot_interval_frames,max_prediction_frames,rollbacks_per_minute,depth_p5_frames,depth_p25_frames,\
    depth_median_frames,depth_p75_frames,depth_p95_frames,depth_max_frames,resimulated_frames_per_minute,\
    stalled_ticks_per_minute,sent_bytes_per_second,sent_messages_per_second,input_latency_median_ms,\
    input_latency_p95_ms,saves_per_minute,held_states_max,inputs_per_message_max,desyncs";

/// The whole table.
pub(crate) fn csv(runs: &[(Plan, Outcome)]) -> Result<String, Error> {
    let mut csv = format!("{HEAD}\n");
    for (plan, outcome) in runs {
        row(&mut csv, plan, outcome)?;
    }
    Ok(csv)
}

fn row(csv: &mut String, plan: &Plan, outcome: &Outcome) -> Result<(), Error> {
    write!(
        csv,
        "{},{},{},{},{},{},{},{},",
        plan.players,
        plan.profile.latency_micros / 1000,
        plan.profile.jitter_micros / 1000,
        plan.profile.loss,
        plan.input_delay_frames,
        plan.outage_millis,
        plan.snapshot_interval_frames,
        plan.max_prediction_frames,
    )?;
    writeln!(
        csv,
        "{:.1},{},{},{},{},{},{},{:.1},{:.1},{:.0},{:.1},{:.0},{:.0},{:.0},{},{},{}",
        outcome.rollbacks_per_minute,
        outcome.depth_p5_frames,
        outcome.depth_p25_frames,
        outcome.depth_median_frames,
        outcome.depth_p75_frames,
        outcome.depth_p95_frames,
        outcome.depth_max_frames,
        outcome.resimulated_frames_per_minute,
        outcome.stalled_ticks_per_minute,
        outcome.sent_bytes_per_second,
        outcome.sent_messages_per_second,
        outcome.input_latency_median_millis,
        outcome.input_latency_p95_millis,
        outcome.saves_per_minute,
        outcome.held_states_max,
        outcome.inputs_per_message_max,
        outcome.desyncs,
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{JITTERS_MS, LOSSES, plan, play};

    const WRITTEN: &str = include_str!("../../docs/loadtest.csv");

    /// The document is what the program says, on this machine as on any other.
    #[test]
    fn the_written_table_is_what_a_run_gives() {
        let middle = |players, latency| plan(players, latency, JITTERS_MS[1], LOSSES[1]);
        let runs = [
            plan(2, 10, 0, 0.0),
            middle(2, 60),
            Plan { input_delay_frames: 4, ..middle(2, 60) },
            middle(3, 60),
            Plan { outage_millis: 1000, ..middle(2, 100) },
            Plan { snapshot_interval_frames: 1, ..middle(2, 60) },
            Plan { max_prediction_frames: 8, ..middle(2, 200) },
        ];
        assert_eq!(WRITTEN.lines().next(), Some(HEAD));
        for plan in runs {
            let mut row = String::new();
            super::row(&mut row, &plan, &play(&plan)).unwrap();
            let is_written = WRITTEN.lines().any(|line| line == row.trim_end());
            assert!(is_written, "docs/loadtest.csv lacks {row}: run `cargo xtask loadtest`");
        }
    }

    #[test]
    fn no_run_differs_and_every_plan_is_there_once() {
        let rows: Vec<&str> = WRITTEN.lines().skip(1).collect();
        assert!(rows.iter().all(|row| row.ends_with(",0")), "a desync without a fault");
        let mut plans: Vec<Vec<&str>> =
            rows.iter().map(|row| row.split(',').take(8).collect()).collect();
        plans.sort_unstable();
        plans.dedup();
        assert_eq!(plans.len(), rows.len());
    }
}
