//! The log of late inputs that a MUG page hands over beside its rows, held against those that came: as it
//! was recorded, with one entry changed, without it, and of a page that was not seen from its
//! beginning.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops at its first surprise"
)]

mod mug_support;

use mug_support::recheck::{checked, with_events};
use mug_support::trimmed;
use rollscope::capture::{ChunkBuilder, EventKind, Message, PageId, Value};
use rollscope::verify::CheckOutcome;

/// What becomes of the log in the bytes of the rows of the first episode.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Change {
    Nothing,
    /// The guess of this entry is another one.
    Guess(usize),
    /// This entry names the frame after its own.
    Frame(usize),
    /// The log has another name, so that there is none.
    NoLog,
}

/// Where a text ends in bytes, every time that it is there.
fn ends_of(bytes: &[u8], text: &str) -> Vec<usize> {
    let places = bytes.windows(text.len()).enumerate();
    let found = places.filter(|(_, part)| *part == text.as_bytes());
    found.map(|(at, _)| at + text.len()).collect()
}

fn change(bytes: &mut [u8], change: Change) {
    match change {
        Change::Nothing => {}
        // A small number of MessagePack is its own byte.
        Change::Guess(entry) => bytes[ends_of(bytes, "predictedAction")[entry]] ^= 1,
        Change::Frame(entry) => {
            // One byte, or a mark and one or two more; the last one counts.
            let at = ends_of_key(bytes, "frame")[entry];
            let width = match bytes[at] {
                0xcc => 1,
                0xcd => 2,
                _ => 0,
            };
            bytes[at + width] += 1;
        }
        Change::NoLog => {
            let end = ends_of(bytes, "rollbackEvents")[0];
            bytes[end - 1] = b'x';
        }
    }
}

/// Where a key of MessagePack ends: its length stands before it.
fn ends_of_key(bytes: &[u8], key: &str) -> Vec<usize> {
    let mark = 0xa0 | key.len() as u8;
    let ends = ends_of(bytes, key).into_iter();
    ends.filter(|end| bytes[end - key.len() - 1] == mark).collect()
}

/// What `telemetry-mismatch` says of player 1's first episode in W-clean.
fn outcome_of(made: Change, skipped: usize) -> CheckOutcome {
    let [page, _] = trimmed("W-clean");
    let (mut builder, mut rows) = (ChunkBuilder::new(PageId([6; 8])), 0);
    with_events(&page.chunks, |events| {
        for (at, event) in events.iter().enumerate() {
            let is_told = matches!(event.kind, EventKind::ChannelOpened(_));
            if at < skipped && !is_told {
                continue;
            }
            let bytes = match &event.kind {
                EventKind::MessageSent(message) => message.value.bytes(),
                _ => None,
            };
            let bytes = bytes.filter(|bytes| !ends_of(bytes, "rollbackEvents").is_empty());
            let Some(bytes) = bytes else {
                builder.push(event.time, event.channel, &event.kind);
                continue;
            };
            let mut bytes = bytes.to_vec();
            if rows == 0 {
                change(&mut bytes, made);
            }
            rows += 1;
            let EventKind::MessageSent(Message { flags, .. }) = &event.kind else { unreachable!() };
            let message = Message { flags: *flags, value: Value::ArrayBuffer(&bytes) };
            builder.push(event.time, event.channel, &EventKind::MessageSent(message));
        }
    });
    assert!(rows > 0, "no rows were handed over");
    let check = checked([&*builder.finish()]);
    let check = check.checks.iter().find(|check| check.code == "telemetry-mismatch");
    check.unwrap().outcome.clone()
}

fn says(outcome: &CheckOutcome) -> Vec<&str> {
    let texts = outcome.findings.iter().map(|finding| &*finding.text);
    texts.filter(|text| text.contains("late inputs")).collect()
}

#[test]
fn the_log_of_late_inputs_as_it_was_recorded_is_silent() {
    let outcome = outcome_of(Change::Nothing, 0);
    assert!(outcome.passed >= 2 && says(&outcome).is_empty(), "{outcome:?}");
}

#[test]
fn another_guess_or_another_frame_in_the_log_is_named_with_its_frame() {
    for made in [Change::Guess(7), Change::Frame(7)] {
        let outcome = outcome_of(made, 0);
        let says = says(&outcome);
        assert_eq!(says.len(), 1, "{made:?}: {outcome:?}");
        assert!(says[0].contains("the first that differs at frame"), "{made:?}: {says:?}");
    }
}

#[test]
fn without_the_log_and_of_a_page_seen_late_nobody_can_tell() {
    let whole = outcome_of(Change::Nothing, 0);
    for (made, skipped) in [(Change::NoLog, 0), (Change::Nothing, 900)] {
        let outcome = outcome_of(made, skipped);
        assert_eq!(says(&outcome), [""; 0], "{made:?}, {skipped}");
        assert!(outcome.not_checkable > whole.not_checkable, "{made:?}, {skipped}: {outcome:?}");
    }
}
