//! What lies behind the views: single messages and state texts, read again from the kept chunks.

use super::Analysis;
use crate::capture::{ChannelId, ChannelKind};
use crate::frame::Frame;
use crate::observation::{Evidence, SourceId};
use crate::session::{SeenState, state_with_digest};
use crate::timeline::{
    CheckDetail, CoverageView, PathPast, StateMap, StatePeer, path_past, state_peers,
};
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
        let mut row = row(&self.traffic, event)?;
        let source = row.evidence.source;
        row.player = self.session.player_at(source);
        row.channel_name = self.channel_name(source, row.channel);
        Some(row)
    }

    /// What a channel is called: a data channel by its label, others by kind and number.
    pub(super) fn channel_name(&self, source: SourceId, channel: u32) -> String {
        let record = self.reader.channel(source, ChannelId(channel));
        match record {
            None if channel == 0 => "page".to_owned(),
            None => format!("channel {channel}"),
            Some(record) => match record.kind {
                ChannelKind::DataChannel if !record.label.is_empty() => record.label.clone(),
                kind => format!("{} {channel}", kind.name()),
            },
        }
    }

    /// Which document each observed player's page is, players counted from 1.
    #[must_use]
    pub fn player_sources(&self) -> Vec<(u8, u16)> {
        self.with_game(|game, _| {
            let peers = game.peers.iter();
            let pairs =
                peers.filter_map(|peer| Some((peer.local?.0.saturating_add(1), peer.source.0)));
            pairs.collect()
        })
    }

    /// The first message in a list whose page was about to step `frame` or a later one.
    #[must_use]
    pub fn traffic_at_frame(&self, list: &TrafficList, frame: Frame) -> Option<usize> {
        list.row_at_frame(&self.traffic, frame)
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
            state_with_digest(text, state.digest)
        })
    }

    /// Brings a map of differing states up to date with the chosen episode. `pair` are places in
    /// [`Analysis::state_peers`]; one that is not there gives an empty map.
    pub fn map_states(&self, map: &mut StateMap, pair: (usize, usize)) {
        let peers = self.state_peers();
        if let Some((left, right)) = peers.get(pair.0).zip(peers.get(pair.1)) {
            map.update(self.chosen().unwrap_or_default(), (left, right), |peer, state| {
                self.state_text(peer.source, state)
            });
        } else {
            *map = StateMap::default();
        }
    }

    /// The past of one path at one peer, back from `until`.
    #[must_use]
    pub fn path_past(&self, peer: &StatePeer, path: &str, until: Frame) -> PathPast {
        path_past(&peer.states, path, until, |state| self.state_text(peer.source, state))
    }

    /// The coverage map of the chosen episode.
    #[must_use]
    pub fn coverage(&self) -> CoverageView {
        self.with_case(CoverageView::of)
    }

    /// One check with its rule and what it found in the chosen episode.
    #[must_use]
    pub fn check_detail(&self, code: &str) -> Option<CheckDetail> {
        self.with_case(|game, episode| CheckDetail::of(game, episode, code))
    }

    /// Sets the most bytes that chunks, index of messages and lanes may take together from now on: chunks stay out for it.
    pub fn set_memory_cap(&mut self, max_bytes: usize) {
        self.kept.set_max_bytes(max_bytes);
        self.revision += 1;
    }
}
