//! The round trips of one page's workers in packed columns: an hour has hundreds of thousands.
//!
//! Requests are added, replies fill them in; readers get whole [`RoundTrip`]s by value.

use super::records::{Contract, RoundTrip, split_micros};
use crate::column::Column;
use crate::time::Micros;

/// Bits of a row's tag: whether it is a rollback, was replied to, and says the worker's times; above
/// them the contract.
const ROLLBACK: u64 = 1;
const REPLIED: u64 = 2;
const HANDLED: u64 = 4;
const SEEN: u64 = 8;
const CONTRACT_SHIFT: u32 = 4;

/// A list of round trips that grows at its end.
#[derive(Debug, Clone, Default)]
pub struct RoundTrips {
    tags: Column,
    // What some contracts count.
    details: Column,
    workers: Column,
    requests: Column,
    operations: Column,
    first_operations: Column,
    posted: Column,
    // Times of a reply: the worker's two and its own, each from the one before, its own from posting.
    waits: Column,
    executions: Column,
    totals: Column,
    seqs: Column,
    reply_seqs: Column,
}

/// What one round trip cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TripCost {
    /// Number of its operations.
    pub operations: u32,
    /// Place of its first operation among the page's.
    pub first_operation: u32,
    /// From posting to the reply, in microseconds; `None` while it is open.
    pub total_micros: Option<u64>,
    /// Wait, execution and reply, in microseconds each; `None` where the worker does not say it.
    pub split_micros: Option<[u64; 3]>,
}

impl RoundTrips {
    /// Number of round trips.
    #[must_use]
    pub fn len(&self) -> usize {
        self.tags.len()
    }

