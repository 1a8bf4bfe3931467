//! What the capture saw and what of it was understood: the empty state, and trust in the capture.

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
