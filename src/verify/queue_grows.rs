//! Do requests to the worker pile up?

use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Scope, Severity, evidence_of, peer_name};
use crate::session::{OperationKind, PeerSession};
use crate::sorting;
use crate::time::Micros;

/// Parts of a session whose emptiest moments are compared.
const PARTS: usize = 8;

/// Requests that a session must have, so that each part has some to look at.
const FEWEST: usize = 160;

/// By how much the emptiest moment of the last part must exceed that of the first.
const GROWTH: u32 = 8;

/// Counts the requests that were open whenever one was posted.
pub(super) struct QueueGrows;

impl Check for QueueGrows {
    fn code(&self) -> &'static str {
        "queue-grows"
    }

    fn title(&self) -> &'static str {
        "Requests to the worker are worked off"
    }

    fn documentation(&self) -> &'static str {
        "A page that posts requests faster than its worker answers them fills a queue without bound: \
         every frame comes later than the one before. A queue that is bounded or worked off is empty, \
         or nearly so, again and again. The session's requests are cut into eight equal parts, and \
         in each the least number of open requests is taken; it fails where that never falls from one \
         part to the next and is at least eight higher in the last part than in the first. Requests \
         without a reply do not count once a later one of their kind is answered. It needs 160 \
         requests of a page to its worker."
    }

    fn scope(&self) -> Scope {
        Scope::Game
    }

    fn run(&self, game: &Case<'_>, _episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            if peer.round_trips.len() < FEWEST {
                outcome.add_not_checkable(1, "fewer than 160 requests to a worker were captured");
                continue;
            }
            let least = least_open(peer);
            let never_falls = least.is_sorted();
            let (first, last) = (least[0], least[PARTS - 1]);
            if !never_falls || last < first.saturating_add(GROWTH) {
                outcome.passed += 1;
                continue;
            }
            outcome.failed += 1;
            let newest = peer.round_trips.last().map(|trip| trip.request_seq);
            outcome.findings.push(Finding {
                code: self.code(),
                severity: Severity::Notice,
                peers: vec![peer_name(peer)],
                episode: None,
                frames: None,
                count: 1,
                text: format!(
                    "{}: never fewer than {last} requests to its worker were open in the last eighth \
                     of the session, {first} in the first",
                    peer_name(peer),
                ),
                detail: format!(
                    "protocol use · fewest open requests by eighths of the session: {}",
                    least.map(|open| open.to_string()).join(", "),
                ),
                evidence: evidence_of(peer, newest),
            });
        }
        outcome
    }
}

/// The fewest requests that were open in each part when another was posted, that one left out.
fn least_open(peer: &PeerSession) -> [u32; PARTS] {
    let trips = counted_trips(peer);
    let mut replies: Vec<Micros> = trips.iter().filter_map(|(_, replied)| *replied).collect();
    sorting::sort_by_number(&mut replies, |at| at.0);
    let mut least = [u32::MAX; PARTS];
    let (mut answered, mut before) = (0, Micros(0));
    for (index, (posted, _)) in trips.iter().enumerate() {
        // Requests are in the order of their times unless a page's clock went back.
        if *posted < before {
            answered = replies.partition_point(|replied| replied <= posted);
        }
        before = *posted;
        while replies.get(answered).is_some_and(|replied| replied <= posted) {
            answered += 1;
        }
        let open = index.saturating_sub(answered) as u32;
        if let Some(least) = least.get_mut(index * PARTS / trips.len()) {
            *least = open.min(*least);
        }
    }
    least
}

/// When each request was posted and its reply came: all but those without a reply after which one of
/// the same kind was answered. Their replies are missing in the capture, or will never come, and are
/// no queue.
fn counted_trips(peer: &PeerSession) -> Vec<(Micros, Option<Micros>)> {
    let mut answered: Vec<Option<OperationKind>> = Vec::new();
    let mut trips = Vec::with_capacity(peer.round_trips.len());
    for (posted, replied, first) in peer.round_trips.spans_back() {
        let kind = peer.operations.get(first as usize).copied();
        if replied.is_some() && !answered.contains(&kind) {
            answered.push(kind);
        }
        if replied.is_some() || !answered.contains(&kind) {
            trips.push((posted, replied));
        }
    }
    trips.reverse();
    trips
}
