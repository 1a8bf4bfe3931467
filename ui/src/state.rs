//! What the user has chosen and what the browser has told: signals that all components share.

use rollscope::analysis::SessionRow;
use rollscope::frame::Frame;
use rollscope::timeline::{Axis, Filter};

use crate::address::Address;
use crate::chosen::Chosen;
use crate::draw::lanes::Choices;
use crate::range::Range;
use crate::settings::Settings;
use crate::signal::RwSignal;
use crate::store;
pub use crate::view::View;

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
    /// What became of the browser's own question for the permission.
    pub consent: Consent,
}

/// What became of the browser's own question whether a site may be recorded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Consent {
    /// It was not asked, or allowed.
    #[default]
    NotAsked,
    /// It stands open in the browser.
    Asked,
    /// It was answered with no, or closed.
    Refused,
}

/// Whether the second part of the panel is there, which holds the analysis.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum Loaded {
    /// It is on its way.
    #[default]
    Awaited,
    /// It is there.
    There,
    /// It cannot be loaded, for this reason.
    Missing(String),
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
    /// What the axis of timeline and minimap counts.
    pub axis: RwSignal<Axis>,
    /// Visible range, in units of the axis.
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
    /// Whether the analysis is there.
    pub analysis: RwSignal<Loaded>,
    /// Revision of the analysis that the views show.
    pub revision: RwSignal<u64>,
    /// Frames of the episode that the views show.
    pub total: RwSignal<u32>,
    /// Length of the axis, in units.
    pub extent: RwSignal<u32>,
    /// What the user chose of the timeline's lanes.
    pub lanes: RwSignal<Choices>,
    /// The filter as it was typed.
    pub filter_text: RwSignal<String>,
    /// The last filter that could be read.
    pub filter: RwSignal<Filter>,
    /// The user's markers in the shown episode: frame and text.
    pub markers: RwSignal<Vec<(Frame, String)>>,
    /// Whether the palette of commands is open.
    pub is_palette_open: RwSignal<bool>,
    /// Whether the list of sessions is open.
    pub is_sessions_open: RwSignal<bool>,
    /// What every session and episode comes to, as far as it was checked.
    pub sessions: RwSignal<Vec<SessionRow>>,
    /// Which of the files that were dropped together is being read, and how many these are.
    pub files: RwSignal<(usize, usize)>,
    /// Whether the menu of lanes is open.
    pub is_lanes_open: RwSignal<bool>,
    /// How far a capture file was read, in bytes of all; `None` while none is being opened.
    pub opening: RwSignal<Option<(usize, usize)>>,
    /// Counts up when colours changed.
    pub theme: RwSignal<u32>,
    /// Counts up when views are to look at the analysis at once.
    pub look_again: RwSignal<u32>,
    /// What the panel's address asks to show and is not shown yet.
    pub wanted: RwSignal<Option<Address>>,
    /// State of the connection.
    pub status: RwSignal<Status>,
    /// Name of the capture file that is open.
    pub opened: RwSignal<Option<String>>,
    /// An error that the user has not closed yet.
    pub error: RwSignal<Option<String>>,
    /// Settings of the hook as chosen here.
    pub settings: RwSignal<Settings>,
    /// What is chosen in the views of evidence.
    pub chosen: Chosen,
}

