//! The tally: which messages of a page were recorded in part, and which the network shaper touched.
//!
//! Reads every event that the assembly gives out; the sums go into the page's account.

use serde::Serialize;

use super::conditions::CaptureLevel;
use super::event::{CapturedEvent, ChannelId, EventKind, Message};
use super::value::{NotCapturedReason, Value};
use crate::sorted::SortedSet;

/// What the network shaper of the hook did to one page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct ShaperAccount {
    /// Whether it was on at any time.
    pub was_on: bool,
    /// Messages that it kept back for good.
    pub withheld: u64,
    /// Messages that it delayed.
    pub delayed: u64,
    /// Messages that it made twice.
    pub duplicated: u64,
}

/// The sums so far.
#[derive(Debug, Clone, Default)]
pub(super) struct Tally {
    pub(super) shaper: ShaperAccount,
    /// Messages that were only counted, because the rule for load lowered their channel.
    pub(super) counted_by_load: u64,
    /// Messages without what they held, for the same reason.
    pub(super) emptied_by_load: u64,
    lowered_by_load: SortedSet<ChannelId>,
}

/// Most channels that are known to be lowered at once; messages of further ones are not counted.
const MAX_LOWERED: usize = 4096;

impl Tally {
    pub(super) fn note(&mut self, event: &CapturedEvent<'_>) {
        let is_lowered = || self.lowered_by_load.contains(&event.channel);
        match &event.kind {
            EventKind::MessageSent(message) | EventKind::MessageReceived(message) => {
                let left_out =
                    matches!(message.value, Value::NotCaptured(NotCapturedReason::LeftOut, _));
                self.emptied_by_load += u64::from(left_out && is_lowered());
                self.note_shaped(message);
            }
            EventKind::Counted(counted) if is_lowered() => {
                self.counted_by_load += u64::from(counted.sent) + u64::from(counted.received);
            }
            EventKind::LevelChanged(change) => {
                let is_by_load = change.reason == "load" && change.level != CaptureLevel::Full;
                if !is_by_load {
                    self.lowered_by_load.remove(&event.channel);
                } else if self.lowered_by_load.len() < MAX_LOWERED {
                    self.lowered_by_load.insert(event.channel);
                }
            }
            EventKind::ShaperChanged(change) => self.shaper.was_on |= change.is_on,
            _ => {}
        }
    }

    fn note_shaped(&mut self, message: &Message<'_>) {
        self.shaper.withheld += u64::from(message.flags.is_withheld());
        self.shaper.delayed += u64::from(message.flags.is_delayed());
        self.shaper.duplicated += u64::from(message.flags.is_duplicated());
    }
}
