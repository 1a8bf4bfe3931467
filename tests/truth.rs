//! The truth matrix: every kind of fault over seeds and networks, against what the checks say.
//!
//! Recall: the check that a fault is for finds it, at the right frame. Precision: nothing else of
//! weight is reported but what the fault truly causes. Clean sessions have neither errors nor risks.
//! `cargo xtask truth` plays 200 seeds; here a slice of it runs.

#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test reads its settings and stops at its first surprise"
)]

mod support;

use std::fmt::Write as _;

use rollscope::analysis::Analysis;
use rollscope::link::LinkProfile;
use rollscope::message::PredictionRule;
use rollscope::rollback::{EngineEvent, ResyncRule};
use rollscope::verify::{Finding, Severity, VerdictKind};
use support::{
    FAULT_FRAME, Fault, Peer, REPEATED_OTHERWISE, Setup, analyse, logged_rollbacks, play,
};

/// Seeds per kind; `ROLLSCOPE_TRUTH_SEEDS` asks for more.
fn seeds() -> u64 {
    std::env::var("ROLLSCOPE_TRUTH_SEEDS").map_or(6, |text| text.parse().unwrap())
}

/// Latency, jitter and loss.
const NETWORKS: [(&str, u64, u64, f64); 4] = [
    ("city", 20_000, 15_000, 0.02),
    ("country", 45_000, 25_000, 0.05),
    ("continent", 60_000, 40_000, 0.08),
    ("ocean", 110_000, 50_000, 0.15),
];

/// The page or pages whose capture is checked.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Side {
    Faulty,
    Other,
    Both,
}

/// What is expected of one kind of fault.
struct Expected {
    /// Checks of weight that fail as its consequence.
    consequences: &'static [&'static str],
    /// Another check that may find it in its place.
    or: Option<&'static str>,
    /// Whose capture shows it.
    side: Side,
    /// Earliest and latest frame of the first finding; else near the frame of the fault.
    frames: Option<std::ops::Range<u32>>,
}

/// Frames of each session.
const FRAMES: u32 = 180;

/// Frames in which a request that never comes again, or comes late, must become visible.
const FRAMES_TO_SHOW: u32 = 5;

/// A finding lies this near to its fault: 40 frames of prediction and a snapshot interval.
const NEAR_FRAMES: u32 = 45;

/// States that differ from then on, and hashes that say so.
const STATES: &[&str] = &["state-hash-mismatch"];

/// Books are a part of the arena's states and of their hashes.
const BOOKS: &[&str] = &["snapshot-altered", "state-hash-mismatch"];

