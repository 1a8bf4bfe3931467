//! The views and their names.

/// The views of the rail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum View {
    /// Can this session be trusted?
    Verdict,
    /// What happened, in which order?
    Timeline,
    /// What did each rollback cost?
    Rollbacks,
    /// What differs, since when?
    State,
    /// What exactly was sent?
    Traffic,
    /// How much is known?
    Checks,
    /// What goes into the files?
    Report,
    /// Can I trust the capture? Opened by the gear, not in the rail.
    Capture,
}

impl View {
    /// In the order of the rail.
    pub const RAIL: [Self; 7] = [
        Self::Verdict,
        Self::Timeline,
        Self::Rollbacks,
        Self::State,
        Self::Traffic,
        Self::Checks,
        Self::Report,
    ];

    /// Every view, those of the rail first.
    pub const ALL: [Self; 8] = [
        Self::Verdict,
        Self::Timeline,
        Self::Rollbacks,
        Self::State,
        Self::Traffic,
        Self::Checks,
        Self::Report,
        Self::Capture,
    ];

    /// Name in the rail.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Verdict => "Verdict",
            Self::Timeline => "Timeline",
            Self::Rollbacks => "Rollbacks",
            Self::State => "State",
            Self::Traffic => "Traffic",
            Self::Checks => "Checks",
            Self::Report => "Report",
            Self::Capture => "Capture",
        }
    }

    /// Name in the document.
    pub const fn id(self) -> &'static str {
        match self {
            Self::Verdict => "verdict",
            Self::Timeline => "timeline",
            Self::Rollbacks => "rollbacks",
            Self::State => "state",
            Self::Traffic => "traffic",
            Self::Checks => "checks",
            Self::Report => "report",
            Self::Capture => "capture",
        }
    }
}
