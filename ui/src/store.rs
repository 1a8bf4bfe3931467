//! The one place where the analysis lives. The composition in `app` asks here; components never do.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::ops::Range;
use std::rc::Rc;

use rollscope::analysis::{Analysis, OpenError, Opening};
use rollscope::frame::Frame;
use rollscope::report::Report;
use rollscope::summary::{Choice, GameChoice};
use rollscope::timeline::{
    Axis, Filter, HealthView, LaneQuery, MinimapView, PeerClock, RollbackRow, SavingsView,
    SelectionView, StateMap, TimelineView, VerdictView,
};
use rollscope::traffic::{TrafficFilter, TrafficList};

use crate::draw::filtered;
use crate::format;

/// Bytes of a file that are read between two looks at the clock.
const SLICE_BYTES: usize = 128 << 10;

thread_local! {
    static LIVE: Shared<Analysis> = Rc::new(RefCell::new(Analysis::new()));
    /// Stands before the live one while a capture file is open; recording goes on behind it.
    static OPENED: RefCell<Option<Shared<Analysis>>> = const { RefCell::new(None) };
    /// Files that are being read into the opened one.
    static OPENING: RefCell<VecDeque<Opening>> = const { RefCell::new(VecDeque::new()) };
    /// Chunks of the live session that were not taken in yet.
    static WAITING: RefCell<VecDeque<Vec<u8>>> = const { RefCell::new(VecDeque::new()) };
    /// Whether checks are running over what is shown.
    static IS_CHECKING: Cell<bool> = const { Cell::new(false) };
    static MESSAGES: Shared<TrafficList> = Rc::default();
    static STATES: Shared<StateMap> = Rc::default();
}

/// What several look at in turn. Taken out of its place before it is used, so that each question is compiled
/// as itself alone and not with the way to the place.
type Shared<T> = Rc<RefCell<T>>;

/// What the views show.
#[inline(never)]
fn shown() -> Shared<Analysis> {
    OPENED.with_borrow(|opened| opened.clone()).unwrap_or_else(live)
}

fn live() -> Shared<Analysis> {
    LIVE.with(Rc::clone)
}

fn read<T>(question: impl FnOnce(&Analysis) -> T) -> T {
    question(&shown().borrow())
}

fn write(change: impl FnOnce(&mut Analysis)) {
    change(&mut shown().borrow_mut());
}

/// Runs the checks behind [`verdict`] as long as `has_time` says so. Returns whether all are done.
pub fn check_on(has_time: impl FnMut() -> bool) -> bool {
    let mut is_done = true;
    write(|analysis| is_done = !analysis.has_session() || analysis.check_on(has_time));
    IS_CHECKING.set(!is_done);
    is_done
}

/// Lets a chunk from the hook wait for [`take_in`].
pub fn queue_chunk(chunk: Vec<u8>) {
    WAITING.with_borrow_mut(|waiting| waiting.push_back(chunk));
}

/// Takes in chunks that wait, as long as `has_time` says so. Returns whether some still wait.
/// While checks run over the live session nothing is taken in, so that their verdict is of one state.
pub fn take_in(has_time: impl FnMut() -> bool) -> bool {
    if IS_CHECKING.get() && OPENED.with_borrow(Option::is_none) {
        return WAITING.with_borrow(|waiting| !waiting.is_empty());
    }
    take_in_while(has_time)
}

fn take_in_while(mut has_time: impl FnMut() -> bool) -> bool {
    while let Some(chunk) = WAITING.with_borrow_mut(VecDeque::pop_front) {
        live().borrow_mut().handle_chunk(&chunk);
        if !has_time() {
            break;
        }
    }
    WAITING.with_borrow(|waiting| !waiting.is_empty())
}

/// Takes in everything that waits: whoever saves a file wants all of it.
fn take_in_all() {
    take_in_while(|| true);
}

/// Begins to show the content of a capture file, after those that are open where `is_further`;
/// what is recorded live is kept behind it. A file that cannot be opened changes nothing.
///
/// # Errors
///
/// When the bytes are no capture file, or one of a newer version.
pub fn begin_file(bytes: Vec<u8>, is_further: bool) -> Result<(), OpenError> {
    let opening = Opening::begin(bytes)?;
    if !is_further || OPENED.with_borrow(Option::is_none) {
        OPENING.with_borrow_mut(VecDeque::clear);
        OPENED.set(Some(Rc::default()));
        forget_lists();
    }
    OPENING.with_borrow_mut(|files| files.push_back(opening));
    Ok(())
}

