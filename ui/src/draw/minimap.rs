//! The minimap: one strip per peer over the whole episode, height by severity, and the brush.

use rollscope::timeline::{Became, Cell, MinimapView};

use super::cells::{Fate, Strip, fates};
use super::marks;
use super::picture::{Align, Area, Ink, Pen, Picture, Shape};
use super::scale::Scale;
use crate::range::Range;

/// Width of the peer names at the left.
pub const NAMES_WIDTH: f64 = 30.0;
/// Half the height of a name: the first one ends where the minimap does.
const HALF_NAME: f64 = 7.0;
/// Least distance of two names.
const NAME_PITCH: f64 = 11.0;
/// Canvas height from which the minimap has an axis.
const WITH_AXIS: f64 = 44.0;
/// Marks closer than this are one mark.
const MERGED: f64 = 4.0;

/// The scale of a minimap of this width over an episode of so many units.
#[must_use]
pub fn scale(width: f64, units: u32) -> Scale {
    Scale::new(Range::whole(units), NAMES_WIDTH, (width - 12.0).max(NAMES_WIDTH + 1.0))
}

/// Draws the minimap with the brush over `range`, if one is to be shown.
#[must_use]
pub fn minimap(
    view: &MinimapView,
    (width, height): (f64, f64),
    range: Option<Range>,
    selected: Option<f64>,
    markers: &[f64],
) -> Picture {
    let mut picture = Picture::default();
    let scale = scale(width, view.units);
    let axis = if height >= WITH_AXIS { 16.0 } else { 2.0 };
    let count = view.strips.len().max(1) as f64;
    let pitch = ((height - 4.0 - axis) / count).min(16.0);
    let strip_height = (pitch - 3.0).max(pitch * 0.7);
    let lanes: Vec<Area> = (0..view.strips.len())
        .map(|peer| {
            let y = 4.0 + pitch * peer as f64;
            Area::new(scale.left, y, scale.right - scale.left, strip_height)
        })
        .collect();
    // Where the strips of many peers are thin, only every second or fourth has its name beside it.
    let named = (NAME_PITCH / pitch).ceil().max(1.0) as usize;
    for (peer, ((name, cells), lane)) in view.strips.iter().zip(&lanes).enumerate() {
        if peer % named == 0 {
            let at = (4.0, (lane.y + lane.h / 2.0).max(HALF_NAME));
            picture.push_text(at, name.clone(), Ink::Ink2, (11.0, true), Align::Left);
        }
        strip(&mut picture, spread(cells, view.units, scale), cells, *lane);
    }
    let strips = Area::new(scale.left, 3.0, scale.right - scale.left, pitch * count);
    if let Some(range) = range {
        veil(&mut picture, range, scale, strips);
    }
    for ((_, cells), lane) in view.strips.iter().zip(&lanes) {
        severe(&mut picture, spread(cells, view.units, scale), cells, *lane);
    }
    if let Some(range) = range {
        brush(&mut picture, range, scale, strips);
    }
    for marker in markers {
        marks::flag(&mut picture, (scale.x_from_unit(*marker), 1.0), 6.0);
    }
    if let Some(unit) = selected {
        let x = scale.x_from_unit(unit);
        picture.push(Shape::Polygon(vec![(x - 5.0, 0.0), (x + 5.0, 0.0), (x, 6.0)], Ink::Accent));
    }
    if height >= WITH_AXIS {
        for (unit, text) in scale.ticks(view.axis, view.tick_micros) {
            let x = scale.x_from_unit(unit).min(scale.right - 8.0).max(scale.left);
            picture.text((x, height - 9.0), text, Ink::Ink3, Align::Centre);
        }
    }
    picture
}

/// The columns of the view spread evenly over the frames of the episode.
fn spread(cells: &[Cell], units: u32, scale: Scale) -> Scale {
    let covered = f64::from(units) * scale.px_per_unit;
    let px_per_unit = covered / cells.len().max(1) as f64;
    Scale { first: 0.0, px_per_unit, ..scale }
}

fn strip(picture: &mut Picture, scale: Scale, cells: &[Cell], lane: Area) {
    picture.rect(lane, Ink::Track);
    let mut fates = fates(cells);
    merge(&mut fates, scale.px_per_unit);
    let columns = Strip { cells, edges: &[], first: 0.0, width: 1.0 };
    let runs = columns.runs(scale, |column, _| fates.get(column).copied().unwrap_or(Fate::Nothing));
    for (fate, x, width) in runs {
        let Some(ink) = fate.ink() else { continue };
        let height = match fate {
            Fate::Mismatch => lane.h,
            Fate::BetweenMismatches => lane.h * 0.6,
            // Of eight peers a strip is a few pixels: what is good must be seen as well.
            _ => (lane.h * 0.45).max(lane.h.min(2.0)),
        };
        picture.rect(Area::new(x, lane.bottom() - height, width.max(1.0), height), ink);
        if fate == Fate::Verified && height >= 3.0 {
            let y = lane.bottom() - height / 2.0 - 0.5;
            picture.rect(Area::new(x, y, width, 1.0), Ink::Bg2);
        }
    }
}

/// Mismatches that stand closer than [`MERGED`] are one: a fringe of ticks would be an artefact of the pixels.
fn merge(fates: &mut [Fate], px_per_column: f64) {
    let mut last = None;
    for column in 0..fates.len() {
        if fates.get(column) != Some(&Fate::Mismatch) {
            continue;
        }
        let from = last.replace(column).map_or(column, |last: usize| last + 1);
        if (column - from) as f64 * px_per_column < MERGED
            && let Some(between) = fates.get_mut(from..column)
            && between.iter().all(|fate| *fate == Fate::BetweenMismatches)
        {
            between.fill(Fate::Mismatch);
        }
    }
}

