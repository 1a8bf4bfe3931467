//! What the capture saw and what of it was understood: the empty state, and trust in the capture.

use crate::fixed::Fixed;

use serde::Serialize;

/// One channel of an observed page.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct ChannelRow {
    /// `worker`, `data channel`, `web socket`, …
    pub kind: &'static str,
    /// Address or label.
    pub label: String,
    /// Messages sent by the page.
    pub sent: u64,
    /// Messages received by the page.
    pub received: u64,
    /// Name of the dialect that its messages were recognised as.
    pub dialect: Option<&'static str>,
}

/// Events that were seen in a document and are not in the capture.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct LossRow {
    /// Address of the document, and which inner document it is.
    pub page: String,
    /// How many events; 0 if nobody knows.
    pub events: u64,
    /// How many of them on each channel; empty if nobody knows.
    pub channels: Vec<(String, u64)>,
    /// Time of the first of them on the document's clock, or of the last event before them.
    pub from_micros: u64,
    /// Time of the last of them, or of the first event after them.
    pub until_micros: u64,
    /// Why, for people.
    pub reason: String,
}

impl LossRow {
    /// One sentence for people.
    #[must_use]
    pub fn text(&self) -> String {
        let seconds = |micros: u64| micros as f64 / 1e6;
        let events = match self.events {
            0 => "An unknown number of events".to_owned(),
            1 => "1 event".to_owned(),
            events => format!("{events} events"),
        };
        let mut channels: Vec<String> = self
            .channels
            .iter()
            .take(4)
            .map(|(name, count)| format!("{count} of {name}"))
            .collect();
        if self.channels.len() > channels.len() {
            channels.push(format!("and {} further channels", self.channels.len() - channels.len()));
        }
        let of =
            if channels.is_empty() { String::new() } else { format!(": {}", channels.join(", ")) };
        format!(
            "{events} missing from {:.1} s to {:.1} s of {} ({}){of}.",
            Fixed(seconds(self.from_micros)),
            Fixed(seconds(self.until_micros)),
            if self.page.is_empty() { "a document" } else { &self.page },
            self.reason,
        )
    }
}

/// What came in and what became of it.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct HealthView {
    /// Documents that the hook reported from: top and inner ones.
    pub pages: u32,
    /// Of these, inner documents.
    pub inner_pages: u32,
    /// Address of the newest top document.
    pub url: Option<String>,
    /// Bytes of chunks taken in.
    pub bytes: u64,
    /// Events delivered.
    pub events: u64,
    /// Events dropped in the page or lost on the way.
    pub lost_events: u64,
    /// Every channel in order of appearance.
    pub channels: Vec<ChannelRow>,
    /// Which events are missing.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub losses: Vec<LossRow>,
    /// Unreadable things: place, text, count.
    pub issues: Vec<(String, String, u64)>,
    /// Names of the dialects that were looked for. Not part of a report: it tells of the program
    /// that reads a session and not of the session.
    #[serde(skip)]
    pub dialects: Vec<&'static str>,
    /// Time from the first to the last event, in microseconds.
    pub duration_micros: u64,
    /// Set when a capture file was cut off or damaged: what, where, and what is shown.
    pub file_notice: Option<String>,
}
