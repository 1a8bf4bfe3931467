//! Captured events: what happened in one page, in the order in which the hook saw it.
//!
//! Decoded from chunks by `wire`; the dialects read them.

use std::borrow::Cow;
use std::fmt;

use serde::{Serialize, Serializer};

use super::conditions::{
    BufferedAmount, ConnectionStats, Counted, IceCandidate, LevelChanged, PagePace, SelectedPair,
    ShaperChanged,
};
use super::value::Value;
use crate::time::Micros;

/// One document of a browser, by the random number that its hook drew.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub struct PageId(pub [u8; 8]);

impl fmt::Display for PageId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(formatter, "{:016x}", u64::from_be_bytes(self.0))
    }
}

impl Serialize for PageId {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

/// The number of an event within its page: every event that the hook saw has one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
#[serde(transparent)]
pub struct CaptureSeq(pub u32);

/// A worker, connection or socket of one page, counted from 1; 0 is the page itself.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
#[serde(transparent)]
pub struct ChannelId(pub u32);

impl ChannelId {
    /// The page itself.
    pub const PAGE: Self = Self(0);

    /// Any of them: in sums of channels that are not listed one by one, and where a line tells none.
    pub const ANY: Self = Self(u32::MAX);
}

/// A blob of one page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize)]
#[serde(transparent)]
pub struct BlobNumber(pub u32);

/// One event of a page.
#[derive(Debug, Clone, PartialEq)]
pub struct CapturedEvent<'a> {
    /// The page.
    pub page: PageId,
    /// The event's number within the page.
    pub seq: CaptureSeq,
    /// When it happened on the page's clock.
    pub time: Micros,
    /// Where it happened.
    pub channel: ChannelId,
    /// What happened.
    pub kind: EventKind<'a>,
}

