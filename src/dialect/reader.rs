//! Keeps the channels of every observed page, finds each one's dialect, and has it read.

use super::{ChannelMemory, DIALECTS, Memory, PageMemory, Place, Sink};
use crate::capture::{
    CapturedEvent, ChannelId, ChannelKind, ChannelOpened, ChannelState, EventKind, Message, PageId,
    PagePlacement, PageState,
};
use crate::issue::IssueLog;
use crate::observation::{Direction, Evidence, Fact, Observation, SourceId, StopCause, Transport};
use crate::sorted::SortedMap;
use crate::time::Micros;

/// Channels that one capture may have; messages of further ones are counted, not read.
const MAX_CHANNELS: usize = 65_536;

/// One channel and what is known of it.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelRecord {
    /// Its document.
    pub source: SourceId,
    /// What kind it is.
    pub kind: ChannelKind,
    /// Address or label; empty if neither is known.
    pub label: String,
    /// Messages that the page sent.
    pub sent: u64,
    /// Messages that the page received.
    pub received: u64,
    // Index into the dialects.
    dialect: Option<usize>,
    transport: Option<Transport>,
}

impl ChannelRecord {
    /// Name of the dialect that the channel speaks; `None` while none has recognised it.
    #[must_use]
    pub fn dialect(&self) -> Option<&'static str> {
        Some(DIALECTS.get(self.dialect?)?.name())
    }
}

/// One observed document.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PageRecord {
    /// Its address; empty if the capture does not tell it.
    pub url: String,
    /// Whether it stands inside another document.
    pub is_inner: bool,
    /// Which inner document it is: its place and its name; empty for the document of the tab.
    pub frame: String,
    /// Time of its first and last event, on its own clock.
    pub seen: Option<(Micros, Micros)>,
    time_origin_ms: Option<f64>,
}

/// Translates captured events into observations.
#[derive(Debug, Default)]
pub struct DialectReader {
    sources: SortedMap<PageId, SourceId>,
    pages: Vec<PageRecord>,
    channels: SortedMap<(SourceId, ChannelId), ChannelRecord>,
    // What dialects remember, beside the records that views copy.
    page_memories: Vec<PageMemory>,
    channel_memories: SortedMap<(SourceId, ChannelId), ChannelMemory>,
}

impl DialectReader {
    /// Reads one event; events of one page come in their order.
    pub fn handle_event(
        &mut self,
        event: &CapturedEvent<'_>,
        sink: &mut Sink<'_>,
        issues: &mut IssueLog,
    ) {
        let source = self.source(event.page);
        let evidence = Evidence { source, seq: event.seq.0 };
        if let Some(page) = self.pages.get_mut(usize::from(source.0)) {
            let first = page.seen.map_or(event.time, |(first, _)| first.min(event.time));
            page.seen = Some((first, event.time));
        }
        match &event.kind {
            EventKind::PageStarted(started) => {
                if let Some(page) = self.pages.get_mut(usize::from(source.0)) {
                    page.url = started.url.clone().into_owned();
                    page.is_inner = started.placement == PagePlacement::Inner;
                    page.frame = started.frame_label.clone().unwrap_or_default().into_owned();
                    page.time_origin_ms = started.time_origin_ms;
                }
                let fact = Fact::PageStarted { time_origin_ms: started.time_origin_ms };
                sink(&Observation { evidence, time: event.time, fact });
            }
            EventKind::PageState(PageState { is_visible: Some(is_visible), .. }) => {
                let fact = Fact::PageShown { is_visible: *is_visible };
                sink(&Observation { evidence, time: event.time, fact });
            }
            EventKind::PagePace(pace) => {
                let micros = |ms: Option<f64>| Micros::from_millis(ms.unwrap_or(0.0)).0;
                let fact = Fact::PagePaced {
                    span_micros: micros(pace.span_ms),
                    long_tasks: pace.long_tasks,
                    longest_frame_micros: micros(pace.longest_frame_ms),
                };
                sink(&Observation { evidence, time: event.time, fact });
            }
            EventKind::ChannelOpened(opened) => self.open_channel(source, event.channel, opened),
            EventKind::ChannelState(state) => {
                let record = self.channels.get(&(source, event.channel));
                let is_known = record.is_some_and(|record| {
                    record.kind == ChannelKind::Worker && record.dialect.is_some()
                });
                if let Some(cause) = stop_cause(state).filter(|_| is_known) {
                    let fact = Fact::WorkerStopped { worker: event.channel.0, cause };
                    sink(&Observation { evidence, time: event.time, fact });
                }
            }
            EventKind::MessageSent(message) if !message.flags.call_threw() => {
                self.read_message(event, evidence, Direction::Sent, message, sink, issues);
            }
            // What the network shaper kept from the page was never received.
            EventKind::MessageReceived(message) if !message.flags.is_withheld() => {
                self.read_message(event, evidence, Direction::Received, message, sink, issues);
            }
            _ => {}
        }
    }

