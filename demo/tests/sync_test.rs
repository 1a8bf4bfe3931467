//! The sync test on the arena's game: silent on the game as it is, loud on what is planted.

#![expect(clippy::unwrap_used, reason = "helpers of tests may panic like tests")]

use rollscope::action::Action;
use rollscope::frame::Frame;
use rollscope::worker::execute;
use rollscope_demo::faults::{FAULT_FRAME, Faults};
use rollscope_demo::game::Game;
use rollscope_runtime::sync_test::{Progress, SyncTestPlan, WorkerSyncTest, run_sync_test};

#[track_caller]
fn first_mismatch(faults: &str, seed: u32, check_distance_frames: u32) -> Option<Frame> {
    let mut game = Game::new(Faults::parse(faults).unwrap());
    let plan = SyncTestPlan { players: 2, seed, frames: FAULT_FRAME + 60, check_distance_frames };
    let action = |player: usize, frame: Frame| {
        let mixed = frame.0.wrapping_mul(2_654_435_761) >> (9 + 8 * player);
        Action(mixed & 31)
    };
    run_sync_test(&mut game, plan, action).unwrap().map(|mismatch| mismatch.frame)
}

#[test]
fn the_game_comes_out_equal_at_every_frame() {
    for seed in 0..4 {
        for distance in [2, 7] {
            assert_eq!(first_mismatch("", seed, distance), None, "seed {seed}");
        }
    }
}

/// The same test over the messages of the Worker protocol, as a page runs it.
#[track_caller]
fn first_mismatch_over_messages(faults: &str, check_distance_frames: u32) -> Progress {
    let mut game = Game::new(Faults::parse(faults).unwrap());
    let frames = FAULT_FRAME + 60;
    let plan = SyncTestPlan { players: 2, seed: 3, frames, check_distance_frames };
    let (mut test, mut request) = WorkerSyncTest::new(plan, 1);
    loop {
        let reply = execute(&mut game, &request);
        let action = |player: usize, frame: Frame| Action((frame.0 / 5 + player as u32) % 32);
        match test.handle_reply(reply, action).unwrap() {
            Progress::Ask(next) => request = next,
            end => return end,
        }
    }
}

#[test]
fn a_worker_is_tested_by_messages_alone() {
    assert_eq!(first_mismatch_over_messages("", 7), Progress::Equal);
    let Progress::Differs(mismatch) = first_mismatch_over_messages("hidden-counter", 2) else {
        panic!("nothing was found");
    };
    assert_eq!(mismatch.frame, Frame(FAULT_FRAME));
    let refused = first_mismatch_over_messages("step-after-failure", 2);
    assert!(matches!(refused, Progress::Refused(reason) if reason.contains("made to fail")));
}

#[test]
fn a_hidden_counter_is_found_at_the_first_frame_that_it_changes() {
    for seed in 0..4 {
        assert_eq!(first_mismatch("hidden-counter", seed, 2), Some(Frame(FAULT_FRAME)));
    }
    // The counter repeats every 7 steps: a frame that is stepped again 7 steps later meets the same
    // count. One distance alone proves nothing about a fault of its own period.
    assert_eq!(first_mismatch("hidden-counter", 0, 7), None);
}

#[test]
fn a_restore_that_loses_something_is_found() {
    for seed in 0..4 {
        let frame = first_mismatch("lossy-restore", seed, 7).unwrap();
        assert!((FAULT_FRAME..FAULT_FRAME + 20).contains(&frame.0), "{frame:?}");
    }
}

#[test]
fn a_game_that_refuses_a_step_ends_the_test_with_its_reason() {
    let plan = SyncTestPlan { players: 3, seed: 1, frames: 3, check_distance_frames: 2 };
    let error = run_sync_test(&mut Game::new(Faults::default()), plan, |_, _| Action(0));
    assert_eq!(error.unwrap_err().to_string(), "the game is for 2 players, not 3");
}
