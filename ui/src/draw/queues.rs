//! Queue depths as steps: the highest value of each column, a dot on the peak.

use super::cells::Strip;
use super::picture::{Area, Ink, Picture, Shape};
use super::scale::Scale;

/// Draws `values`, one per column of `strip`, into `area`; the highest reaches its top. Columns whose
/// value is not known stay empty.
pub fn steps(
    picture: &mut Picture,
    values: &[Option<u16>],
    strip: Strip<'_>,
    scale: Scale,
    area: Area,
) {
    let highest = values.iter().copied().flatten().max().unwrap_or(0);
    let top = f64::from(highest.max(4));
    let base = area.bottom() - 1.5;
    let room = (area.h - 5.0).max(2.0);
    let y_of = |value: u16| base - f64::from(value) / top * room;
    // Runs of equal columns: left and right edge, value.
    let mut runs: Vec<(f64, f64, Option<u16>)> = Vec::new();
    let mut peak = None;
    for (column, value) in values.iter().enumerate() {
        let (x, width) = strip.place(scale, column);
        match runs.last_mut() {
            Some((_, right, last)) if last == value => *right = x + width,
            _ => runs.push((x, x + width, *value)),
        }
        if *value == Some(highest) && highest > 0 && peak.is_none() && x >= scale.left {
            peak = Some((x + width.min(4.0) / 2.0, y_of(highest)));
        }
    }
    // Upright rectangles: thousands of steps as one path would take longer than all the rest.
    for (left, right, value) in &runs {
        let Some(y) = value.filter(|value| *value > 0).map(y_of) else { continue };
        picture.rect(Area::new(*left, y, right - left, base - y), Ink::QueueFill);
    }
    let mut before = None;
    for (left, right, value) in runs {
        let known = value.map(y_of);
        let last = std::mem::replace(&mut before, known);
        let Some(y) = known else { continue };
        let last = last.unwrap_or(y);
        let rise = (y - last).abs();
        if rise > 0.0 {
            picture.rect(Area::new(left - 0.5, y.min(last) - 0.5, 1.0, rise + 1.0), Ink::Ink2);
        }
        if right - left > 0.5 {
            picture.rect(Area::new(left, y - 0.5, right - left, 1.0), Ink::Ink2);
        }
    }
    if let Some(at) = peak {
        picture.push(Shape::Dot(at, 1.75, Ink::Ink));
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::range::Range;

    #[test]
    fn equal_values_make_no_new_steps() {
        let scale = Scale::new(Range { first: 0.0, frames: 100.0 }, 0.0, 800.0);
        let strip = Strip { cells: &[], edges: &[], first: 0.0, width: 1.0 };
        let mut picture = Picture::default();
        steps(&mut picture, &[Some(0); 100], strip, scale, Area::new(0.0, 0.0, 800.0, 20.0));
        let line = Shape::Rect(Area::new(0.0, 18.0, 800.0, 1.0), Ink::Ink2);
        assert_eq!(picture.shapes, [line]);
    }

    #[test]
    fn every_step_is_filled_down_to_the_base_and_joined_to_the_one_before() {
        let scale = Scale::new(Range { first: 0.0, frames: 4.0 }, 0.0, 400.0);
        let strip = Strip { cells: &[], edges: &[], first: 0.0, width: 1.0 };
        let mut picture = Picture::default();
        steps(
            &mut picture,
            &[0, 4, 4, 2].map(Some),
            strip,
            scale,
            Area::new(0.0, 0.0, 400.0, 20.0),
        );
        let of = |ink| {
            let rects = picture.shapes.iter().filter_map(move |shape| match shape {
                Shape::Rect(area, of) if *of == ink => Some([area.x, area.y, area.w, area.h]),
                _ => None,
            });
            rects.collect::<Vec<_>>()
        };
        assert_eq!(of(Ink::QueueFill), [[100.0, 3.5, 200.0, 15.0], [300.0, 11.0, 100.0, 7.5]]);
        let line = [
            [0.0, 18.0, 100.0, 1.0],
            [99.5, 3.0, 1.0, 16.0],
            [100.0, 3.0, 200.0, 1.0],
            [299.5, 3.0, 1.0, 8.5],
            [300.0, 10.5, 100.0, 1.0],
        ];
        assert_eq!(of(Ink::Ink2), line);
        assert!(matches!(picture.shapes.last(), Some(Shape::Dot((102.0, 3.5), ..))));
    }

    #[test]
    fn nothing_is_drawn_where_nothing_is_known() {
        let scale = Scale::new(Range { first: 0.0, frames: 4.0 }, 0.0, 400.0);
        let strip = Strip { cells: &[], edges: &[], first: 0.0, width: 1.0 };
        let mut picture = Picture::default();
        let values = [Some(0), None, Some(0), None];
        steps(&mut picture, &values, strip, scale, Area::new(0.0, 0.0, 400.0, 20.0));
        let line = |x| Shape::Rect(Area::new(x, 18.0, 100.0, 1.0), Ink::Ink2);
        assert_eq!(picture.shapes, [line(0.0), line(200.0)]);
    }
}
