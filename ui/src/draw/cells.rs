//! The frames lane: upper half how a frame was shown, lower half what it became.
//! Marks are a second pass, so that they stand above their neighbours.

use rollscope::timeline::{Became, Cell, Shown};

use super::marks;
use super::picture::{Area, Ink, Pen, Picture, Shape};
use super::scale::{Scale, Zoom};

/// Cells of one peer with the places of their columns.
#[derive(Debug, Clone, Copy)]
pub struct Strip<'a> {
    /// One per column.
    pub cells: &'a [Cell],
    /// Left edges and the last right edge, from `first` on; empty where columns are equally wide.
    pub edges: &'a [f64],
    /// Place of the first column, in units.
    pub first: f64,
    /// Units in one column.
    pub width: f64,
}

impl Strip<'_> {
    /// Left edge and width of column `index`, in pixels.
    #[must_use]
    pub fn place(self, scale: Scale, index: usize) -> (f64, f64) {
        if let (Some(left), Some(right)) = (self.edges.get(index), self.edges.get(index + 1)) {
            let width = (right - left) * scale.px_per_unit;
            return (scale.x_from_unit(self.first + left), width);
        }
        let unit = self.first + index as f64 * self.width;
        (scale.x_from_unit(unit), scale.px_per_unit * self.width)
    }

    /// Runs of columns whose `key` is equal: key, left edge, width.
    pub fn runs<K: PartialEq>(
        self,
        scale: Scale,
        key: impl Fn(usize, &Cell) -> K,
    ) -> Vec<(K, f64, f64)> {
        let mut runs: Vec<(K, f64, f64)> = Vec::new();
        for (index, cell) in self.cells.iter().enumerate() {
            let key = key(index, cell);
            let (x, width) = self.place(scale, index);
            match runs.last_mut() {
                Some((last, left, run)) if *last == key => *run = x + width - *left,
                _ => runs.push((key, x, width)),
            }
        }
        runs
    }
}

/// What each cell is drawn as at far zoom, where a frame that was never hashed and has no worse
/// state takes the fate of the next hashed one. For the eye only: it enters no figure.
#[must_use]
pub fn fates(cells: &[Cell]) -> Vec<Fate> {
    let mut next = Fate::Confirmed;
    let mut fates: Vec<Fate> = cells
        .iter()
        .rev()
        .map(|cell| match cell.became {
            Became::Nothing if cell.shown == Shown::Nothing => Fate::Nothing,
            Became::Nothing => Fate::Unchecked,
            Became::Predicted => Fate::Predicted,
            Became::Confirmed => next,
            Became::Verified => {
                next = Fate::Verified;
                Fate::Verified
            }
            Became::Mismatch => {
                next = Fate::BetweenMismatches;
                Fate::Mismatch
            }
        })
        .collect();
    fates.reverse();
    // Before the first mismatch nothing is known to differ: such frames were confirmed.
    let first = fates.iter().position(|fate| *fate == Fate::Mismatch).unwrap_or(0);
    for fate in fates.iter_mut().take(first) {
        if *fate == Fate::BetweenMismatches {
            *fate = Fate::Confirmed;
        }
    }
    fates
}

/// What a cell is drawn as.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names are those of the states")]
pub enum Fate {
    Nothing,
    Unchecked,
    Predicted,
    Confirmed,
    Verified,
    BetweenMismatches,
    Mismatch,
}

impl Fate {
    /// Colour of the state.
    #[must_use]
    pub fn ink(self) -> Option<Ink> {
        match self {
            Self::Nothing | Self::Unchecked => None,
            Self::Predicted => Some(Ink::Predicted),
            Self::Confirmed => Some(Ink::Confirmed),
            Self::Verified => Some(Ink::Verified),
            Self::BetweenMismatches => Some(Ink::MismatchBetween),
            Self::Mismatch => Some(Ink::Mismatch),
        }
    }
}