    /// Reads a message that was read before once more, by the dialect that its channel speaks now.
    pub fn read_again(&self, source: SourceId, event: &CapturedEvent<'_>, sink: &mut Sink<'_>) {
        let (message, direction) = match &event.kind {
            EventKind::MessageSent(message) => (message, Direction::Sent),
            EventKind::MessageReceived(message) => (message, Direction::Received),
            _ => return,
        };
        let Some(record) = self.channel(source, event.channel) else { return };
        let Some(dialect) = record.dialect.and_then(|index| DIALECTS.get(index)) else { return };
        let page = self.pages.get(usize::from(source.0));
        let place = Place {
            kind: record.kind,
            channel: event.channel.0,
            direction,
            evidence: Evidence { source, seq: event.seq.0 },
            time: event.time,
            time_origin_ms: page.and_then(|page| page.time_origin_ms),
        };
        // What earlier messages of the channel said is not known here; what could not be read was
        // noted when it came.
        let known = self.page_memories.get(usize::from(source.0));
        let (mut channel, mut page) =
            (ChannelMemory::default(), known.cloned().unwrap_or_default());
        let mut memory = Memory { channel: &mut channel, page: &mut page };
        dialect.read(&place, &message.value, &mut memory, sink, &mut IssueLog::default());
    }

    /// Every channel with its number in its document, document by document.
    pub fn numbered_channels(&self) -> impl Iterator<Item = (u32, &ChannelRecord)> {
        self.channels.iter().map(|((_, channel), record)| (channel.0, record))
    }

    /// One channel of a document.
    #[must_use]
    pub fn channel(&self, source: SourceId, channel: ChannelId) -> Option<&ChannelRecord> {
        self.channels.get(&(source, channel))
    }

    /// The number of a document that was seen.
    #[must_use]
    pub fn source_of(&self, page: PageId) -> Option<SourceId> {
        self.sources.get(&page).copied()
    }

    /// Every document in order of appearance.
    #[must_use]
    pub fn pages(&self) -> &[PageRecord] {
        &self.pages
    }

    /// The document with this id.
    #[must_use]
    pub fn page(&self, page: PageId) -> Option<&PageRecord> {
        self.pages.get(usize::from(self.sources.get(&page)?.0))
    }

    /// Every channel, document by document.
    pub fn channels(&self) -> impl Iterator<Item = &ChannelRecord> {
        self.channels.values()
    }

    fn source(&mut self, page: PageId) -> SourceId {
        if let Some(source) = self.sources.get(&page) {
            return *source;
        }
        let source = SourceId(u16::try_from(self.pages.len()).unwrap_or(u16::MAX));
        self.sources.insert(page, source);
        self.pages.push(PageRecord::default());
        self.page_memories.push(PageMemory::default());
        source
    }

