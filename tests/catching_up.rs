//! A page that comes back from the background, planted in a recorded session: it steps 62 frames at
//! once and announces some of their inputs. The frames and the unannounced ones are named exactly.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    reason = "a test reads its fixtures and stops at its first surprise"
)]

use std::io::Read;

use flate2::read::GzDecoder;
use rollscope::analysis::Analysis;
use rollscope::capture::{
    CaptureFile, ChunkBuilder, EventKind, Message, MessageFlags, PageId, Value, decode_chunk,
};
use rollscope::frame::Frame;
use rollscope::issue::IssueLog;
use rollscope::verify::{CheckOutcome, Severity};

/// Frames between an input and its step in this session.
const DELAY: u32 = 4;

/// The frames that the page catches up with.
const AWAY: std::ops::Range<u32> = 200..262;

fn chunks() -> Vec<Vec<u8>> {
    let mut bytes = Vec::new();
    let packed = std::fs::read("tests/fixtures/mug/W-quiet-1.rollscope.gz").unwrap();
    GzDecoder::new(&*packed).read_to_end(&mut bytes).unwrap();
    CaptureFile::open(&bytes).unwrap().by_ref().map(<[u8]>::to_vec).collect()
}

/// The frame that an own announcement of inputs names.
fn announced(event: &EventKind<'_>) -> Option<u32> {
    let EventKind::MessageSent(message) = event else { return None };
    match message.value.bytes()? {
        [1, _, _, a, b, c, d, ..] => Some(u32::from_be_bytes([*a, *b, *c, *d])),
        _ => None,
    }
}

fn catch_up_message(frames: std::ops::Range<u32>) -> Vec<u8> {
    let mut message = vec![1, 0, 0];
    message.extend(AWAY.end.to_be_bytes());
    message.extend([frames.len() as u8, 0]);
    for frame in frames {
        message.extend(frame.to_be_bytes());
        message.push(0);
    }
    message
}

/// The session; with `is_away`, without the announcements of the frames that the page misses.
fn session(is_away: bool) -> Analysis {
    let (mut issues, mut builder) = (IssueLog::default(), ChunkBuilder::new(PageId([4; 8])));
    let mut is_back = false;
    for chunk in chunks() {
        for event in decode_chunk(&chunk, &mut issues).unwrap().events(&mut issues) {
            let stepped = announced(&event.kind).map(|named| named.saturating_sub(DELAY));
            if is_away && stepped.is_some_and(|frame| AWAY.contains(&frame)) {
                continue;
            }
            if is_away && stepped == Some(AWAY.end) && !is_back {
                is_back = true;
                // Of all missed inputs only these go out.
                for frames in [204..219, 250..265] {
                    let value = catch_up_message(frames);
                    let value = Value::ArrayBuffer(&value);
                    let sent = Message { flags: MessageFlags::default(), value };
                    builder.push(event.time, event.channel, &EventKind::MessageSent(sent));
                }
            }
            builder.push(event.time, event.channel, &event.kind);
        }
    }
    assert_eq!(is_back, is_away);
    let mut analysis = Analysis::new();
    analysis.handle_chunk(&builder.finish());
    analysis.flush();
    analysis
}

fn outcome(analysis: &Analysis, code: &str) -> CheckOutcome {
    analysis.check().checks.into_iter().find(|check| check.code == code).unwrap().outcome
}

#[test]
fn caught_up_frames_and_unannounced_inputs_are_named() {
    let away = session(true);
    let caught_up = outcome(&away, "fast-forwarded").findings.remove(0);
    assert_eq!(caught_up.frames, Some((Frame(AWAY.start), Frame(AWAY.end - 1))));
    assert_eq!((caught_up.count, caught_up.severity), (62, Severity::Notice));
    let unannounced = outcome(&away, "inputs-unannounced");
    assert_eq!((unannounced.failed, unannounced.findings.len()), (31, 1));
    assert_eq!(unannounced.findings.first().unwrap().frames, Some((Frame(219), Frame(249))));
}

#[test]
fn the_session_as_it_was_is_silent() {
    let here = session(false);
    for code in ["fast-forwarded", "inputs-unannounced"] {
        let outcome = outcome(&here, code);
        assert!(outcome.passed > 0 && outcome.failed == 0, "{code}: {outcome:?}");
    }
}
