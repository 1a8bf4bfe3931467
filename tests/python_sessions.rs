//! Pages whose Python runs on their own thread, with the probe for it on: recorded sessions with the
//! calls that their application's log tells of, held against that log.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops at its first surprise"
)]

mod mug_support;

use mug_support::interleave::{Merge, merged};
use mug_support::merge::{late, outcome};
use mug_support::python::{Change, count, with_python};
use mug_support::{executed, logged_rollbacks, number, of_kind, rebuild, trimmed};
use rollscope::analysis::Analysis;
use rollscope::frame::Frame;
use rollscope::link::SplitMix64;
use rollscope::observation::Fact;
use rollscope::session::{
    Contract, FrameFlags, Match, OperationKind, PeerSession, RollbackState, Session,
};
use rollscope::verify::{CheckOutcome, Severity};

const SESSIONS: [&str; 3] = ["H-clean", "H-nondet", "H-quiet"];

/// A rollback in the middle of a session, by its place.
const SOME: usize = 40;

fn peer(session: &Session) -> &PeerSession {
    &session.games()[0].peers[0]
}

fn check(chunks: &[Vec<u8>], code: &str) -> CheckOutcome {
    let mut analysis = Analysis::new();
    for chunk in chunks {
        analysis.handle_chunk(chunk);
    }
    analysis.flush();
    let checks = analysis.check().checks;
    checks.into_iter().find(|check| check.code == code).unwrap().outcome
}

#[test]
fn rollbacks_steps_and_round_trips_are_those_of_the_log() {
    for session in SESSIONS {
        for page in trimmed(session) {
            let rebuilt = rebuild(&with_python(&page, Change::None), &mut |_, _| true);
            let peer = peer(&rebuilt);
            assert!(peer.runs_python_itself());
            assert_eq!(executed(peer), logged_rollbacks(&page.truth), "{}", page.name);
            for one in peer.episodes.iter().flat_map(|record| &record.rollbacks) {
                let trip = peer.round_trip(one).unwrap();
                assert!(trip.is_rollback && trip.operations == one.resimulated, "{}", page.name);
                assert_eq!(
                    (one.restored, one.wrong_actions),
                    (Match::Same, Some(0)),
                    "{}",
                    page.name
                );
            }
            assert_eq!(peer.round_trips.len(), count(&page), "{}", page.name);
            let is_kept = peer.round_trips.iter().all(|trip| trip.contract == Contract::Kept);
            assert!(is_kept, "{}", page.name);
            // When a call began is not told.
            assert!(peer.round_trips.iter().all(|trip| trip.split_micros().is_none()));
            let steps = peer.operations.iter().filter(|one| **one == OperationKind::Step).count();
            let replayed: u32 =
                peer.episodes.iter().flat_map(|r| &r.rollbacks).map(|one| one.resimulated).sum();
            assert_eq!(steps, of_kind(&page.truth, "step").count() + replayed as usize);
            // Rewards of a frame are known where it was stepped again.
            let record = &peer.episodes[0];
            let again = (0..record.frames.len() as u32).map(Frame);
            let mut again = again.filter(|frame| record.frames.resimulated(*frame) > 0);
            assert!(again.all(|frame| record.accounts.rewards(frame) == [0.5, -1.0]));
            let hashed = peer.episodes.iter().fold((0, 0), |sum, record| {
                (sum.0 + record.hashes.recomputed.0, sum.1 + record.hashes.recomputed.1)
            });
            assert!(hashed.0 > 90 && hashed.1 == 0, "{}: {hashed:?}", page.name);
            // Everything else is as without the probe.
            let without = outcome(&rebuild(&page.chunks, &mut |_, _| true));
            let with = outcome(&rebuilt);
            assert_eq!(with.rollbacks, without.rollbacks, "{}", page.name);
            assert_eq!(with.confirmed, without.confirmed, "{}", page.name);
            assert!(with.frames == without.frames, "{}: frames differ", page.name);
        }
    }
}

#[test]
fn no_merging_of_channels_changes_anything() {
    let mut random = SplitMix64(11);
    let mut compared = 0;
    for page in SESSIONS.into_iter().flat_map(trimmed) {
        let chunks = with_python(&page, Change::None);
        let mut is_relayed = false;
        let expected = outcome(&rebuild(&chunks, &mut |_, observation| {
            is_relayed |= matches!(observation.fact, Fact::InputRelayed { .. });
            true
        }));
        // Of two channels that carry inputs the merging alone says which did so first.
        if is_relayed {
            continue;
        }
        compared += 1;
        for merge in [
            Merge::AtRandom { kept: 0 },
            Merge::OneByOne { is_reversed: false },
            Merge::OneByOne { is_reversed: true },
        ] {
            let rebuilt = outcome(&rebuild(&merged(&chunks, merge, &mut random), &mut |_, _| true));
            let place = format!("{} {merge:?}", page.name);
            assert_eq!(rebuilt.rollbacks, expected.rollbacks, "{place}");
            assert_eq!(rebuilt.confirmed, expected.confirmed, "{place}");
            assert!(rebuilt.frames == expected.frames, "{place}: frames differ");
            assert!(rebuilt.hashes == expected.hashes, "{place}: hashes differ");
        }
    }
    assert!(compared >= 3, "{compared} of 6 pages");
}

