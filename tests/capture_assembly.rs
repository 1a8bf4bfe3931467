//! The assembly: any order gives the same events, and every number is accounted for.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod capture_support;

use capture_support::{Generator, PAGE, numbered_chunks, shown};
use rollscope::capture::assembly::{MAX_WAITING_BYTES, MAX_WAITING_CHUNKS};
use rollscope::capture::gap::OPEN_END;
use rollscope::capture::{
    Assembler, CaptureSeq, ChannelId, ChunkBuilder, ChunkNumber, Dropped, EventKind, Gap, Message,
    MessageFlags, PageAccount, PageId, Value, decode_chunk,
};
use rollscope::issue::IssueLog;
use rollscope::time::Micros;

/// What came out of an assembly.
#[derive(Default)]
struct Outcome {
    assembler: Assembler,
    issues: IssueLog,
    events: Vec<String>,
}

impl Outcome {
    fn take(&mut self, chunk: &[u8]) {
        let events = &mut self.events;
        self.assembler.handle_chunk(chunk, &mut self.issues, &mut |event| {
            events.push(shown(&event));
        });
    }

    fn flush(&mut self) {
        let events = &mut self.events;
        self.assembler.flush(&mut self.issues, &mut |event| events.push(shown(&event)));
    }

    #[track_caller]
    fn account(&self) -> PageAccount {
        let account = self.assembler.accounts().next().unwrap().1;
        assert_eq!(
            account.events_seen,
            account.events_delivered
                + account.events_unknown
                + account.events_dropped
                + account.events_lost
        );
        account
    }
}

fn outcome_of<'c>(chunks: impl IntoIterator<Item = &'c Vec<u8>>) -> Outcome {
    let mut outcome = Outcome::default();
    for chunk in chunks {
        outcome.take(chunk);
    }
    outcome
}

