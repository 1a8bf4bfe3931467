//! The worker lane: wait hollow, execution dark, reply grey, operations nested below; at far zoom
//! the longest request of each column. Heights grow with the square root of the time.

use rollscope::timeline::{PeerLane, TimelineView, WorkerBar};

use super::cells::Strip;
use super::marks;
use super::picture::{Align, Area, Ink, Pen, Picture, Shape};
use super::scale::{Scale, Zoom};

/// Lane height from which operations have a row of their own.
const WITH_OPERATIONS: f64 = 24.0;
/// Width that the name of an operation needs.
const NAME_WIDTH: f64 = 44.0;

/// Draws the requests of one peer.
pub fn worker(
    picture: &mut Picture,
    view: &TimelineView,
    lane: &PeerLane,
    strip: Strip<'_>,
    scale: Scale,
    area: Area,
) {
    picture.rect(Area::new(area.x, area.bottom() - 1.0, area.w, 1.0), Ink::Track);
    if scale.zoom() == Zoom::Far {
        far(picture, view, lane, strip, scale, area);
        return;
    }
    let has_operations = area.h >= WITH_OPERATIONS;
    let upper = if has_operations { area.h * 0.56 } else { area.h - 2.0 };
    let bars = Area::new(area.x, area.y + 1.0, area.w, upper);
    for bar in &lane.worker {
        request(picture, bar, strip.first, scale, bars);
    }
    if has_operations {
        let below =
            Area::new(area.x, bars.bottom() + 2.0, area.w, area.bottom() - bars.bottom() - 4.0);
        for bar in lane.worker.iter().filter(|bar| bar.operation_count > 1) {
            operations(picture, bar, strip.first, scale, below);
        }
    }
}

fn request(picture: &mut Picture, bar: &WorkerBar, first: f64, scale: Scale, area: Area) {
    let x = bar.at.map(|at| scale.x_from_unit(first + at));
    let [posted, started, finished, replied] = x;
    if replied < area.x || posted > area.right() {
        return;
    }
    let h = if bar.is_rollback { area.h } else { area.h * 0.55 };
    let y = area.bottom() - h;
    if started - posted >= 2.0 {
        let wait = Area::new(posted + 0.5, y + 0.5, started - posted - 1.0, h - 1.0);
        picture.push(Shape::Outline(wait, Pen::new(Ink::LineStrong, 1.0)));
    }
    let ink = if bar.is_rollback { Ink::Resim } else { Ink::Reply };
    picture.rect(Area::new(started, y, (finished - started).max(1.0), h), ink);
    if replied - finished >= 1.0 {
        picture.rect(Area::new(finished, y + h * 0.3, replied - finished, h * 0.4), Ink::Reply);
    }
}

/// Operations share the time of execution evenly: the worker does not say when each began.
fn operations(picture: &mut Picture, bar: &WorkerBar, first: f64, scale: Scale, area: Area) {
    let (left, right) =
        (scale.x_from_unit(first + bar.at[1]), scale.x_from_unit(first + bar.at[2]));
    let width = (right - left).max(2.0);
    let slice = width / f64::from(bar.operation_count.max(1));
    if slice < 2.0 {
        picture.rect(Area::new(left, area.y, width, area.h), Ink::Reply);
        return;
    }
    for (place, name) in bar.operations.iter().enumerate() {
        let x = left + place as f64 * slice;
        if x > area.right() {
            break;
        }
        let is_step = *name == "step";
        let h = if is_step { area.h } else { area.h * 0.65 };
        let ink = if is_step { Ink::Resim } else { Ink::Reply };
        picture.rect(Area::new(x, area.bottom() - h, (slice - 1.0).max(1.0), h), ink);
        if slice >= NAME_WIDTH && area.h >= 11.0 && x >= area.x {
            let at = (x + slice / 2.0, area.bottom() - h / 2.0);
            picture.text(at, *name, Ink::Bg, Align::Centre);
        }
    }
}

fn far(
    picture: &mut Picture,
    view: &TimelineView,
    lane: &PeerLane,
    strip: Strip<'_>,
    scale: Scale,
    area: Area,
) {
    let most = f64::from(lane.longest_micros).max(view.tick_micros as f64 * 2.0).sqrt();
    let height = |micros: f64| (micros.sqrt() / most).min(1.0) * (area.h - 2.0);
    let base = area.bottom() - 1.0;
    let mut bar = |x: f64, width: f64, micros: f64, ink: Ink| {
        let h = height(micros);
        if h >= 1.0 {
            picture.rect(Area::new(x, base - h, width, h), ink);
        }
    };
    for (column, peak) in lane.worker_peaks.iter().enumerate() {
        let (x, width) = strip.place(scale, column);
        bar(x, width, f64::from(peak.longest_micros), Ink::Reply);
        bar(x, width, f64::from(peak.longest_rollback_micros), Ink::Resim);
    }
    for request in &lane.worker {
        let x = scale.x_from_unit(strip.first + request.at[0]);
        let micros = request.total_micros.unwrap_or(0) as f64;
        let ink = if request.is_rollback { Ink::Resim } else { Ink::Reply };
        bar(x, scale.px_per_unit.max(1.0), micros, ink);
    }
    // What one frame has: requests above it cost a frame.
    let y = base - height(view.tick_micros as f64);
    picture.line(vec![(area.x, y), (area.right(), y)], marks::dashed(Ink::Predicted));
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::range::Range;
    use rollscope::timeline::WorkerPeak;

    fn draw(lane: &PeerLane, frames: f64) -> Vec<Shape> {
        let view = TimelineView { tick_micros: 16_667, ..TimelineView::default() };
        let scale = Scale::new(Range { first: 0.0, frames }, 0.0, 600.0);
        let strip = Strip { cells: &[], edges: &[], first: 0.0, width: 1.0 };
        let mut picture = Picture::default();
        worker(&mut picture, &view, lane, strip, scale, Area::new(0.0, 0.0, 600.0, 40.0));
        picture.shapes
    }

    #[test]
    fn operations_of_a_batch_are_nested_and_named_where_there_is_room() {
        let bar = WorkerBar {
            at: [1.0, 2.0, 20.0, 21.0],
            is_rollback: true,
            operations: vec!["setState", "step", "getState"],
            operation_count: 3,
            ..WorkerBar::default()
        };
        let lane = PeerLane { worker: vec![bar], ..PeerLane::default() };
        let shapes = draw(&lane, 24.0);
        let names = shapes.iter().filter(|shape| matches!(shape, Shape::Text { .. }));
        assert_eq!(names.count(), 3);
        assert!(
            shapes.iter().any(|shape| matches!(shape, Shape::Outline(..))),
            "the wait is hollow"
        );
    }

    #[test]
    fn one_long_request_among_many_columns_stands_out() {
        let mut peaks = vec![WorkerPeak { longest_micros: 1000, longest_rollback_micros: 0 }; 600];
        peaks[300].longest_micros = 90_000;
        let lane = PeerLane { worker_peaks: peaks, longest_micros: 90_000, ..PeerLane::default() };
        let heights: Vec<f64> = draw(&lane, 600.0)
            .iter()
            .filter_map(|shape| match shape {
                Shape::Rect(area, Ink::Reply) => Some(area.h),
                _ => None,
            })
            .collect();
        let highest = heights.iter().copied().fold(0.0, f64::max);
        assert_eq!(heights.iter().filter(|h| **h == highest).count(), 1);
        assert!(highest > 35.0, "{highest}");
    }
}
