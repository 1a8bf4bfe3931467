//! What the user has chosen and what the browser has told: signals that all components share.

use leptos::prelude::*;
use rollscope::frame::Frame;

use crate::range::Range;

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

/// State of the connection to the observed page.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Connection {
    /// Waiting for the hook.
    #[default]
    Connecting,
    /// Chunks arrive.
    Recording,
    /// The page or the extension went away.
    Detached,
    /// The user has not allowed this origin yet.
    NotAllowed,
    /// An ordinary page on a capture file.
    File,
}

/// What the boot glue says about the connection.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Status {
    /// Its state.
    pub connection: Connection,
    /// Origin of the page.
    pub origin: String,
    /// Address of the page.
    pub url: String,
}

/// Everything that is shared.
#[derive(Clone, Copy)]
pub struct Ui {
    /// The view on screen.
    pub view: RwSignal<View>,
    /// The frame at the playhead.
    pub frame: RwSignal<Option<Frame>>,
    /// The selected rollback, by its row.
    pub rollback: RwSignal<Option<usize>>,
    /// The selected finding, by its place.
    pub finding: RwSignal<Option<usize>>,
    /// Visible range of frames.
    pub range: RwSignal<Range>,
    /// Whether the range follows the newest frame.
    pub is_following: RwSignal<bool>,
    /// Whether the range still is the whole episode, which then keeps fitting as it grows.
    pub is_fitted: RwSignal<bool>,
    /// Whether the views stand still while capturing goes on.
    pub is_frozen: RwSignal<bool>,
    /// Whether the list of keys is open.
    pub is_help_open: RwSignal<bool>,
    /// Whether the selection pane is open where it covers the view.
    pub is_pane_open: RwSignal<bool>,
    /// Revision of the analysis that the views show.
    pub revision: RwSignal<u64>,
    /// Frames of the episode that the views show.
    pub total: RwSignal<u32>,
    /// Counts up when colours changed.
    pub theme: RwSignal<u32>,
    /// State of the connection.
    pub status: RwSignal<Status>,
    /// Name of the capture file that is open.
    pub opened: RwSignal<Option<String>>,
    /// An error that the user has not closed yet.
    pub error: RwSignal<Option<String>>,
}

impl Default for Ui {
    /// The state at the beginning.
    fn default() -> Self {
        Self {
            view: RwSignal::new(View::Verdict),
            frame: RwSignal::new(None),
            rollback: RwSignal::new(None),
            finding: RwSignal::new(None),
            range: RwSignal::new(Range::default()),
            is_following: RwSignal::new(true),
            is_fitted: RwSignal::new(true),
            is_frozen: RwSignal::new(false),
            is_help_open: RwSignal::new(false),
            is_pane_open: RwSignal::new(false),
            revision: RwSignal::new(0),
            total: RwSignal::new(0),
            theme: RwSignal::new(0),
            status: RwSignal::new(Status::default()),
            opened: RwSignal::new(None),
            error: RwSignal::new(None),
        }
    }
}

impl Ui {
    /// Selects a frame and brings it into the visible range.
    pub fn select_frame(self, frame: Frame) {
        let total = self.total.get_untracked();
        let frame = Frame(frame.0.min(total.saturating_sub(1)));
        self.rollback.set(None);
        self.frame.set(Some(frame));
        self.is_pane_open.set(true);
        let range = self.range.get_untracked();
        let shown = range.showing(frame.0, total);
        if shown != range {
            self.set_range(shown);
        }
    }

    /// Selects a rollback by its row and the frame where it was discovered.
    pub fn select_rollback(self, row: usize, frame: Frame) {
        self.select_frame(frame);
        self.rollback.set(Some(row));
    }

    /// Shows another range; following and fitting stop.
    pub fn set_range(self, range: Range) {
        self.is_following.set(false);
        self.is_fitted.set(range == Range::whole(self.total.get_untracked()));
        self.range.set(range);
    }

    /// Takes the number of frames of the episode; the range grows or follows if it is to.
    pub fn set_total(self, total: u32) {
        if self.total.get_untracked() == total {
            return;
        }
        self.total.set(total);
        if self.is_fitted.get_untracked() {
            self.range.set(Range::whole(total));
        } else if self.is_following.get_untracked() {
            self.range.update(|range| *range = range.following(total));
        }
    }

    /// Goes back to the beginning of selection and range: other content is shown now.
    pub fn forget_selection(self) {
        self.frame.set(None);
        self.rollback.set(None);
        self.finding.set(None);
        self.is_pane_open.set(false);
        self.is_frozen.set(false);
        self.is_following.set(true);
        self.is_fitted.set(true);
        self.total.set(0);
        self.range.set(Range::default());
        self.revision.update(|revision| *revision = revision.wrapping_add(1));
    }

    /// Opens the timeline around a frame.
    pub fn show_in_timeline(self, frame: Frame) {
        let total = self.total.get_untracked();
        self.select_frame(frame);
        self.set_range(self.range.get_untracked().around(frame.0, 64.0, total));
        self.view.set(View::Timeline);
    }
}
