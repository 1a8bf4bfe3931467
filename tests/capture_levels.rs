//! What the hook left out under load and what its network shaper did: counted, told, never hidden.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

use rollscope::analysis::Analysis;
use rollscope::capture::{
    Assembler, CaptureLevel, ChannelId, ChunkBuilder, Counted, EventKind, LevelChanged, Message,
    MessageFlags, NotCapturedReason, PageAccount, PageId, ShaperChanged, Value,
};
use rollscope::issue::IssueLog;
use rollscope::time::Micros;

const CHANNEL: ChannelId = ChannelId(3);

fn chunk(kinds: &[EventKind<'_>]) -> Vec<u8> {
    let mut builder = ChunkBuilder::new(PageId([5; 8]));
    for (time, kind) in (0..).zip(kinds) {
        builder.push(Micros(time), CHANNEL, kind);
    }
    builder.finish()
}

fn account(kinds: &[EventKind<'_>]) -> PageAccount {
    let mut assembler = Assembler::default();
    assembler.handle_chunk(&chunk(kinds), &mut IssueLog::default(), &mut |_| {});
    assembler.accounts().next().unwrap().1
}

fn level(level: CaptureLevel, reason: &'static str) -> EventKind<'static> {
    EventKind::LevelChanged(LevelChanged { level, reason: reason.into(), load_bytes: None })
}

fn sent(flags: u8) -> EventKind<'static> {
    let value = Value::NotCaptured(NotCapturedReason::LeftOut, "object".into());
    EventKind::MessageSent(Message { flags: MessageFlags(flags), value })
}

fn counted() -> EventKind<'static> {
    EventKind::Counted(Counted { sent: 3, received: 4, span_ms: Some(1000.0) })
}

fn shaper(is_on: bool) -> EventKind<'static> {
    let details = Value::Object(vec![("on".into(), Value::Bool(is_on))]);
    EventKind::ShaperChanged(ShaperChanged { is_on, seed: None, details })
}

#[test]
fn what_load_left_out_is_missing() {
    let kinds = [
        level(CaptureLevel::Headers, "load"),
        sent(0),
        sent(0),
        level(CaptureLevel::Counters, "load"),
        counted(),
        level(CaptureLevel::Full, "load"),
        sent(0),
    ];
    let found = account(&kinds);
    assert_eq!((found.messages_emptied_by_load, found.messages_counted_by_load), (2, 7));
    let mut analysis = Analysis::new();
    analysis.handle_chunk(&chunk(&kinds));
    assert_eq!(analysis.health().lost_events, 9);
}

#[test]
fn what_the_user_left_out_is_not_missing() {
    let kinds = [
        level(CaptureLevel::Headers, "user"),
        sent(0),
        level(CaptureLevel::Counters, "user"),
        counted(),
    ];
    let found = account(&kinds);
    assert_eq!((found.messages_emptied_by_load, found.messages_counted_by_load), (0, 0));
}

#[test]
fn the_shaper_is_told_of_with_what_it_did() {
    let kinds = [shaper(true), sent(4), sent(8), sent(8 | 16), sent(0), shaper(false)];
    let mut analysis = Analysis::new();
    analysis.handle_chunk(&chunk(&kinds));
    let notice = analysis.health().file_notice.unwrap();
    assert_eq!(
        notice,
        "NETWORK SHAPER ON: 2 messages were delayed, 1 kept back and 1 made twice on purpose by \
         Rollscope's hook."
    );
    assert!(analysis.report_html().contains("NETWORK SHAPER ON: 2 messages"));
    assert!(analysis.report_json().contains("NETWORK SHAPER ON: 2 messages"));
}

#[test]
fn without_the_shaper_nothing_is_told() {
    let mut analysis = Analysis::new();
    analysis.handle_chunk(&chunk(&[shaper(false), sent(0)]));
    assert_eq!(analysis.health().file_notice, None);
}
