//! How pages use their channels: each check fires, holds and is not checkable.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops at its first surprise"
)]

mod support;

use rollscope::rollback::ResyncRule;
use rollscope::verify::CheckOutcome;
use support::{Fault, Setup, analyse, play};

fn outcome(fault: Fault, code: &str, side: usize) -> CheckOutcome {
    outcome_of(&Setup { fault, ..Setup::new(5) }, code, &[side])
}

fn outcome_of(setup: &Setup, code: &str, sides: &[usize]) -> CheckOutcome {
    let peers = play(setup).map(support::Peer::into_chunks);
    let chunks: Vec<Vec<u8>> = sides.iter().flat_map(|side| peers[*side].clone()).collect();
    let checks = analyse(&chunks).check().checks;
    checks.into_iter().find(|check| check.code == code).unwrap().outcome
}

#[track_caller]
fn check_counts(outcome: &CheckOutcome, passed: bool, failed: bool, not_checkable: bool) {
    let counts = (outcome.passed > 0, outcome.failed > 0, outcome.not_checkable > 0);
    assert_eq!(counts, (passed, failed, not_checkable), "{outcome:?}");
    assert_eq!(outcome.findings.is_empty(), !failed, "{outcome:?}");
}

#[test]
fn a_channel_that_holds_inputs_back_is_named() {
    check_counts(&outcome(Fault::OrderedChannel, "input-channel-waits", 0), false, true, false);
    check_counts(&outcome(Fault::None, "input-channel-waits", 0), true, false, false);
}

#[test]
fn polling_is_seen_in_the_address_of_the_socket_that_took_over() {
    check_counts(&outcome(Fault::PolledFirst, "polling-transport", 0), false, true, false);
    check_counts(&outcome(Fault::ExportGap, "polling-transport", 0), true, false, false);
    check_counts(&outcome(Fault::None, "polling-transport", 0), false, false, true);
}

#[test]
fn a_line_of_a_log_in_every_tick_is_counted() {
    let logs = outcome(Fault::LogsEachFrame, "logging-in-hot-path", 0);
    check_counts(&logs, false, true, false);
    assert!(logs.findings[0].text.contains("lines of a log in"), "{logs:?}");
    check_counts(&outcome(Fault::None, "logging-in-hot-path", 0), false, false, true);
}

#[test]
fn requests_that_pile_up_are_told_from_those_that_are_worked_off() {
    let grows = outcome(Fault::QueueGrows, "queue-grows", 0);
    check_counts(&grows, false, true, false);
    assert!(grows.findings[0].detail.contains("eighths"), "{grows:?}");
    check_counts(&outcome(Fault::None, "queue-grows", 0), true, false, false);
    check_counts(&outcome(Fault::QueueGrows, "queue-grows", 1), true, false, false);
}

#[test]
fn a_whole_state_is_told_from_what_differs() {
    let code = "whole-state-asked";
    let setup = |resync| Setup { fault: Fault::NoiseForAWhile, resync, ..Setup::new(5) };
    for sides in [&[0][..], &[1]] {
        check_counts(&outcome_of(&setup(ResyncRule::Full), code, sides), false, true, false);
        check_counts(&outcome_of(&setup(ResyncRule::Delta), code, sides), true, false, false);
    }
    // One transfer is one finding, also where both pages show it.
    let both = outcome_of(&setup(ResyncRule::Full), code, &[0, 1]);
    let one = outcome_of(&setup(ResyncRule::Full), code, &[1]);
    assert_eq!(both.failed, one.failed);
    check_counts(&outcome(Fault::None, code, 0), false, false, true);
}

#[test]
fn reported_times_in_the_background_are_held_against_those_that_were_seen() {
    let code = "background-misreported";
    let forgotten = outcome(Fault::BackgroundForgotten, code, 0);
    check_counts(&forgotten, false, true, false);
    let text = &forgotten.findings[0].text;
    assert_eq!(text, "P1 reported 0 times in the background, 0.0 s in all; seen 1 of 1.0 s");
    check_counts(&outcome(Fault::Background, code, 0), true, false, false);
    check_counts(&outcome(Fault::None, code, 0), false, false, true);
}

#[test]
fn hashes_that_are_said_again_and_again_are_counted_while_none_differs() {
    let code = "sync-chatty";
    let chatty = outcome(Fault::ChattySync, code, 0);
    check_counts(&chatty, false, true, false);
    assert!(chatty.findings[0].text.contains("messages with hashes in"), "{chatty:?}");
    check_counts(&outcome(Fault::ChattySync, code, 1), true, false, false);
    check_counts(&outcome(Fault::None, code, 0), true, false, false);
    check_counts(&outcome(Fault::NoiseForAWhile, code, 0), false, false, true);
}

#[test]
fn a_hole_shows_also_where_both_pages_stand_still_before_it() {
    let hole = |window_frames, fault, side| {
        let setup = Setup { fault, window_frames, ..Setup::new(5) };
        let code = match side {
            0 => "inputs-unannounced",
            _ => "input-hole",
        };
        outcome_of(&setup, code, &[side])
    };
    for window in [12, 24, 40] {
        let missed = hole(window, Fault::InputHole, 1);
        assert_eq!((missed.failed, missed.findings.len()), (1, 1), "{window}: {missed:?}");
        assert_eq!(missed.findings[0].frames.unwrap().0.0, support::FAULT_FRAME);
        let text = &missed.findings[0].text;
        assert!(text.contains("it stands at frame"), "{text}");
        let unannounced = hole(window, Fault::Unannounced, 0);
        assert_eq!(unannounced.failed, 1, "{window}: {unannounced:?}");
        for side in [0, 1] {
            assert_eq!(hole(window, Fault::None, side).failed, 0, "{window}");
        }
    }
}

#[test]
fn episodes_that_go_on_past_what_was_asked_for_are_named_though_both_ends_agree() {
    let code = "episode-length-wrong";
    let late = outcome(Fault::EndsLate, code, 0);
    // One page was observed, and both said their end.
    assert_eq!((late.passed, late.failed, late.findings.len()), (0, 2, 2), "{late:?}");
    let text = &late.findings[0].text;
    assert_eq!(text, "P1 ended episode 0 after 100 frames; 90 were asked for");
    let agree = outcome(Fault::EndsLate, "episode-ends-differ", 0);
    check_counts(&agree, true, false, false);
    check_counts(&outcome(Fault::EndsDiffer, code, 0), false, false, true);
    check_counts(&outcome(Fault::None, code, 0), false, false, true);
}

#[test]
fn the_browser_says_whether_a_page_without_words_of_its_own_was_in_the_background() {
    let code = "page-in-background";
    let of = |visibility, side| outcome_of(&Setup { visibility, ..Setup::new(5) }, code, &[side]);
    let hidden = of(Some(true), 0);
    check_counts(&hidden, false, true, false);
    let text = &hidden.findings[0].text;
    assert_eq!(text, "P1 was hidden one time while it played, for 1.0 s in all");
    check_counts(&of(Some(true), 1), true, false, false);
    check_counts(&of(Some(false), 0), true, false, false);
    check_counts(&of(None, 0), false, false, true);
}