fn expected(fault: Fault) -> Expected {
    // Rollbacks reach back by the prediction window and the snapshot interval at most.
    let at = |consequences| Expected { consequences, or: None, side: Side::Faulty, frames: None };
    let exact = |consequences, frames| Expected { frames: Some(frames), ..at(consequences) };
    let other_side = |expected| Expected { side: Side::Other, ..expected };
    let both_sides = |expected| Expected { side: Side::Both, ..expected };
    match fault {
        Fault::None => unreachable!("no fault"),
        // A later rollback may start after the frame that was never repaired, and the engine waits
        // for the snapshots that the dropped batch should have saved.
        // Where a later rollback happens to cover it, it was late.
        Fault::DropRollback | Fault::ClearedGuesses => Expected {
            or: Some("rollback-late"),
            ..at(&["state-hash-mismatch", "rollback-content", "verification-blind"])
        },
        Fault::WrongSnapshot => at(STATES),
        Fault::ReplayOtherAction => at(STATES),
        // What was not replayed rightly stays wrong.
        Fault::ReplayOldInputs | Fault::ReplayTooShort => {
            at(&["state-hash-mismatch", "rollback-missed", "rollback-late"])
        }
        Fault::TooShallow => {
            at(&["state-hash-mismatch", "verification-blind", "rollback-missed", "rollback-late"])
        }
        Fault::DropResult | Fault::SwapResults | Fault::OrphanReply => at(&[]),
        Fault::ReportOtherHash | Fault::HashOfOtherFrame => {
            exact(STATES, FAULT_FRAME..FAULT_FRAME + 10)
        }
        Fault::HashByOtherRule | Fault::StaleHash => {
            at(&["hash-of-other-state", "state-hash-mismatch"])
        }
        Fault::Nondeterminism | Fault::NoiseForAWhile | Fault::HiddenCounter => {
            at(&["nondeterministic-step"])
        }
        Fault::WallClock | Fault::UnseededRandom => exact(STATES, FAULT_FRAME - NEAR_FRAMES..181),
        // The state saved after the lossy restore takes the place of the one that was reported.
        Fault::LossyRestore => at(&[
            "state-hash-mismatch",
            "nondeterministic-step",
            "snapshot-altered",
            "hash-of-other-state",
        ]),
        Fault::AnnounceTwice => other_side(exact(STATES, FAULT_FRAME..FAULT_FRAME + 60)),
        Fault::WorkerFails | Fault::WorkerEnded => exact(&[], FAULT_FRAME - 1..FAULT_FRAME + 2),
        Fault::LoneRestore => at(&[]),
        Fault::SkipPlayer => at(STATES),
        Fault::Spurious => at(&[]),
        Fault::NoRollbacks => {
            exact(&["rollback-missed", "state-hash-mismatch", "verification-blind"], 0..181)
        }
        Fault::HashOfPredicted => at(&["hash-of-other-state", "state-hash-mismatch"]),
        Fault::NoHashes => exact(&[], FAULT_FRAME - 20..FAULT_FRAME + 10),
        Fault::LeakedInputs => other_side(exact(STATES, FAULT_FRAME..FAULT_FRAME + 1)),
        Fault::InputHole => {
            other_side(exact(&["input-request-unanswered"], FAULT_FRAME..FAULT_FRAME + 1))
        }
        Fault::InputBelowDelay => {
            exact(&["state-hash-mismatch", "rollback-content", "input-announced-otherwise"], 0..1)
        }
        Fault::OwnOtherwise => {
            exact(&["state-hash-mismatch", "rollback-content"], FAULT_FRAME..FAULT_FRAME + 1)
        }
        Fault::StepAfterFailure => at(STATES),
        Fault::LoopDies => at(&[]),
        Fault::InterruptedBatch => at(&[]),
        Fault::RunPython => at(&[]),
        Fault::NotJson => at(&["snapshot-altered", "hash-not-of-state", "hash-of-other-state"]),
        Fault::EchoStorm | Fault::ReadyStorm => at(&[]),
        // What was reported meanwhile belongs to the wrong states.
        Fault::LateRollback => {
            at(&["state-hash-mismatch", "hash-of-other-state", "verification-blind"])
        }
        Fault::ChangesUnasked => at(&[
            "state-hash-mismatch",
            "nondeterministic-step",
            "snapshot-altered",
            "hash-not-of-state",
            "hash-of-other-state",
        ]),
        Fault::UntimedOverlap => at(&[]),
        Fault::HashLeavesOut => {
            // What the hash leaves out is not saved by the one page as it is by the other.
            let due = &["hash-not-of-state", "hash-of-other-state", "nondeterministic-step"];
            both_sides(at(due))
        }
        Fault::ExportGap | Fault::ExportTwice => exact(&[], FAULT_FRAME..FAULT_FRAME + 1),
        Fault::ExportGuess => exact(&[], FAULT_FRAME..FAULT_FRAME + 1),
        Fault::ExportEarly => at(&["export-rewards"]),
        Fault::ExportShifted => {
            exact(&["export-actions", "export-rewards"], FAULT_FRAME..FAULT_FRAME + 1)
        }
        Fault::ExportOtherReward => exact(&[], FAULT_FRAME..FAULT_FRAME + 1),
        // What cannot be read is a frame that was not stepped, as far as anybody can tell.
        Fault::TextAction => {
            at(&["rollback-content", "rollback-missed", "rollback-late", "input-ignored"])
        }
        Fault::RoundedInteger => at(&["snapshot-altered"]),
        Fault::BotDiffers => both_sides(exact(&[], FAULT_FRAME..FAULT_FRAME + 1)),
        // The altered book is a part of the state.
        Fault::StepDrift => at(BOOKS),
        Fault::RewardLoss => at(BOOKS),
        Fault::ExportUnsaved => at(&[]),
        Fault::ExportRewards => {
            both_sides(exact(&["export-rewards"], FAULT_FRAME..FAULT_FRAME + 1))
        }
        Fault::WrongCounters => at(&[]),
        Fault::OrderedChannel => at(&[]),
        Fault::PolledFirst => at(&[]),
        // A rollback that steps again under noise reaches back before it.
        Fault::WholeState => {
            exact(&["state-hash-mismatch", "nondeterministic-step"], FAULT_FRAME - 8..FRAMES + 1)
        }
        Fault::LogsEachFrame | Fault::ChattySync => at(&[]),
        Fault::QueueGrows => at(&[]),
        Fault::FailedPairing => at(&[]),
        Fault::LostChannel => at(&[]),
        Fault::BrokenOff => at(&[]),
        Fault::RelayedInputs => at(&[]),
        Fault::LatePings => at(&[]),
        Fault::LostTick => at(&[]),
        Fault::Unannounced => exact(&[], FAULT_FRAME..FAULT_FRAME + 1),
        Fault::EndsDiffer => exact(&[], 100..101),
        Fault::EndsLate => exact(&[], 90..91),
        Fault::StartsDiffer => exact(&[], 0..1),
        Fault::Background => exact(&[], 60..61),
        Fault::BackgroundForgotten => at(&[]),
        Fault::UnansweredRequest => exact(&[], 60..61),
    }
}