#[test]
fn a_late_observation_ends_like_the_full_one_from_its_anchor_on() {
    let mut random = SplitMix64(23);
    let mut anchored = 0;
    for page in SESSIONS.into_iter().flat_map(trimmed) {
        let chunks = with_python(&page, Change::None);
        for _ in 0..3 {
            anchored += u32::from(late(&page.name, &chunks, &mut random));
        }
    }
    assert!(anchored >= 13, "{anchored} of 18");
}

#[test]
fn a_page_that_does_otherwise_than_its_rule_is_found_out() {
    let [page, _] = trimmed("H-nondet");
    let cause = Frame(logged_rollbacks(&page.truth)[SOME][1]);
    let of = |change| rebuild(&with_python(&page, change), &mut |_, _| true);

    let left_out = of(Change::LeaveOut(SOME));
    let record = &peer(&left_out).episodes[0];
    assert_eq!(record.rollbacks[SOME].state, RollbackState::Due);
    assert!(record.frames.flags(cause).has(FrameFlags::MISSED_ROLLBACK));
    let missed = check(&with_python(&page, Change::LeaveOut(SOME)), "rollback-missed");
    assert_eq!((missed.failed, missed.findings.len()), (1, 1), "{missed:?}");
    let silent = check(&with_python(&page, Change::None), "rollback-missed");
    assert!(silent.passed > 0 && silent.failed == 0, "{silent:?}");

    let replay = of(Change::Replay(SOME));
    assert_eq!(peer(&replay).episodes[0].rollbacks[SOME].wrong_actions, Some(1));
    assert_eq!(peer(&replay).episodes[0].rollbacks[SOME].state, RollbackState::Executed);

    let failed = of(Change::Fail(SOME));
    let rollback = &peer(&failed).episodes[0].rollbacks[SOME];
    assert_eq!(rollback.state, RollbackState::Failed);
    assert_eq!(peer(&failed).round_trip(rollback).unwrap().contract, Contract::FailedProperly);

    let restored = check(&with_python(&page, Change::Restore(SOME)), "state-not-restored");
    assert_eq!((restored.failed, restored.findings.len()), (1, 1));
}

#[test]
fn step_counters_beside_restored_states_are_those_of_the_replayed_frames() {
    let [page, _] = trimmed("H-nondet");
    let snapshot = Frame(logged_rollbacks(&page.truth)[SOME][3]);
    let of = |change| check(&with_python(&page, change), "step-counter-drift");
    let drifted = of(Change::Drift(SOME));
    assert_eq!((drifted.failed, drifted.findings.len()), (1, 1), "{drifted:?}");
    let finding = &drifted.findings[0];
    assert_eq!((finding.frames, finding.severity), (Some((snapshot, snapshot)), Severity::Risk));
    let told = format!("first that of frame {snapshot}: {} steps", snapshot.0 - 3);
    assert!(finding.text.contains(&told), "{}", finding.text);
    let right = of(Change::None);
    assert!(right.passed > 100 && right.failed == 0, "{right:?}");
    // Without the probe no state is seen, and nothing of its counter.
    let unseen = check(&page.chunks, "step-counter-drift");
    assert_eq!((unseen.passed, unseen.failed), (0, 0));
    assert!(unseen.not_checkable > 0);
}

#[test]
fn what_a_frame_was_really_stepped_with_is_what_python_was_given() {
    let [page, _] = trimmed("H-quiet");
    let line = of_kind(&page.truth, "step").find(|line| number(line, "frame") == 300).unwrap();
    let expected = ["0", "1"].map(|player| line["actions"][player].as_u64().unwrap() as u32);
    for (change, more) in [(Change::None, 0), (Change::Step(300), 1)] {
        let rebuilt = rebuild(&with_python(&page, change), &mut |_, _| true);
        let inputs = peer(&rebuilt).episodes[0].frames.inputs(Frame(300)).unwrap();
        let actions: Vec<u32> = inputs.actions().iter().map(|action| action.0).collect();
        assert_eq!(actions, [expected[0] + more, expected[1]]);
    }
}

#[test]
fn results_that_stayed_inside_python_leave_states_unknown_and_nothing_wrong() {
    let [page, _] = trimmed("H-nondet");
    let rebuilt = rebuild(&with_python(&page, Change::Hidden), &mut |_, _| true);
    let peer = peer(&rebuilt);
    assert_eq!(executed(peer), logged_rollbacks(&page.truth));
    let record = &peer.episodes[0];
    assert!(record.rollbacks.iter().all(|one| one.restored == Match::Unknown));
    assert!(record.hashes.iter().all(|(_, slot)| slot.recomputed.is_none()));
    assert_eq!(record.hashes.recomputed, (0, 0));
    let contract = check(&with_python(&page, Change::Hidden), "batch-contract");
    assert_eq!(contract.failed, 0, "{contract:?}");
}

#[test]
fn checks_of_workers_say_nothing_of_a_page_without_one() {
    let [page, _] = trimmed("H-nondet");
    for code in ["arbitrary-code", "round-trips-saved"] {
        let outcome = check(&with_python(&page, Change::None), code);
        assert_eq!((outcome.passed, outcome.failed), (0, 0), "{code}: {outcome:?}");
    }
}
