//! Lines of worker round trips.

use super::{LineSink, Seat, Table};
use crate::frame::Frame;
use crate::session::{Contract, PeerSession, RoundTrip};
use crate::time::Micros;

/// One line per request to a worker, or call of Python on the page's own thread.
pub(super) struct RoundTrips;

impl Table for RoundTrips {
    fn name(&self) -> &'static str {
        "round-trips"
    }

    fn documentation(&self) -> &'static str {
        "episode: the one that was played when the request was posted; worker and request: channel \
         and id, also those of calls of Python on the page's own thread; operations: their names in order; is_rollback: whether it restores a state and \
         steps on; posted_micros: when, on the page's clock; total_micros: until the reply; \
         wait_micros, execution_micros and reply_micros: its parts, where the worker says them; \
         contract: open, kept, failed, failed_unclearly, wrong_count or wrong_kind; request_seq and \
         reply_seq: the messages"
    }

    fn write(&self, at: &Seat<'_>, sink: &mut LineSink<'_>) {
        let starts = starts(at.records);
        for trip in at.records.round_trips.iter() {
            let began = starts.partition_point(|(start, _)| *start <= trip.posted);
            let playing = began.checked_sub(1).and_then(|place| starts.get(place));
            let mut line = at.line(playing.map(|(_, episode)| *episode));
            let split = trip.split_micros();
            line.push("worker", trip.worker);
            line.push("request", trip.request);
            line.push("operations", names(at.records, &trip));
            line.push("is_rollback", trip.is_rollback);
            line.push("posted_micros", trip.posted);
            line.push("total_micros", trip.total_micros());
            line.push("wait_micros", split.map(|[wait, _, _]| wait));
            line.push("execution_micros", split.map(|[_, execution, _]| execution));
            line.push("reply_micros", split.map(|[_, _, reply]| reply));
            line.push("contract", word(trip.contract));
            line.push("request_seq", trip.request_seq);
            line.push("reply_seq", trip.reply_seq);
            sink(&line);
        }
    }
}

// When the first stepped frame of each episode was stepped.
fn starts(records: &PeerSession) -> Vec<(Micros, u32)> {
    let start = |frames: &crate::session::FrameTable| {
        (0..frames.len() as u32).find_map(|frame| frames.stepped_at(Frame(frame)))
    };
    let episodes = records.episodes.iter();
    episodes.filter_map(|record| Some((start(&record.frames)?, record.number.0))).collect()
}

fn names(records: &PeerSession, trip: &RoundTrip) -> Vec<&'static str> {
    let first = trip.first_operation as usize;
    let end = first.saturating_add(trip.operations as usize);
    let kinds = records.operations.get(first..end).unwrap_or_default();
    kinds.iter().map(|kind| kind.name()).collect()
}

fn word(contract: Contract) -> &'static str {
    match contract {
        Contract::Open => "open",
        Contract::Kept => "kept",
        Contract::FailedProperly => "failed",
        Contract::FailedUnclearly => "failed_unclearly",
        Contract::WrongCount { .. } => "wrong_count",
        Contract::WrongKind { .. } => "wrong_kind",
    }
}
