//! The six recorded MUG sessions, checked from their traffic alone: the known faults at the known
//! frames, and nothing else of weight than what `docs/captures.md` explains. The trimmed recordings
//! are always there; the full set stands beside the repository, or the tests say that it does not.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test reads its files and stops at its first surprise"
)]

use std::io::Read;
use std::path::{Path, PathBuf};

use flate2::read::GzDecoder;
use rollscope::analysis::Analysis;
use rollscope::verify::{Finding, SessionCheck, Severity, VerdictKind};

/// Which of the two recordings are opened.
const SIDES: [&[u32]; 3] = [&[1], &[2], &[1, 2]];

/// What was found out from either side and from both, in the trimmed recordings and in the full ones.
fn checks(session: &str) -> Vec<[SessionCheck; 3]> {
    let trimmed = Path::new("tests/fixtures/mug");
    let full = Path::new("../shared/captures").join(session);
    let trimmed = of_files(&|player| trimmed.join(format!("{session}-{player}.rollscope.gz")));
    if !full.is_dir() {
        eprintln!("skipped: {} is not there", full.display());
        return vec![trimmed];
    }
    vec![trimmed, of_files(&|player| full.join(format!("player{player}.jsonl.gz")))]
}

fn of_files(path: &dyn Fn(u32) -> PathBuf) -> [SessionCheck; 3] {
    let read = |player: &u32| {
        let packed = std::fs::read(path(*player)).unwrap();
        let mut bytes = Vec::new();
        GzDecoder::new(&*packed).read_to_end(&mut bytes).unwrap();
        bytes
    };
    SIDES.map(|players| {
        let mut analysis = Analysis::new();
        for player in players {
            analysis.open_file(&read(player)).unwrap();
        }
        analysis.check()
    })
}

/// Code, first and last frame of every finding of weight, in the order of the checks.
fn weighty(check: &SessionCheck) -> Vec<(&'static str, u32, u32)> {
    let findings = check.checks.iter().flat_map(|one| &one.outcome.findings);
    let weighty = findings.filter(|finding| finding.severity != Severity::Notice);
    weighty
        .map(|finding| {
            let (first, last) = finding.frames.unwrap();
            (finding.code, first.0, last.0)
        })
        .collect()
}

fn finding<'c>(check: &'c SessionCheck, code: &str) -> &'c Finding {
    let mut findings = check.checks.iter().flat_map(|one| &one.outcome.findings);
    findings.find(|finding| finding.code == code).unwrap()
}

#[track_caller]
fn check_hashes(check: &SessionCheck, compared: u32, matched: u32, different: u32) {
    let coverage = &check.coverage;
    let counts = (coverage.compared, coverage.matched + coverage.invalidated, coverage.mismatched);
    assert_eq!(counts, (compared, matched, different));
}

#[test]
fn inputs_that_leaked_into_the_next_episode_are_named_and_so_is_the_page_that_kept_them() {
    for [one, other, both] in checks("W-clean") {
        for check in [&one, &other, &both] {
            assert_eq!(check.verdict.kind, VerdictKind::Desync);
            assert!(check.verdict.headline.contains("frame 895 of episode 1"));
            assert!(check.verdict.numbers.contains("Last agreed at frame 890"));
        }
        let mismatch = ("state-hash-mismatch", 895, 900);
        let bleed = ("input-bleed", 893, 899);
        let lost_row = ("export-rows", 899, 899);
        assert_eq!(weighty(&one), [mismatch, bleed]);
        assert_eq!(weighty(&other), [mismatch, lost_row]);
        let parity = ("input-mismatch", 893, 899);
        let difference = ("state-difference", 895, 895);
        let rows = ("export-mismatch", 893, 899);
        assert_eq!(weighty(&both), [mismatch, difference, parity, bleed, lost_row, rows]);
        assert_eq!(finding(&both, "export-rows").episode.unwrap().0, 0);
        let bleed = finding(&both, "input-bleed");
        assert_eq!((bleed.episode.unwrap().0, &*bleed.peers), (1, &["P1".to_owned()][..]));
        // The page that kept the wrong inputs is named by the announcements, not by the hashes.
        assert_eq!(finding(&both, "input-mismatch").peers, ["P1"]);
        check_hashes(&both, 359, 357, 2);
    }
}

