//! Guesses, wrong guesses and what a page forgets, tick by tick.

use super::*;

const P0: PlayerId = PlayerId(0);
const P1: PlayerId = PlayerId(1);

fn ledger(forgetting: Forgetting, prediction: PredictionRule) -> MugLedger {
    let rules = Rules {
        forgetting,
        input_delay_frames: 0,
        snapshot_interval_frames: 5,
        prediction,
        default_action: Action(0),
    };
    MugLedger::new(rules, 2)
}

/// One tick of a page whose own action is 1, with what came in before it.
fn tick(ledger: &mut MugLedger, frame: u32, came: &[(u32, u32)]) -> FrameInputs {
    ledger.begin_tick(Frame(frame));
    for (frame, action) in came {
        ledger.handle_input(P1, Frame(*frame), Action(*action));
    }
    ledger.handle_input(P0, Frame(frame), Action(1));
    ledger.advance(Frame(frame));
    if frame.is_multiple_of(5) {
        ledger.save_snapshot(Frame(frame));
        ledger.prune_snapshots();
    }
    let inputs = ledger.inputs_for(Frame(frame));
    ledger.note_simulated(Frame(frame), inputs);
    ledger.prune();
    inputs
}

#[test]
fn the_action_stored_last_is_guessed_whatever_its_frame() {
    let mut ledger = ledger(Forgetting::ByAge, PredictionRule::RepeatLast);
    // Frame 3's input overtakes frame 1's: the older one is stored last.
    let used = tick(&mut ledger, 0, &[(0, 2), (3, 4), (1, 3)]);
    assert_eq!(used.action(P1), Some(Action(2)));
    let used = tick(&mut ledger, 1, &[]);
    assert_eq!((used.action(P1), used.predicted.is_empty()), (Some(Action(3)), true));
    // The real input that was used last is the guess, not frame 3's, which is held.
    let used = tick(&mut ledger, 2, &[]);
    assert_eq!((used.action(P1), used.predicted.is_empty()), (Some(Action(3)), false));
    assert_eq!(tick(&mut ledger, 3, &[]).action(P1), Some(Action(4)));
}

#[test]
fn a_forgotten_input_is_stored_again_and_becomes_the_last_known_one() {
    let mut ledger = ledger(Forgetting::BehindAnchor, PredictionRule::RepeatLast);
    for frame in 0..8 {
        tick(&mut ledger, frame, &[(frame, frame + 10)]);
    }
    assert_eq!(ledger.confirmed_frame(), Some(Frame(6)));
    // Everything before the snapshot of frame 5 is forgotten.
    assert_eq!(ledger.held(P1, Frame(4)), None);
    assert_eq!(ledger.held(P1, Frame(5)), Some(Action(15)));
    let used = tick(&mut ledger, 8, &[(2, 12)]);
    assert_eq!(used.action(P1), Some(Action(12)));
    assert_eq!(ledger.earliest_misprediction(), None);
}

#[test]
fn inputs_older_than_sixty_frames_are_forgotten_and_a_hole_there_is_jumped_over() {
    let mut ledger = ledger(Forgetting::ByAge, PredictionRule::DefaultAction);
    for frame in 0..70 {
        let came = [(frame, 1)];
        tick(&mut ledger, frame, if frame == 3 { &[] } else { &came });
    }
    // Frame 3's input never came; at frame 64 it is out of the page's sight.
    assert_eq!(ledger.confirmed_frame(), Some(Frame(68)));
    assert_eq!(ledger.held_frames(), 60);
    let mut ledger = self::ledger(Forgetting::BehindAnchor, PredictionRule::DefaultAction);
    for frame in 0..70 {
        let came = [(frame, 1)];
        tick(&mut ledger, frame, if frame == 3 { &[] } else { &came });
    }
    assert_eq!(ledger.confirmed_frame(), Some(Frame(2)), "without a worker it stalls");
}

#[test]
fn what_is_found_wrong_outside_a_tick_is_forgotten() {
    let mut ledger = ledger(Forgetting::ByAge, PredictionRule::DefaultAction);
    tick(&mut ledger, 0, &[]);
    ledger.handle_input(P1, Frame(0), Action(5));
    assert_eq!(ledger.earliest_misprediction().unwrap().frame, Frame(0));
    ledger.begin_tick(Frame(1));
    assert_eq!(ledger.earliest_misprediction(), None);
}

#[test]
fn the_first_value_of_an_input_stays_and_memory_is_bounded() {
    let mut ledger = ledger(Forgetting::ByAge, PredictionRule::DefaultAction);
    ledger.handle_input(P1, Frame(9), Action(1));
    let second = ledger.handle_input(P1, Frame(9), Action(2)).unwrap();
    assert_eq!(second.inserted, Inserted::Conflict { held: Action(1) });
    for frame in 0..10_000 {
        ledger.handle_input(P1, Frame(frame * 1000), Action(1));
    }
    assert!(ledger.held_frames() as usize <= MAX_HELD);
    assert_eq!(ledger.handle_input(PlayerId(2), Frame(0), Action(1)), None);
}
