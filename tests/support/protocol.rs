//! How a page uses its channels, where the fault is about that.

use super::*;

/// The page's web socket, where it begins by polling.
const SOCKET: ChannelId = ChannelId(4);

impl Peer {
    /// The settings of a channel: those of the inputs' channel are the usual ones.
    pub(super) fn details_of<'a>(
        &mut self,
        channel: ChannelId,
        label: &'a str,
    ) -> ChannelDetails<'a> {
        let mut details =
            ChannelDetails { label: Some(Cow::Borrowed(label)), ..ChannelDetails::default() };
        if channel == DATA_CHANNEL {
            details.ordered = Some(false);
            details.max_retransmits = Some(0);
            if self.is_planned(Fault::OrderedChannel) {
                details.ordered = Some(true);
                details.max_retransmits = None;
            }
        }
        details
    }

    /// A socket that took over from polling.
    pub(super) fn record_upgrade(&mut self) {
        if !self.is_planned(Fault::PolledFirst) {
            return;
        }
        let url = "ws://127.0.0.1/socket.io/?EIO=4&transport=websocket&sid=a";
        let details = ChannelDetails { url: Some(Cow::Borrowed(url)), ..ChannelDetails::default() };
        let opened =
            EventKind::ChannelOpened(ChannelOpened { kind: ChannelKind::WebSocket, details });
        self.builder.push(Micros(0), SOCKET, &opened);
        for (way, text) in [(Way::Sent, "2probe"), (Way::Received, "3probe"), (Way::Sent, "5")] {
            self.record(Micros(0), SOCKET, way, Value::String(Cow::Borrowed(text)));
        }
        let event = "42[\"ping\",{}]";
        self.record(Micros(0), SOCKET, Way::Received, Value::String(Cow::Borrowed(event)));
    }

    /// The worker's line of a log for the tick.
    pub(super) fn log_line(&mut self, now: Micros) {
        if self.is_due(Fault::LogsEachFrame) {
            self.note_planted();
            let line = json!({"type": "log", "message": "stepped"});
            self.record(now, WORKER, Way::Received, convert::value(&line));
        }
    }

    /// Asks for a picture in every tick; the worker draws one in two.
    pub(super) fn ask_for_pictures(&mut self, now: Micros) {
        if !self.is_planned(Fault::QueueGrows) {
            return;
        }
        let id = 500_000 + self.ticks;
        let request = json!({"type": "render", "id": id, "payload": {}});
        self.record(now, WORKER, Way::Sent, convert::value(&request));
        let picture = json!({"renderState": {}});
        self.backlog.push_back(json!({"type": "result", "id": id, "result": picture}));
        self.ticks += 1;
        if self.ticks.is_multiple_of(2)
            && let Some(reply) = self.backlog.pop_front()
        {
            self.record(now.plus(3_000), WORKER, Way::Received, convert::value(&reply));
        }
    }
}
