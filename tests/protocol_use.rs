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
