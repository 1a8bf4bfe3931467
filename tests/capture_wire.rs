//! Chunks: what the builder writes the reader reads, and no damage ends the reader.

mod capture_support;

use capture_support::{Generator, PAGE, every_kind, full_chunk, shown};
use rollscope::capture::{
    CaptureSeq, ChannelId, ChunkBuilder, ChunkError, EventKind, KeyPlacement, Message,
    MessageFlags, StringPlacement, Value, decode_chunk,
};
use rollscope::issue::IssueLog;
use rollscope::time::Micros;

fn placements() -> Vec<(StringPlacement, KeyPlacement)> {
    use KeyPlacement::{InPlace, Shape, Table};
    vec![
        (StringPlacement::Inline, Shape),
        (StringPlacement::Inline, Table),
        (StringPlacement::InlineUtf16, InPlace),
        (StringPlacement::Table, Table),
        (StringPlacement::TableUtf16, InPlace),
    ]
}

/// The kinds of all events of a chunk, as text, and the issues on the way.
fn read(bytes: &[u8]) -> (Vec<String>, IssueLog) {
    let mut issues = IssueLog::default();
    let mut found = Vec::new();
    if let Ok(chunk) = decode_chunk(bytes, &mut issues) {
        found.extend(chunk.events(&mut issues).map(|event| shown(&event)));
    }
    (found, issues)
}

/// Reads everything and keeps nothing.
fn walk(bytes: &[u8]) {
    let mut issues = IssueLog::default();
    if let Ok(chunk) = decode_chunk(bytes, &mut issues) {
        chunk.events(&mut issues).for_each(drop);
    }
}

