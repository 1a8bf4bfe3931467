//! What was recorded in part: messages that were only counted, or whose content is not in the capture, by
//! channel, interval and reason; and how much of each channel is recorded.

use crate::capture::{CaptureLevel, CapturedEvent, EventKind, Message, NotCapturedReason, Value};
use crate::observation::SourceId;
use crate::sorted::SortedMap;
use crate::time::Micros;

/// Most holes that are told apart; what comes later adds to the last one of its channel, or is only in
/// the page's account.
const MAX_HOLES: usize = 512;

/// Messages without their content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Hole {
    /// Its document.
    pub source: SourceId,
    /// Its channel; 0 is the page itself.
    pub channel: u32,
    /// Why, for people.
    pub reason: &'static str,
    /// Messages.
    pub count: u64,
    /// When the first and the last of them were noted, on the page's clock.
    pub interval: (Micros, Micros),
}

/// How much of a channel is recorded now, and who chose it: `user` or `load`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelLevel {
    /// How much.
    pub level: CaptureLevel,
    /// Who chose it.
    pub reason: String,
}

/// The holes of a capture.
#[derive(Debug, Clone, Default)]
pub struct HoleLog {
    holes: SortedMap<(u16, u32, &'static str), Hole>,
    levels: SortedMap<(u16, u32), ChannelLevel>,
    shaped: SortedMap<u16, bool>,
}

impl HoleLog {
    /// Takes one event of a document.
    pub fn handle(&mut self, event: &CapturedEvent<'_>, source: SourceId) {
        match &event.kind {
            EventKind::Counted(counted) => {
                let count = u64::from(counted.sent) + u64::from(counted.received);
                self.add(event, source, "counted only: level counters", count);
            }
            EventKind::MessageSent(message) | EventKind::MessageReceived(message) => {
                if let Some(reason) = reason_of(message) {
                    self.add(event, source, reason, 1);
                }
            }
            EventKind::LevelChanged(change) => {
                let level = ChannelLevel {
                    level: change.level,
                    reason: change.reason.clone().into_owned(),
                };
                if self.levels.len() < MAX_HOLES {
                    self.levels.insert((source.0, event.channel.0), level);
                }
            }
            EventKind::ShaperChanged(change) => {
                self.shaped.insert(source.0, change.is_on);
            }
            _ => {}
        }
    }

    /// The holes, by document, channel and reason.
    pub fn holes(&self) -> impl Iterator<Item = &Hole> {
        self.holes.values()
    }

    /// How much of a channel is recorded; `None` while nothing changed it: everything.
    #[must_use]
    pub fn level(&self, source: SourceId, channel: u32) -> Option<&ChannelLevel> {
        self.levels.get(&(source.0, channel))
    }

    /// Whether the network shaper is on in any document.
    #[must_use]
    pub fn is_shaped(&self) -> bool {
        self.shaped.values().any(|is_on| *is_on)
    }

    fn add(
        &mut self,
        event: &CapturedEvent<'_>,
        source: SourceId,
        reason: &'static str,
        count: u64,
    ) {
        let channel = event.channel.0;
        let key = (source.0, channel, reason);
        if let Some(hole) = self.holes.get_mut(&key) {
            hole.count = hole.count.saturating_add(count);
            hole.interval.1 = hole.interval.1.max(event.time);
        } else if self.holes.len() < MAX_HOLES {
            let interval = (event.time, event.time);
            self.holes.insert(key, Hole { source, channel, reason, count, interval });
        }
    }
}

/// Why a message lacks what it held; `None` if it does not.
fn reason_of(message: &Message<'_>) -> Option<&'static str> {
    match &message.value {
        Value::NotCaptured(NotCapturedReason::LeftOut, _) => {
            Some("content left out: level headers")
        }
        Value::NotCaptured(NotCapturedReason::TooLarge, _) => Some("content too large"),
        Value::NotCaptured(NotCapturedReason::TextLost, _) => Some("content in a lost chunk"),
        Value::NotCaptured(..) => Some("content could not be copied"),
        Value::Unreadable => Some("content damaged"),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::capture::{CaptureSeq, ChannelId, Counted, LevelChanged, MessageFlags, PageId};

    fn event(millis: u64, channel: u32, kind: EventKind<'_>) -> CapturedEvent<'_> {
        CapturedEvent {
            page: PageId::default(),
            seq: CaptureSeq(0),
            time: Micros(millis * 1000),
            channel: ChannelId(channel),
            kind,
        }
    }

    #[test]
    fn holes_are_told_apart_by_channel_and_reason() {
        let mut log = HoleLog::default();
        let left_out = || {
            let value = Value::NotCaptured(NotCapturedReason::LeftOut, "string of 5 units".into());
            EventKind::MessageSent(Message { flags: MessageFlags::default(), value })
        };
        log.handle(&event(10, 3, left_out()), SourceId(0));
        log.handle(&event(90, 3, left_out()), SourceId(0));
        let counted = Counted { sent: 2, received: 5, span_ms: None };
        log.handle(&event(20, 4, EventKind::Counted(counted)), SourceId(0));
        let holes: Vec<_> = log
            .holes()
            .map(|hole| (hole.channel, hole.reason, hole.count, hole.interval.1.0))
            .collect();
        assert_eq!(
            holes,
            [
                (3, "content left out: level headers", 2, 90_000),
                (4, "counted only: level counters", 7, 20_000)
            ]
        );
        let level = CaptureLevel::Headers;
        let changed = LevelChanged { level, reason: "load".into(), load_bytes: None };
        log.handle(&event(40, 4, EventKind::LevelChanged(changed)), SourceId(0));
        assert_eq!(log.level(SourceId(0), 4).map(|one| one.level), Some(CaptureLevel::Headers));
        assert_eq!(log.level(SourceId(0), 3), None);
        assert!(!log.is_shaped());
    }
}
