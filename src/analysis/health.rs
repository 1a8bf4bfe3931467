//! What the capture saw, lost and understood, and what must be said about it.

use super::files::add;
use super::{Analysis, rows};
use crate::capture::{FileEnd, Missing, PageAccount, ShaperAccount};
use crate::dialect::DIALECTS;
use crate::timeline::HealthView;
use crate::verify::CaptureAccount;

impl Analysis {
    /// What the capture saw and what of it was understood.
    #[must_use]
    pub fn health(&self) -> HealthView {
        let pages = self.reader.pages();
        let durations = pages.iter().filter_map(|page| page.seen);
        let issues = [&self.capture_issues, &self.dialect_issues, &self.session.issues];
        let account = self.account();
        HealthView {
            pages: pages.len() as u32,
            inner_pages: pages.iter().filter(|page| page.is_inner).count() as u32,
            url: pages.iter().rev().find(|page| !page.is_inner).map(|page| page.url.clone()),
            bytes: self.kept.bytes() as u64,
            events: self.accounts().map(|account| account.events_delivered).sum(),
            lost_events: account.lost,
            channels: self.reader.channels().map(|row| rows::channel(row, pages)).collect(),
            losses: self.assembler.losses().map(|(p, l)| rows::loss(p, l, &self.reader)).collect(),
            issues: issues.into_iter().flat_map(|log| log.issues()).map(rows::issue).collect(),
            dialects: DIALECTS.iter().map(|dialect| dialect.name()).collect(),
            duration_micros: durations.map(|(first, last)| last.since(first)).max().unwrap_or(0),
            file_notice: self.notice(),
        }
    }

    pub(super) fn accounts(&self) -> impl Iterator<Item = PageAccount> {
        self.assembler.accounts().map(|(_, account)| account)
    }

    pub(super) fn account(&self) -> CaptureAccount {
        // Of a chunk that cannot be read nobody knows how much is missing.
        let is_cut_off = self.is_any_file_cut() || self.assembler.refused_chunks() > 0;
        let mut total = CaptureAccount { is_cut_off, ..CaptureAccount::default() };
        for account in self.accounts() {
            add(&mut total, &account);
        }
        total
    }

    /// What a capture file of all this lacks, beside what its chunks tell themselves.
    pub(super) fn missing(&self) -> Option<Missing> {
        if self.is_any_file_cut() || self.assembler.refused_chunks() > 0 {
            return Some(Missing::PartOfSource);
        }
        (self.kept.left_out() > 0).then_some(Missing::AboveCap)
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
        if self.kept.left_out() > 0 {
            return Some(format!(
                "{} chunks came after the memory cap of {} MB and are not in the capture file; \
                 save it and record anew to keep more.",
                self.kept.left_out(),
                self.kept.max_bytes() >> 20,
            ));
        }
        self.files_notice()
    }
}

pub(super) fn notice(end: &FileEnd) -> Option<String> {
    match end {
        FileEnd::Complete => None,
        FileEnd::Incomplete { missing: Missing::PartOfSource } => Some(
            "What this capture file was made from was cut off or damaged, and so is this. Copy or save \
             that one again, and make this one anew."
                .to_owned(),
        ),
        FileEnd::Incomplete { missing: Missing::AboveCap } => Some(
            "The capture file lacks what came after the memory cap of the panel that saved it. Set a \
             higher cap in its Capture view, and record anew."
                .to_owned(),
        ),
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