fn sent(value: Value<'_>) -> EventKind<'_> {
    EventKind::MessageSent(Message { flags: MessageFlags(0), value })
}

#[test]
fn any_order_with_repetitions_gives_the_same_events() {
    let chunks = numbered_chunks(PAGE, 40);
    let expected = outcome_of(&chunks).events;
    assert_eq!(expected.len(), 79);
    let mut generator = Generator(5);
    for _ in 0..200 {
        let mut order: Vec<&Vec<u8>> = chunks.iter().collect();
        for _ in 0..20 {
            order.push(&chunks[generator.below(chunks.len())]);
        }
        for index in (1..order.len()).rev() {
            order.swap(index, generator.below(index + 1));
        }
        let outcome = outcome_of(order);
        assert_eq!(outcome.events, expected);
        let account = outcome.account();
        assert_eq!((account.chunks_delivered, account.chunks_repeated), (40, 20));
        assert_eq!((account.events_seen, account.events_lost), (79, 0));
        assert_eq!(outcome.issues.total(), 0);
    }
}

#[test]
fn pages_do_not_wait_for_each_other() {
    let left = numbered_chunks(PageId([1; 8]), 3);
    let right = numbered_chunks(PageId([2; 8]), 3);
    let mut outcome = outcome_of([&left[1], &right[0], &right[1]]);
    assert_eq!(outcome.events.len(), 3);
    outcome.take(&left[0]);
    assert_eq!(outcome.events.len(), 6);
    assert_eq!(outcome.assembler.accounts().count(), 2);
}

#[test]
fn gap_is_given_up_when_too_many_chunks_wait() {
    let chunks = numbered_chunks(PAGE, 200);
    let lost = [10, 11, 12];
    let mut outcome = Outcome::default();
    for (number, chunk) in chunks.iter().enumerate() {
        if !lost.contains(&number) {
            outcome.take(chunk);
        }
        if number == 12 + MAX_WAITING_CHUNKS {
            let account = outcome.account();
            assert_eq!((account.chunks_lost, account.chunks_delivered), (0, 10));
            assert_eq!(account.chunks_waiting, MAX_WAITING_CHUNKS as u64);
        }
    }
    let account = outcome.account();
    assert_eq!((account.chunks_lost, account.chunks_waiting), (3, 0));
    assert_eq!((account.events_lost, account.events_seen), (6, 399));
    outcome.take(&chunks[11]);
    outcome.take(&chunks[9]);
    let account = outcome.account();
    assert_eq!((account.chunks_late, account.chunks_repeated), (1, 1));
    assert_eq!(account.events_delivered, 393);
}

#[test]
fn gap_is_given_up_when_too_many_bytes_wait() {
    let bytes = vec![0; MAX_WAITING_BYTES / 4];
    let mut builder = ChunkBuilder::new(PAGE);
    let chunks: Vec<_> = (0..6)
        .map(|_| {
            builder.push(Micros(0), ChannelId(1), &sent(Value::ArrayBuffer(&bytes)));
            builder.finish()
        })
        .collect();
    let outcome = outcome_of(&chunks[1..4]);
    assert_eq!(outcome.account().chunks_delivered, 0);
    let outcome = outcome_of(&chunks[1..]);
    let account = outcome.account();
    assert_eq!((account.chunks_delivered, account.events_lost), (5, 1));
}

#[test]
fn flush_gives_out_what_waits() {
    let chunks = numbered_chunks(PAGE, 8);
    let mut outcome = outcome_of([&chunks[7], &chunks[2], &chunks[4], &chunks[3]]);
    assert!(outcome.events.is_empty());
    outcome.flush();
    let account = outcome.account();
    assert_eq!((account.chunks_delivered, account.chunks_lost), (4, 4));
    assert_eq!((account.events_delivered, account.events_seen), (8, 15));
    let numbers: Vec<_> = outcome.events.iter().map(|event| event.find("seq")).collect();
    assert_eq!(numbers.len(), 8);
}

#[test]
fn dropped_events_are_told_from_lost_ones() {
    let dropped = |channel, count| {
        EventKind::Dropped(Dropped { channel: ChannelId(channel), count, reason: "r".into() })
    };
    let mut builder = ChunkBuilder::new(PAGE);
    let mut chunks = Vec::new();
    // 0: one event, and one that could not be encoded.
    builder.push(Micros(0), ChannelId(1), &sent(Value::Null));
    builder.push(Micros(0), ChannelId::PAGE, &dropped(1, 1));
    chunks.push(builder.finish());
    // 1 and 2 never arrive: five events given up by the hook, three lost on the way.
    for count in [5, 3] {
        for _ in 0..count {
            builder.push(Micros(1), ChannelId(1), &sent(Value::Null));
        }
        builder.finish();
    }
    // 3: the hook says what it gave up.
    builder.push(Micros(2), ChannelId::PAGE, &dropped(0, 5));
    builder.push(Micros(2), ChannelId(1), &sent(Value::Null));
    chunks.push(builder.finish());
    let mut outcome = outcome_of(&chunks);
    outcome.flush();
    let account = outcome.account();
    assert_eq!(account.events_delivered, 2);
    assert_eq!(account.events_dropped, 6);
    assert_eq!(account.dropped_by_hook, 6);
    assert_eq!(account.events_lost, 3);
    assert_eq!(account.events_seen, 11);
    assert_eq!(account.chunks_lost, 2);
}

#[test]
fn damaged_chunk_loses_only_its_own_events() {
    let mut chunks = numbered_chunks(PAGE, 4);
    // The length of the first body of chunk 2 reaches past the events.
    chunks[2][32 + 13] = 0xff;
    let outcome = outcome_of(&chunks);
    let account = outcome.account();
    assert_eq!((account.events_delivered, account.events_lost), (4, 3));
    assert_eq!((account.events_seen, account.chunks_delivered), (7, 4));
    assert_eq!(outcome.issues.total(), 1);
}

#[test]
fn bytes_that_are_no_chunk_are_an_issue() {
    let mut outcome = outcome_of(&[vec![], b"RSC\x09".to_vec(), b"hello, world".to_vec()]);
    outcome.flush();
    assert_eq!(outcome.assembler.refused_chunks(), 3);
    assert_eq!(outcome.issues.issues().len(), 3);
    assert_eq!(outcome.assembler.accounts().count(), 0);
}

#[test]
fn hostile_headers_never_end_the_assembly() {
    let chunks = numbered_chunks(PAGE, 6);
    let mut generator = Generator(21);
    for _ in 0..2_000 {
        let mut outcome = Outcome::default();
        for _ in 0..12 {
            let mut chunk = chunks[generator.below(chunks.len())].clone();
            for _ in 0..generator.below(3) {
                let at = 11 + generator.below(21);
                chunk[at] = [0, 1, 0x7f, 0xff][generator.below(4)];
            }
            outcome.take(&chunk);
        }
        outcome.flush();
        for (_, account) in outcome.assembler.accounts() {
            assert_eq!(account.chunks_waiting, 0);
        }
    }
}

/// Chunks 0 to 9 of a page, with a gap in the place of the first `given_up`, which says what
/// they held.
fn with_gap(given_up: u32) -> Vec<Vec<u8>> {
    let chunks = numbered_chunks(PAGE, 10);
    let after = chunks.get(given_up as usize).unwrap();
    let first_seq = decode_chunk(after, &mut IssueLog::default()).unwrap().header().first_seq;
    let gap = Gap {
        chunks: given_up,
        events: first_seq.0,
        from: Micros(1_000),
        until: Micros(9_000),
        channels: vec![(ChannelId(1), first_seq.0)],
        reason: "the ring was full".to_owned(),
    };
    let header = Gap::header(PAGE, ChunkNumber(0), CaptureSeq(0));
    let mut all = vec![gap.chunk(&header)];
    all.extend(chunks.into_iter().skip(given_up as usize));
    all
}

#[test]
fn a_gap_is_dropped_to_the_event_with_channel_interval_and_reason() {
    let chunks = with_gap(6);
    let mut generator = Generator(8);
    for _ in 0..40 {
        let mut order: Vec<&Vec<u8>> = chunks.iter().chain(&chunks[..2]).collect();
        for index in (1..order.len()).rev() {
            order.swap(index, generator.below(index + 1));
        }
        let outcome = outcome_of(order);
        let account = outcome.account();
        // Nothing waits for what is known not to come.
        assert_eq!((account.chunks_waiting, account.chunks_delivered), (0, 5));
        assert_eq!((account.events_seen, account.events_dropped, account.events_lost), (19, 12, 0));
        assert_eq!(
            (account.events_delivered, account.chunks_repeated + account.chunks_late),
            (7, 2)
        );
        let losses: Vec<_> = outcome.assembler.losses().collect();
        let [(PAGE, loss)] = losses[..] else { panic!("{losses:?}") };
        assert_eq!(loss.channels, [(ChannelId(1), 12)]);
        assert_eq!((loss.events, loss.from, loss.until), (12, Micros(1_000), Micros(9_000)));
        assert_eq!(loss.reason, "the ring was full");
    }
}

#[test]
fn of_a_gap_only_what_did_not_come_counts() {
    let whole = numbered_chunks(PAGE, 10);
    let gap = &with_gap(6)[0];
    // The panel had the first four chunks when the relay told of the first six as gone.
    let came = whole.iter().take(4).chain([gap]).chain(&whole[6..]);
    let outcome = outcome_of(came);
    let account = outcome.account();
    assert_eq!((account.events_seen, account.events_dropped, account.events_lost), (19, 5, 0));
    assert_eq!(account.events_delivered, 14);
    // All of it: nothing is missing.
    let outcome = outcome_of(whole.iter().take(7).chain([gap]).chain(&whole[7..]));
    let account = outcome.account();
    assert_eq!((account.events_seen, account.events_delivered), (19, 19));
    assert_eq!(outcome.assembler.losses().count(), 0);
}

#[test]
fn what_is_lost_without_a_word_is_listed_with_its_times() {
    let chunks = numbered_chunks(PAGE, 10);
    let mut outcome = outcome_of(chunks[..3].iter().chain(&chunks[5..]));
    outcome.flush();
    assert_eq!(outcome.account().events_lost, 3);
    let losses: Vec<_> = outcome.assembler.losses().map(|(_, loss)| loss.clone()).collect();
    assert_eq!((losses.len(), losses[0].events), (1, 3));
    assert!(losses[0].channels.is_empty() && losses[0].from <= losses[0].until);
}

#[test]
fn a_document_that_went_away_without_its_last_events_says_so_until_they_come() {
    let chunks = numbered_chunks(PAGE, 3);
    let end = Gap {
        chunks: OPEN_END,
        events: 0,
        from: Micros(0),
        until: Micros(0),
        channels: vec![],
        reason: "the document was gone".to_owned(),
    }
    .chunk(&Gap::header(PAGE, ChunkNumber(2), CaptureSeq(0)));
    for order in [[&chunks[0], &chunks[1], &end], [&end, &chunks[1], &chunks[0]]] {
        let mut outcome = outcome_of(order);
        let account = outcome.account();
        assert!(account.is_end_lost);
        assert_eq!((account.events_seen, account.chunks_waiting), (3, 0));
        outcome.take(&chunks[2]);
        assert!(!outcome.account().is_end_lost);
    }
    assert!(!outcome_of(&chunks).account().is_end_lost);
}

#[test]
fn hostile_gaps_never_end_the_assembly() {
    let chunks = with_gap(6);
    let mut generator = Generator(33);
    for _ in 0..4_000 {
        let mut outcome = Outcome::default();
        for _ in 0..8 {
            let mut chunk = chunks[generator.below(chunks.len())].clone();
            for _ in 0..generator.below(4) {
                let at = 11 + generator.below(chunk.len().min(80) - 11);
                chunk[at] = [0, 1, 0x7f, 0xff][generator.below(4)];
            }
            chunk.truncate(chunk.len() - generator.below(3));
            outcome.take(&chunk);
        }
        outcome.flush();
        assert_eq!(
            outcome.assembler.accounts().filter(|(_, account)| account.chunks_waiting > 0).count(),
            0
        );
    }
}