/// Reads on in the files that are being opened, as long as `has_time` says so. Returns bytes read
/// and bytes in all of the files that are not done; `None` when nothing is left.
pub fn read_on(mut has_time: impl FnMut() -> bool) -> Option<(usize, usize)> {
    let opened = OPENED.with_borrow(|opened| opened.clone())?;
    let mut analysis = opened.borrow_mut();
    OPENING.with_borrow_mut(|files| {
        loop {
            let progress = files.front_mut()?.read_on(&mut analysis, SLICE_BYTES);
            if progress.is_done {
                files.pop_front();
            }
            if !has_time() {
                let done = if progress.is_done {
                    (0, 0)
                } else {
                    (progress.read_bytes, progress.total_bytes)
                };
                return (!files.is_empty()).then_some(done);
            }
        }
    })
}

/// Closes the capture file; the live session shows again.
pub fn close_file() {
    OPENING.with_borrow_mut(VecDeque::clear);
    OPENED.set(None);
    forget_lists();
}

/// Lists are of one analysis; another one has messages and states of its own.
fn forget_lists() {
    MESSAGES.with(Rc::clone).take();
    STATES.with(Rc::clone).take();
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
    let rows = rollbacks(0..rollback_count());
    let shown = rows.iter().enumerate().filter(|(_, row)| filtered::shows_row(filter, row));
    Some(shown.map(|(at, _)| at).collect())
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

/// Lists the messages that a filter lets through; gives their number.
pub fn list_traffic(filter: &TrafficFilter) -> usize {
    let messages = MESSAGES.with(Rc::clone);
    let mut list = messages.borrow_mut();
    read(|analysis| analysis.list_traffic(&mut list, filter));
    list.len()
}

/// Messages in all, and those that came after the index was full.
pub fn traffic_count() -> (usize, u64) {
    read(Analysis::traffic_count)
}

/// Asks about the listed messages.
pub fn with_traffic<T>(question: impl FnOnce(&Analysis, &TrafficList) -> T) -> T {
    let messages = MESSAGES.with(Rc::clone);
    let list = messages.borrow();
    read(|analysis| question(analysis, &list))
}

/// Asks the analysis itself, where a model needs more than one answer.
pub fn with_analysis<T>(question: impl FnOnce(&Analysis) -> T) -> T {
    read(question)
}

/// Asks about the map of differing states of two peers, by their places among those that saved any, brought up to date.
pub fn with_states<T>(pair: (usize, usize), question: impl FnOnce(&Analysis, &StateMap) -> T) -> T {
    let states = STATES.with(Rc::clone);
    let mut map = states.borrow_mut();
    read(|analysis| {
        analysis.map_states(&mut map, pair);
        question(analysis, &map)
    })
}

/// Sets the most bytes that the capture may take from now on.
pub fn set_memory_cap(max_bytes: usize) {
    write(|analysis| analysis.set_memory_cap(max_bytes));
}

/// The session report as JSON.
pub fn report_json() -> String {
    take_in_all();
    read(Analysis::report_json)
}

/// The session report.
pub fn report() -> Report {
    take_in_all();
    read(Analysis::report)
}

/// Everything captured as a file; `created_at_ms` is the time since the epoch.
pub fn capture_file(created_at_ms: f64) -> Vec<u8> {
    take_in_all();
    read(|analysis| analysis.capture_file(created_at_ms))
}

/// Time that 95 % of the rollbacks stay below, in microseconds; `None` while none was measured.
pub fn rollback_p95_micros() -> Option<u64> {
    let rows = rollbacks(0..rollback_count());
    format::percentile(rows.iter().filter_map(|row| row.total_micros).collect(), 95)
}

/// The rollback nearest to a frame on the asked side, or to the rollback in this row, of those at one frame by row: its
/// row in the table and its frame.
pub fn rollback_beside(
    (frame, row): (Frame, Option<usize>),
    side: Beside,
) -> Option<(usize, Frame)> {
    let rows = rollbacks(0..rollback_count());
    let places = rows.iter().enumerate().map(|(row, rollback)| (rollback.current, row));
    let found = match side {
        Beside::After => places.filter(|at| *at > (frame, row.unwrap_or(usize::MAX))).min(),
        Beside::Before => places.filter(|at| *at < (frame, row.unwrap_or(0))).max(),
    };
    found.map(|(frame, row)| (row, frame))
}

/// The rollback that took longest, of those as long the one with most frames stepped again: its row in the table and its
/// frame.
pub fn worst_rollback() -> Option<(usize, Frame)> {
    let rows = rollbacks(0..rollback_count()).into_iter().enumerate();
    // Of equals the first one.
    let worst = rows.rev().max_by_key(|(_, row)| (row.total_micros, row.resimulated))?;
    Some((worst.0, worst.1.current))
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