/// What must be seen through the veil: mismatches, stalls, missed rollbacks.
fn severe(picture: &mut Picture, scale: Scale, cells: &[Cell], lane: Area) {
    let mut last_tick = f64::MIN;
    let mut first_mismatch = None;
    for (column, cell) in cells.iter().enumerate() {
        let x = scale.x_from_unit(column as f64);
        let close = x - last_tick < MERGED;
        if cell.became == Became::Mismatch && first_mismatch.is_none() {
            first_mismatch = Some(x);
        }
        if cell.stalled && !close {
            let area = Area::new(x - 1.5, lane.y, 3.5, lane.h);
            picture.rect(area, Ink::Stalled);
            picture.push(Shape::Outline(area, Pen::new(Ink::StalledEdge, 1.0)));
            last_tick = x;
        }
        if cell.missed_rollback {
            marks::triangle(picture, (x, lane.y + lane.h / 2.0), 4.5);
        }
    }
    if let Some(x) = first_mismatch {
        marks::diamond(picture, (x, lane.y + lane.h / 2.0), 5.0);
    }
}

fn veil(picture: &mut Picture, range: Range, scale: Scale, strips: Area) {
    let left = scale.x_from_unit(range.first).min(scale.right).max(scale.left);
    let right = scale.x_from_unit(range.end()).min(scale.right).max(scale.left);
    picture.rect(Area::new(strips.x, strips.y, left - strips.x, strips.h), Ink::Veil);
    picture.rect(Area::new(right, strips.y, strips.right() - right, strips.h), Ink::Veil);
}

fn brush(picture: &mut Picture, range: Range, scale: Scale, strips: Area) {
    let left = scale.x_from_unit(range.first).min(scale.right).max(scale.left);
    let right = scale.x_from_unit(range.end()).min(scale.right).max(scale.left);
    if right - left < scale.right - scale.left - 1.0 {
        let area = Area::new(left, strips.y - 1.0, right - left, strips.h + 1.0);
        picture.push(Shape::Outline(area, Pen::new(Ink::Accent, 1.5)));
    }
    for x in [left, right] {
        let handle = Area::new(x - 2.0, strips.y + strips.h / 2.0 - 5.5, 4.0, 11.0);
        picture.rect(handle, Ink::Accent);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rollscope::timeline::Shown;

    fn view(became: Became) -> MinimapView {
        let cells = vec![Cell { shown: Shown::Real, became, ..Cell::default() }; 100];
        MinimapView { units: 200, strips: vec![("P1".to_owned(), cells)], ..MinimapView::default() }
    }

    #[test]
    fn a_mismatch_is_marked_once_and_full_height() {
        let picture = minimap(&view(Became::Mismatch), (640.0, 32.0), None, None, &[]);
        let marks = picture.shapes.iter();
        let marks = marks.filter(|shape| matches!(shape, Shape::Polygon(_, Ink::Mismatch)));
        assert_eq!(marks.count(), 1);
    }

    #[test]
    fn close_mismatches_are_one_and_distant_ones_are_not() {
        let ticks = |apart: usize| {
            let mut fates = vec![Fate::BetweenMismatches; 100];
            fates.iter_mut().step_by(apart).for_each(|fate| *fate = Fate::Mismatch);
            fates
        };
        let (mut close, mut distant) = (ticks(4), ticks(8));
        merge(&mut close, 1.0);
        merge(&mut distant, 1.0);
        assert!(close.iter().take(97).all(|fate| *fate == Fate::Mismatch));
        assert_eq!(distant, ticks(8));
    }

    #[test]
    fn strip_covers_the_frames_of_the_episode() {
        let picture = minimap(&view(Became::Verified), (230.0 + 12.0, 32.0), None, None, &[]);
        let strip = picture.shapes.iter().find_map(|shape| match shape {
            Shape::Rect(area, Ink::Verified) => Some(*area),
            _ => None,
        });
        let strip = strip.unwrap();
        assert_eq!((strip.x, strip.right()), (30.0, 230.0));
    }

    #[test]
    fn verified_frames_of_eight_peers_are_seen() {
        let one = view(Became::Verified);
        let strips = vec![one.strips.first().cloned().unwrap(); 8];
        let picture = minimap(&MinimapView { strips, ..one }, (242.0, 32.0), None, None, &[]);
        let seen = |ink: Ink| {
            let areas = picture.shapes.iter().filter_map(move |shape| match shape {
                Shape::Rect(area, known) if *known == ink => Some(*area),
                _ => None,
            });
            areas.collect::<Vec<Area>>()
        };
        let (verified, lines) = (seen(Ink::Verified), seen(Ink::Bg2));
        assert_eq!(verified.len(), 8);
        for area in verified {
            let covered = |line: &&Area| line.w >= area.w && (line.y - area.y).abs() < area.h;
            let covered: f64 = lines.iter().filter(covered).map(|line| line.h).sum();
            assert!(area.h - covered >= 1.5, "{area:?} of which {covered} is covered");
        }
    }

    #[test]
    fn brush_and_veil_follow_the_range() {
        let range = Range { first: 50.0, frames: 50.0 };
        let picture = minimap(&view(Became::Verified), (242.0, 32.0), Some(range), None, &[]);
        let veils =
            picture.shapes.iter().filter(|shape| matches!(shape, Shape::Rect(_, Ink::Veil)));
        assert_eq!(veils.count(), 2);
    }
}