/// What happened in a page.
#[derive(Debug, Clone, PartialEq)]
pub enum EventKind<'a> {
    /// The hook started in a new document.
    PageStarted(PageStarted<'a>),
    /// A worker, a connection or a socket was made.
    ChannelOpened(ChannelOpened<'a>),
    /// A channel changed its state.
    ChannelState(ChannelState<'a>),
    /// The page sent a message.
    MessageSent(Message<'a>),
    /// The page received a message.
    MessageReceived(Message<'a>),
    /// The page was shown, hidden, focused or left.
    PageState(PageState),
    /// Events were seen and not captured.
    Dropped(Dropped<'a>),
    /// The contents of a blob that a message held.
    BlobContents(BlobContents<'a>),
    /// The document went away, or the hook left it.
    PageEnded(PageEnded<'a>),
    /// A peer connection found a candidate, or was given one.
    IceCandidate(IceCandidate<'a>),
    /// A peer connection goes over another pair of candidates.
    SelectedPair(SelectedPair<'a>),
    /// A second of a peer connection.
    ConnectionStats(ConnectionStats),
    /// A second of the page.
    PagePace(PagePace),
    /// Much waits in a data channel, or no longer does.
    BufferedAmount(BufferedAmount),
    /// More or less of a channel is recorded from now on.
    LevelChanged(LevelChanged<'a>),
    /// Messages of a channel were only counted.
    Counted(Counted),
    /// The network shaper went on, off, or took other rules.
    ShaperChanged(ShaperChanged<'a>),
}

/// The document that the hook started in. Texts are empty where nothing is known.
#[derive(Debug, Clone, PartialEq)]
pub struct PageStarted<'a> {
    /// Address of the document.
    pub url: Cow<'a, str>,
    /// Name that the browser gives itself.
    pub user_agent: Cow<'a, str>,
    /// Time origin of the page's clock, in milliseconds since 1970.
    pub time_origin_ms: Option<f64>,
    /// Where the document stands.
    pub placement: PagePlacement,
    /// Which of the inner documents it is: places from the top document down, and its name.
    pub frame_label: Option<Cow<'a, str>>,
    /// Version of the hook.
    pub hook_version: Option<u32>,
}

/// Where a document stands in its tab.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum PagePlacement {
    /// It is the document of the tab.
    Top,
    /// It stands in another document.
    Inner,
    /// The hook did not say.
    Unknown,
}

/// A new channel.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelOpened<'a> {
    /// What it is.
    pub kind: ChannelKind,
    /// What the hook says about it.
    pub details: ChannelDetails<'a>,
}

/// What a channel is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelKind {
    /// A dedicated worker.
    Worker,
    /// A shared worker.
    SharedWorker,
    /// A peer connection, which carries data channels.
    PeerConnection,
    /// A data channel of a peer connection.
    DataChannel,
    /// A web socket.
    WebSocket,
    /// Python that the page runs on its own thread: its calls are messages.
    Python,
    /// A kind that a newer hook has.
    Other(u8),
}

impl ChannelKind {
    /// Its name, for people.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Worker => "worker",
            Self::SharedWorker => "shared worker",
            Self::PeerConnection => "peer connection",
            Self::DataChannel => "data channel",
            Self::WebSocket => "web socket",
            Self::Python => "python",
            Self::Other(_) => "other",
        }
    }
}

/// What is known about a channel; `None` where it does not apply.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct ChannelDetails<'a> {
    /// Address of the worker's program or of the socket.
    pub url: Option<Cow<'a, str>>,
    /// Label of a data channel.
    pub label: Option<Cow<'a, str>>,
    /// The connection that carries a data channel.
    pub peer_connection: Option<ChannelId>,
    /// Whether a data channel keeps the order.
    pub ordered: Option<bool>,
    /// How often a data channel repeats a lost message.
    pub max_retransmits: Option<u32>,
    /// Protocol that was agreed on.
    pub protocol: Option<Cow<'a, str>>,
    /// Which side made a data channel.
    pub origin: Option<ChannelOrigin>,
}

/// Which side made a data channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum ChannelOrigin {
    /// This page.
    Local,
    /// The other peer.
    Remote,
}

/// A change of a channel's state.
#[derive(Debug, Clone, PartialEq)]
pub struct ChannelState<'a> {
    /// `open`, `closing`, `closed`, `error`, `terminated` or a state of a peer connection.
    pub state: Cow<'a, str>,
    /// The whole object with what else the hook says.
    pub details: Value<'a>,
}

/// A message; its time is that of the call or of the event.
#[derive(Debug, Clone, PartialEq)]
pub struct Message<'a> {
    /// How it was sent.
    pub flags: MessageFlags,
    /// What it holds.
    pub value: Value<'a>,
}

/// How a message was sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct MessageFlags(pub u8);

impl MessageFlags {
    /// Whether the page's own call threw, so that nothing was sent.
    #[must_use]
    pub const fn call_threw(self) -> bool {
        self.0 & 2 != 0
    }

    /// Whether the network shaper kept it back for good: a sent message never left the page, a
    /// received one never reached it.
    #[must_use]
    pub const fn is_withheld(self) -> bool {
        self.0 & 4 != 0
    }

    /// Whether the network shaper delayed it.
    #[must_use]
    pub const fn is_delayed(self) -> bool {
        self.0 & 8 != 0
    }

    /// Whether the network shaper made it a second time.
    #[must_use]
    pub const fn is_duplicated(self) -> bool {
        self.0 & 16 != 0
    }
}

/// Whether a user can see and use the page; `None` where the hook did not say.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct PageState {
    /// Whether the document is visible.
    pub is_visible: Option<bool>,
    /// Whether it has the focus.
    pub is_focused: Option<bool>,
}

/// Events that the hook saw and did not capture.
#[derive(Debug, Clone, PartialEq)]
pub struct Dropped<'a> {
    /// Where they happened. For [`ChannelId::PAGE`] they stood in whole chunks that were given up,
    /// so they had numbers of their own; otherwise this event has the number of the lost one.
    pub channel: ChannelId,
    /// How many.
    pub count: u32,
    /// Why, for people.
    pub reason: Cow<'a, str>,
}

/// The contents of a blob.
#[derive(Debug, Clone, PartialEq)]
pub struct BlobContents<'a> {
    /// Which blob of the page.
    pub number: BlobNumber,
    /// An array buffer.
    pub contents: Value<'a>,
}

/// The end of a document.
#[derive(Debug, Clone, PartialEq)]
pub struct PageEnded<'a> {
    /// `pagehide`, or `reverted` when the hook left the page.
    pub reason: Cow<'a, str>,
    /// Whether the browser keeps the document and may show it again.
    pub persisted: Option<bool>,
}
