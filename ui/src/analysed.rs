//! The analysis itself: where the second part of the panel begins.
//!
//! `cargo xtask build` cuts the panel here: functions of this module, and everything that only they need, are not there
//! until the browser has loaded the second part. Only `store` may call them, once `attached` was said to it; that is
//! why each stands by itself and is never compiled into its caller.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;
use std::rc::Rc;

use rollscope::analysis::{Analysis, OpenError, Opening};
use rollscope::timeline::StateMap;
use rollscope::traffic::{TrafficFilter, TrafficList};

/// Bytes of a file that are read between two looks at the clock.
const SLICE_BYTES: usize = 128 << 10;

thread_local! {
    static LIVE: Shared<Analysis> = Rc::new(RefCell::new(Analysis::new()));
    /// Stands before the live one while a capture file is open; recording goes on behind it.
    static OPENED: RefCell<Option<Shared<Analysis>>> = const { RefCell::new(None) };
    /// Files that are being read into the opened one.
    static OPENING: RefCell<VecDeque<Opening>> = const { RefCell::new(VecDeque::new()) };
    /// Whether checks are running over what is shown.
    static IS_CHECKING: Cell<bool> = const { Cell::new(false) };
    /// Most bytes that each capture may take, where the user has said so.
    static CAP: Cell<Option<usize>> = const { Cell::new(None) };
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

/// Asks what is shown.
#[inline(never)]
pub(crate) fn ask<T>(question: impl FnOnce(&Analysis) -> T) -> T {
    question(&shown().borrow())
}

/// Changes what is shown.
#[inline(never)]
pub(crate) fn change(change: impl FnOnce(&mut Analysis)) {
    change(&mut shown().borrow_mut());
}

/// Runs checks as long as `has_time` says so. Returns whether all are done.
#[inline(never)]
pub(crate) fn check_on(has_time: &mut dyn FnMut() -> bool) -> bool {
    let mut is_done = true;
    change(|analysis| is_done = !analysis.has_session() || analysis.check_on(has_time));
    IS_CHECKING.set(!is_done);
    is_done
}

/// Works on what every session and episode comes to as long as `has_time` says so. Returns whether it is known.
#[inline(never)]
pub(crate) fn overview_on(has_time: &mut dyn FnMut() -> bool) -> bool {
    let mut is_done = true;
    change(|analysis| is_done = analysis.overview_on(has_time));
    IS_CHECKING.set(!is_done);
    is_done
}

/// Leaves that work to another time.
#[inline(never)]
pub(crate) fn leave_overview() {
    IS_CHECKING.set(false);
}

/// Whether checks run over the live session, so that their verdict is to be of one state.
#[inline(never)]
pub(crate) fn is_checking_live() -> bool {
    IS_CHECKING.get() && OPENED.with_borrow(Option::is_none)
}

/// Takes one chunk from the hook.
#[inline(never)]
pub(crate) fn handle_chunk(chunk: &[u8]) {
    live().borrow_mut().handle_chunk(chunk);
}

/// Begins to show the content of a capture file.
#[inline(never)]
pub(crate) fn begin_file(name: &str, bytes: Vec<u8>, is_further: bool) -> Result<(), OpenError> {
    let opening = Opening::begin(bytes)?.named(name);
    if !is_further || OPENED.with_borrow(Option::is_none) {
        OPENING.with_borrow_mut(VecDeque::clear);
        OPENED.set(Some(Rc::default()));
        CAP.get().into_iter().for_each(|cap| change(|analysis| analysis.set_memory_cap(cap)));
        forget_lists();
    }
    OPENING.with_borrow_mut(|files| files.push_back(opening));
    Ok(())
}

/// Reads on in the files that are being opened, as long as `has_time` says so. Returns bytes read
/// and bytes in all of the files that are not done; `None` when nothing is left.
#[inline(never)]
pub(crate) fn read_on(has_time: &mut dyn FnMut() -> bool) -> Option<(usize, usize)> {
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

/// Sets the most bytes that each capture may take from now on: the live one, and files that are or will be opened.
#[inline(never)]
pub(crate) fn set_memory_cap(max_bytes: usize) {
    CAP.set(Some(max_bytes));
    live().borrow_mut().set_memory_cap(max_bytes);
    if OPENED.with_borrow(Option::is_some) {
        change(|analysis| analysis.set_memory_cap(max_bytes));
    }
}

/// Closes the capture file; the live session shows again.
#[inline(never)]
pub(crate) fn close_file() {
    OPENING.with_borrow_mut(VecDeque::clear);
    OPENED.set(None);
    forget_lists();
}

/// Lists are of one analysis; another one has messages and states of its own.
fn forget_lists() {
    MESSAGES.with(Rc::clone).take();
    STATES.with(Rc::clone).take();
}

/// Lists the messages that a filter lets through; gives their number.
#[inline(never)]
pub(crate) fn list_traffic(filter: &TrafficFilter) -> usize {
    let messages = MESSAGES.with(Rc::clone);
    let mut list = messages.borrow_mut();
    ask(|analysis| analysis.list_traffic(&mut list, filter));
    list.len()
}

/// Asks about the listed messages.
#[inline(never)]
pub(crate) fn with_traffic<T>(question: impl FnOnce(&Analysis, &TrafficList) -> T) -> T {
    let messages = MESSAGES.with(Rc::clone);
    let list = messages.borrow();
    ask(|analysis| question(analysis, &list))
}

/// Asks about the map of differing states of two peers, by their places among those that saved any, brought up to date.
#[inline(never)]
pub(crate) fn with_states<T>(
    pair: (usize, usize),
    question: impl FnOnce(&Analysis, &StateMap) -> T,
) -> T {
    let states = STATES.with(Rc::clone);
    let mut map = states.borrow_mut();
    ask(|analysis| {
        analysis.map_states(&mut map, pair);
        question(analysis, &map)
    })
}
