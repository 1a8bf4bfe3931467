//! The small charts of the cards: coverage of state hashes, histogram of depths.

use rollscope::frame::Frame;
use rollscope::timeline::{CoverageCell, PathStrip};

use super::marks;
use super::picture::{Align, Area, Ink, Pen, Picture, Shape};

/// One cell per hashable frame: equal 65 % high with a light line, different full height,
/// unchecked hollow.
#[must_use]
pub fn coverage(cells: &[(Frame, CoverageCell)], (width, height): (f64, f64)) -> Picture {
    let mut picture = Picture::default();
    let room = height - 4.0;
    if cells.is_empty() {
        let base = Area::new(0.5, 2.0 + room * 0.35, width - 1.0, room * 0.65);
        picture.push(Shape::Outline(base, Pen::new(Ink::LineStrong, 1.0)));
        return picture;
    }
    let pitch = width / cells.len() as f64;
    let gap = if pitch >= 4.0 { 1.0 } else { 0.0 };
    let mut column = 0;
    let mut first_different = None;
    while let Some((_, cell)) = cells.get(column) {
        // Without gaps, equal neighbours are one rectangle.
        let same = cells.iter().skip(column).take_while(|(_, next)| next == cell).count();
        let run = if gap > 0.0 { 1 } else { same.max(1) };
        let x = column as f64 * pitch;
        let wide = pitch * run as f64 - gap;
        let low = Area::new(x, 2.0 + room * 0.35, wide, room * 0.65);
        match cell {
            CoverageCell::Equal => {
                picture.rect(low, Ink::Verified);
                picture.rect(Area::new(x, (low.y + low.h / 2.0).round(), wide, 1.0), Ink::Bg);
            }
            CoverageCell::Different => {
                picture.rect(Area::new(x, 2.0, wide.max(1.0), room), Ink::Mismatch);
                first_different.get_or_insert(x + pitch / 2.0);
            }
            CoverageCell::Unchecked => {
                let inside = Area::new(x + 0.5, low.y + 0.5, (wide - 1.0).max(0.5), low.h - 1.0);
                picture.push(Shape::Outline(inside, Pen::new(Ink::Unchecked, 1.0)));
            }
        }
        column += run;
    }
    if let Some(x) = first_different {
        marks::diamond(&mut picture, (x.min(width - 7.0).max(7.0), height / 2.0), 7.0);
    }
    picture
}

/// Width of the names of strips in CSS pixels.
const NAMES: f64 = 58.0;

/// A strip per part of the state that differs, over the frames that are known on both sides.
#[must_use]
pub fn strips(
    (first, last): (Frame, Frame),
    strips: &[PathStrip],
    (width, height): (f64, f64),
) -> Picture {
    let mut picture = Picture::default();
    let pitch = (height / strips.len().max(3) as f64).min(16.0);
    let per_frame = (width - NAMES - 2.0) / f64::from(last.0.saturating_sub(first.0).max(1));
    for (place, strip) in strips.iter().enumerate() {
        let y = place as f64 * pitch;
        let name: String = strip.path.chars().take(10).collect();
        picture.text((0.0, y + pitch / 2.0), name, Ink::Ink2, Align::Left);
        let lane = Area::new(NAMES, y + 2.0, width - NAMES, pitch - 4.0);
        picture.rect(lane, Ink::Track);
        let mut drawn = f64::MIN;
        for frame in &strip.frames {
            let x = NAMES + f64::from(frame.0.saturating_sub(first.0)) * per_frame;
            if x - drawn >= 1.0 {
                picture.rect(Area::new(x, lane.y, 2.0, lane.h), Ink::Mismatch);
                drawn = x;
            }
        }
    }
    picture
}

