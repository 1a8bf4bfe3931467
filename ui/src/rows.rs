//! Which rows of a long table are on screen: a bounded scroll height mapped to row numbers.
//! Firefox gives height 0 above 17.8 million pixels, so the height is capped and the map bends.

use std::ops::Range;

/// Tallest scroll area, well below the browsers' limits.
const TALLEST: f64 = 8_000_000.0;

/// A table of equally high rows in a scroll area.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Rows {
    /// Number of rows.
    pub count: usize,
    /// Height of a row in CSS pixels.
    pub height: f64,
    /// Visible height of the scroll area.
    pub visible: f64,
}

impl Rows {
    /// Height of the scroll area's content.
    #[must_use]
    pub fn scroll_height(self) -> f64 {
        (self.count as f64 * self.height).min(TALLEST)
    }

    /// Rows to draw at scroll position `top`, and where the first of them stands in the content.
    #[must_use]
    pub fn window(self, top: f64) -> (Range<usize>, f64) {
        let offset = self.offset(top);
        let first = (offset / self.height).floor().max(0.0);
        let count = (self.visible / self.height).ceil() + 1.0;
        let start = (first as usize).min(self.count);
        let end = (start + count as usize).min(self.count);
        (start..end, top - (offset - first * self.height))
    }

    /// Scroll position that shows `row`, moved as little as needed from `top`.
    #[must_use]
    pub fn showing(self, row: usize, top: f64) -> f64 {
        let place = row as f64 * self.height;
        let offset = self.offset(top);
        let wanted = if place < offset {
            place
        } else if place + self.height > offset + self.visible {
            place + self.height - self.visible
        } else {
            return top;
        };
        wanted * self.travel() / self.full_travel().max(1.0)
    }

    fn offset(self, top: f64) -> f64 {
        let travel = self.travel();
        if travel <= 0.0 { 0.0 } else { top.min(travel).max(0.0) * self.full_travel() / travel }
    }

    fn travel(self) -> f64 {
        (self.scroll_height() - self.visible).max(0.0)
    }

    fn full_travel(self) -> f64 {
        (self.count as f64 * self.height - self.visible).max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn few_rows_map_one_to_one() {
        let rows = Rows { count: 100, height: 20.0, visible: 200.0 };
        assert_eq!(rows.scroll_height(), 2000.0);
        assert_eq!(rows.window(0.0), (0..11, 0.0));
        assert_eq!(rows.window(50.0), (2..13, 40.0));
        assert_eq!(rows.window(1800.0).0, 90..100);
    }

    #[test]
    fn many_rows_keep_a_bounded_height_and_reach_the_last_row() {
        let rows = Rows { count: 10_000_000, height: 20.0, visible: 200.0 };
        assert_eq!(rows.scroll_height(), TALLEST);
        assert_eq!(rows.window(TALLEST - 200.0).0.end, 10_000_000);
        assert_eq!(rows.window(0.0).0.start, 0);
    }

    #[test]
    fn no_rows_and_no_height_are_harmless() {
        let rows = Rows { count: 0, height: 20.0, visible: 0.0 };
        assert_eq!(rows.window(0.0), (0..0, 0.0));
        assert_eq!(rows.showing(5, 0.0), 0.0);
    }

    #[test]
    fn showing_moves_as_little_as_needed() {
        let rows = Rows { count: 100, height: 20.0, visible: 200.0 };
        assert_eq!(rows.showing(3, 0.0), 0.0);
        assert_eq!(rows.showing(10, 0.0), 20.0);
        assert_eq!(rows.showing(2, 100.0), 40.0);
    }
}
