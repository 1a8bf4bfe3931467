//! Events of a recording, to make other chunks of them, and what the checks say of those.

use rollscope::analysis::Analysis;
use rollscope::capture::{CapturedEvent, Chunk, decode_chunk};
use rollscope::issue::IssueLog;
use rollscope::verify::{SessionCheck, Severity};

/// Hands over all events of some chunks.
pub(crate) fn with_events<T>(
    chunks: &[Vec<u8>],
    take: impl FnOnce(&[CapturedEvent<'_>]) -> T,
) -> T {
    let mut issues = IssueLog::default();
    let chunks: Vec<Chunk<'_>> =
        chunks.iter().map(|bytes| decode_chunk(bytes, &mut issues).unwrap()).collect();
    let mut logs: Vec<IssueLog> = chunks.iter().map(|_| IssueLog::default()).collect();
    let events = chunks.iter().zip(&mut logs).flat_map(|(chunk, log)| chunk.events(log));
    take(&events.collect::<Vec<_>>())
}

/// What the checks say of some chunks.
pub(crate) fn checked<'c>(chunks: impl IntoIterator<Item = &'c [u8]>) -> SessionCheck {
    let mut analysis = Analysis::new();
    chunks.into_iter().for_each(|chunk| analysis.handle_chunk(chunk));
    analysis.flush();
    analysis.check()
}

/// Code and episode of a finding.
pub(crate) type Alarm = (&'static str, Option<u32>);

/// Errors and risks, with a line that says where and what each is.
pub(crate) fn weighty(check: &SessionCheck) -> impl Iterator<Item = (Alarm, String)> {
    let findings = check.checks.iter().flat_map(|one| &one.outcome.findings);
    let weighty = findings.filter(|finding| finding.severity != Severity::Notice);
    weighty.map(|one| {
        let alarm = (one.code, one.episode.map(|episode| episode.0));
        (alarm, format!("{} {:?}: {}", one.code, one.frames, one.text))
    })
}