/// How many rollbacks had depth 1, 2, 3, …: a filled bar for the first peer, outlines for others.
#[must_use]
pub fn histogram(peers: &[(String, Vec<u32>)], (width, height): (f64, f64)) -> Picture {
    let mut picture = Picture::default();
    let base = height - 13.0;
    picture.rect(Area::new(0.0, base, width, 1.0), Ink::LineStrong);
    let depths = peers.iter().map(|(_, counts)| counts.len()).max().unwrap_or(0);
    let highest = peers.iter().flat_map(|(_, counts)| counts.iter().copied()).max().unwrap_or(0);
    if depths == 0 || highest == 0 {
        return picture;
    }
    let pitch = (width / depths.max(10) as f64).min(22.0);
    let bar = ((pitch - 2.0) / peers.len().max(1) as f64).max(1.0);
    for (peer, (_, counts)) in peers.iter().enumerate() {
        for (column, count) in counts.iter().enumerate().filter(|(_, count)| **count > 0) {
            let tall = (f64::from(*count) / f64::from(highest) * (base - 3.0)).max(2.0);
            let x = column as f64 * pitch + peer as f64 * bar;
            if peer == 0 {
                picture.rect(Area::new(x, base - tall, bar, tall), Ink::Ink2);
            } else {
                let inside =
                    Area::new(x + 0.5, base - tall + 0.5, (bar - 1.0).max(0.5), tall - 0.5);
                picture.push(Shape::Outline(inside, Pen::new(Ink::Ink2, 1.0)));
            }
        }
    }
    for depth in [1, 5, 10, 15, 20, 30, 40].into_iter().filter(|depth| *depth <= depths.max(5)) {
        let x = (depth - 1) as f64 * pitch + pitch / 2.0 - 1.0;
        if x < width - 4.0 {
            picture.text((x.max(3.0), height - 6.0), depth.to_string(), Ink::Ink3, Align::Centre);
        }
    }
    picture
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn narrow_equal_cells_become_one_rectangle() {
        let cells: Vec<_> = (0..1000).map(|n| (Frame(n * 5), CoverageCell::Equal)).collect();
        assert_eq!(coverage(&cells, (250.0, 40.0)).shapes.len(), 2);
    }

    #[test]
    fn a_difference_is_full_height_and_marked() {
        let cells = [(Frame(0), CoverageCell::Equal), (Frame(5), CoverageCell::Different)];
        let picture = coverage(&cells, (100.0, 40.0));
        let different = Shape::Rect(Area::new(50.0, 2.0, 49.0, 36.0), Ink::Mismatch);
        assert!(picture.shapes.contains(&different));
        assert!(matches!(picture.shapes.last(), Some(Shape::Polygon(_, Ink::Mismatch))));
    }

    #[test]
    fn charts_of_nothing_are_empty_axes() {
        assert_eq!(coverage(&[], (100.0, 40.0)).shapes.len(), 1);
        assert_eq!(histogram(&[], (100.0, 40.0)).shapes.len(), 1);
    }

    #[test]
    fn a_strip_has_a_tick_per_differing_frame_and_one_per_pixel_at_most() {
        let strip = |frames: Vec<u32>| PathStrip {
            path: "ball".to_owned(),
            frames: frames.into_iter().map(Frame).collect(),
        };
        let red = |strip: PathStrip, last: u32| {
            let picture = strips((Frame(0), Frame(last)), &[strip], (260.0, 40.0));
            picture.shapes.iter().filter(|s| matches!(s, Shape::Rect(_, Ink::Mismatch))).count()
        };
        assert_eq!(red(strip(vec![5, 90]), 100), 2);
        assert!((100..=201).contains(&red(strip((0..5000).collect()), 5000)));
    }

    #[test]
    fn highest_bar_fills_the_chart() {
        let peers = [("P1".to_owned(), vec![10, 5])];
        let picture = histogram(&peers, (220.0, 43.0));
        assert!(picture.shapes.contains(&Shape::Rect(Area::new(0.0, 3.0, 20.0, 27.0), Ink::Ink2)));
    }
}