    fn open_channel(&mut self, source: SourceId, channel: ChannelId, opened: &ChannelOpened<'_>) {
        // What is described anew goes on.
        if self.channels.len() >= MAX_CHANNELS || self.channels.contains_key(&(source, channel)) {
            return;
        }
        let details = &opened.details;
        let label = details.label.as_deref().or(details.url.as_deref()).unwrap_or_default();
        self.channel_memories.insert((source, channel), ChannelMemory::default());
        self.channels.insert(
            (source, channel),
            ChannelRecord {
                source,
                kind: opened.kind,
                label: label.to_owned(),
                sent: 0,
                received: 0,
                dialect: None,
                transport: transport_of(opened),
            },
        );
    }

    fn read_message(
        &mut self,
        event: &CapturedEvent<'_>,
        evidence: Evidence,
        direction: Direction,
        message: &Message<'_>,
        sink: &mut Sink<'_>,
        issues: &mut IssueLog,
    ) {
        let page = self.pages.get(usize::from(evidence.source.0));
        let time_origin_ms = page.and_then(|page| page.time_origin_ms);
        let Some(record) = self.channels.get_mut(&(evidence.source, event.channel)) else {
            issues.push("capture", "a message on a channel whose opening was not captured");
            return;
        };
        match direction {
            Direction::Sent => record.sent += 1,
            Direction::Received => record.received += 1,
        }
        let place = Place {
            kind: record.kind,
            channel: event.channel.0,
            direction,
            evidence,
            time: event.time,
            time_origin_ms,
        };
        if record.dialect.is_none() {
            record.dialect =
                DIALECTS.iter().position(|dialect| dialect.recognises(&place, &message.value));
        }
        let dialect = record.dialect.and_then(|index| DIALECTS.get(index));
        let page = self.page_memories.get_mut(usize::from(evidence.source.0));
        let channel = self.channel_memories.get_mut(&(evidence.source, event.channel));
        if let (Some(dialect), Some(page), Some(channel)) = (dialect, page, channel) {
            let mut memory = Memory { channel, page };
            let transport = record.transport;
            let mut carries = matches!(transport, Some(Transport::Server { .. }));
            let mut watched = |seen: &Observation<'_>| {
                carries |= matches!(
                    seen.fact,
                    Fact::InputsAnnounced { .. } | Fact::FrameInputsAnnounced { .. }
                );
                sink(seen);
            };
            dialect.read(&place, &message.value, &mut memory, &mut watched, issues);
            // Once, after what was carried, so that the page's game is known.
            if let Some(transport) = transport.filter(|_| carries) {
                record.transport = None;
                let fact = Fact::TransportSeen(transport);
                sink(&Observation { evidence, time: event.time, fact });
            }
        }
    }
}

/// What is to be told of a channel once it carried something; `None` for channels of which nothing is.
fn transport_of(opened: &ChannelOpened<'_>) -> Option<Transport> {
    let details = &opened.details;
    match opened.kind {
        ChannelKind::DataChannel => Some(Transport::Inputs {
            is_ordered: details.ordered,
            // A channel that says its order and no number of repetitions repeats without end.
            is_reliable: details.ordered.map(|_| details.max_retransmits.is_none()),
        }),
        // Engine.IO names its transport in the address, and its session if that began otherwise.
        ChannelKind::WebSocket => {
            let url = details.url.as_deref().unwrap_or_default();
            let is_engine = url.contains("transport=websocket");
            Some(Transport::Server { began_by_polling: is_engine.then(|| url.contains("sid=")) })
        }
        _ => None,
    }
}

fn stop_cause(state: &ChannelState<'_>) -> Option<StopCause> {
    match &*state.state {
        "error" => {
            let message = state.details.get("message").and_then(|text| text.as_str());
            Some(StopCause::Failed(message.unwrap_or("it raised an error").to_owned()))
        }
        "terminated" => Some(StopCause::Ended),
        _ => None,
    }
}
