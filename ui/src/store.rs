//! The gate to the analysis. The composition in `app` asks here; components never do.
//!
//! The analysis is the second part of the panel (`analysed`) and comes later than the first. Until [`attach`] was called,
//! chunks wait here in their order and every question has the answer of an empty capture.

use std::cell::Cell;
use std::ops::Range;

use rollscope::analysis::{Analysis, OpenError, SessionRow};
use rollscope::frame::Frame;
use rollscope::report::Report;
use rollscope::summary::{Choice, GameChoice};
use rollscope::timeline::{
    Axis, Filter, HealthView, LaneQuery, MinimapView, PeerClock, RollbackRow, SavingsView,
    SelectionView, StateMap, TimelineView, VerdictView,
};
use rollscope::traffic::{TrafficFilter, TrafficList};

use crate::analysed;
use crate::dialects;
use crate::draw::filtered;
use crate::format;
use crate::waiting;

thread_local! {
    /// Whether the second part is there.
    static IS_THERE: Cell<bool> = const { Cell::new(false) };
}

/// From now on the analysis may be asked: the second part is there.
pub fn attach() {
    IS_THERE.set(true);
}

/// Whether the analysis may be asked.
pub fn is_there() -> bool {
    IS_THERE.get()
}

/// An answer, or that of an empty capture while there is no analysis.
fn read<T: Default>(question: impl FnOnce(&Analysis) -> T) -> T {
    if is_there() { analysed::ask(question) } else { T::default() }
}

fn write(change: impl FnOnce(&mut Analysis)) {
    if is_there() {
        analysed::change(change);
    }
}

/// Runs the checks behind [`verdict`] as long as `has_time` says so. Returns whether all are done.
pub fn check_on(mut has_time: impl FnMut() -> bool) -> bool {
    !is_there() || analysed::check_on(&mut has_time)
}

/// Works on what every session and episode comes to as long as `has_time` says so. Returns whether [`sessions`] knows it.
pub fn overview_on(mut has_time: impl FnMut() -> bool) -> bool {
    !is_there() || analysed::overview_on(&mut has_time)
}

/// Leaves the work on [`sessions`] to another time.
pub fn leave_overview() {
    if is_there() {
        analysed::leave_overview();
    }
}

/// What every session and episode comes to, as far as it was checked.
pub fn sessions() -> Vec<SessionRow> {
    read(Analysis::overview)
}

/// Lets a chunk from the hook wait for [`take_in`].
pub fn queue_chunk(chunk: Vec<u8>) {
    if is_there() { waiting::push(chunk) } else { waiting::push_bounded(chunk) }
}

/// Takes in chunks that wait, as long as `has_time` says so. Returns whether some still wait for their turn.
/// While checks run over the live session nothing is taken in, so that their verdict is of one state.
pub fn take_in(has_time: impl FnMut() -> bool) -> bool {
    if !is_there() {
        return false;
    }
    if analysed::is_checking_live() {
        return waiting::is_any();
    }
    take_in_while(has_time)
}

fn take_in_while(mut has_time: impl FnMut() -> bool) -> bool {
    while let Some(chunk) = waiting::pop() {
        analysed::handle_chunk(&chunk);
        if !has_time() {
            break;
        }
    }
    waiting::is_any()
}

/// Takes in everything that waits: whoever saves a file wants all of it.
fn take_in_all() {
    if is_there() {
        take_in_while(|| true);
    }
}

/// Begins to show the content of a capture file, after those that are open where `is_further`;
/// what is recorded live is kept behind it. A file that cannot be opened changes nothing.
///
/// # Errors
///
/// When the bytes are no capture file, or one of a newer version.
pub fn begin_file(name: &str, bytes: Vec<u8>, is_further: bool) -> Result<(), OpenError> {
    if is_there() { analysed::begin_file(name, bytes, is_further) } else { Ok(()) }
}

