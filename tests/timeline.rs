//! The lanes of the timeline against the engines' logs, and against themselves at every zoom.

mod support;

use rollscope::analysis::Analysis;
use rollscope::frame::Frame;
use rollscope::rollback::EngineEvent;
use rollscope::timeline::{
    ArrowFate, Axis, Became, Cell, LaneQuery, Shown, TimelineView, WorkerBar,
};
use support::{Setup, analyse, play};

fn query(axis: Axis, units_per_column: u32, columns: usize) -> LaneQuery {
    LaneQuery { axis, first: 0, units_per_column, columns }
}

fn whole(analysis: &Analysis, axis: Axis, units_per_column: u32) -> TimelineView {
    let units = analysis.units(axis);
    analysis.timeline(query(axis, units_per_column, units.div_ceil(units_per_column) as usize))
}

/// Both sides of one session.
fn both(seed: u64) -> (Analysis, Vec<Vec<EngineEvent>>) {
    let peers = play(&Setup::new(seed));
    let mut analysis = Analysis::new();
    let mut logs = Vec::new();
    for peer in peers {
        logs.push(peer.events.clone());
        peer.into_chunks().iter().for_each(|chunk| analysis.handle_chunk(chunk));
    }
    analysis.flush();
    (analysis, logs)
}

#[test]
fn what_is_kept_between_looks_gives_what_a_first_look_gives() {
    for seed in 0..4 {
        let [first, second] = play(&Setup::new(seed));
        let mut chunks = first.into_chunks();
        chunks.extend(second.into_chunks());
        let mut watched = Analysis::new();
        for (count, chunk) in chunks.iter().enumerate() {
            watched.handle_chunk(chunk);
            if count % 3 == 0 {
                let _ = watched.timeline(query(Axis::Frame, 3, 100));
            }
        }
        watched.flush();
        let fresh = analyse(&chunks);
        for axis in [Axis::Frame, Axis::Time] {
            for units_per_column in [1, 3, 16, 100] {
                let views = [&watched, &fresh].map(|a| whole(a, axis, units_per_column));
                assert_eq!(views[0], views[1], "seed {seed}, {axis:?}, {units_per_column}");
            }
        }
    }
}

