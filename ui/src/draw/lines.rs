//! Lanes of all peers: frame advantage, confirmation lag, round-trip time, pages. Peers are told
//! apart by their line: solid, dashed, grey dashed. Of many values in one column the lowest and the
//! highest are drawn.

use rollscope::fixed::Fixed;
use rollscope::timeline::{PeerLane, TimelineView};

use super::cells::Strip;
use super::lanes::LaneKind;
use super::picture::{Area, Dash, Ink, Pen, Picture, Point, Shape};
use super::scale::{Scale, tick_step};

/// Draws one of these lanes.
pub fn lane<'a>(
    picture: &mut Picture,
    kind: LaneKind,
    view: &'a TimelineView,
    strip: impl Fn(&'a PeerLane) -> Strip<'a>,
    scale: Scale,
    area: Area,
) {
    if kind == LaneKind::Page {
        pages(picture, view, scale, area);
        return;
    }
    let series: Vec<Vec<Point>> =
        view.lanes.iter().map(|lane| values(kind, lane, strip(lane), scale)).collect();
    let all = || series.iter().flatten().filter(|(x, _)| *x >= scale.left && *x <= scale.right);
    let low = all().map(|(_, value)| *value).fold(0.0, f64::min);
    let high = all().map(|(_, value)| *value).fold(0.0, f64::max);
    // The scale takes round steps, so that it seldom changes while panning.
    let most = |value: f64| f64::from(tick_step(value.max(1.0)));
    let (low, high) = (if low < 0.0 { -most(-low) } else { 0.0 }, most(high.max(4.0)));
    let room = (area.h - 4.0).max(2.0);
    let y_of = |value: f64| area.bottom() - 2.0 - (value - low) / (high - low) * room;
    picture.rect(Area::new(area.x, y_of(0.0), area.w, 1.0), Ink::Track);
    for (peer, points) in series.iter().enumerate() {
        let points = points.iter().map(|(x, value)| (*x, y_of(*value))).collect();
        picture.line(points, pen(peer));
    }
}

/// The line of a peer, by its place.
#[must_use]
pub const fn pen(peer: usize) -> Pen {
    match peer {
        0 => Pen { ink: Ink::Ink, width: 1.2, dash: Dash::Solid },
        1 => Pen { ink: Ink::Ink2, width: 1.0, dash: Dash::Dashed },
        _ => Pen { ink: Ink::Ink3, width: 1.0, dash: Dash::Dashed },
    }
}

fn values(kind: LaneKind, lane: &PeerLane, strip: Strip<'_>, scale: Scale) -> Vec<Point> {
    let centre = |column: usize| {
        let (left, width) = strip.place(scale, column);
        left + width / 2.0
    };
    match kind {
        LaneKind::Advantage => {
            let mut points = Vec::new();
            let mut last = 0;
            for (column, span) in lane.advantage.iter().enumerate() {
                let Some((low, high)) = span else { continue };
                // Towards the nearer end first, so that the line does not zigzag more than it must.
                let nearer_low = last - low <= high - last;
                let both = if nearer_low { [*low, *high] } else { [*high, *low] };
                let count = if low == high { 1 } else { 2 };
                let x = centre(column);
                points.extend(both.iter().take(count).map(|value| (x, f64::from(*value))));
                last = both.into_iter().take(count).next_back().unwrap_or(last);
            }
            points
        }
        LaneKind::Lag => {
            let lag = lane.lag.iter().enumerate();
            lag.filter_map(|(column, lag)| Some((centre(column), f64::from((*lag)?)))).collect()
        }
        _ => {
            let place = |(at, micros): &(f64, u64)| {
                (scale.x_from_unit(strip.first + at), *micros as f64 / 1000.0)
            };
            lane.pings.iter().map(place).collect()
        }
    }
}

/// The value of a peer at a column, as text for the gutter.
#[must_use]
pub fn value_at(
    kind: LaneKind,
    view: &TimelineView,
    lane: &PeerLane,
    column: Option<usize>,
) -> Option<String> {
    match kind {
        LaneKind::Advantage => {
            let (low, high) = (*lane.advantage.get(column?)?)?;
            Some(if low == high { low.to_string() } else { format!("{low}…{high}") })
        }
        LaneKind::Lag => (*lane.lag.get(column?)?).map(|lag| lag.to_string()),
        LaneKind::RoundTrip => {
            let (left, width) = view.place_of(lane, column?);
            let before = lane.pings.iter().rev().find(|(at, _)| *at <= left + width);
            before.map(|(_, micros)| Fixed(*micros as f64 / 1000.0).to_string())
        }
        _ => None,
    }
}

fn pages(picture: &mut Picture, view: &TimelineView, scale: Scale, area: Area) {
    let pages = || view.lanes.iter().filter(|lane| lane.has_page);
    let pitch = area.h / pages().count().max(1) as f64;
    let first = f64::from(view.query.first);
    for (row, lane) in pages().enumerate() {
        let h = (pitch - 3.0).clamp(2.0, 6.0);
        let y = area.y + row as f64 * pitch + (pitch - h) / 2.0;
        let place = |(from, to): &(f64, f64)| {
            let left = scale.x_from_unit(first + from).max(area.x);
            let right = scale.x_from_unit(first + to).min(area.right());
            Area::new(left, y, (right - left).max(2.0), h)
        };
        picture.rect(Area::new(area.x, y, area.w, h), Ink::Track);
        for span in &lane.hidden {
            picture.push(Shape::Outline(place(span), Pen::new(Ink::LineStrong, 1.0)));
        }
        for span in &lane.slow {
            picture.rect(place(span), Ink::StalledEdge);
            let inside = place(span);
            picture.rect(
                Area::new(inside.x + 0.5, y + 0.5, (inside.w - 1.0).max(1.0), h - 1.0),
                Ink::Stalled,
            );
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::range::Range;

    #[test]
    fn lowest_and_highest_of_a_column_are_both_drawn() {
        let lane = PeerLane {
            advantage: vec![Some((0, 0)), Some((-9, 4)), None, Some((1, 1))],
            ..PeerLane::default()
        };
        let strip = Strip { cells: &[], edges: &[], first: 0.0, width: 1.0 };
        let scale = Scale::new(Range { first: 0.0, frames: 12.0 }, 0.0, 120.0);
        let values = values(LaneKind::Advantage, &lane, strip, scale);
        let drawn: Vec<f64> = values.iter().map(|(_, value)| *value).collect();
        assert_eq!(drawn, [0.0, 4.0, -9.0, 1.0]);
    }
}
