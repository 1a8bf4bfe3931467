//! The facade: captured bytes in, view models and reports out. Panel and command line use only this.

mod capture_view;
mod checking;
mod evidence;
mod files;
mod health;
mod lanes;
mod lines;
mod markers;
mod opening;
mod ordering;
mod overview;
mod rows;
mod sizes;

pub use capture_view::{CaptureView, ChannelView, HoleView, PageView};

use std::cell::{OnceCell, RefCell};
use std::ops::Range;

use checking::Checking;
use files::OpenedFile;
pub use opening::{Opening, Progress};
use ordering::Ordering;
use overview::Overview;
pub use overview::SessionRow;

use crate::capture::{
    Arrival, Assembler, CaptureFile, CapturedEvent, FileError, FileHeader, FileWriter, KeptChunks,
    Marker, Sink, recorder,
};
use crate::dialect::DialectReader;
use crate::frame::Frame;
use crate::issue::IssueLog;
use crate::observation::Observation;
use crate::report::{Format, Html, Json, Report};
use crate::session::{AnswerError, Game, Session};
use crate::summary::{Choice, GameChoice, choices};
use crate::timeline::{
    LaneCache, RollbackRow, SavingsView, SelectionView, VerdictView, rollback_count, rollback_rows,
};
use crate::traffic::{EventIndex, Facts, HoleLog, Seen};
use crate::verify::SessionCheck;

/// Chunks between two counts of what a long session takes beside them.
const RECOUNT_CHUNKS: u64 = 64;

/// Everything known of what was captured so far.
#[derive(Debug, Default)]
pub struct Analysis {
    assembler: Assembler,
    reader: DialectReader,
    session: Session,
    capture_issues: IssueLog,
    // Those of what is not kept: files of other programs, and bytes that are no chunk.
    lasting_issues: IssueLog,
    dialect_issues: IssueLog,
    kept: KeptChunks,
    order: Ordering,
    // What index and lanes took when it was last counted.
    beside_bytes: usize,
    traffic: EventIndex,
    holes: HoleLog,
    files: Vec<OpenedFile>,
    revision: u64,
    choice: Choice,
    lanes: RefCell<LaneCache>,
    // In order, without two at one place.
    markers: Vec<Marker>,
    // The Verdict view runs every check: it is kept until something new comes in.
    verdict: OnceCell<VerdictView>,
    checking: Checking,
    overview: Overview,
}

/// Why a capture file could not be opened; the text names what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OpenError {
    /// The file is not a capture, or one of a newer version.
    #[error(transparent)]
    File(#[from] FileError),
}

impl Analysis {
    /// An empty analysis.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// Says a setting of the games whose traffic does not say it, before any of it comes: what the
    /// traffic says wins.
    ///
    /// # Errors
    ///
    /// [`AnswerError`] for an unknown name or a value that the setting cannot have.
    pub fn answer(&mut self, name: &str, value: &str) -> Result<(), AnswerError> {
        self.session.answers.set(name, value)
    }

    /// Takes one chunk from the hook. Chunks may come twice and out of order; what cannot be read
    /// becomes an issue in [`Analysis::health`].
    pub fn handle_chunk(&mut self, chunk: &[u8]) {
        self.take_chunk(chunk);
        self.order_if_it_pays();
    }

    /// Takes one chunk; one that comes late stays out until the chunks are put in order.
    fn take_chunk(&mut self, chunk: &[u8]) {
        let mut noted = IssueLog::default();
        let arrival =
            self.feed(&mut |assembler, sink| assembler.handle_chunk(chunk, &mut noted, sink));
        self.note_issues(noted, arrival == Arrival::Refused);
        self.overview.note_change();
        self.note_change();
        match arrival {
            Arrival::Repeated | Arrival::Refused => return,
            Arrival::Late => self.order.note_late(),
            Arrival::Taken => {}
        }
        // What grows with the session beside its chunks counts as well; counting takes longer the more
        // there is of it, so that of a long session it is done now and then.
        let seen = self.kept.seen();
        if seen < RECOUNT_CHUNKS || seen.is_multiple_of(RECOUNT_CHUNKS) {
            self.beside_bytes = self.traffic.bytes() + self.lanes.get_mut().bytes();
        }
        self.kept.keep(chunk, self.beside_bytes);
    }