    /// Whether no request was seen.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.tags.is_empty()
    }

    /// Adds one.
    pub fn push(&mut self, trip: &RoundTrip) {
        for (column, value) in self.columns().into_iter().zip(row(trip)) {
            column.push(value);
        }
    }

    /// The one at a place; `None` past the end.
    #[must_use]
    pub fn get(&self, at: usize) -> Option<RoundTrip> {
        let tag = self.tags.get(at)?;
        let (posted, request_seq) = (self.posted.get(at)?, self.seqs.get(at)? as u32);
        let handled = if tag & HANDLED == 0 {
            None
        } else {
            let started = posted.wrapping_add(self.waits.get(at)?);
            Some((Micros(started), Micros(started.wrapping_add(self.executions.get(at)?))))
        };
        let reply_seq = if tag & SEEN == 0 {
            None
        } else {
            Some(request_seq.wrapping_add(self.reply_seqs.get(at)? as u32))
        };
        Some(RoundTrip {
            worker: self.workers.get(at)? as u32,
            request: self.requests.get(at)? as u32,
            operations: self.operations.get(at)? as u32,
            first_operation: self.first_operations.get(at)? as u32,
            is_rollback: tag & ROLLBACK != 0,
            posted: Micros(posted),
            handled,
            replied: self.replied(at, tag, posted),
            contract: contract_of(tag >> CONTRACT_SHIFT, self.details.get(at)? as u32),
            request_seq,
            reply_seq,
        })
    }

    /// Puts another one at a place; nothing past the end.
    pub fn set(&mut self, at: usize, trip: &RoundTrip) {
        for (column, value) in self.columns().into_iter().zip(row(trip)) {
            column.set(at, value);
        }
    }

    /// The one that was posted last.
    #[must_use]
    pub fn last(&self) -> Option<RoundTrip> {
        self.get(self.len().checked_sub(1)?)
    }

    /// All of them in order.
    pub fn iter(&self) -> impl DoubleEndedIterator<Item = RoundTrip> + '_ {
        (0..self.len()).filter_map(|at| self.get(at))
    }

    /// Whether each is a rollback, and how long it took in microseconds; `None` while it is open.
    pub fn totals(&self) -> impl Iterator<Item = (bool, Option<u64>)> + '_ {
        let rows = self.tags.iter().zip(self.posted.iter()).zip(self.totals.iter());
        rows.map(|((tag, posted), total)| {
            let replied = (tag & REPLIED != 0).then(|| Micros(posted.wrapping_add(total)));
            (tag & ROLLBACK != 0, replied.map(|replied| replied.since(Micros(posted))))
        })
    }

    /// What became of each, in order: for those who look at an hour's and need nothing else.
    pub fn contracts(&self) -> impl Iterator<Item = Contract> + '_ {
        let rows = self.tags.iter().zip(self.details.iter());
        rows.map(|(tag, detail)| contract_of(tag >> CONTRACT_SHIFT, detail as u32))
    }

    /// From the newest one back: when each was posted, its reply if there was one, and the place of its
    /// first operation.
    pub fn spans_back(&self) -> impl Iterator<Item = (Micros, Option<Micros>, u32)> + '_ {
        let (tags, totals) = (self.tags.iter().rev(), self.totals.iter().rev());
        let (posted, first) = (self.posted.iter().rev(), self.first_operations.iter().rev());
        let span = |(((tag, posted), total), first): (((u64, u64), u64), u64)| {
            let replied = (tag & REPLIED != 0).then(|| Micros(posted.wrapping_add(total)));
            (Micros(posted), replied, first as u32)
        };
        tags.zip(posted).zip(totals).zip(first).map(span)
    }

    /// What each cost, in order: for those who look at an hour's and need nothing else.
    pub fn costs(&self) -> impl Iterator<Item = TripCost> + '_ {
        let counts = self.operations.iter().zip(self.first_operations.iter());
        let times = self.waits.iter().zip(self.executions.iter()).zip(self.totals.iter());
        let rows = self.tags.iter().zip(self.posted.iter()).zip(counts).zip(times);
        rows.map(|(((tag, posted), (operations, first)), ((wait, execution), total))| {
            let posted = Micros(posted);
            let replied = (tag & REPLIED != 0).then(|| Micros(posted.0.wrapping_add(total)));
            let started = Micros(posted.0.wrapping_add(wait));
            let finished = Micros(started.0.wrapping_add(execution));
            let handled = (tag & HANDLED != 0).then_some((started, finished));
            TripCost {
                operations: operations as u32,
                first_operation: first as u32,
                total_micros: replied.map(|replied| replied.since(posted)),
                split_micros: split_micros(posted, handled, replied),
            }
        })
    }

    /// Number of those that were posted before a time.
    #[must_use]
    pub fn posted_before(&self, time: Micros) -> usize {
        self.posted.partition_point(|posted| posted < time.0)
    }

    /// The request id of a worker's first one.
    #[must_use]
    pub fn first_request_of(&self, worker: u32) -> Option<u32> {
        let first = self.workers.find(u64::from(worker), |_| true)?;
        self.requests.get(first).map(|request| request as u32)
    }

    /// Packs everything, because hardly anything more will come.
    pub fn seal(&mut self) {
        self.columns().into_iter().for_each(Column::seal);
    }

    fn replied(&self, at: usize, tag: u64, posted: u64) -> Option<Micros> {
        let total = self.totals.get(at)?;
        (tag & REPLIED != 0).then(|| Micros(posted.wrapping_add(total)))
    }

    // In the order of a row.
    fn columns(&mut self) -> [&mut Column; 12] {
        [
            &mut self.tags,
            &mut self.details,
            &mut self.workers,
            &mut self.requests,
            &mut self.operations,
            &mut self.first_operations,
            &mut self.posted,
            &mut self.waits,
            &mut self.executions,
            &mut self.totals,
            &mut self.seqs,
            &mut self.reply_seqs,
        ]
    }
}