#[test]
fn a_wall_clock_in_the_worker_is_a_desync_from_frame_400() {
    for [one, other, both] in checks("W-nondet") {
        let mismatch = ("state-hash-mismatch", 400, 795);
        let lost_row = ("export-rows", 799, 799);
        assert_eq!(weighty(&one), [mismatch, lost_row]);
        assert_eq!(weighty(&other), [mismatch, lost_row]);
        // The noise comes with the step before frame 400, into one number. Neither page ever stepped such
        // a frame twice with the same actions, so no page is named.
        let expected = [
            mismatch,
            ("state-difference", 400, 400),
            ("nondeterministic-step", 395, 399),
            lost_row,
            lost_row,
        ];
        assert_eq!(weighty(&both), expected);
        assert!(finding(&both, "state-difference").text.contains("one value: ball[2]"));
        assert_eq!(finding(&both, "nondeterministic-step").peers, ["P1", "P2"]);
        check_hashes(&both, 159, 79, 80);
    }
}

#[test]
fn a_wall_clock_on_the_main_thread_is_a_desync_from_frame_400() {
    for [one, other, both] in checks("H-nondet") {
        for check in [&one, &other, &both] {
            assert_eq!(check.verdict.kind, VerdictKind::Desync);
            assert_eq!(weighty(check)[..1], [("state-hash-mismatch", 400, 965)]);
            assert!(check.verdict.numbers.contains("Last agreed at frame 395"));
        }
        // H counts its steps anew after a rollback, so the one end that arrived is past the asked 800.
        let late = ("episode-length-wrong", 800, 915);
        assert_eq!(weighty(&one)[1..], [late]);
        assert_eq!(weighty(&other)[1..], [late]);
        let rows = [late, ("export-mismatch", 900, 900), ("export-mismatch", 902, 903)];
        assert_eq!(weighty(&both)[1..], rows);
        check_hashes(&both, 193, 79, 114);
    }
}

#[test]
fn step_counters_that_drift_end_an_episode_at_two_frames() {
    for all in checks("H-clean") {
        for check in &all {
            assert_eq!(check.verdict.kind, VerdictKind::Risk);
            assert_eq!(weighty(check)[..1], [("episode-ends-differ", 1175, 1290)]);
        }
        let guessed = ("export-actions", 1123, 1124);
        let late = |end| ("episode-length-wrong", 900, end);
        assert_eq!(weighty(&all[0])[1..], [late(1175), late(1290), late(1125), guessed]);
        assert_eq!(weighty(&all[1])[1..], [late(1290), late(1175), late(1125)]);
        // Each page by its own words.
        assert_eq!(weighty(&all[2])[1..], [late(1175), late(1125), late(1290), guessed]);
        assert_eq!(finding(&all[2], "export-actions").episode.unwrap().0, 1);
        check_hashes(&all[2], 468, 468, 0);
    }
}

#[test]
fn quiet_sessions_are_clean_and_untested() {
    for session in ["W-quiet", "H-quiet"] {
        for all in checks(session) {
            for check in &all {
                assert_eq!(check.verdict.kind, VerdictKind::Untested, "{session}");
                assert_eq!(weighty(check), [], "{session}");
                // MUG calls every episode of W a state mismatch, because it compares 8 digits with 16.
                let starts = check.checks.iter().find(|one| one.code == "episode-starts-differ");
                assert!(starts.unwrap().outcome.passed > 0, "{session}");
            }
            check_hashes(&all[2], 99, 99, 0);
        }
    }
}