/// Reads on in the files that are being opened, as long as `has_time` says so. Returns bytes read
/// and bytes in all of the files that are not done; `None` when nothing is left.
pub fn read_on(mut has_time: impl FnMut() -> bool) -> Option<(usize, usize)> {
    if is_there() { analysed::read_on(&mut has_time) } else { None }
}

/// Closes the capture file; the live session shows again.
pub fn close_file() {
    if is_there() {
        analysed::close_file();
    }
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
pub fn timeline(query: LaneQuery) -> TimelineView {
    read(|analysis| analysis.timeline(query))
}

/// The whole episode in `columns` columns.
pub fn minimap(axis: Axis, columns: usize) -> MinimapView {
    read(|analysis| analysis.minimap(axis, columns))
}

/// Length of the axis, in units.
pub fn units(axis: Axis) -> u32 {
    read(|analysis| analysis.units(axis))
}

/// Left edge of a frame on the axis, in units.
pub fn place_of(axis: Axis, frame: Frame) -> f64 {
    read(|analysis| analysis.place_of(axis, frame))
}

/// The frame at a place on the axis.
pub fn frame_at(axis: Axis, unit: f64) -> Frame {
    read(|analysis| analysis.frame_at(axis, unit))
}

/// How far the peers' clocks stand apart.
pub fn peer_clocks() -> Vec<Option<PeerClock>> {
    read(Analysis::peer_clocks)
}

/// The user's markers in the shown episode.
pub fn markers() -> Vec<(Frame, String)> {
    read(Analysis::markers)
}

/// Marks a frame of the shown episode.
pub fn mark(frame: Frame, text: String) {
    write(|analysis| analysis.mark(frame, text));
}

/// Takes a marker away.
pub fn unmark(frame: Frame) {
    write(|analysis| analysis.unmark(frame));
}

/// Number of executed rollbacks.
pub fn rollback_count() -> usize {
    read(Analysis::rollback_count)
}

/// Rows of the table of rollbacks.
pub fn rollbacks(rows: Range<usize>) -> Vec<RollbackRow> {
    read(|analysis| analysis.rollbacks(rows))
}

/// Rows of the table of rollbacks that a filter lets through; `None` where there is no filter.
pub fn rollbacks_of(filter: &Filter) -> Option<Vec<usize>> {
    if filter.is_empty() {
        return None;
    }
    read(|analysis| {
        let rows = all_rollbacks(analysis);
        let shown = rows.iter().enumerate().filter(|(_, row)| filtered::shows_row(filter, row));
        Some(shown.map(|(at, _)| at).collect())
    })
}

fn all_rollbacks(analysis: &Analysis) -> Vec<RollbackRow> {
    analysis.rollbacks(0..analysis.rollback_count())
}

/// The sums over the table of rollbacks.
pub fn savings() -> SavingsView {
    read(Analysis::savings)
}

/// Everything known of one frame.
pub fn selection(frame: Frame) -> Option<SelectionView> {
    read(|analysis| Some(analysis.selection(frame)))
}

/// What the capture saw.
pub fn health() -> HealthView {
    if is_there() {
        return read(Analysis::health);
    }
    HealthView { dialects: dialects::NAMES.to_vec(), ..HealthView::default() }
}

/// Lists the messages that a filter lets through; gives their number.
pub fn list_traffic(filter: &TrafficFilter) -> usize {
    if is_there() { analysed::list_traffic(filter) } else { 0 }
}

/// Messages in all, and those that came after the index was full.
pub fn traffic_count() -> (usize, u64) {
    read(Analysis::traffic_count)
}

/// Asks about the listed messages.
pub fn with_traffic<T: Default>(question: impl FnOnce(&Analysis, &TrafficList) -> T) -> T {
    if is_there() { analysed::with_traffic(question) } else { T::default() }
}

/// Asks the analysis itself, where a model needs more than one answer.
pub fn with_analysis<T: Default>(question: impl FnOnce(&Analysis) -> T) -> T {
    read(question)
}

/// Asks about the map of differing states of two peers, by their places among those that saved any, brought up to date.
pub fn with_states<T: Default>(
    pair: (usize, usize),
    question: impl FnOnce(&Analysis, &StateMap) -> T,
) -> T {
    if is_there() { analysed::with_states(pair, question) } else { T::default() }
}

/// Sets the most bytes that each capture may take from now on.
pub fn set_memory_cap(max_bytes: usize) {
    if is_there() {
        analysed::set_memory_cap(max_bytes);
    }
}

/// The session report as JSON.
pub fn report_json() -> String {
    take_in_all();
    read(Analysis::report_json)
}

/// Asks about the session report; `None` while there is no analysis.
pub fn with_report<T>(question: impl FnOnce(Report) -> T) -> Option<T> {
    take_in_all();
    read(|analysis| Some(question(analysis.report())))
}

/// Everything captured as a file; `created_at_ms` is the time since the epoch. Without an analysis, what waits for one.
pub fn capture_file(created_at_ms: f64) -> Vec<u8> {
    if !is_there() {
        return waiting::file(created_at_ms);
    }
    take_in_all();
    read(|analysis| analysis.capture_file(created_at_ms))
}

/// Time that 95 % of the rollbacks stay below, in microseconds; `None` while none was measured.
pub fn rollback_p95_micros() -> Option<u64> {
    read(|analysis| {
        let rows = all_rollbacks(analysis);
        format::percentile(rows.iter().filter_map(|row| row.total_micros).collect(), 95)
    })
}

/// The rollback nearest to a frame on the asked side, or to the rollback in this row, of those at one frame by row: its
/// row in the table and its frame.
pub fn rollback_beside(
    (frame, row): (Frame, Option<usize>),
    side: Beside,
) -> Option<(usize, Frame)> {
    read(|analysis| {
        let rows = all_rollbacks(analysis);
        let places = rows.iter().enumerate().map(|(row, rollback)| (rollback.current, row));
        let found = match side {
            Beside::After => places.filter(|at| *at > (frame, row.unwrap_or(usize::MAX))).min(),
            Beside::Before => places.filter(|at| *at < (frame, row.unwrap_or(0))).max(),
        };
        found.map(|(frame, row)| (row, frame))
    })
}

/// The rollback that took longest, of those as long the one with most frames stepped again: its row in the table and its
/// frame.
pub fn worst_rollback() -> Option<(usize, Frame)> {
    read(|analysis| {
        let rows = all_rollbacks(analysis).into_iter().enumerate();
        // Of equals the first one.
        let worst = rows.rev().max_by_key(|(_, row)| (row.total_micros, row.resimulated))?;
        Some((worst.0, worst.1.current))
    })
}

/// The next frame on the asked side that a filter lets through on any peer.
pub fn match_beside(filter: &Filter, from: Option<Frame>, side: Beside) -> Option<Frame> {
    read(|analysis| {
        let end = analysis.units(Axis::Frame);
        let from = from.map_or(0, |frame| match side {
            Beside::After => frame.0.saturating_add(1),
            Beside::Before => frame.0,
        });
        let ask = |first: u32, columns: usize| {
            let query = LaneQuery { axis: Axis::Frame, first, units_per_column: 1, columns };
            filtered::matching(filter, &analysis.timeline(query))
        };
        let mut at = from;
        // In pieces, so that the nearest match is found soon.
        loop {
            match side {
                Beside::After if at < end => {
                    let count = MATCHED_AT_ONCE.min(end - at);
                    if let Some(found) = ask(at, count as usize).first() {
                        return Some(*found);
                    }
                    at += count;
                }
                Beside::Before if at > 0 => {
                    let count = MATCHED_AT_ONCE.min(at);
                    if let Some(found) = ask(at - count, count as usize).last() {
                        return Some(*found);
                    }
                    at -= count;
                }
                _ => return None,
            }
        }
    })
}

/// Frames that are looked at for a match in one piece.
const MATCHED_AT_ONCE: u32 = 1024;

/// A direction on the frame axis.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Beside {
    /// Earlier.
    Before,
    /// Later.
    After,
}
