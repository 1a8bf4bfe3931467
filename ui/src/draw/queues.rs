//! Queue depths as steps: the highest value of each column, a dot on the peak.

use super::cells::Strip;
use super::picture::{Area, Ink, Pen, Picture, Shape};
use super::scale::Scale;

/// Draws `values`, one per column of `strip`, into `area`; `highest` reaches its top.
pub fn steps(picture: &mut Picture, values: &[u16], strip: Strip<'_>, scale: Scale, area: Area) {
    let highest = values.iter().copied().max().unwrap_or(0);
    let top = f64::from(highest.max(4));
    let base = area.bottom() - 1.5;
    let room = (area.h - 5.0).max(2.0);
    let mut points = Vec::new();
    let mut peak = None;
    let mut last = None;
    let left = strip.place(scale, 0).0;
    let mut end = left;
    for (column, value) in values.iter().enumerate() {
        let (x, width) = strip.place(scale, column);
        end = x + width;
        let y = base - f64::from(*value) / top * room;
        if last != Some(*value) {
            if let Some(before) = points.last().map(|(_, before)| *before) {
                points.push((x, before));
            }
            points.push((x, y));
            last = Some(*value);
        }
        if *value == highest && highest > 0 && peak.is_none() && x >= scale.left {
            peak = Some((x + width.min(4.0) / 2.0, y));
        }
    }
    if let Some(y) = points.last().map(|(_, y)| *y) {
        points.push((end, y));
    }
    if highest > 0 {
        let mut below = points.clone();
        below.push((end, base));
        below.push((left, base));
        picture.push(Shape::Polygon(below, Ink::QueueFill));
    }
    picture.line(points, Pen::new(Ink::Ink2, 1.0));
    if let Some(at) = peak {
        picture.push(Shape::Dot(at, 1.75, Ink::Ink));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::range::Range;

    #[test]
    fn equal_values_make_no_new_points() {
        let scale = Scale::new(Range { first: 0.0, frames: 100.0 }, 0.0, 800.0);
        let strip = Strip { cells: &[], edges: &[], first: 0.0, width: 1.0 };
        let mut picture = Picture::default();
        steps(&mut picture, &[0; 100], strip, scale, Area::new(0.0, 0.0, 800.0, 20.0));
        assert_eq!(picture.shapes.len(), 1);
        assert!(
            matches!(picture.shapes.first(), Some(Shape::Line(points, _)) if points.len() == 2)
        );
    }
}
