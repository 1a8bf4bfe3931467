//! Who is named: a page is blamed where its own repeats or an announcement show it, and never because
//! of hashes, which say that states differ and not which of them is wrong. And pages on which nothing
//! was played, or that nobody stirred, are never verified.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads its fixtures and stops at its first surprise"
)]

mod support;

use std::io::Read;

use flate2::read::GzDecoder;
use rollscope::analysis::Analysis;
use rollscope::capture::{CaptureFile, ChannelKind, ChunkBuilder, EventKind, PageId, decode_chunk};
use rollscope::issue::IssueLog;
use rollscope::verify::{Severity, VerdictKind};
use support::{Fault, Peer, Setup, analyse, play};

/// The chunks without the traffic of workers: hashes on the wire are all that is left.
fn without_workers(chunks: &[Vec<u8>], page: u8) -> Vec<Vec<u8>> {
    rewritten(chunks, page, |event| match event {
        EventKind::MessageSent(message) | EventKind::MessageReceived(message) => {
            message.value.bytes().is_some()
        }
        _ => true,
    })
}

/// One chunk with those events that `keeps` keeps.
fn rewritten(chunks: &[Vec<u8>], page: u8, keeps: impl Fn(&EventKind<'_>) -> bool) -> Vec<Vec<u8>> {
    let (mut issues, mut builder) = (IssueLog::default(), ChunkBuilder::new(PageId([page; 8])));
    for chunk in chunks {
        for event in decode_chunk(chunk, &mut issues).unwrap().events(&mut issues) {
            if keeps(&event.kind) {
                builder.push(event.time, event.channel, &event.kind);
            }
        }
    }
    vec![builder.finish()]
}

#[test]
fn hashes_alone_name_no_page() {
    for seed in 100..106 {
        let peers = play(&Setup { fault: Fault::Nondeterminism, ..Setup::new(seed) });
        let [one, other] = peers.map(Peer::into_chunks);
        let both = [without_workers(&one, 1), without_workers(&other, 2)].concat();
        let checked = analyse(&both).check();
        assert_eq!(checked.verdict.kind, VerdictKind::Desync);
        let findings = checked.checks.iter().flat_map(|check| &check.outcome.findings);
        let weighty: Vec<_> = findings.filter(|one| one.severity != Severity::Notice).collect();
        assert!(weighty.iter().any(|one| one.code == "state-hash-mismatch"), "seed {seed}");
        for finding in weighty {
            assert_eq!(finding.peers.len(), 2, "seed {seed}: {} names one page", finding.text);
        }
        for text in [&checked.verdict.headline, &checked.verdict.numbers] {
            assert!(!text.contains("P1") && !text.contains("P2"), "{text}");
        }
    }
}

#[test]
fn a_page_that_contradicts_itself_is_named_alone() {
    let mut named = 0;
    for seed in 100..106 {
        let setup = Setup { fault: Fault::WallClock, hashes_each_step: true, ..Setup::new(seed) };
        let chunks = play(&setup).map(Peer::into_chunks).concat();
        let checked = analyse(&chunks).check();
        let oracle = checked.checks.iter().find(|one| one.code == "nondeterministic-step").unwrap();
        let own = oracle.outcome.findings.iter().filter(|one| one.peers.len() == 1);
        for finding in own {
            assert_eq!(finding.peers, ["P1"], "{}", finding.text);
            named += 1;
        }
    }
    assert!(named > 2, "{named}");
}

#[test]
fn a_title_screen_is_untested() {
    for session in ["W-quiet", "H-quiet"] {
        let path = format!("tests/fixtures/mug/{session}-1.rollscope.gz");
        let mut bytes = Vec::new();
        GzDecoder::new(&*std::fs::read(path).unwrap()).read_to_end(&mut bytes).unwrap();
        let chunks: Vec<Vec<u8>> =
            CaptureFile::open(&bytes).unwrap().by_ref().map(<[u8]>::to_vec).collect();
        // The page until its peer's channel opens: scenes and boot, and no game.
        let has_begun = std::cell::Cell::new(false);
        let title = rewritten(&chunks, 3, |event| {
            let opens = matches!(event, EventKind::ChannelOpened(opened)
                if opened.kind == ChannelKind::DataChannel);
            has_begun.set(has_begun.get() || opens);
            !has_begun.get()
        });
        assert!(has_begun.get());
        let checked = analyse(&title).check();
        assert_eq!(checked.verdict.kind, VerdictKind::Untested, "{:?}", checked.verdict);
        assert_eq!(checked.verdict.kind.exit_code(), 3);
        let failed = checked.checks.iter().find(|check| check.outcome.failed > 0);
        assert_eq!(failed, None, "{session}");
        assert_eq!(checked.coverage.compared, 0);
    }
    assert_eq!(Analysis::new().check().verdict.kind, VerdictKind::Untested);
}

#[test]
fn an_idle_session_is_untested_from_every_side() {
    for seed in 0..4 {
        let peers = play(&Setup { is_idle: true, ..Setup::new(seed) });
        let [one, other] = peers.map(Peer::into_chunks);
        for chunks in [one.clone(), other.clone(), [one, other].concat()] {
            let verdict = analyse(&chunks).check().verdict;
            assert_eq!(verdict.kind, VerdictKind::Untested, "seed {seed}: {}", verdict.headline);
            assert!(verdict.headline.contains("no inputs other than idle"));
        }
    }
}