fn network_of(seed: u64) -> usize {
    (seed % NETWORKS.len() as u64) as usize
}

fn setup(fault: Fault, seed: u64) -> Setup {
    let (_, latency_micros, jitter_micros, loss) = NETWORKS[network_of(seed)];
    let rules = [PredictionRule::RepeatLast, PredictionRule::DefaultAction];
    Setup {
        fault,
        frames: FRAMES,
        profile: LinkProfile { latency_micros, jitter_micros, loss, duplication: 0.02 },
        prediction: rules[(seed / 4 % 2) as usize],
        hashes_each_step: fault == Fault::ChangesUnasked || REPEATED_OTHERWISE.contains(&fault),
        resync: if fault == Fault::WholeState { ResyncRule::Full } else { ResyncRule::Off },
        saves_after_restore: fault == Fault::LossyRestore,
        ..Setup::new(seed)
    }
}

/// Whether the session gave the fault its chance.
fn was_planted(fault: Fault, first: &Peer) -> bool {
    match fault {
        Fault::Nondeterminism
        | Fault::ChangesUnasked
        | Fault::ReportOtherHash
        | Fault::HashByOtherRule
        | Fault::StaleHash
        | Fault::NoiseForAWhile
        | Fault::HiddenCounter
        | Fault::AnnounceTwice => true,
        Fault::WholeState => {
            first.events.iter().any(|event| matches!(event, EngineEvent::Resynced { .. }))
        }
        // Fewer wrong guesses prove nothing.
        Fault::NoRollbacks => logged_rollbacks(&first.events).len() >= 3,
        // What comes late, or never again, needs frames after it in which that could be seen.
        Fault::LoopDies | Fault::LateRollback => {
            first.is_planted() && first.planted_at.0 + FRAMES_TO_SHOW <= FRAMES
        }
        _ => first.is_planted(),
    }
}

fn findings_of_weight(analysis: &Analysis) -> Vec<Finding> {
    let findings = analysis.check().checks.into_iter().flat_map(|check| check.outcome.findings);
    findings.filter(|finding| finding.severity != Severity::Notice).collect()
}

/// How one kind of fault fared.
#[derive(Default)]
struct Row {
    /// Sessions with the fault by network, and those of them where it was found.
    planted: [u32; NETWORKS.len()],
    found: [u32; NETWORKS.len()],
    distance: u32,
    reported: u32,
    wrong: u32,
    notes: Vec<String>,
}

fn judge(fault: Fault) -> Row {
    let (expected, mut row) = (expected(fault), Row::default());
    for seed in 0..seeds() {
        let peers = play(&setup(fault, seed));
        if !was_planted(fault, &peers[0]) {
            continue;
        }
        let network = network_of(seed);
        row.planted[network] += 1;
        let planted_at = peers[0].planted_at.0;
        let chunks = peers.map(Peer::into_chunks);
        let chunks = match expected.side {
            Side::Faulty => chunks[0].clone(),
            Side::Other => chunks[1].clone(),
            Side::Both => chunks.concat(),
        };
        let analysis = analyse(&chunks);
        let is_for_it = |code| code == fault.code() || Some(code) == expected.or;
        let checks = analysis.check().checks.into_iter().filter(|c| is_for_it(c.code));
        let findings: Vec<Finding> = checks.flat_map(|check| check.outcome.findings).collect();
        let first = findings.iter().filter_map(|f| f.frames).map(|f| f.0.0).min();
        let is_there = first.is_none_or(|first| match &expected.frames {
            Some(frames) => frames.contains(&first),
            None => first.abs_diff(planted_at) <= NEAR_FRAMES,
        });
        if !findings.is_empty() && is_there {
            row.found[network] += 1;
            row.distance = row.distance.max(first.unwrap_or(planted_at).abs_diff(planted_at));
        } else {
            row.notes.push(format!("seed {seed}: {} {first:?}", findings.len()));
        }
        for finding in findings_of_weight(&analysis) {
            row.reported += 1;
            let is_due = is_for_it(finding.code) || expected.consequences.contains(&finding.code);
            if !is_due {
                row.wrong += 1;
                row.notes.push(format!("seed {seed}: {} {}", finding.code, finding.text));
            }
        }
    }
    row
}

