//! The facade: captured bytes in, view models and reports out. Panel and command line use only this.

use std::ops::Range;

use crate::frame::Frame;
use crate::timeline::{
    HealthView, MinimapView, RollbackRow, SavingsView, SelectionView, TimelineView, VerdictView,
};

/// Everything known of what was captured so far.
#[derive(Debug, Default)]
pub struct Analysis {
    revision: u64,
}

/// Why a capture file could not be opened; the text names what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The file is not a capture, or of a newer version.
    #[error("{0}")]
    File(String),
}

impl Analysis {
    /// An empty analysis.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Takes one chunk from the hook. Chunks may come twice and out of order; what cannot be read
    /// becomes an issue in [`Analysis::health`].
    pub fn handle_chunk(&mut self, chunk: &[u8]) {
        let _ = chunk;
        self.revision += 1;
    }

    /// Takes a whole capture file. A cut-off or damaged file gives what stands before the damage
    /// and a notice in [`Analysis::health`].
    ///
    /// # Errors
    ///
    /// [`OpenError`] when the bytes are no capture file, or one of a newer version.
    pub fn open_file(&mut self, bytes: &[u8]) -> Result<(), OpenError> {
        let _ = bytes;
        self.revision += 1;
        Ok(())
    }

    /// Everything captured so far as a capture file; `created_at_ms` is the time since the epoch.
    #[must_use]
    pub fn capture_file(&self, created_at_ms: f64) -> Vec<u8> {
        let _ = created_at_ms;
        Vec::new()
    }

    /// Counts up whenever anything that the views show may have changed.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Whether traffic of a known dialect was seen.
    #[must_use]
    pub fn has_session(&self) -> bool {
        false
    }

    /// Number of episodes so far; the views show the newest one.
    #[must_use]
    pub fn episodes(&self) -> u32 {
        0
    }

    /// The Verdict view.
    #[must_use]
    pub fn verdict(&self) -> VerdictView {
        unimplemented!()
    }

    /// The lanes from frame `first` on, in `columns` columns of `frames_per_column` frames each.
    #[must_use]
    pub fn timeline(&self, first: Frame, frames_per_column: u32, columns: usize) -> TimelineView {
        let _ = (first, frames_per_column, columns);
        TimelineView::default()
    }

    /// The whole episode in `columns` columns.
    #[must_use]
    pub fn minimap(&self, columns: usize) -> MinimapView {
        let _ = columns;
        MinimapView::default()
    }

    /// Number of executed rollbacks of all peers.
    #[must_use]
    pub fn rollback_count(&self) -> usize {
        0
    }

    /// Rows of the table of rollbacks, in order of execution; rows past the end are left out.
    #[must_use]
    pub fn rollbacks(&self, rows: Range<usize>) -> Vec<RollbackRow> {
        let _ = rows;
        Vec::new()
    }

    /// What batching saved and what single requests would have cost.
    #[must_use]
    pub fn savings(&self) -> SavingsView {
        SavingsView::default()
    }

    /// Everything known of one frame.
    #[must_use]
    pub fn selection(&self, frame: Frame) -> SelectionView {
        SelectionView { frame, peers: Vec::new(), rows: Vec::new(), evidence: Vec::new() }
    }

    /// What the capture saw and what of it was understood.
    #[must_use]
    pub fn health(&self) -> HealthView {
        HealthView::default()
    }

    /// The session report as JSON text.
    #[must_use]
    pub fn report_json(&self) -> String {
        String::new()
    }

    /// The session report as a self-contained HTML page.
    #[must_use]
    pub fn report_html(&self) -> String {
        String::new()
    }
}
