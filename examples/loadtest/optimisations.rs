//! The optimisations of seed 001 that live in the engine and on the wire, each with and without.
//!
//! Everything else in a pair of runs is the same, seeds of the links included, so that what differs
//! comes of the optimisation. Prints Markdown; `cargo xtask optimisations` puts it into its page.

use std::fmt::{Error, Write};

use rollscope::link::LinkProfile;
use rollscope::message::{Form, PredictionRule};
use rollscope::rollback::{EngineOptions, HashRate, ResyncRule, SendOrder};

use super::figures::Outcome;
use super::game::Habit;
use super::simulation::{Plan, play};

/// A difference every 10 seconds.
const FAULT_INTERVAL_FRAMES: u32 = 600;

/// What a slow upstream carries in a tick: 15 kB/s.
const SLOW_BYTES_PER_TICK: u32 = 250;

/// One line of the table.
struct Line {
    code: &'static str,
    what: &'static str,
    setting: &'static str,
    plan: Plan,
    // What else this optimisation is about.
    note: fn(&Outcome) -> String,
}

/// Plays all pairs and returns the table.
pub(crate) fn table() -> Result<String, Error> {
    let mut text = String::from(
        "| | optimisation | setting | kB/s | messages/s | rollbacks/min | depth, median / p95 \
         (frames) | input latency, median / p95 (ms) | what it is about |\n\
         |---|---|---|---:|---:|---:|---:|---:|---|\n",
    );
    for line in lines() {
        eprintln!("{} {}: {}", line.code, line.what, line.setting);
        row(&mut text, &line)?;
    }
    Ok(text)
}

fn row(text: &mut String, line: &Line) -> Result<(), Error> {
    let outcome = play(&line.plan);
    writeln!(
        text,
        "| {} | {} | {} | {:.2} | {:.0} | {:.0} | {} / {} | {:.0} / {:.0} | {} |",
        line.code,
        line.what,
        line.setting,
        outcome.sent_bytes_per_second / 1000.0,
        outcome.sent_messages_per_second,
        outcome.rollbacks_per_minute,
        outcome.depth_median_frames,
        outcome.depth_p95_frames,
        outcome.input_latency_median_millis,
        outcome.input_latency_p95_millis,
        (line.note)(&outcome),
    )
}

