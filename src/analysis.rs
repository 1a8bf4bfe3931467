//! The facade: captured bytes in, view models and reports out. Panel and command line use only this.

use std::cell::OnceCell;
use std::ops::Range;

use crate::capture::{
    Assembler, CaptureFile, ChannelKind, FileEnd, FileError, FileHeader, FileWriter, PageAccount,
    ShaperAccount, recorder,
};
use crate::dialect::{ChannelRecord, DIALECTS, DialectReader};
use crate::frame::Frame;
use crate::issue::{Issue, IssueLog};
use crate::observation::Observation;
use crate::report::{Format, Html, Json, Report};
use crate::session::{Game, Session};
use crate::summary::{Choice, GameChoice, choices};
use crate::timeline::{
    ChannelRow, HealthView, MinimapView, RollbackRow, SavingsView, SelectionView, TimelineView,
    VerdictView, rollback_count, rollback_rows,
};
use crate::verify::{CaptureAccount, SessionCheck};

/// Bytes of chunks that are kept for the capture file; the newest ones stay out beyond it and are
/// counted, so that what is kept begins at the beginning.
pub const MAX_KEPT_BYTES: usize = 1 << 30;

/// Everything known of what was captured so far.
#[derive(Debug, Default)]
pub struct Analysis {
    assembler: Assembler,
    reader: DialectReader,
    session: Session,
    capture_issues: IssueLog,
    dialect_issues: IssueLog,
    chunks: Vec<Vec<u8>>,
    kept_bytes: usize,
    unkept_chunks: u64,
    file_notice: Option<String>,
    revision: u64,
    choice: Choice,
    // The Verdict view runs every check: it is kept until something new comes in.
    verdict: OnceCell<VerdictView>,
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

    /// Takes one chunk from the hook. Chunks may come twice and out of order; what cannot be read
    /// becomes an issue in [`Analysis::health`].
    pub fn handle_chunk(&mut self, chunk: &[u8]) {
        let repeated = |assembler: &Assembler| {
            let repeats = assembler.accounts().map(|(_, account)| account.chunks_repeated);
            repeats.sum::<u64>() + assembler.refused_chunks()
        };
        let before = repeated(&self.assembler);
        let Self { assembler, reader, session, capture_issues, dialect_issues, .. } = self;
        assembler.handle_chunk(chunk, capture_issues, &mut |event| {
            let mut sink = |observation: &Observation<'_>| session.handle(observation);
            reader.handle_event(&event, &mut sink, dialect_issues);
        });
        self.note_change();
        if repeated(&self.assembler) != before {
            return;
        }
        if self.kept_bytes + chunk.len() > MAX_KEPT_BYTES {
            self.unkept_chunks += 1;
            return;
        }
        self.kept_bytes += chunk.len();
        self.chunks.push(chunk.to_vec());
    }

    /// Takes a whole capture file, or a recording of the form `recorder_jsonl`. A cut-off or damaged file gives what stands before the damage
    /// and a notice in [`Analysis::health`].
    ///
    /// # Errors
    ///
    /// [`OpenError`] when the bytes are no capture file, or one of a newer version.
    pub fn open_file(&mut self, bytes: &[u8]) -> Result<(), OpenError> {
        if recorder::is_recording(bytes) {
            let mut issues = std::mem::take(&mut self.capture_issues);
            recorder::import(bytes, &mut issues, &mut |chunk| self.handle_chunk(chunk));
            let of_chunks = std::mem::replace(&mut self.capture_issues, issues);
            self.capture_issues.append(of_chunks);
            self.flush();
            return Ok(());
        }
        let mut file = CaptureFile::open(bytes)?;
        for chunk in file.by_ref() {
            self.handle_chunk(chunk);
        }
        self.flush();
        // A notice about an earlier file stays: that session is still incomplete.
        let new = file.end().as_ref().and_then(notice);
        self.file_notice = self.file_notice.take().or(new);
        self.note_change();
        Ok(())
    }

    /// Says that nothing more can come: chunks that wait for missing ones are given out, and the
    /// missing ones count as lost.
    pub fn flush(&mut self) {
        let Self { assembler, reader, session, capture_issues, dialect_issues, .. } = self;
        assembler.flush(capture_issues, &mut |event| {
            let mut sink = |observation: &Observation<'_>| session.handle(observation);
            reader.handle_event(&event, &mut sink, dialect_issues);
        });
        self.note_change();
    }

