//! The selection pane: one frame, peers as columns.

use crate::frame::Frame;
use crate::observation::Evidence;

/// One line of the pane.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectionRow {
    /// What.
    pub label: &'static str,
    /// One text per peer; `None` is not known.
    pub values: Vec<Option<String>>,
}

/// Name of one peer column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PeerColumn {
    /// `P1`, `P2`, …
    pub name: String,
}

/// Everything known of one frame.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SelectionView {
    /// The frame.
    pub frame: Frame,
    /// The peers.
    pub peers: Vec<PeerColumn>,
    /// What is known per peer: state hash, compared, stepped, actions, was, rollbacks, lag.
    pub rows: Vec<SelectionRow>,
    /// Evidence: label, text, and the event that shows it, where there is one.
    pub evidence: Vec<(String, String, Option<Evidence>)>,
}