fn lines() -> Vec<Line> {
    let usual = Plan::usual();
    let with = |change: &dyn Fn(&mut Plan)| {
        let mut plan = usual;
        change(&mut plan);
        plan
    };
    let resync = |rule| {
        with(&|plan| {
            plan.options.resync = rule;
            plan.fault_interval_frames = FAULT_INTERVAL_FRAMES;
        })
    };
    let form = |form| with(&|plan| plan.form = form);
    let interval = |ticks| with(&|plan| plan.options.send_interval_ticks = ticks);
    let rate = |rate| {
        with(&|plan| {
            plan.options.hash_rate = rate;
            plan.options.resync = ResyncRule::Delta;
            plan.fault_interval_frames = FAULT_INTERVAL_FRAMES;
        })
    };
    // Half a second without a message, every two and a half seconds.
    let shaken = |rate| {
        with(&|plan| {
            plan.options.hash_rate = rate;
            plan.options.resync = ResyncRule::Delta;
            plan.fault_interval_frames = FAULT_INTERVAL_FRAMES;
            plan.outage_millis = 500;
            plan.outage_interval_millis = 10_000 / 4;
        })
    };
    let delay = |frames| with(&|plan| plan.input_delay_frames = frames);
    let guess = |rule, habit| {
        with(&|plan| {
            plan.prediction = rule;
            plan.habit = habit;
        })
    };
    let sync = |ticks| {
        with(&|plan| {
            plan.options.frame_sync_interval_ticks = ticks;
            plan.late_millis = 200;
            plan.slower_permille = 10;
        })
    };
    let order = |order| {
        with(&|plan| {
            plan.options = EngineOptions {
                send_order: order,
                bytes_per_tick: Some(SLOW_BYTES_PER_TICK),
                resync: ResyncRule::Full,
                ..plan.options
            };
            plan.fault_interval_frames = FAULT_INTERVAL_FRAMES / 2;
            plan.profile = LinkProfile { loss: 0.0, ..plan.profile };
        })
    };
    // Times in whole milliseconds move each tick by less than one.
    let clock = |micros| with(&|plan| plan.timers_micros = (micros, micros));
    // One page steps by a screen of 60 Hz, the other by one of 144 Hz.
    let timestep = |is_owed_time_lost| {
        with(&|plan| {
            plan.timers_micros = (16_667, 6_944);
            plan.is_owed_time_lost = is_owed_time_lost;
        })
    };
    let transport = |is_reliable, loss| {
        with(&|plan| {
            plan.is_reliable = is_reliable;
            plan.profile = LinkProfile { loss, ..plan.profile };
        })
    };
    let of_rate = |outcome: &Outcome| {
        format!(
            "{:.1} frames a second, first player {:+.1} frames ahead, {:.0} stalls/min",
            outcome.frames_per_second, outcome.ahead_mean_frames, outcome.stalled_ticks_per_minute,
        )
    };
    let of_way = |outcome: &Outcome| {
        format!(
            "{:.0} frames stepped again and {:.0} stalls per minute",
            outcome.resimulated_frames_per_minute, outcome.stalled_ticks_per_minute,
        )
    };
    let of_resync = |outcome: &Outcome| {
        format!(
            "{:.1} kB in {:.0} messages a resync ({} of them), repaired {:.0} ms after it was seen",
            outcome.bytes_per_resync / 1000.0,
            outcome.messages_per_resync,
            outcome.resyncs,
            outcome.repair_median_millis,
        )
    };
    let of_hashes = |outcome: &Outcome| {
        format!(
            "hashes {:.2} kB/s; a difference is seen after {:.0} ms (median)",
            outcome.hash_bytes_per_second / 1000.0,
            outcome.detection_median_millis,
        )
    };
    let of_pace = |outcome: &Outcome| {
        format!(
            "first player {:+.1} frames ahead, {:.0} rollbacks/min at the worse side, {:.0} stalls/min",
            outcome.ahead_mean_frames,
            outcome.worst_rollbacks_per_minute,
            outcome.stalled_ticks_per_minute,
        )
    };
    let of_depth = |outcome: &Outcome| {
        format!("{:.0} frames stepped again per minute", outcome.resimulated_frames_per_minute)
    };
    let of_delay = |outcome: &Outcome| {
        format!(
            "{:.0} frames stepped again per minute; own inputs show later by the delay",
            outcome.resimulated_frames_per_minute
        )
    };
    let of_stalls = |outcome: &Outcome| {
        format!(
            "{:.0} stalls/min; a resync repairs after {:.0} ms",
            outcome.stalled_ticks_per_minute, outcome.repair_median_millis
        )
    };
    let line = |code, what, setting, plan, note| Line { code, what, setting, plan, note };
    vec![
        line("A1", "delta state", "whole state", resync(ResyncRule::Full), of_resync),
        line("A1", "delta state", "difference", resync(ResyncRule::Delta), of_resync),
        line("A2", "binary messages", "JSON", form(Form::Json), |_| String::new()),
        line("A2", "binary messages", "MessagePack", form(Form::MessagePack), |_| String::new()),
        line("A2", "binary messages", "own bytes", form(Form::Binary), |_| String::new()),
        line("A3", "action batching", "every tick", interval(1), of_depth),
        line("A3", "action batching", "every 2nd tick", interval(2), of_depth),
        line("A3", "action batching", "every 4th tick", interval(4), of_depth),
        line("B1", "adaptive sync", "every snapshot", rate(HashRate::EverySnapshot), of_hashes),
        line("B1", "adaptive sync", "adaptive", rate(HashRate::Adaptive), of_hashes),
        line("B3", "predictive sync", "adaptive", shaken(HashRate::Adaptive), of_hashes),
        line("B3", "predictive sync", "predictive", shaken(HashRate::Predictive), of_hashes),
        line("C1", "high-resolution timestamps", "whole milliseconds", clock(1_000), of_rate),
        line("C1", "high-resolution timestamps", "microseconds", clock(1), of_rate),
        line("C2", "input delay", "0 frames", delay(0), of_delay),
        line("C2", "input delay", "3 frames", delay(3), of_delay),
        line("C2", "input delay", "6 frames", delay(6), of_delay),
        line(
            "C3",
            "smarter fallback",
            "default action",
            guess(PredictionRule::DefaultAction, Habit::Tapping),
            of_depth,
        ),
        line(
            "C3",
            "smarter fallback",
            "repeat the last",
            guess(PredictionRule::RepeatLast, Habit::Tapping),
            of_depth,
        ),
        line(
            "C3",
            "smarter fallback",
            "by frequency, players tap in a pattern",
            guess(PredictionRule::Frequency, Habit::Tapping),
            of_depth,
        ),
        line(
            "C3",
            "smarter fallback",
            "by frequency, players wander",
            guess(PredictionRule::Frequency, Habit::Wandering),
            of_depth,
        ),
        line("D1", "fixed timestep", "a late timer's debt is lost", timestep(true), of_rate),
        line("D1", "fixed timestep", "accumulated", timestep(false), of_rate),
        line("D2", "frame sync", "off", sync(0), of_pace),
        line("D2", "frame sync", "every 10 ticks", sync(10), of_pace),
        line("E1", "transport", "reliable and ordered, 2 % loss", transport(true, 0.02), of_way),
        line("E1", "transport", "unreliable, 2 % loss", transport(false, 0.02), of_way),
        line("E1", "transport", "reliable and ordered, 10 % loss", transport(true, 0.1), of_way),
        line("E1", "transport", "unreliable, 10 % loss", transport(false, 0.1), of_way),
        line("E2", "priority of sends", "as made", order(SendOrder::AsMade), of_stalls),
        line("E2", "priority of sends", "by priority", order(SendOrder::ByPriority), of_stalls),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const WRITTEN: &str = include_str!("../../docs/optimisations.md");

    #[test]
    fn every_optimisation_is_played_with_and_without() {
        let lines = lines();
        for code in ["A1", "A2", "A3", "B1", "B3", "C1", "C2", "C3", "D1", "D2", "E1", "E2"] {
            assert!(lines.iter().filter(|line| line.code == code).count() >= 2, "{code}");
            assert!(WRITTEN.contains(&format!("\n| {code} | ")), "{code} is not in the page");
        }
    }

    /// One line of each part of the engine that an optimisation changes.
    #[test]
    fn the_written_table_is_what_a_run_gives() {
        let settings = ["difference", "MessagePack", "every 2nd tick", "3 frames", "accumulated"];
        for line in lines().iter().filter(|line| settings.contains(&line.setting)) {
            let mut text = String::new();
            row(&mut text, line).unwrap();
            let text = text.trim_end();
            let is_written = WRITTEN.lines().any(|written| written.trim_end() == text);
            assert!(
                is_written,
                "docs/optimisations.md lacks {text}: run `cargo xtask optimisations`"
            );
        }
    }
}