#[test]
fn no_anomaly_is_lost_at_any_zoom_on_either_axis() {
    let (analysis, _) = both(9);
    type Trait = (&'static str, fn(&Cell) -> bool);
    let traits: [Trait; 4] = [
        ("mismatch", |cell| cell.became == Became::Mismatch),
        ("stall", |cell| cell.stalled),
        ("shown with a guess", |cell| cell.shown == Shown::Predicted),
        ("deep rollback", |cell| cell.rollback_depth_frames >= 4),
    ];
    let fine = whole(&analysis, Axis::Frame, 1);
    for axis in [Axis::Frame, Axis::Time] {
        for units_per_column in [1, 2, 7, 64, 500] {
            let coarse = whole(&analysis, axis, units_per_column);
            for (fine, lane) in fine.lanes.iter().zip(&coarse.lanes) {
                for (name, is_so) in traits {
                    let frames = fine.cells.iter().enumerate().filter(|(_, cell)| is_so(cell));
                    for (frame, _) in frames {
                        let column = coarse.column_of(lane, Frame(frame as u32)).unwrap();
                        assert!(
                            is_so(&lane.cells[column]),
                            "{name} at {frame}, {units_per_column}"
                        );
                    }
                }
                let highest = |lane: &rollscope::timeline::PeerLane| {
                    let peaks = lane.queues.iter().map(|queue| queue.values.iter().copied().max());
                    peaks.collect::<Vec<_>>()
                };
                assert_eq!(highest(fine), highest(lane), "{axis:?} {units_per_column}");
            }
        }
    }
}

#[test]
fn the_time_axis_holds_every_frame_once_and_in_order() {
    let (analysis, logs) = both(3);
    for units_per_column in [1, 5] {
        let view = whole(&analysis, Axis::Time, units_per_column);
        for (lane, log) in view.lanes.iter().zip(&logs) {
            let stepped = log.iter().filter(|event| matches!(event, EngineEvent::Frame { .. }));
            let last = *lane.frames.last().unwrap();
            assert_eq!((lane.frames[0], last as usize), (0, stepped.count()), "{units_per_column}");
            assert!(lane.frames.is_sorted());
            assert!(lane.edges.is_sorted());
        }
    }
}

#[test]
fn an_arrow_for_every_message_and_amber_for_every_cause() {
    let (analysis, logs) = both(5);
    let view = whole(&analysis, Axis::Frame, 1);
    for (lane, log) in logs.iter().enumerate() {
        let rollbacks = log.iter().filter(|event| matches!(event, EngineEvent::Rollback { .. }));
        let to_lane = view.inputs.iter().filter(|arrow| arrow.to_lane == lane);
        let causes = to_lane.clone().filter(|arrow| arrow.fate == ArrowFate::CausedRollback);
        // One message may cause one rollback only: the next one has the next message.
        assert_eq!(causes.count(), rollbacks.count(), "lane {lane}");
        let lost = to_lane.clone().filter(|arrow| arrow.fate == ArrowFate::Lost).count();
        let (counted, _) = view.lanes[lane].lost_messages.unwrap();
        assert_eq!(lost as u32, counted, "lane {lane}");
        assert!(to_lane.clone().all(|arrow| arrow.from_lane == 1 - lane));
    }
}

#[test]
fn clocks_that_agree_are_found_to_agree_within_the_band() {
    for seed in 0..6 {
        let (analysis, _) = both(seed);
        let clocks = analysis.peer_clocks();
        assert_eq!(clocks[0], None, "the reference");
        let clock = clocks[1].unwrap();
        assert!(clock.is_wall_clock);
        assert!(clock.ahead_ms.abs() <= clock.band_ms, "seed {seed}: {clock:?}");
        assert!(clock.band_ms < 120.0, "seed {seed}: {clock:?}");
    }
    let [first, _] = play(&Setup::new(1));
    assert_eq!(analyse(&first.into_chunks()).peer_clocks(), [None, None]);
}

#[test]
fn requests_to_the_worker_stand_between_their_ends_with_their_operations() {
    let (analysis, logs) = both(2);
    let view = whole(&analysis, Axis::Time, 1);
    let rollbacks = |log: &Vec<EngineEvent>| {
        log.iter().filter(|event| matches!(event, EngineEvent::Rollback { .. })).count()
    };
    for (lane, log) in view.lanes.iter().zip(&logs) {
        let bars: Vec<&WorkerBar> = lane.worker.iter().filter(|bar| bar.is_rollback).collect();
        assert_eq!(bars.len(), rollbacks(log), "{}", lane.name);
        for bar in bars {
            assert!(bar.at.is_sorted(), "{bar:?}");
            assert_eq!(bar.operations.first(), Some(&"setState"));
            assert_eq!(bar.operations.len() as u32, bar.operation_count.min(64));
        }
        let longest = lane.worker.iter().filter_map(|bar| bar.total_micros).max();
        assert_eq!(longest, Some(u64::from(lane.longest_micros)));
    }
    let far = whole(&analysis, Axis::Frame, 50);
    for lane in &far.lanes {
        let longest = lane.worker_peaks.iter().map(|peak| peak.longest_micros).max();
        assert_eq!(longest, Some(lane.longest_micros));
    }
}

#[test]
fn places_and_frames_are_inverse_on_both_axes() {
    let (analysis, _) = both(4);
    for axis in [Axis::Frame, Axis::Time] {
        for frame in [0, 1, 57, 100].map(Frame) {
            let place = analysis.place_of(axis, frame);
            assert_eq!(analysis.frame_at(axis, place + 0.001), frame, "{axis:?}");
        }
    }
}

#[test]
fn nothing_captured_and_hostile_questions_are_harmless() {
    let empty = Analysis::new();
    assert_eq!(whole(&empty, Axis::Time, 1).lanes, []);
    let (analysis, _) = both(1);
    for first in [0, u32::MAX - 3, u32::MAX] {
        for axis in [Axis::Frame, Axis::Time] {
            let query = LaneQuery { axis, first, units_per_column: 0, columns: usize::MAX };
            let view = analysis.timeline(query);
            assert!(view.lanes.iter().all(|lane| lane.cells.len() <= 16_384));
        }
    }
}
