//! Inputs between peers: an arrow per message where they can be told apart, else the latest one
//! of each column.

use super::lanes::{ArrowFate, InputArrow, InputColumn, PeerLane};
use super::lanes_build::Lane;
use super::lanes_cache::arrival_peaks;
use crate::frame::Frame;
use crate::player::PlayerId;
use crate::session::Arrival;

/// Arrows that one view lists.
const MOST_ARROWS: usize = 20_000;

/// Frames that an input may have been under way and still be looked for.
const LONGEST_WAY_FRAMES: u32 = 240;

/// The arrows between all lanes of a view.
pub(super) fn arrows(lanes: &[Lane<'_>]) -> Vec<InputArrow> {
    let mut arrows = Vec::new();
    for (to_lane, to) in lanes.iter().enumerate().filter(|(_, lane)| lane.is_near()) {
        let Some(record) = to.record else { continue };
        let arrivals = record.arrivals.all();
        let first = to.map.frame_of_unit(to.first());
        let end = to.map.frame_of_unit(to.end()).plus(LONGEST_WAY_FRAMES);
        let from = arrivals.partition_point(|arrival| arrival.arrived_at < first);
        let shown = arrivals.iter().skip(from).take_while(|arrival| arrival.arrived_at <= end);
        for arrival in shown {
            let Some((from_lane, from)) = sender(lanes, arrival.player) else { continue };
            let (left, right) = (centre(from, arrival.sent_at), centre(to, arrival.arrived_at));
            if left < to.end() && arrows.len() < MOST_ARROWS {
                arrows.push(arrow(
                    (from_lane, to_lane),
                    arrival,
                    left - to.first(),
                    right - to.first(),
                ));
            }
        }
        // Of more than two players a missing number does not say whose message is missing.
        if let [_, _] = lanes
            && let Some((from_lane, from)) =
                lanes.iter().enumerate().find(|(_, l)| l.player != to.player)
        {
            let (first, end) =
                (from.map.frame_of_unit(from.first()), from.map.frame_of_unit(from.end()));
            let lost = (first.0..=end.0)
                .filter(|f| record.arrivals.was_announced(Frame(*f)) == Some(false));
            for frame in lost.take(MOST_ARROWS) {
                let at = centre(from, Frame(frame)) - to.first();
                arrows.push(InputArrow {
                    from_lane,
                    to_lane,
                    sent_at: Frame(frame),
                    arrived_at: None,
                    from: at,
                    to: at,
                    fate: ArrowFate::Lost,
                });
            }
        }
    }
    arrows
}

/// Fills in the latest arrival of each column, where arrows cannot be told apart.
pub(super) fn columns(lane: &Lane<'_>, view: &mut PeerLane) {
    let Some(record) = lane.record.filter(|_| !lane.is_near()) else { return };
    let arrivals = record.arrivals.all();
    let of = |place: usize| arrival_peaks(arrivals.get(place));
    let place = |unit: f64| {
        let frame = lane.map.frame_of_unit(unit);
        arrivals.partition_point(|arrival| arrival.arrived_at < frame)
    };
    let width = f64::from(lane.query.units_per_column);
    let mut from = place(lane.first());
    view.arrivals = (0..lane.query.columns)
        .map(|column| {
            let to = place(lane.first() + (column + 1) as f64 * width);
            let [latest, caused] = lane.cache.arrivals.highest(from..to, of);
            from = to;
            InputColumn {
                latest_frames: u16::try_from(latest).unwrap_or(u16::MAX),
                caused_rollback: caused > 0,
            }
        })
        .collect();
}

fn sender<'a, 'b>(lanes: &'a [Lane<'b>], player: PlayerId) -> Option<(usize, &'a Lane<'b>)> {
    lanes.iter().enumerate().find(|(_, lane)| lane.player == player)
}

fn centre(lane: &Lane<'_>, frame: Frame) -> f64 {
    f64::midpoint(lane.map.unit_of_frame(frame), lane.map.unit_of_frame(frame.next()))
}

fn arrow(
    (from_lane, to_lane): (usize, usize),
    arrival: &Arrival,
    from: f64,
    to: f64,
) -> InputArrow {
    let fate = if arrival.caused_rollback { ArrowFate::CausedRollback } else { ArrowFate::Arrived };
    InputArrow {
        from_lane,
        to_lane,
        sent_at: arrival.sent_at,
        arrived_at: Some(arrival.arrived_at),
        from,
        to,
        fate,
    }
}
