//! Figures that come from the traffic, against counts made here straight from the messages.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops at its first surprise"
)]

mod support;

use rollscope::analysis::Analysis;
use rollscope::capture::{EventKind, decode_chunk};
use rollscope::issue::IssueLog;
use rollscope::message::PeerMessage;
use support::{Setup, analyse, play};

fn figure(analysis: &Analysis, name: &str) -> String {
    let figures = analysis.report().figures;
    let figure = figures.into_iter().find(|figure| figure.name == name).unwrap();
    figure.values[0].clone().unwrap()
}

#[test]
fn sizes_of_messages_are_those_on_the_wire() {
    let chunks = play(&Setup::new(3)).map(support::Peer::into_chunks)[0].clone();
    let (mut issues, mut sizes, mut all) = (IssueLog::default(), Vec::new(), 0_usize);
    for chunk in &chunks {
        for event in decode_chunk(chunk, &mut issues).unwrap().events(&mut issues) {
            let (EventKind::MessageSent(message) | EventKind::MessageReceived(message)) =
                &event.kind
            else {
                continue;
            };
            let Some(bytes) = message.value.bytes() else { continue };
            all += 1;
            if let Ok(PeerMessage::Inputs { .. }) = PeerMessage::decode(bytes) {
                sizes.push(bytes.len());
            }
        }
    }
    sizes.sort_unstable();
    let at = |percent: usize| sizes[(sizes.len() * percent).div_ceil(100) - 1];
    let (count, max) = (sizes.len(), sizes.last().unwrap());
    let expected = format!("INPUT {} / {} / {} / {max} of {count}", at(50), at(95), at(99));
    let analysis = analyse(&chunks);
    let text = figure(&analysis, "message size");
    assert!(text.contains(&expected), "{text} lacks {expected}");
    let missing = analysis.report().not_measured;
    assert!(!missing.iter().any(|line| line.starts_with("message size of P1")), "{missing:?}");
    assert!(all > count && figure(&analysis, "message rate").starts_with("sent "));
}

#[test]
fn the_cost_of_round_trips_is_this_sessions_own() {
    let [first, _] = play(&Setup::new(3));
    let analysis = analyse(&first.into_chunks());
    let rows = analysis.rollbacks(0..analysis.rollback_count());
    let steps: u32 = rows.iter().map(|row| row.resimulated).sum();
    let unbatched = f64::from(steps) / rows.len() as f64 + 2.0;
    let text = figure(&analysis, "round trips per rollback");
    assert!(text.starts_with(&format!("1.0, 1 or {unbatched:.1}: 3.0, 3.0 or ")), "{text}");
    let age = figure(&analysis, "input age");
    assert!(age.contains(" of "), "{age}");
}
