//! What lies behind the views: single messages and state texts, read again from the kept chunks.

use super::Analysis;
use crate::observation::{Evidence, SourceId};
use crate::session::{SeenState, text_digest};
use crate::timeline::{StateMap, StatePeer, state_peers};
use crate::traffic::{
    Decoded, Event, TrafficFilter, TrafficList, TrafficRow, TypeSum, decode, row, text_of_state,
};

impl Analysis {
    /// Brings a list of messages up to date under a filter.
    pub fn list_traffic(&self, list: &mut TrafficList, filter: &TrafficFilter) {
        list.update(&self.traffic, filter);
    }

    /// Number of messages that were seen, and of those that came after the index was full.
    #[must_use]
    pub fn traffic_count(&self) -> (usize, u64) {
        (self.traffic.len(), self.traffic.left_out())
    }

    /// One message of the traffic.
    #[must_use]
    pub fn traffic_row(&self, event: Event) -> Option<TrafficRow> {
        row(&self.traffic, event)
    }

    /// The place in the traffic of an event that is evidence.
    #[must_use]
    pub fn traffic_of(&self, evidence: Evidence) -> Option<Event> {
        self.traffic.find(evidence.source, evidence.seq)
    }

    /// Messages and bytes of each type in a list.
    #[must_use]
    pub fn traffic_sums(&self, list: &TrafficList) -> Vec<TypeSum> {
        list.sums(&self.traffic)
    }

    /// The content of one message; `None` if its chunk is not kept.
    #[must_use]
    pub fn decode(&self, event: Event) -> Option<Decoded> {
        decode(&self.traffic, event, &self.kept, &self.reader)
    }

    /// The observed peers of the chosen episode with the states that each saved.
    #[must_use]
    pub fn state_peers(&self) -> Vec<StatePeer> {
        self.with_game(state_peers)
    }

    /// The text of a state that was seen; `None` if its chunk is not kept.
    #[must_use]
    pub fn state_text(&self, source: SourceId, state: &SeenState) -> Option<String> {
        let place = (source, state.seq);
        text_of_state(&self.traffic, place, &self.kept, &self.reader, |text| {
            text_digest(text) == state.digest
        })
    }

    /// Brings a map of differing states up to date with the chosen episode.
    pub fn map_states(&self, map: &mut StateMap) {
        let peers = self.state_peers();
        if let [left, right, ..] = peers.as_slice() {
            map.update(self.chosen().unwrap_or_default(), (left, right), |peer, state| {
                self.state_text(peer.source, state)
            });
        } else {
            *map = StateMap::default();
        }
    }

    /// Most bytes of chunks that are kept, and the bytes that the index of messages takes.
    #[must_use]
    pub fn memory(&self) -> (usize, usize) {
        (self.kept.max_bytes(), self.traffic.bytes())
    }

    /// Sets the most bytes of chunks that are kept from now on.
    pub fn set_memory_cap(&mut self, max_bytes: usize) {
        self.kept.set_max_bytes(max_bytes);
        self.revision += 1;
    }
}