/// Draws the frames of one peer into `lane`, without marks.
pub fn frames(picture: &mut Picture, strip: Strip<'_>, scale: Scale, lane: Area) {
    picture.rect(Area::new(scale.left, lane.y, scale.right - scale.left, lane.h), Ink::Track);
    match scale.zoom() {
        Zoom::Near => single_frames(picture, strip, scale, lane, 1.0),
        Zoom::Middle => single_frames(picture, strip, scale, lane, 0.0),
        Zoom::Far => buckets(picture, strip, scale, lane),
    }
    resimulated(picture, strip, scale, lane);
}

/// Draws the marks of one peer: mismatches, stalls, missed rollbacks.
pub fn mark(picture: &mut Picture, strip: Strip<'_>, scale: Scale, lane: Area) {
    let middle = lane.y + lane.h / 2.0;
    let zoom = scale.zoom();
    let first_mismatch = strip.cells.iter().position(|cell| cell.became == Became::Mismatch);
    let mut last_stall = f64::MIN;
    for (index, cell) in strip.cells.iter().enumerate() {
        let (x, width) = strip.place(scale, index);
        let centre = x + width / 2.0;
        if cell.became == Became::Mismatch {
            match zoom {
                Zoom::Near => {
                    marks::diamond(picture, (centre, middle), (lane.h / 2.0 - 2.0).min(6.0));
                }
                Zoom::Far if Some(index) == first_mismatch => {
                    marks::diamond(picture, (centre, middle), lane.h / 2.0 + 1.0);
                }
                Zoom::Middle | Zoom::Far => {}
            }
        }
        if cell.stalled {
            let box_width = if zoom == Zoom::Near { 9.0 } else { 8.0 };
            let spaced = x - last_stall >= 10.0;
            if spaced {
                marks::stall(picture, x, lane, box_width);
                last_stall = x;
            }
        }
        if cell.missed_rollback {
            marks::triangle(picture, (centre, middle), 6.0);
        }
    }
}

fn single_frames(picture: &mut Picture, strip: Strip<'_>, scale: Scale, lane: Area, gap: f64) {
    let upper = lane.h / 2.0;
    for (index, cell) in strip.cells.iter().enumerate() {
        let (x, width) = strip.place(scale, index);
        let width = width - gap;
        let whole = Area::new(x, lane.y, width, lane.h);
        let Some(ink) = ink_of(cell.became) else {
            if cell.shown != Shown::Nothing {
                let inside = Area::new(x + 0.5, lane.y + 0.5, width - 1.0, lane.h - 1.0);
                picture.push(Shape::Outline(inside, Pen::new(Ink::Unchecked, 1.0)));
            }
            continue;
        };
        let was_guess = cell.shown == Shown::Predicted;
        if cell.became == Became::Predicted {
            picture.hatch(whole);
            continue;
        }
        let below = if was_guess { Area::new(x, lane.y + upper, width, upper) } else { whole };
        if was_guess {
            picture.hatch(Area::new(x, lane.y, width, upper));
        }
        if cell.became == Became::Mismatch && gap == 0.0 {
            picture.rect(Area::new(x, lane.y - 2.0, width, lane.h + 4.0), ink);
        } else {
            picture.rect(below, ink);
        }
        if cell.became == Became::Verified {
            let at = (x + width / 2.0, below.y + below.h / 2.0);
            if gap > 0.0 {
                picture.push(Shape::Dot(at, 2.0, Ink::Bg));
            } else {
                picture.rect(Area::new(at.0 - 1.0, at.1 - 1.0, 2.0, 2.0), Ink::Bg);
            }
        }
    }
}