    /// Everything captured so far as a capture file; `created_at_ms` is the time since the epoch.
    #[must_use]
    pub fn capture_file(&self, created_at_ms: f64) -> Vec<u8> {
        let header = FileHeader {
            created_by: concat!("rollscope ", env!("CARGO_PKG_VERSION")).to_owned(),
            created_at_ms,
        };
        let (mut writer, mut bytes) = FileWriter::start(&header);
        bytes.reserve(self.kept_bytes + 16 * self.chunks.len());
        for chunk in &self.chunks {
            // A chunk came over the wire in one piece, so it is far below a record's limit.
            if let Ok(record) = writer.chunk(chunk) {
                bytes.extend(record);
            }
        }
        bytes.extend(writer.end());
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
        choices(&self.session)
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

    /// The Verdict view.
    #[must_use]
    pub fn verdict(&self) -> VerdictView {
        let view =
            || self.with_game(|game, episode| VerdictView::of(game, episode, self.account()));
        self.verdict.get_or_init(view).clone()
    }

    /// Every check over all games and episodes, and the verdict over the whole session.
    #[must_use]
    pub fn check(&self) -> SessionCheck {
        SessionCheck::of(&self.session, self.account())
    }

    /// The lanes from frame `first` on, in `columns` columns of `frames_per_column` frames each.
    #[must_use]
    pub fn timeline(&self, first: Frame, frames_per_column: u32, columns: usize) -> TimelineView {
        self.with_game(|game, episode| {
            TimelineView::of(game, episode, first, frames_per_column, columns)
        })
    }

    /// The whole episode in at most `columns` columns.
    #[must_use]
    pub fn minimap(&self, columns: usize) -> MinimapView {
        self.with_game(|game, episode| MinimapView::of(game, episode, columns))
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

    /// What the capture saw and what of it was understood.
    #[must_use]
    pub fn health(&self) -> HealthView {
        let pages = self.reader.pages();
        let durations = pages.iter().filter_map(|page| page.seen);
        let issues = [&self.capture_issues, &self.dialect_issues, &self.session.issues];
        let rows = issues.into_iter().flat_map(|log| log.issues()).map(issue_row);
        let account = self.account();
        HealthView {
            pages: pages.len() as u32,
            inner_pages: pages.iter().filter(|page| page.is_inner).count() as u32,
            url: pages.iter().rev().find(|page| !page.is_inner).map(|page| page.url.clone()),
            bytes: self.kept_bytes as u64,
            events: self.accounts().map(|account| account.events_delivered).sum(),
            lost_events: account.lost,
            channels: self.reader.channels().map(channel_row).collect(),
            issues: rows.collect(),
            dialects: DIALECTS.iter().map(|dialect| dialect.name()).collect(),
            duration_micros: durations.map(|(first, last)| last.since(first)).max().unwrap_or(0),
            file_notice: self.notice(),
        }
    }

    /// The report on the chosen episode of the chosen game.
    #[must_use]
    pub fn report(&self) -> Report {
        self.with_game(|game, episode| Report::of(game, episode, self.account(), self.health()))
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

    fn accounts(&self) -> impl Iterator<Item = PageAccount> {
        self.assembler.accounts().map(|(_, account)| account)
    }

    fn account(&self) -> CaptureAccount {
        let is_cut_off = self.file_notice.is_some();
        let mut total = CaptureAccount { is_cut_off, ..CaptureAccount::default() };
        for account in self.accounts() {
            total.seen += account.events_seen;
            total.lost += account.events_dropped + account.events_lost;
            // What a page sent faster than the hook could take is missing as well.
            total.seen += account.messages_counted_by_load;
            total.lost += account.messages_counted_by_load + account.messages_emptied_by_load;
        }
        total
    }

    fn notice(&self) -> Option<String> {
        let notices: Vec<_> =
            [self.shaper_notice(), self.file_notice()].into_iter().flatten().collect();
        (!notices.is_empty()).then(|| notices.join(" "))
    }

    /// A network that was made worse on purpose must not pass for the real one.
    fn shaper_notice(&self) -> Option<String> {
        let shaped: Vec<_> =
            self.accounts().map(|account| account.shaper).filter(|one| one.was_on).collect();
        let sum = |of: fn(&ShaperAccount) -> u64| shaped.iter().map(of).sum::<u64>();
        (!shaped.is_empty()).then(|| {
            format!(
                "NETWORK SHAPER ON: {} messages were delayed, {} kept back and {} made twice on \
                 purpose by Rollscope's hook.",
                sum(|one| one.delayed),
                sum(|one| one.withheld),
                sum(|one| one.duplicated),
            )
        })
    }

    fn file_notice(&self) -> Option<String> {
        if self.unkept_chunks > 0 {
            return Some(format!(
                "{} chunks came after the memory cap of {} MB and are not in the capture file; \
                 save it and record anew to keep more.",
                self.unkept_chunks,
                MAX_KEPT_BYTES >> 20,
            ));
        }
        self.file_notice.clone()
    }
}

fn channel_row(record: &ChannelRecord) -> ChannelRow {
    ChannelRow {
        kind: match record.kind {
            ChannelKind::Worker => "worker",
            ChannelKind::SharedWorker => "shared worker",
            ChannelKind::PeerConnection => "peer connection",
            ChannelKind::DataChannel => "data channel",
            ChannelKind::WebSocket => "web socket",
            ChannelKind::Python => "python",
            ChannelKind::Other(_) => "other",
        },
        label: record.label.clone(),
        sent: record.sent,
        received: record.received,
        dialect: record.dialect(),
    }
}

fn issue_row(issue: &Issue) -> (String, String, u64) {
    (issue.place.clone(), issue.text.clone(), issue.count)
}

fn notice(end: &FileEnd) -> Option<String> {
    match end {
        FileEnd::Complete => None,
        FileEnd::Truncated { at_byte } => Some(format!(
            "The capture file was cut off at byte {at_byte}; everything before it is shown. Copy \
             or save the file again to get the rest."
        )),
        FileEnd::Damaged { at_byte, records_lost, .. } => Some(format!(
            "The capture file is damaged at byte {at_byte}: {records_lost} records are left out, \
             everything else is shown. Copy or save the file again to get them."
        )),
    }
}
