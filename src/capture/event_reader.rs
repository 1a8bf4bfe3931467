//! From the objects that the hook writes about pages and channels to typed events.
//!
//! Fields that are absent or of another type stay unknown; that is for the reader of the event to
//! judge.

use super::conditions::text;
use super::event::{
    ChannelDetails, ChannelId, ChannelKind, ChannelOrigin, ChannelState, Dropped, PageEnded,
    PagePlacement, PageStarted, PageState,
};
use super::value::Value;

impl ChannelKind {
    pub(super) fn from_number(number: u8) -> Self {
        match number {
            1 => Self::Worker,
            2 => Self::SharedWorker,
            3 => Self::PeerConnection,
            4 => Self::DataChannel,
            5 => Self::WebSocket,
            6 => Self::Python,
            other => Self::Other(other),
        }
    }

    pub(super) fn number(self) -> u8 {
        match self {
            Self::Worker => 1,
            Self::SharedWorker => 2,
            Self::PeerConnection => 3,
            Self::DataChannel => 4,
            Self::WebSocket => 5,
            Self::Python => 6,
            Self::Other(other) => other,
        }
    }
}

impl<'a> From<&Value<'a>> for PageStarted<'a> {
    fn from(value: &Value<'a>) -> Self {
        Self {
            url: text(value, "url").unwrap_or_default(),
            user_agent: text(value, "userAgent").unwrap_or_default(),
            time_origin_ms: value.get("timeOrigin").and_then(Value::as_f64),
            frame_label: text(value, "frameLabel"),
            placement: match value.get("frame").and_then(Value::as_str) {
                Some("top") => PagePlacement::Top,
                Some("inner") => PagePlacement::Inner,
                _ => PagePlacement::Unknown,
            },
            hook_version: value.get("hookVersion").and_then(Value::as_u32),
        }
    }
}

impl<'a> From<&Value<'a>> for ChannelDetails<'a> {
    fn from(value: &Value<'a>) -> Self {
        Self {
            url: text(value, "url"),
            label: text(value, "label"),
            peer_connection: value.get("peerConnection").and_then(Value::as_u32).map(ChannelId),
            ordered: value.get("ordered").and_then(Value::as_bool),
            max_retransmits: value.get("maxRetransmits").and_then(Value::as_u32),
            protocol: text(value, "protocol"),
            origin: match value.get("origin").and_then(Value::as_str) {
                Some("local") => Some(ChannelOrigin::Local),
                Some("remote") => Some(ChannelOrigin::Remote),
                _ => None,
            },
        }
    }
}

impl<'a> From<Value<'a>> for ChannelState<'a> {
    fn from(details: Value<'a>) -> Self {
        Self { state: text(&details, "state").unwrap_or_default(), details }
    }
}

impl From<&Value<'_>> for PageState {
    fn from(value: &Value<'_>) -> Self {
        Self {
            is_visible: match value.get("visibility").and_then(Value::as_str) {
                Some("visible") => Some(true),
                Some("hidden") => Some(false),
                _ => None,
            },
            is_focused: value.get("focused").and_then(Value::as_bool),
        }
    }
}

impl<'a> From<&Value<'a>> for Dropped<'a> {
    fn from(value: &Value<'a>) -> Self {
        Self {
            channel: ChannelId(value.get("channel").and_then(Value::as_u32).unwrap_or(0)),
            count: value.get("count").and_then(Value::as_u32).unwrap_or(0),
            reason: text(value, "reason").unwrap_or_default(),
        }
    }
}

impl<'a> From<&Value<'a>> for PageEnded<'a> {
    fn from(value: &Value<'a>) -> Self {
        Self {
            reason: text(value, "reason").unwrap_or_default(),
            persisted: value.get("persisted").and_then(Value::as_bool),
        }
    }
}