fn message(value: Value<'_>) -> EventKind<'_> {
    EventKind::MessageSent(Message { flags: MessageFlags(0), value })
}

#[test]
fn every_event_survives_every_placement_of_texts_and_keys() {
    for (strings, keys) in placements() {
        let mut builder = ChunkBuilder::new(PAGE);
        builder.place(strings, keys);
        for chunk_number in 0..2 {
            let bytes = full_chunk(&mut builder);
            let mut issues = IssueLog::default();
            let chunk = decode_chunk(&bytes, &mut issues).unwrap();
            assert_eq!(chunk.header().number.0, chunk_number);
            assert_eq!(chunk.header().dropped_total, chunk_number + 1);
            let events: Vec<_> = chunk.events(&mut issues).collect();
            let expected = every_kind();
            assert_eq!(events.len(), expected.len());
            for (index, (event, kind)) in events.iter().zip(&expected).enumerate() {
                assert_eq!(&event.kind, kind);
                assert_eq!(event.page, PAGE);
                assert_eq!(event.time, Micros(1000 * index as u64));
                assert_eq!(event.channel, ChannelId(index as u32 % 5));
                let number = chunk_number * expected.len() as u32 + index as u32;
                assert_eq!(event.seq, CaptureSeq(number));
            }
            assert_eq!(issues.total(), 0);
        }
    }
}

#[test]
fn lone_surrogates_become_the_replacement_character() {
    let mut builder = ChunkBuilder::new(PAGE);
    let mut body = vec![0, 0x07, 4, 0, 0, 0];
    body.extend([0x41, 0x00, 0x3d, 0xd8]);
    builder.push_raw(Micros(0), ChannelId(1), 4, &body);
    let bytes = builder.finish();
    let mut issues = IssueLog::default();
    let chunk = decode_chunk(&bytes, &mut issues).unwrap();
    let event = chunk.events(&mut issues).next().unwrap();
    assert_eq!(event.kind, message(Value::String("A\u{fffd}".into())));
}

#[test]
fn unreadable_value_leaves_the_events_around_it() {
    let known = Value::Object(vec![("a".into(), Value::Null)]);
    let fresh = Value::Object(vec![("b".into(), Value::Null)]);
    let mut builder = ChunkBuilder::new(PAGE);
    builder.push(Micros(1), ChannelId(1), &message(known.clone()));
    builder.push_raw(Micros(2), ChannelId(1), 4, &[0, 0x0a, 1, 0, 0, 0, 9, 0, 0]);
    builder.push(Micros(3), ChannelId(1), &message(known.clone()));
    builder.push(Micros(4), ChannelId(1), &message(fresh.clone()));
    let bytes = builder.finish();
    let mut issues = IssueLog::default();
    let chunk = decode_chunk(&bytes, &mut issues).unwrap();
    let kinds: Vec<_> = chunk.events(&mut issues).map(|event| event.kind).collect();
    let lost = message(Value::Unreadable);
    assert_eq!(kinds, [message(known.clone()), lost, message(known), message(fresh)]);
    let texts: Vec<_> = issues.issues().iter().map(|issue| issue.text.as_str()).collect();
    assert_eq!(texts, ["a value cannot be read: the table of keys has no entry 9"]);
}

/// In version 1 a key stood where it came first, and nothing but texts stood behind the events.
#[test]
fn in_version_1_keys_after_an_unreadable_value_cannot_be_trusted() {
    let mut builder = ChunkBuilder::new(PAGE);
    let known = [0, 0x0a, 1, 0, 0, 0, 0, 0, 1, 0, b'a', 0x01];
    builder.push_raw(Micros(1), ChannelId(1), 4, &known);
    builder.push_raw(Micros(2), ChannelId(1), 4, &[0, 0x0a, 1, 0, 0, 0, 9, 0, 0]);
    builder.push_raw(Micros(3), ChannelId(1), 4, &[0, 0x0a, 1, 0, 0, 0, 0, 0, 0x01]);
    builder.push_raw(Micros(4), ChannelId(1), 4, &[0, 0x0a, 1, 0, 0, 0, 1, 0, 1, 0, b'b', 0x01]);
    let mut bytes = builder.finish();
    bytes[3] = 1;
    let tables = u32::from_le_bytes(bytes[28..32].try_into().unwrap());
    bytes.truncate(tables as usize + 4);
    let (kinds, issues) = read(&bytes);
    let is_readable: Vec<_> = kinds.iter().map(|kind| !kind.contains("Unreadable")).collect();
    assert_eq!(is_readable, [true, false, true, false]);
    let texts: Vec<_> = issues.issues().iter().map(|issue| issue.text.as_str()).collect();
    assert_eq!(
        texts,
        [
            "a value cannot be read: the table of keys has no entry 9",
            "a value cannot be read: its keys stood in a value before it that cannot be read",
        ]
    );
}

#[test]
fn unknown_kinds_are_skipped_and_counted() {
    let mut builder = ChunkBuilder::new(PAGE);
    builder.push_raw(Micros(1), ChannelId(1), 77, &[1, 2, 3]);
    builder.push(Micros(2), ChannelId(1), &message(Value::Null));
    let bytes = builder.finish();
    let mut issues = IssueLog::default();
    let chunk = decode_chunk(&bytes, &mut issues).unwrap();
    let mut events = chunk.events(&mut issues);
    assert_eq!(events.next().unwrap().seq, CaptureSeq(1));
    assert!(events.next().is_none());
    assert_eq!((events.unknown(), events.passed()), (1, 2));
    assert_eq!(issues.total(), 1);
}

#[track_caller]
fn check_unreadable(body: &[u8], expected: &str) {
    let mut builder = ChunkBuilder::new(PAGE);
    builder.push_raw(Micros(1), ChannelId(1), 5, body);
    let (_, issues) = read(&builder.finish());
    let texts: Vec<_> = issues.issues().iter().map(|issue| issue.text.as_str()).collect();
    assert_eq!(texts, [format!("a value cannot be read: {expected}")]);
}

#[test]
fn issues_say_what_is_wrong_with_a_value() {
    check_unreadable(&[], "the bytes end inside a value");
    check_unreadable(&[0, 0x1a], "no value has the tag 0x1a");
    check_unreadable(&[0, 0x0b, 7, 0], "the table of shapes has no entry 7");
    check_unreadable(&[0, 0x06, 1, 0, 0, 0, 0xff], "a text is not UTF-8");
    check_unreadable(&[0, 0x08, 5, 0, 0, 0], "the string table has no entry 5");
    check_unreadable(&[0, 0x0d, 12, 0, 0, 0, 0], "no typed array has the element kind 12");
    check_unreadable(
        &[0, 0x15, 0, 0, 0, 0],
        "it refers to container 0, which comes later or not at all",
    );
    // A container cannot claim more elements than bytes are left.
    check_unreadable(&[0, 0x09, 0xff, 0xff, 0xff, 0xff, 0x00], "the bytes end inside a value");
    check_unreadable(&[0, 0x17, 0xff, 0xff, 0xff, 0xff, 0x00], "the bytes end inside a value");
    check_unreadable(&[0, 0x18, 0xff, 0xff, 0xff, 0xff, 0x00], "the bytes end inside a value");
    check_unreadable(&[0, 0x19, 2, 0, 0, 0, 1, 0, 0, 0, 2, 0, 0], "the bytes end inside a value");
    let mut deep = vec![0];
    deep.extend([0x09, 1, 0, 0, 0].repeat(65));
    deep.push(0x01);
    check_unreadable(&deep, "it is nested deeper than 64");
    let mut large = vec![0, 0x09, 0x01, 0x00, 0x20, 0x00];
    large.extend(vec![0x80; (1 << 21) + 1]);
    check_unreadable(&large, "it has more than 2097152 values");
}

#[test]
fn a_damaged_table_is_told_and_the_chunk_is_read() {
    let mut builder = ChunkBuilder::new(PAGE);
    builder.push(Micros(1), ChannelId(1), &message(Value::Bool(true)));
    let whole = builder.finish();
    let tables = u32::from_le_bytes(whole[28..32].try_into().unwrap()) as usize;
    // First text, count of texts, count of keys, count of shapes.
    for (at, count) in [(4, 9_u32), (8, 9), (12, 9), (8, u32::MAX), (12, (1 << 16) + 1)] {
        let mut bytes = whole.clone();
        bytes[tables + at..tables + at + 4].copy_from_slice(&count.to_le_bytes());
        let (events, issues) = read(&bytes);
        assert_eq!(events.len(), 1);
        assert_eq!(issues.total(), 1, "count {count} at {at}");
    }
}

#[test]
fn bytes_that_are_no_chunk_are_told_apart() {
    let mut issues = IssueLog::default();
    let mut error = |bytes: &[u8]| decode_chunk(bytes, &mut issues).unwrap_err();
    assert_eq!(error(b"RS"), ChunkError::TooShort { bytes: 2 });
    assert_eq!(error(b"PNG\x01"), ChunkError::NotAChunk);
    assert_eq!(error(b"RSC\x04"), ChunkError::TooNew { version: 4 });
    assert_eq!(error(b"RSC\x01 short"), ChunkError::TooShort { bytes: 10 });
    let mut bytes = ChunkBuilder::new(PAGE).finish();
    bytes[28] = 31;
    assert_eq!(error(&bytes), ChunkError::TableOutside { offset: 31, bytes: 48 });
    bytes[28] = 49;
    assert_eq!(error(&bytes), ChunkError::TableOutside { offset: 49, bytes: 48 });
}

#[test]
fn chunk_cut_at_any_byte_gives_the_events_before_the_cut() {
    for (strings, keys) in placements() {
        let mut builder = ChunkBuilder::new(PAGE);
        builder.place(strings, keys);
        let whole = full_chunk(&mut builder);
        let (all, _) = read(&whole);
        for length in 0..whole.len() {
            let (found, _) = read(&whole[..length]);
            assert!(found.len() <= all.len());
        }
        // The events' end moved forward: what is in front of it is untouched.
        let table = u32::from_le_bytes(whole[28..32].try_into().unwrap());
        for end in 32..table {
            let mut cut = whole.clone();
            cut.splice(end as usize..table as usize, []);
            cut[28..32].copy_from_slice(&end.to_le_bytes());
            let (found, issues) = read(&cut);
            assert_eq!(found, all[..found.len()]);
            assert_eq!(issues.total(), 1, "cut at {end}");
        }
    }
}

#[test]
fn no_damage_ends_the_reader() {
    let mut generator = Generator(11);
    for (strings, keys) in placements() {
        let mut builder = ChunkBuilder::new(PAGE);
        builder.place(strings, keys);
        let whole = full_chunk(&mut builder);
        for index in 0..whole.len() {
            for byte in [0, 1, 0x7f, 0x80, 0xff, whole[index] ^ 1, generator.next() as u8] {
                let mut changed = whole.clone();
                changed[index] = byte;
                walk(&changed);
            }
        }
    }
}

#[test]
fn random_mutations_never_end_the_reader() {
    let mut generator = Generator(12);
    let mut builder = ChunkBuilder::new(PAGE);
    let whole: Vec<Vec<u8>> = placements()
        .into_iter()
        .map(|(strings, keys)| {
            builder.place(strings, keys);
            full_chunk(&mut builder)
        })
        .collect();
    let mut changed = Vec::new();
    for round in 0..50_000 {
        changed.clear();
        changed.extend(&whole[round % whole.len()]);
        for _ in 0..1 + generator.below(6) {
            let at = generator.below(changed.len());
            match generator.below(4) {
                0 => changed[at] = generator.next() as u8,
                1 => changed[at] ^= 1 << generator.below(8),
                2 => {
                    let end = (at + generator.below(9)).min(changed.len());
                    changed.drain(at..end);
                }
                _ => changed.insert(at, generator.next() as u8),
            }
            if changed.is_empty() {
                break;
            }
        }
        walk(&changed);
    }
}
