//! The dialect of MUG's matchmaking probes: channels that measure round trips between two pages that
//! may become peers, under the same label as a game's (MUG wire notes, §2.1).

use super::memory::{Memory, clipped};
use super::native::text;
use super::{Dialect, Place, Sink, json};
use crate::capture::{ChannelKind, Value};
use crate::issue::IssueLog;

/// Place of the dialect's issues.
const PLACE: &str = "p2p_probe data channel";

/// The dialect.
pub(super) struct P2pProbe;

impl Dialect for P2pProbe {
    fn name(&self) -> &'static str {
        "p2p_probe"
    }

    fn documentation(&self) -> &'static str {
        "MUG's matchmaking probes: JSON pings and pongs with a sequence number on a data channel of \
         their own, labelled as a game's. They belong to no game, so nothing is concluded from them; \
         they are recognised so that they are not taken for one."
    }

    fn recognises(&self, place: &Place, message: &Value<'_>) -> bool {
        place.kind == ChannelKind::DataChannel
            && message.as_str().and_then(json::read).is_some_and(|object| is_probe(&object))
    }

    fn read(
        &self,
        _place: &Place,
        message: &Value<'_>,
        _memory: &mut Memory<'_>,
        _sink: &mut Sink<'_>,
        issues: &mut IssueLog,
    ) {
        let object = message.as_str().and_then(json::read);
        if object.as_ref().is_some_and(is_probe) {
            return;
        }
        let kind = object.as_ref().and_then(|object| text(object, "type")).unwrap_or_default();
        issues.push(PLACE, format!("a message that is no probe, of type {:?}", clipped(kind)));
    }
}

fn is_probe(object: &Value<'_>) -> bool {
    matches!(text(object, "type"), Some("ping" | "pong"))
        && object.get("seq").is_some()
        && object.get("ts").is_some()
}