    /// Takes a whole capture file, or a recording of the form `recorder_jsonl`. A cut-off or damaged file gives what stands before the damage
    /// and a notice in [`Analysis::health`].
    ///
    /// # Errors
    ///
    /// [`OpenError`] when the bytes are no capture file, or one of a newer version.
    pub fn open_file(&mut self, bytes: &[u8]) -> Result<(), OpenError> {
        self.open_named("", bytes)
    }

    /// The same of a file that has a name.
    ///
    /// # Errors
    ///
    /// As of [`Analysis::open_file`].
    pub fn open_named(&mut self, name: &str, bytes: &[u8]) -> Result<(), OpenError> {
        if recorder::is_recording(bytes) {
            let mut issues = IssueLog::default();
            recorder::import(bytes, &mut issues, &mut |chunk| self.take_chunk(chunk));
            self.note_issues(issues, true);
            self.flush();
            self.note_file(name, None);
            return Ok(());
        }
        let mut file = CaptureFile::open(bytes)?;
        for chunk in file.by_ref() {
            self.take_chunk(chunk);
        }
        self.finish_file(name, &file);
        Ok(())
    }

    fn finish_file(&mut self, name: &str, file: &CaptureFile<'_>) {
        self.flush();
        for marker in file.markers() {
            self.add_marker(marker.clone());
        }
        self.note_file(name, file.end().as_ref().and_then(health::notice));
        self.overview = Overview::default();
        self.note_change();
    }

    /// Says that nothing more can come: chunks that wait for missing ones are given out, and the
    /// missing ones count as lost. Chunks that came late are put where they belong.
    pub fn flush(&mut self) {
        self.give_out_waiting();
        if self.order_anew() {
            self.give_out_waiting();
        }
    }

    fn give_out_waiting(&mut self) {
        let mut noted = IssueLog::default();
        self.feed(&mut |assembler, sink| {
            assembler.flush(&mut noted, sink);
            Arrival::Taken
        });
        self.note_issues(noted, false);
        self.overview.note_change();
        self.note_change();
    }