// Differences wrap on the way there and back, so that any times are right; near ones are small.
fn row(trip: &RoundTrip) -> [u64; 12] {
    let (contract, detail) = code_of(trip.contract);
    let mut tag = contract << CONTRACT_SHIFT;
    let flags = [
        (trip.is_rollback, ROLLBACK),
        (trip.replied.is_some(), REPLIED),
        (trip.handled.is_some(), HANDLED),
        (trip.reply_seq.is_some(), SEEN),
    ];
    for (is_set, flag) in flags {
        tag |= if is_set { flag } else { 0 };
    }
    let posted = trip.posted.0;
    let [wait, execution] = trip.handled.map_or([0; 2], |(started, finished)| {
        [started.0.wrapping_sub(posted), finished.0.wrapping_sub(started.0)]
    });
    let reply_seq = trip.reply_seq.map_or(0, |seq| seq.wrapping_sub(trip.request_seq));
    [
        tag,
        u64::from(detail),
        u64::from(trip.worker),
        u64::from(trip.request),
        u64::from(trip.operations),
        u64::from(trip.first_operation),
        posted,
        wait,
        execution,
        trip.replied.map_or(0, |replied| replied.0.wrapping_sub(posted)),
        u64::from(trip.request_seq),
        u64::from(reply_seq),
    ]
}

fn code_of(contract: Contract) -> (u64, u32) {
    match contract {
        Contract::Open => (0, 0),
        Contract::Kept => (1, 0),
        Contract::FailedProperly => (2, 0),
        Contract::FailedUnclearly => (3, 0),
        Contract::WrongCount { results } => (4, results),
        Contract::WrongKind { index } => (5, index),
    }
}

fn contract_of(code: u64, detail: u32) -> Contract {
    match code {
        1 => Contract::Kept,
        2 => Contract::FailedProperly,
        3 => Contract::FailedUnclearly,
        4 => Contract::WrongCount { results: detail },
        5 => Contract::WrongKind { index: detail },
        _ => Contract::Open,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::link::SplitMix64;

    #[test]
    fn what_goes_in_comes_out_whatever_it_is_and_however_it_is_changed() {
        let mut random = SplitMix64(11);
        let (mut packed, mut all) = (RoundTrips::default(), Vec::new());
        for at in 0..5000_usize {
            let trip = any(&mut random);
            packed.push(&trip);
            all.push(trip);
            if random.next_u64().is_multiple_of(3) {
                let place = (random.next_u64() % (at as u64 + 1)) as usize;
                all[place] = any(&mut random);
                packed.set(place, &all[place]);
            }
            if at == 3000 {
                packed.seal();
            }
        }
        packed.seal();
        assert_eq!(packed.iter().collect::<Vec<_>>(), all);
        assert_eq!(packed.last(), all.last().copied());
        assert_eq!(packed.get(all.len()), None);
        let totals: Vec<_> = all.iter().map(|one| (one.is_rollback, one.total_micros())).collect();
        assert_eq!(packed.totals().collect::<Vec<_>>(), totals);
        let costs = all.iter().map(|one| TripCost {
            operations: one.operations,
            first_operation: one.first_operation,
            total_micros: one.total_micros(),
            split_micros: one.split_micros(),
        });
        assert!(packed.costs().eq(costs));
        assert!(packed.contracts().eq(all.iter().map(|one| one.contract)));
        let spans = all.iter().rev().map(|one| (one.posted, one.replied, one.first_operation));
        assert!(packed.spans_back().eq(spans));
        for worker in 0..5 {
            let first = all.iter().find(|trip| trip.worker == worker).map(|trip| trip.request);
            assert_eq!(packed.first_request_of(worker), first);
        }
    }

    // Times of pages and workers may be anything.
    fn any(random: &mut SplitMix64) -> RoundTrip {
        let mut number = |bits: u64| {
            let value = random.next_u64() >> (64 - bits);
            if value.is_multiple_of(40) { u64::MAX >> (64 - bits) } else { value }
        };
        let is_replied = number(1) == 1;
        RoundTrip {
            worker: number(2) as u32,
            request: number(32) as u32,
            operations: number(5) as u32,
            first_operation: number(20) as u32,
            is_rollback: number(1) == 1,
            posted: Micros(number(64)),
            handled: (number(1) == 1).then_some((Micros(number(64)), Micros(number(30)))),
            replied: is_replied.then_some(Micros(number(64))),
            contract: contract_of(number(3), 0),
            request_seq: number(32) as u32,
            reply_seq: is_replied.then_some(number(32) as u32),
        }
    }
}
