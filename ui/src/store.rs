//! The one place where the analysis lives. The composition in `app` asks here; components never do.

use std::cell::RefCell;
use std::ops::Range;

use rollscope::analysis::{Analysis, OpenError};
use rollscope::frame::Frame;
use rollscope::summary::{Choice, GameChoice};
use rollscope::timeline::{
    HealthView, MinimapView, RollbackRow, SavingsView, SelectionView, TimelineView, VerdictView,
};

use crate::draw::scale::Columns;
use crate::format;

thread_local! {
    static LIVE: RefCell<Analysis> = RefCell::new(Analysis::new());
    /// Stands before the live one while a capture file is open; recording goes on behind it.
    static OPENED: RefCell<Option<Analysis>> = const { RefCell::new(None) };
}

fn read<T>(question: impl FnOnce(&Analysis) -> T) -> T {
    OPENED.with_borrow(|opened| match opened {
        Some(opened) => question(opened),
        None => LIVE.with_borrow(question),
    })
}

fn write(change: impl FnOnce(&mut Analysis)) {
    OPENED.with_borrow_mut(|opened| match opened {
        Some(opened) => change(opened),
        None => LIVE.with_borrow_mut(change),
    });
}

/// Takes one chunk from the hook.
pub fn handle_chunk(chunk: &[u8]) {
    LIVE.with_borrow_mut(|analysis| analysis.handle_chunk(chunk));
}

/// Shows the content of a capture file; what is recorded live is kept behind it.
/// A file that cannot be opened changes nothing.
///
/// # Errors
///
/// When the bytes are no capture file, or one of a newer version.
pub fn open_file(bytes: &[u8]) -> Result<(), OpenError> {
    let mut opened = Analysis::new();
    opened.open_file(bytes)?;
    OPENED.set(Some(opened));
    Ok(())
}

/// Closes the capture file; the live session shows again.
pub fn close_file() {
    OPENED.set(None);
}

/// Counts up whenever a view may have changed.
pub fn revision() -> u64 {
    read(Analysis::revision)
}

/// The Verdict view; `None` before any known traffic.
pub fn verdict() -> Option<VerdictView> {
    read(|analysis| analysis.has_session().then(|| analysis.verdict()))
}

/// Every game of the capture with its episodes.
pub fn choices() -> Vec<GameChoice> {
    read(Analysis::choices)
}

/// Places of the game and the episode that the views show.
pub fn chosen() -> Option<(usize, usize)> {
    read(Analysis::chosen)
}

/// Lets the views show another game or episode.
pub fn choose(choice: Choice) {
    write(|analysis| analysis.choose(choice));
}

/// The lanes of the timeline.
pub fn timeline(columns: Columns) -> TimelineView {
    read(|analysis| analysis.timeline(columns.first, columns.frames_per_column, columns.columns))
}

/// The whole episode in `columns` columns.
pub fn minimap(columns: usize) -> MinimapView {
    read(|analysis| analysis.minimap(columns))
}

/// Number of executed rollbacks.
pub fn rollback_count() -> usize {
    read(Analysis::rollback_count)
}

/// Rows of the table of rollbacks.
pub fn rollbacks(rows: Range<usize>) -> Vec<RollbackRow> {
    read(|analysis| analysis.rollbacks(rows))
}

/// The sums over the table of rollbacks.
pub fn savings() -> SavingsView {
    read(Analysis::savings)
}

/// Everything known of one frame.
pub fn selection(frame: Frame) -> SelectionView {
    read(|analysis| analysis.selection(frame))
}

/// What the capture saw.
pub fn health() -> HealthView {
    read(Analysis::health)
}

/// The session report as JSON.
pub fn report_json() -> String {
    read(Analysis::report_json)
}

/// The session report as HTML.
pub fn report_html() -> String {
    read(Analysis::report_html)
}

/// Everything captured as a file; `created_at_ms` is the time since the epoch.
pub fn capture_file(created_at_ms: f64) -> Vec<u8> {
    read(|analysis| analysis.capture_file(created_at_ms))
}

/// Time that 95 % of the rollbacks stay below, in microseconds; `None` while none was measured.
pub fn rollback_p95_micros() -> Option<u64> {
    let rows = rollbacks(0..rollback_count());
    format::percentile(rows.iter().filter_map(|row| row.total_micros).collect(), 95)
}

/// The rollback nearest to `frame` on the asked side: its row in the table and its frame.
pub fn rollback_beside(frame: Frame, side: Beside) -> Option<(usize, Frame)> {
    let rows = rollbacks(0..rollback_count());
    let frames = rows.iter().map(|row| row.current).enumerate();
    match side {
        Beside::After => frames.filter(|(_, at)| *at > frame).min_by_key(|(row, at)| (*at, *row)),
        Beside::Before => frames.filter(|(_, at)| *at < frame).max_by_key(|(row, at)| (*at, *row)),
    }
}

/// A direction on the frame axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// Earlier.
    Before,
    /// Later.
    After,
}