/// The kinds that are asked for by name in `ROLLSCOPE_TRUTH_KINDS`; all without it.
fn is_asked_for(kind: &str) -> bool {
    let asked = std::env::var("ROLLSCOPE_TRUTH_KINDS").unwrap_or_default();
    asked.is_empty() || asked.split(',').any(|one| one == kind)
}

/// Writes a part of the table into the folder that `ROLLSCOPE_TRUTH_TABLE` names, if it does.
fn write_rows(name: &str, rows: &str) {
    if let Ok(folder) = std::env::var("ROLLSCOPE_TRUTH_TABLE") {
        std::fs::write(std::path::Path::new(&folder).join(name), rows).unwrap();
    }
}

#[test]
fn every_fault_is_found_and_nothing_else() {
    let (mut rows, mut notes) = (String::new(), Vec::new());
    for fault in Fault::ALL {
        let kind = format!("{fault:?}");
        if !is_asked_for(&kind) {
            continue;
        }
        let start = std::time::Instant::now();
        let row = judge(*fault);
        let (planted, found) = (row.planted.iter().sum(), row.found.iter().sum());
        write!(rows, "| {kind} | `{}` |", fault.code()).unwrap();
        for (found, planted) in row.found.iter().zip(row.planted) {
            write!(rows, " {found}/{planted} |").unwrap();
        }
        writeln!(
            rows,
            " {} | {} | {} | {} | {} | {:.0} |",
            share(found, planted),
            row.reported,
            share(row.reported - row.wrong, row.reported),
            row.distance,
            seeds(),
            start.elapsed().as_secs_f64(),
        )
        .unwrap();
        notes.extend(row.notes.into_iter().take(4).map(|note| format!("{kind}: {note}")));
        if planted == 0 {
            notes.push(format!("{kind} was never planted"));
        }
    }
    write_rows("faults.md", &rows);
    assert!(notes.is_empty(), "{rows}\n{}", notes.join("\n"));
}

/// A share with three decimals; that of nothing is whole.
fn share(part: u32, whole: u32) -> String {
    let share = if whole == 0 { 1.0 } else { f64::from(part) / f64::from(whole) };
    format!("{share:.3}")
}

#[test]
fn clean_sessions_have_no_error_and_no_risk() {
    if !is_asked_for("none") {
        return;
    }
    let start = std::time::Instant::now();
    let mut verified = 0;
    let mut played = [0; NETWORKS.len()];
    let (mut reported, mut notes) = (0, Vec::new());
    for seed in 0..seeds() * 4 {
        played[network_of(seed)] += 1;
        let peers = play(&setup(Fault::None, 10_000 + seed));
        let chunks = peers.map(Peer::into_chunks);
        let both: Vec<_> = chunks.iter().flatten().cloned().collect();
        for chunks in [&chunks[0], &chunks[1], &both] {
            let analysis = analyse(chunks);
            for finding in findings_of_weight(&analysis) {
                reported += 1;
                notes.push(format!("seed {seed}: {finding:?}"));
            }
            let kind = analysis.check().verdict.kind;
            if !matches!(kind, VerdictKind::Verified | VerdictKind::Untested) {
                notes.push(format!("seed {seed}: {kind:?}"));
            }
            verified += u32::from(kind == VerdictKind::Verified);
        }
    }
    let mut row = String::from("| none | |");
    for played in played {
        write!(row, " {played} clean |").unwrap();
    }
    let seconds = start.elapsed().as_secs_f64();
    writeln!(row, " | {reported} | {} | | {} | {seconds:.0} |", share(0, reported), seeds() * 4)
        .unwrap();
    write_rows("clean.md", &row);
    assert!(notes.is_empty(), "{notes:?}");
    assert!(verified > 0);
}
