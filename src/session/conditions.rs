//! What the browser said of an observed page: its clock's origin, hidden spans, seconds with long
//! tasks. It belongs to a document, not to a game.

use super::lifecycle::Hidden;
use crate::time::Micros;

/// A second (about) in which the page's own thread was busy for long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct SlowSpan {
    /// When it began.
    pub from: Micros,
    /// When it ended.
    pub to: Micros,
    /// Long tasks in it; 0 where the browser tells none.
    pub long_tasks: u32,
    /// The longest time between two animation frames, in microseconds.
    pub longest_frame_micros: u64,
}

/// What is known of one document.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PageConditions {
    /// Origin of its clock, in milliseconds since 1970; `None` while unknown.
    pub time_origin_ms: Option<f64>,
    /// Spans in which it was hidden; the last one is open while it is.
    pub hidden: Vec<(Micros, Option<Micros>)>,
    /// Event of the last word about that; `None` if the browser never said.
    pub shown_seq: Option<u32>,
    /// Seconds with long tasks or long animation frames.
    pub slow: Vec<SlowSpan>,
    /// Whether the browser tells of long tasks; `None` while nothing is known of the page's pace.
    pub tells_long_tasks: Option<bool>,
}

/// Spans kept of each kind.
const MAX_SPANS: usize = 1 << 16;

/// An animation frame that took longer than a long task counts as one (50 ms, W3C Long Tasks).
const LONG_MICROS: u64 = 50_000;

impl PageConditions {
    /// Takes whether the document is visible from now on.
    pub fn note_visibility(&mut self, is_visible: bool, seq: u32, time: Micros) {
        self.shown_seq = Some(seq);
        let has_room = self.hidden.len() < MAX_SPANS;
        let open = self.hidden.last_mut().filter(|(_, until)| until.is_none());
        match (open, is_visible) {
            (Some((_, until)), true) => *until = Some(time),
            (None, false) if has_room => self.hidden.push((time, None)),
            _ => {}
        }
    }

    /// The hidden times as a game that begins now keeps them: at most one, which is open; `None` if
    /// the browser never said.
    #[must_use]
    pub fn hidden_from_now_on(&self) -> Option<Vec<Hidden>> {
        let seq = self.shown_seq?;
        let open = self.hidden.last().filter(|(_, until)| until.is_none());
        Some(
            open.map(|(since, until)| Hidden { since: *since, until: *until, seq })
                .into_iter()
                .collect(),
        )
    }

    /// Takes a span of the page's pace, kept if something in it took long.
    pub fn note_pace(&mut self, span: SlowSpan) {
        let is_slow = span.long_tasks > 0 || span.longest_frame_micros > LONG_MICROS;
        if is_slow && self.slow.len() < MAX_SPANS {
            self.slow.push(span);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hidden_spans_open_and_close_once() {
        let mut page = PageConditions::default();
        for (is_visible, at) in [(true, 1), (false, 2), (false, 3), (true, 5), (false, 8)] {
            page.note_visibility(is_visible, at as u32, Micros(at));
        }
        assert_eq!(page.hidden, [(Micros(2), Some(Micros(5))), (Micros(8), None)]);
    }

    #[test]
    fn only_slow_seconds_are_kept() {
        let mut page = PageConditions::default();
        let span = |longest_frame_micros, long_tasks| SlowSpan {
            from: Micros(0),
            to: Micros(1_000_000),
            long_tasks,
            longest_frame_micros,
        };
        page.note_pace(span(17_000, 0));
        page.note_pace(span(17_000, 1));
        page.note_pace(span(51_000, 0));
        assert_eq!(page.slow.len(), 2);
    }
}
