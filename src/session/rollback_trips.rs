//! The requests that one rollback took: its batch, and a restore of its own right before it.

use super::peer::PeerSession;
use super::records::{OperationKind, RollbackRecord, RoundTrip};

/// The requests of one rollback to the worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RollbackTrips {
    /// Requests that it took.
    pub requests: u32,
    /// Requests that it would take with one step in each: a restore, the steps, and a read.
    pub unbatched: u32,
    /// Operations in all of its requests.
    pub operations: u32,
    /// From posting the first request to the last reply, in microseconds; `None` while it runs.
    pub total_micros: Option<u64>,
    /// Of that: waiting (between its requests too), executing, and the way of the replies; `None`
    /// where the worker's own times are not known.
    pub split_micros: Option<[u64; 3]>,
    /// Capture sequence number of the first request.
    pub request_seq: u32,
}

/// Requests beside the steps when nothing is batched: one restores, one reads the new state.
const RESTORE_AND_READ: u32 = 2;

impl PeerSession {
    /// The requests of a rollback; `None` if its request is not known.
    #[must_use]
    pub fn rollback_trips(&self, rollback: &RollbackRecord) -> Option<RollbackTrips> {
        let last = self.round_trip(rollback)?;
        let before = rollback.round_trip?.checked_sub(1).and_then(|at| self.round_trips.get(at));
        let restore =
            before.filter(|trip| trip.worker == last.worker && self.is_lone_restore(trip));
        let first = restore.unwrap_or(last);
        let total_micros = last.replied.map(|replied| replied.since(first.posted));
        let executed = |trip: RoundTrip| trip.split_micros().map(|[_, execute, _]| execute);
        let split_micros = total_micros.zip(last.split_micros()).and_then(|(total, split)| {
            let [_, execute, reply] = split;
            let execute = execute + restore.map_or(Some(0), executed)?;
            Some([total.saturating_sub(execute).saturating_sub(reply), execute, reply])
        });
        Some(RollbackTrips {
            requests: 1 + u32::from(restore.is_some()),
            unbatched: rollback.resimulated.saturating_add(RESTORE_AND_READ),
            operations: last.operations + restore.map_or(0, |trip| trip.operations),
            total_micros,
            split_micros,
            request_seq: first.request_seq,
        })
    }

    fn is_lone_restore(&self, trip: &RoundTrip) -> bool {
        let first = self.operations.get(trip.first_operation as usize);
        trip.operations == 1 && first == Some(&OperationKind::SetState)
    }
}
