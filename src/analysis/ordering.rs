//! The one order of a capture: chunks that come too late to wait for are put where their numbers say.
//!
//! The assembly waits for a missing chunk only as long as its bounds allow, because it may never come. If it
//! comes after all, everything that was kept is taken once more in the order of its numbers, so that what is
//! known of a capture does not depend on how its chunks were stored or delivered. An ordered capture never
//! comes here. Must not know what a chunk holds.

use super::{Analysis, Arrival, Overview};
use crate::dialect::DialectReader;
use crate::issue::IssueLog;
use crate::session::Session;
use crate::timeline::LaneCache;
use crate::traffic::{EventIndex, HoleLog};

/// Whether anything is not in its place, and when all was last put in order.
#[derive(Debug, Clone, Copy, Default)]
pub(super) struct Ordering {
    is_late: bool,
    /// Chunks that had come then.
    seen: u64,
}

impl Ordering {
    pub(super) fn note_late(&mut self) {
        self.is_late = true;
    }
}

impl Analysis {
    /// Puts the chunks in order if twice as many have come as the last time, so that all of it together
    /// costs no more than reading them a few times.
    pub(super) fn order_if_it_pays(&mut self) {
        if self.order.is_late && self.kept.seen() >= self.order.seen.saturating_mul(2) {
            self.order_anew();
        }
    }

    /// Takes all kept chunks once more in the order of their numbers, if any came late. Returns whether it
    /// did; where chunks had to stay out of what is kept, nothing is better for it.
    pub(super) fn order_anew(&mut self) -> bool {
        if !self.order.is_late || self.kept.left_out() > 0 {
            return false;
        }
        self.order = Ordering { is_late: false, seen: self.kept.seen() };
        self.assembler = self.assembler.anew();
        self.reader = DialectReader::default();
        let answers = std::mem::take(&mut self.session.answers);
        self.session = Session::default();
        self.session.answers = answers;
        self.capture_issues = self.lasting_issues.clone();
        self.dialect_issues = IssueLog::default();
        self.overview = Overview::default();
        (self.traffic, self.holes) = (EventIndex::default(), HoleLog::default());
        *self.lanes.get_mut() = LaneCache::default();
        for chunk in self.kept.take_in_order() {
            let mut noted = IssueLog::default();
            let arrival =
                self.feed(&mut |assembler, sink| assembler.handle_chunk(&chunk, &mut noted, sink));
            self.note_issues(noted, false);
            if arrival != Arrival::Repeated {
                self.kept.keep_again(chunk);
            }
        }
        self.note_change();
        true
    }

    /// Notes what could not be read; `is_lasting` if reading what is kept once more would not tell it.
    pub(super) fn note_issues(&mut self, issues: IssueLog, is_lasting: bool) {
        if issues.total() > 0 {
            if is_lasting {
                self.lasting_issues.append(issues.clone());
            }
            self.capture_issues.append(issues);
        }
    }
}