fn buckets(picture: &mut Picture, strip: Strip<'_>, scale: Scale, lane: Area) {
    let third = (lane.h / 3.0).round();
    let fates = fates(strip.cells);
    let fate_at = |index: usize| fates.get(index).copied().unwrap_or(Fate::Nothing);
    for (fate, x, width) in strip.runs(scale, |index, _| fate_at(index)) {
        let Some(ink) = fate.ink() else {
            if fate == Fate::Unchecked {
                let area = Area::new(x, lane.y + third + 0.5, width, lane.h - third - 1.0);
                picture.push(Shape::Outline(area, Pen::new(Ink::Unchecked, 1.0)));
            }
            continue;
        };
        let area = match fate {
            Fate::Mismatch => Area::new(x, lane.y, width.max(1.5), lane.h),
            Fate::Predicted => Area::new(x, lane.y, width, third),
            _ => Area::new(x, lane.y + third, width, lane.h - third),
        };
        picture.rect(area, ink);
        if fate == Fate::Verified {
            let line = Area::new(x, area.y + (area.h / 2.0).round() - 0.5, width, 1.0);
            picture.rect(line, Ink::Bg);
        }
    }
    for (shown, x, width) in strip.runs(scale, |_, cell| cell.shown) {
        if shown == Shown::Predicted {
            picture.rect(Area::new(x, lane.y, width.max(1.0), third - 1.0), Ink::Predicted);
        }
    }
}

/// Thin lines below the lane: one for frames that ran again, a second for more than once.
fn resimulated(picture: &mut Picture, strip: Strip<'_>, scale: Scale, lane: Area) {
    for (times, offset, ink) in [(1, 1.5, Ink::Ink2), (2, 4.0, Ink::Ink3)] {
        for (ran, x, width) in strip.runs(scale, |_, cell| cell.resimulated >= times) {
            if ran {
                let y = lane.bottom() + offset;
                picture.rect(Area::new(x, y, (width - 1.0).max(1.0), 1.0), ink);
            }
        }
    }
}

fn ink_of(became: Became) -> Option<Ink> {
    match became {
        Became::Nothing => None,
        Became::Predicted => Some(Ink::Predicted),
        Became::Confirmed => Some(Ink::Confirmed),
        Became::Verified => Some(Ink::Verified),
        Became::Mismatch => Some(Ink::Mismatch),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::range::Range;

    fn cell(became: Became) -> Cell {
        Cell { shown: Shown::Real, became, ..Cell::default() }
    }

    #[test]
    fn unhashed_frames_take_the_fate_of_the_next_hashed_one() {
        use Became::{Confirmed, Mismatch, Predicted, Verified};
        let cells =
            [Confirmed, Verified, Confirmed, Mismatch, Confirmed, Mismatch, Predicted, Confirmed]
                .map(cell);
        assert_eq!(
            fates(&cells),
            [
                Fate::Verified,
                Fate::Verified,
                Fate::Confirmed,
                Fate::Mismatch,
                Fate::BetweenMismatches,
                Fate::Mismatch,
                Fate::Predicted,
                Fate::Confirmed,
            ]
        );
    }

    #[test]
    fn equal_columns_become_one_rectangle() {
        let cells = [cell(Became::Verified); 600];
        let strip = Strip { cells: &cells, edges: &[], first: 0.0, width: 1.0 };
        let scale = Scale::new(Range { first: 0.0, frames: 600.0 }, 0.0, 600.0);
        let runs = strip.runs(scale, |_, cell| cell.became);
        assert_eq!(runs, [(Became::Verified, 0.0, 600.0)]);
    }

    #[test]
    fn each_mismatch_gets_a_diamond_at_near_zoom() {
        let cells = [cell(Became::Confirmed), cell(Became::Mismatch), cell(Became::Mismatch)];
        let strip = Strip { cells: &cells, edges: &[], first: 0.0, width: 1.0 };
        let scale = Scale::new(Range { first: 0.0, frames: 3.0 }, 0.0, 36.0);
        let mut picture = Picture::default();
        mark(&mut picture, strip, scale, Area::new(0.0, 0.0, 36.0, 20.0));
        let diamonds = picture.shapes.iter();
        let diamonds = diamonds.filter(|shape| matches!(shape, Shape::Polygon(_, Ink::Mismatch)));
        assert_eq!(diamonds.count(), 2);
    }
}
