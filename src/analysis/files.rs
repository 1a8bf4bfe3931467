//! The files that were opened: what they are called, which documents came by each, and what each of them lacks, so that
//! a file that was cut off spoils the verdict of its own session and of no other.

use super::Analysis;
use crate::observation::SourceId;
use crate::session::Game;
use crate::verify::CaptureAccount;

/// Notices of files that are named one by one; further ones are counted.
const MOST_NOTICES: usize = 3;

/// One file that was read to its end.
#[derive(Debug, Clone, Default)]
pub(super) struct OpenedFile {
    /// What the user calls it; empty where nobody said.
    pub(super) name: String,
    /// Number of documents after it.
    pub(super) end: usize,
    /// Number of refused chunks after it.
    pub(super) refused: u64,
    /// What is missing from it.
    pub(super) notice: Option<String>,
    /// Number of chunks that were seen once after it.
    pub(super) seen: u64,
}

impl Analysis {
    /// Notes that a file was read to its end.
    pub(super) fn note_file(&mut self, name: &str, notice: Option<String>) {
        self.files.push(OpenedFile {
            name: name.to_owned(),
            end: self.reader.pages().len(),
            refused: self.assembler.refused_chunks(),
            notice,
            seen: self.kept.seen(),
        });
    }

    /// Place of the file that a document came by; the first one where it is in several.
    pub(super) fn file_of(&self, source: SourceId) -> Option<usize> {
        self.files.iter().position(|file| usize::from(source.0) < file.end)
    }

    /// Whether any file lacks something.
    pub(super) fn is_any_file_cut(&self) -> bool {
        self.files.iter().any(|file| file.notice.is_some())
    }

    /// What must be said of the files. Names stay out of it: it stands in reports, and a name may be a person's.
    pub(super) fn files_notice(&self) -> Option<String> {
        let (count, mut seen) = (self.files.len(), 0);
        let mut notices = Vec::new();
        for (place, file) in self.files.iter().enumerate() {
            let is_known = place > 0 && file.seen == seen;
            seen = file.seen;
            match &file.notice {
                Some(notice) if count == 1 => notices.push(notice.clone()),
                Some(notice) => notices.push(format!("File {} of {count}: {notice}", place + 1)),
                None if is_known => notices.push(format!(
                    "File {} of {count} holds nothing that the others do not hold: was it chosen twice?",
                    place + 1
                )),
                None => {}
            }
        }
        let further = notices.len().saturating_sub(MOST_NOTICES);
        notices.truncate(MOST_NOTICES);
        if further > 0 {
            notices.push(format!("Of {further} further files the same must be said."));
        }
        (!notices.is_empty()).then(|| notices.join(" "))
    }

    /// Names of the files that the pages of a game came by, in order of opening.
    pub(super) fn file_names(&self, game: &Game) -> Vec<String> {
        let is_of = |place: usize| game.peers.iter().any(|p| self.file_of(p.source) == Some(place));
        let files = self.files.iter().enumerate();
        let named = files.filter(|(place, file)| !file.name.is_empty() && is_of(*place));
        named.map(|(_, file)| file.name.clone()).collect()
    }

    /// What the capture saw and lost of one game: of its own documents, and of those that play none and may be of it.
    pub(super) fn account_of(&self, game: &Game) -> CaptureAccount {
        if self.session.games().len() < 2 {
            return self.account();
        }
        let playing = |source| {
            let mut peers = self.session.games().iter().flat_map(|game| &game.peers);
            peers.any(|peer| peer.source == source)
        };
        let files: Vec<_> = game.peers.iter().map(|peer| self.file_of(peer.source)).collect();
        let is_of = |source: SourceId| {
            game.peers.iter().any(|peer| peer.source == source)
                || (!playing(source) && files.contains(&self.file_of(source)))
        };
        let accounts = self.assembler.accounts().filter_map(|(page, account)| {
            self.reader.source_of(page).is_none_or(is_of).then_some(account)
        });
        let mut total = CaptureAccount::default();
        for account in accounts {
            add(&mut total, &account);
        }
        total.is_cut_off |= self.is_cut(&files);
        total
    }

    // A file without a document of its own may be of any game, and so may a chunk that came by no file.
    fn is_cut(&self, files: &[Option<usize>]) -> bool {
        let (mut end, mut refused) = (0, 0);
        for (place, file) in self.files.iter().enumerate() {
            let is_of = files.contains(&Some(place)) || file.end == end;
            if is_of && (file.notice.is_some() || file.refused > refused) {
                return true;
            }
            (end, refused) = (file.end, file.refused);
        }
        self.assembler.refused_chunks() > refused
    }
}

/// Adds what became of the events of one document.
pub(super) fn add(total: &mut CaptureAccount, account: &crate::capture::PageAccount) {
    // Of a document that went away in silence nobody knows how much is missing.
    total.is_cut_off |= account.is_end_lost;
    total.seen += account.events_seen;
    total.lost += account.events_dropped + account.events_lost;
    // What a page sent faster than the hook could take is missing as well.
    total.seen += account.messages_counted_by_load;
    total.lost += account.messages_counted_by_load + account.messages_emptied_by_load;
}