    /// Runs what gives out events, and takes them.
    fn feed(&mut self, give: &mut dyn FnMut(&mut Assembler, &mut Sink<'_>) -> Arrival) -> Arrival {
        let mut feed = Feed {
            reader: &mut self.reader,
            session: &mut self.session,
            traffic: &mut self.traffic,
            holes: &mut self.holes,
            issues: &mut self.dialect_issues,
        };
        give(&mut self.assembler, &mut |event| feed.take(&event))
    }

    /// Everything captured so far as a capture file; `created_at_ms` is the time since the epoch. Where
    /// something is missing that no chunk tells of, its end says so.
    #[must_use]
    pub fn capture_file(&self, created_at_ms: f64) -> Vec<u8> {
        let header = FileHeader {
            created_by: concat!("rollscope ", env!("CARGO_PKG_VERSION")).to_owned(),
            created_at_ms,
        };
        let (mut writer, mut bytes) = FileWriter::start(&header);
        bytes.reserve(self.kept.bytes() + 16 * self.kept.iter().len());
        for chunk in self.kept.iter() {
            // A chunk came over the wire in one piece, so it is far below a record's limit.
            if let Ok(record) = writer.chunk(chunk) {
                bytes.extend(record);
            }
        }
        for marker in &self.markers {
            bytes.extend(writer.marker(marker));
        }
        bytes.extend(match self.missing() {
            Some(missing) => writer.end_incomplete(missing),
            None => writer.end(),
        });
        bytes
    }

    /// Counts up whenever anything that the views show may have changed.
    #[must_use]
    pub fn revision(&self) -> u64 {
        self.revision
    }

    /// Whether traffic of a known dialect was seen.
    #[must_use]
    pub fn has_session(&self) -> bool {
        self.session.newest_game().is_some()
    }

    /// Every game with its episodes.
    #[must_use]
    pub fn choices(&self) -> Vec<GameChoice> {
        let mut choices = choices(&self.session);
        for (choice, game) in choices.iter_mut().zip(self.session.games()) {
            choice.files = self.file_names(game);
        }
        choices
    }

    /// Places of the game and the episode that the views show; `None` before any game was seen.
    #[must_use]
    pub fn chosen(&self) -> Option<(usize, usize)> {
        self.choice.of(&self.session)
    }

    /// Seed of the chosen game, as it names the session.
    #[must_use]
    pub fn seed(&self) -> Option<u32> {
        let (game, _) = self.chosen()?;
        self.session.games().get(game)?.seed
    }

    /// Chooses the game and the episode that the views and reports are about; at first these are
    /// the newest ones.
    pub fn choose(&mut self, choice: Choice) {
        if self.choice != choice {
            self.choice = choice;
            self.note_change();
        }
    }

    /// Every check over all games and episodes, and the verdict over the whole session.
    #[must_use]
    pub fn check(&self) -> SessionCheck {
        SessionCheck::of(&self.session, self.account())
    }

    /// The same over each game by itself, with the names of the files that it came by.
    #[must_use]
    pub fn check_games(&self) -> Vec<(SessionCheck, Vec<String>)> {
        let check = |game: &Game| {
            let games = std::slice::from_ref(game);
            (SessionCheck::of_games(games, self.account_of(game)), self.file_names(game))
        };
        self.session.games().iter().map(check).collect()
    }

    /// Number of executed rollbacks of all peers.
    #[must_use]
    pub fn rollback_count(&self) -> usize {
        self.with_game(rollback_count)
    }

    /// Rows of the table of rollbacks, in order of execution; rows past the end are left out.
    #[must_use]
    pub fn rollbacks(&self, rows: Range<usize>) -> Vec<RollbackRow> {
        self.with_game(|game, episode| rollback_rows(game, episode, rows))
    }

    /// What batching saved and what single requests would have cost.
    #[must_use]
    pub fn savings(&self) -> SavingsView {
        self.with_game(SavingsView::of)
    }

    /// Everything known of one frame.
    #[must_use]
    pub fn selection(&self, frame: Frame) -> SelectionView {
        self.with_game(|game, episode| SelectionView::of(game, episode, frame))
    }

    /// The report on the chosen episode of the chosen game.
    #[must_use]
    pub fn report(&self) -> Report {
        self.with_case(|game, episode| {
            let found = (self.results(), self.figures());
            Report::of_checks((game, episode), self.account_of(game), self.health(), found)
        })
    }

    /// The session report as JSON text.
    #[must_use]
    pub fn report_json(&self) -> String {
        Json.write(&self.report())
    }

    /// The session report as a self-contained HTML page.
    #[must_use]
    pub fn report_html(&self) -> String {
        Html.write(&self.report())
    }

    fn note_change(&mut self) {
        self.revision += 1;
        self.verdict.take();
        self.checking = Checking::default();
        self.lanes.get_mut().note_change();
    }

    fn with_game<T>(&self, view: impl FnOnce(&Game, usize) -> T) -> T {
        let chosen = self.chosen();
        let game =
            chosen.and_then(|(game, episode)| Some((self.session.games().get(game)?, episode)));
        match game {
            Some((game, episode)) => view(game, episode),
            None => view(&Game::default(), 0),
        }
    }
}

/// Where every event of a capture goes.
struct Feed<'a> {
    reader: &'a mut DialectReader,
    session: &'a mut Session,
    traffic: &'a mut EventIndex,
    holes: &'a mut HoleLog,
    issues: &'a mut IssueLog,
}

impl Feed<'_> {
    fn take(&mut self, event: &CapturedEvent<'_>) {
        let Self { reader, session, traffic, holes, issues } = self;
        // A message belongs to the frame that its page was about to step, so before it is read.
        let place = reader.source_of(event.page).and_then(|source| session.place_of(source));
        let mut facts = Facts::default();
        let mut sink = |observation: &Observation<'_>| {
            facts.note(observation);
            session.handle(observation);
        };
        reader.handle_event(event, &mut sink, issues);
        let Some(source) = reader.source_of(event.page) else { return };
        holes.handle(event, source);
        let channel = reader.channel(source, event.channel);
        let kind = channel.map(|channel| channel.kind);
        let is_read = channel.is_some_and(|channel| channel.dialect().is_some());
        traffic.handle(event, &facts, Seen { source, kind, is_read, place });
    }
}