impl Default for Ui {
    /// The state at the beginning.
    fn default() -> Self {
        Self {
            view: RwSignal::new(View::Verdict),
            frame: RwSignal::new(None),
            rollback: RwSignal::new(None),
            finding: RwSignal::new(None),
            axis: RwSignal::new(Axis::Frame),
            range: RwSignal::new(Range::default()),
            is_following: RwSignal::new(true),
            is_fitted: RwSignal::new(true),
            is_frozen: RwSignal::new(false),
            is_help_open: RwSignal::new(false),
            is_pane_open: RwSignal::new(false),
            analysis: RwSignal::new(Loaded::Awaited),
            revision: RwSignal::new(0),
            total: RwSignal::new(0),
            extent: RwSignal::new(0),
            lanes: RwSignal::new(Choices::default()),
            filter_text: RwSignal::new(String::new()),
            filter: RwSignal::new(Filter::default()),
            markers: RwSignal::new(Vec::new()),
            is_palette_open: RwSignal::new(false),
            is_sessions_open: RwSignal::new(false),
            sessions: RwSignal::new(Vec::new()),
            files: RwSignal::new((0, 0)),
            is_lanes_open: RwSignal::new(false),
            opening: RwSignal::new(None),
            theme: RwSignal::new(0),
            look_again: RwSignal::new(0),
            wanted: RwSignal::new(None),
            status: RwSignal::new(Status::default()),
            opened: RwSignal::new(None),
            error: RwSignal::new(None),
            settings: RwSignal::new(Settings::default()),
            chosen: Chosen::default(),
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
        let shown = range.showing(self.place_of(frame), self.extent.get_untracked());
        if shown != range {
            self.set_range(shown);
        }
    }

    /// Middle of a frame on the axis, in units.
    pub fn place_of(self, frame: Frame) -> f64 {
        store::place_of(self.axis.get_untracked(), frame) + 0.5
    }

    /// Selects a rollback by its row and the frame where it was discovered.
    pub fn select_rollback(self, row: usize, frame: Frame) {
        self.select_frame(frame);
        self.rollback.set(Some(row));
    }

    /// Shows another range; following and fitting stop.
    pub fn set_range(self, range: Range) {
        self.is_following.set(false);
        self.is_fitted.set(range == Range::whole(self.extent.get_untracked()));
        self.range.set(range);
    }

    /// Takes the number of frames of the episode and the length of the axis in units; the range
    /// grows or follows if it is to.
    pub fn set_total(self, total: u32, extent: u32) {
        if self.total.get_untracked() != total {
            self.total.set(total);
        }
        if self.extent.get_untracked() == extent {
            return;
        }
        self.extent.set(extent);
        if self.is_fitted.get_untracked() {
            self.range.set(Range::whole(extent));
        } else if self.is_following.get_untracked() {
            self.range.update(|range| *range = range.following(extent));
        }
    }

    /// Counts something else on the axis; what was visible stays visible.
    pub fn set_axis(self, axis: Axis) {
        let before = self.axis.get_untracked();
        if before == axis {
            return;
        }
        let range = self.range.get_untracked();
        let ends = [range.first, range.end()].map(|unit| store::frame_at(before, unit));
        self.axis.set(axis);
        let extent = store::units(axis);
        self.extent.set(extent);
        if self.is_fitted.get_untracked() {
            self.range.set(Range::whole(extent));
        } else {
            let [from, to] = ends.map(|frame| store::place_of(axis, frame));
            self.range.set(Range::between(from, to, extent));
        }
    }

    /// Reads a filter; one that cannot be read leaves the last one on.
    pub fn set_filter(self, text: String) {
        if let Ok(filter) = Filter::parse(&text) {
            self.filter.set(filter);
        }
        self.filter_text.set(text);
    }

    /// Goes back to the beginning of selection and range: other content is shown now.
    pub fn forget_selection(self) {
        self.frame.set(None);
        self.rollback.set(None);
        self.finding.set(None);
        self.chosen.forget();
        self.is_pane_open.set(false);
        self.is_frozen.set(false);
        self.is_following.set(true);
        self.is_fitted.set(true);
        self.total.set(0);
        self.extent.set(0);
        self.range.set(Range::default());
        self.revision.update(|revision| *revision = revision.wrapping_add(1));
    }

    /// Opens the timeline around a frame.
    pub fn show_in_timeline(self, frame: Frame) {
        self.select_frame(frame);
        let extent = self.extent.get_untracked();
        let place = self.place_of(frame);
        self.set_range(self.range.get_untracked().around(place, 64.0, extent));
        self.view.set(View::Timeline);
    }
}
