//! Which check answers which detector of the catalogue, and which planted fault proves it: the page
//! `docs/detectors.md` is made here, and every code and fault in it must exist. Run with
//! `UPDATE_FIXTURES=1` to write it anew.

#![expect(
    clippy::disallowed_methods,
    reason = "a test reads its page and stops at its first surprise"
)]

mod support;

use std::collections::BTreeSet;
use std::fmt::Write as _;

use rollscope::verify::CHECKS;
use support::Fault;

/// What a detector looks for, the checks, the planted faults, and what else proves or limits it.
type Row = (&'static str, &'static [&'static str], &'static [&'static str], &'static str);

const DETECTORS: [Row; 24] = [
    (
        "an input that came late and was never repaired",
        &["rollback-missed", "rollback-late"],
        &["DropRollback", "ClearedGuesses", "LateRollback"],
        "",
    ),
    (
        "a replay that leaves out a delivered input",
        &["rollback-content", "input-ignored"],
        &["ReplayOtherAction", "ReplayOldInputs", "SkipPlayer", "ReplayTooShort", "TooShallow"],
        "",
    ),
    (
        "an exported action that was not played",
        &["export-actions", "input-announced-otherwise"],
        &["ExportGuess"],
        "",
    ),
    (
        "rows handed over too early, missing, doubled, shifted or past the end",
        &["export-actions", "export-rows"],
        &["ExportEarly", "ExportGap", "ExportTwice", "ExportShifted"],
        "rows past the end are a notice",
    ),
    (
        "wrong guesses and never a rollback",
        &["rollback-disabled"],
        &["NoRollbacks"],
        "a probe for saved states that fails at the start proves nothing",
    ),
    (
        "hashes of two peers that differ",
        &["state-hash-mismatch", "state-difference", "hash-leaves-out"],
        &["Nondeterminism", "NoiseForAWhile", "HashLeavesOut"],
        "",
    ),
    (
        "one frame hashed twice with different values",
        &["hash-of-other-state"],
        &["ReportOtherHash", "HashOfOtherFrame"],
        "",
    ),
    (
        "inputs of another episode",
        &["input-bleed", "input-conflict"],
        &["LeakedInputs", "AnnounceTwice"],
        "W-clean holds a real one",
    ),
    (
        "episodes that end at different frames or too late, step counters that drift",
        &["episode-ends-differ", "episode-length-wrong", "step-counter-drift"],
        &["EndsDiffer", "EndsLate", "StepDrift"],
        "H-clean and H-nondet hold real ones",
    ),
    (
        "sums of rewards that are wrong",
        &["reward-sum-wrong", "export-rewards"],
        &["RewardLoss", "ExportOtherReward"],
        "W-clean holds real ones",
    ),
    (
        "requests that overlap",
        &["requests-overlap", "batch-interrupted"],
        &["UntimedOverlap", "InterruptedBatch"],
        "",
    ),
    ("ready messages without an end", &["echo-storm"], &["EchoStorm", "ReadyStorm"], ""),
    ("frames below the input delay", &["input-below-delay"], &["InputBelowDelay"], ""),
    (
        "actions that a message cannot carry",
        &["action-unsendable", "input-announced-otherwise"],
        &["TextAction"],
        "",
    ),
    (
        "holes that nothing fills",
        &["input-hole", "inputs-unannounced"],
        &["InputHole", "Unannounced"],
        "seen from the receiving and from the sending page",
    ),
    ("no hashes any more", &["verification-blind"], &["NoHashes"], ""),
    (
        "states that a page cannot read, numbers that it changes",
        &["state-not-portable", "snapshot-altered"],
        &["NotJson", "RoundedInteger", "WrongSnapshot"],
        "a spelling that keeps the value is none",
    ),
    (
        "replays that come out otherwise",
        &["state-not-restored", "state-changed-unasked", "nondeterministic-step"],
        &["LossyRestore", "ChangesUnasked", "WallClock"],
        "",
    ),
    (
        "a loop that died",
        &["loop-dead", "step-after-failure", "worker-stopped"],
        &["LoopDies", "StepAfterFailure", "WorkerFails", "WorkerEnded"],
        "",
    ),
    ("bots that differ", &["bot-actions-differ"], &["BotDiffers"], "needs two pages"),
    (
        "catching up, announced in part",
        &["inputs-unannounced", "fast-forwarded"],
        &["Unannounced"],
        "`fast-forwarded` reads MUG's announcements only; `tests/catching_up.rs` plants it in a recording",
    ),
    (
        "ticks that were dropped",
        &["ticks-lost"],
        &["LostTick"],
        "needs a game in a worker: the page's own thread shows no beginning of a step",
    ),
    (
        "time in the background, pings that come late",
        &["page-in-background", "background-misreported", "page-throttled"],
        &["Background", "BackgroundForgotten", "LatePings"],
        "the application forgets its times at every episode, so earlier ones may be missing",
    ),
    ("the application's own counters", &["telemetry-mismatch"], &["WrongCounters"], ""),
];

#[test]
fn every_detector_has_its_check_and_every_check_exists() {
    let codes: BTreeSet<&str> = CHECKS.iter().map(|check| check.code()).collect();
    let faults: BTreeSet<String> = Fault::ALL.iter().map(|fault| format!("{fault:?}")).collect();
    let mut page = String::from(
        "# Detectors, checks and planted faults\n\n\
         The catalogue of faults D1 to D24 that are known of MUG, the checks that find each, and the \
         faults that `tests/truth.rs` plants to prove it. Made by `tests/detectors.rs`; do not edit by \
         hand.\n\n| | looks for | checks | planted | |\n|---|---|---|---|---|\n",
    );
    let quoted = |names: &[&str]| {
        names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
    };
    for (number, (what, checks, planted, note)) in (1..).zip(DETECTORS) {
        for code in checks {
            assert!(codes.contains(code), "D{number}: no check {code}");
        }
        for fault in planted {
            assert!(faults.contains(*fault), "D{number}: {fault} is not planted");
        }
        assert!(!checks.is_empty() && !planted.is_empty(), "D{number}");
        writeln!(
            page,
            "| D{number} | {what} | {} | {} | {note} |",
            quoted(checks),
            planted.join(", ")
        )
        .unwrap();
    }
    page.push_str(OPEN);
    let path = "docs/detectors.md";
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        std::fs::write(path, &page).unwrap();
    }
    let known = std::fs::read_to_string(path).unwrap_or_default();
    assert!(known == page, "{path} is not what the code says: run with UPDATE_FIXTURES=1");
}

/// The rows of `docs/checks.md`: what was asked, and the other cells.
fn asked(page: &str) -> Vec<Vec<String>> {
    let rows = page.lines().filter(|line| line.starts_with("| ") && !line.starts_with("| asked"));
    rows.map(|row| row.trim_matches(['|', ' ']).split(" | ").map(str::to_owned).collect()).collect()
}

#[test]
fn everything_that_the_page_of_checks_names_is_there() {
    let page = std::fs::read_to_string("docs/checks.md").unwrap_or_default();
    let codes: BTreeSet<&str> = CHECKS.iter().map(|check| check.code()).collect();
    let faults: BTreeSet<String> = Fault::ALL.iter().map(|fault| format!("{fault:?}")).collect();
    let figures: BTreeSet<String> =
        support::analyse(&[]).report().figures.into_iter().map(|figure| figure.name).collect();
    let text_of = |path: &str| std::fs::read_to_string(path).unwrap_or_default();
    let (mut named, mut rows) = (BTreeSet::new(), 0);
    for row in asked(&page) {
        rows += 1;
        for figure in row.iter().flat_map(|cell| cell.split('"').skip(1).step_by(2)) {
            let is_there = figures.iter().any(|name| name.starts_with(figure));
            assert!(is_there, "no figure {figure} in {figures:?}");
        }
        let [what, checks, shown] = row.as_slice() else { continue };
        for name in checks.split('`').skip(1).step_by(2) {
            let is_there = codes.contains(name) || !text_of(name).is_empty();
            assert!(is_there, "{what}: neither check nor file {name}");
            named.insert(name.to_owned());
        }
        let is_shown = match shown.split('`').collect::<Vec<_>>().as_slice() {
            [_, test, " in ", file, ""] => text_of(file).contains(&format!("fn {test}()")),
            _ => shown.split(", ").all(|fault| faults.contains(fault)),
        };
        assert!(is_shown, "{what}: {shown} is not there");
    }
    assert!(rows > 60, "{rows} rows");
    let left_out: Vec<&&str> = codes.iter().filter(|code| !named.contains(**code)).collect();
    assert!(left_out.is_empty(), "no row names {left_out:?}");
}

/// What has no check of its own, and why.
const OPEN: &str = "\n## What has no check of its own\n\n\
- **Too shallow, discarded and spurious rollbacks** are cases of `rollback-content`, `rollback-missed` and \
  `rollback-spurious`; each is planted on its own.\n\
- **The ceiling of coverage** is a number of the coverage map, not a finding: how often a game hashes is its own \
  choice, and the verdict names the share.\n\
- **Stress** makes a session *untested*; it is no finding, because nothing is wrong with a calm session.\n\
- **Resynchronisation of MUG** (`p2p_state_sync`) has no live caller in either version, so there is no traffic to \
  check; hashes in such messages are compared with nothing, because their rule is not settled.\n\
- **Which page is right** after a difference of hashes: no check says it. The oracle names a page that contradicts \
  itself, `input-mismatch` one that did not use the announced input.\n";
