//! The Capture view: what the hook saw, what is missing and why, which dialects speak, what it costs.

use super::{Analysis, rows};
use crate::capture::{CaptureLevel, ChannelKind, PageAccount};
use crate::dialect::DIALECTS;
use crate::timeline::LossRow;
use crate::traffic::Hole;

/// Everything that the Capture view shows of a capture.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct CaptureView {
    /// Every observed document.
    pub pages: Vec<PageView>,
    /// Events that are missing.
    pub losses: Vec<LossRow>,
    /// Messages without their content.
    pub holes: Vec<HoleView>,
    /// Every channel in order of appearance.
    pub channels: Vec<ChannelView>,
    /// Dialects that are known: name, and what each reads.
    pub dialects: Vec<(&'static str, &'static str)>,
    /// Bytes of chunks that are kept, the most that may be, and chunks that stayed out.
    pub kept: (u64, u64, u64),
    /// Bytes that the index of messages takes, and messages beyond it.
    pub index: (u64, u64),
    /// Bytes that the lanes of the timeline take.
    pub lanes_bytes: u64,
    /// Whether the network shaper is on.
    pub is_shaped: bool,
}

/// One observed document.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PageView {
    /// Its player, or what kind of document it is.
    pub name: String,
    /// Its address.
    pub url: String,
    /// What happened to its events.
    pub account: PageAccount,
    /// Time from its first to its last event, in microseconds.
    pub duration_micros: u64,
}

/// Messages of one channel without their content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct HoleView {
    /// The channel by its name.
    pub channel: String,
    /// The hole.
    pub hole: Hole,
}

/// One channel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChannelView {
    /// Kind for people, and as rules name it.
    pub kind: (&'static str, &'static str),
    /// Address or label.
    pub label: String,
    /// Messages sent and received.
    pub messages: (u64, u64),
    /// Its dialect.
    pub dialect: Option<&'static str>,
    /// How much of it is recorded: `full`, `headers`, `counters`; and who chose it.
    pub level: (&'static str, String),
}

impl Analysis {
    /// The Capture view.
    #[must_use]
    pub fn capture_view(&self) -> CaptureView {
        let accounts: Vec<_> = self.assembler.accounts().collect();
        let account_of = |source: usize| {
            let known = accounts.iter().find(|(page, _)| {
                self.reader.source_of(*page).is_some_and(|known| usize::from(known.0) == source)
            });
            known.map(|(_, account)| *account).unwrap_or_default()
        };
        let pages = self.reader.pages().iter().enumerate().map(|(source, page)| {
            let player = self.session.player_at(source_id(source));
            PageView {
                name: player.map_or_else(
                    || if page.is_inner { "inner page" } else { "page" }.to_owned(),
                    |player| player.to_string(),
                ),
                url: page.url.clone(),
                account: account_of(source),
                duration_micros: page.seen.map_or(0, |(first, last)| last.since(first)),
            }
        });
        let holes = self.holes.holes().map(|hole| HoleView {
            channel: self.channel_name(hole.source, hole.channel),
            hole: hole.clone(),
        });
        let channels = self.reader.numbered_channels().map(|(number, channel)| {
            let level = self.holes.level(channel.source, number);
            ChannelView {
                kind: (channel.kind.name(), rule_name(channel.kind)),
                label: channel.label.clone(),
                messages: (channel.sent, channel.received),
                dialect: channel.dialect(),
                level: level.map_or(("full", String::new()), |level| {
                    (level_name(level.level), level.reason.clone())
                }),
            }
        });
        CaptureView {
            pages: pages.collect(),
            losses: self
                .assembler
                .losses()
                .map(|(page, loss)| rows::loss(page, loss, &self.reader))
                .collect(),
            holes: holes.collect(),
            channels: channels.collect(),
            dialects: DIALECTS.iter().map(|one| (one.name(), one.documentation())).collect(),
            kept: (self.kept.bytes() as u64, self.kept.max_bytes() as u64, self.kept.left_out()),
            index: (self.traffic.bytes() as u64, self.traffic.left_out()),
            lanes_bytes: self.lane_bytes() as u64,
            is_shaped: self.holes.is_shaped(),
        }
    }
}

fn source_id(place: usize) -> crate::observation::SourceId {
    crate::observation::SourceId(u16::try_from(place).unwrap_or(u16::MAX))
}

const fn level_name(level: CaptureLevel) -> &'static str {
    match level {
        CaptureLevel::Headers => "headers",
        CaptureLevel::Counters => "counters",
        _ => "full",
    }
}

/// The kind as the rules of the hook name it (`docs/standalone.md`).
const fn rule_name(kind: ChannelKind) -> &'static str {
    match kind {
        ChannelKind::Worker => "worker",
        ChannelKind::SharedWorker => "sharedWorker",
        ChannelKind::PeerConnection => "peerConnection",
        ChannelKind::DataChannel => "dataChannel",
        ChannelKind::WebSocket => "webSocket",
        ChannelKind::Python => "python",
        ChannelKind::Other(_) => "",
    }
}
