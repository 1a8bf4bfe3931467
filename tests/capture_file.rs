//! Capture files: what the writer writes the reader reads, a cut or a changed byte costs only what
//! it hit, and messages name the fix.

#![expect(clippy::unwrap_used, reason = "a test fails by panicking")]

mod capture_support;

use capture_support::{Generator, PAGE, full_chunk, numbered_chunks};
use rollscope::capture::{
    CaptureFile, ChunkBuilder, Damage, FileEnd, FileError, FileHeader, FileWriter, Missing,
};

fn header() -> FileHeader {
    FileHeader { created_by: "Rollscope 0.1.0".to_owned(), created_at_ms: 1_700_000_000_000.0 }
}

/// A file of the chunks and the offsets at which its records start, the end of the file last.
fn file_of(chunks: &[Vec<u8>]) -> (Vec<u8>, Vec<usize>) {
    let (mut writer, mut file) = FileWriter::start(&header());
    let mut offsets = vec![file.len()];
    for chunk in chunks {
        file.extend(writer.chunk(chunk).unwrap());
        offsets.push(file.len());
    }
    file.extend(writer.end());
    offsets.push(file.len());
    (file, offsets)
}

fn sample() -> (Vec<Vec<u8>>, Vec<u8>, Vec<usize>) {
    let mut chunks = numbered_chunks(PAGE, 3);
    chunks.push(full_chunk(&mut ChunkBuilder::new(PAGE)));
    let (file, offsets) = file_of(&chunks);
    (chunks, file, offsets)
}

fn read(bytes: &[u8]) -> Result<(Vec<Vec<u8>>, FileEnd), FileError> {
    let mut file = CaptureFile::open(bytes)?;
    let chunks = file.by_ref().map(<[u8]>::to_vec).collect();
    Ok((chunks, file.end().unwrap()))
}

#[test]
fn file_gives_back_its_chunks_and_header() {
    let (chunks, bytes, _) = sample();
    assert_eq!(read(&bytes), Ok((chunks, FileEnd::Complete)));
    assert_eq!(CaptureFile::open(&bytes).unwrap().header(), &header());
    let (empty, _) = file_of(&[]);
    assert_eq!(read(&empty), Ok((vec![], FileEnd::Complete)));
}

#[test]
fn file_cut_at_any_byte_gives_the_records_before_the_cut() {
    let (chunks, bytes, offsets) = sample();
    for length in 0..bytes.len() {
        let found = read(&bytes[..length]);
        if length < 8 {
            assert_eq!(found, Err(FileError::NotACapture));
        } else if length < offsets[0] {
            assert_eq!(found, Err(FileError::HeaderDamaged));
        } else {
            let whole = offsets.iter().filter(|offset| **offset <= length).count() - 1;
            let end = FileEnd::Truncated { at_byte: offsets[whole] as u64 };
            assert_eq!(found, Ok((chunks[..whole].to_vec(), end)));
        }
    }
}

#[test]
fn any_changed_byte_is_noticed_and_costs_only_its_record() {
    let (chunks, bytes, offsets) = sample();
    for index in offsets[0]..bytes.len() {
        for change in [0x01, 0x80, 0xff] {
            let mut changed = bytes.clone();
            changed[index] ^= change;
            let (found, end) = read(&changed).unwrap();
            let hit = offsets.iter().filter(|offset| **offset <= index).count() - 1;
            assert_ne!(end, FileEnd::Complete, "byte {index}");
            let before = hit.min(chunks.len());
            assert_eq!(found[..before], chunks[..before], "byte {index}");
            // A changed payload or checksum leaves all other chunks readable.
            if hit < chunks.len() && index >= offsets[hit] + 5 {
                let mut others = chunks.clone();
                others.remove(hit);
                assert_eq!(found, others);
                let expected = FileEnd::Damaged {
                    at_byte: offsets[hit] as u64,
                    damage: Damage::Checksum,
                    records_lost: 1,
                };
                assert_eq!(end, expected);
            }
        }
    }
}

#[test]
fn messages_name_the_fix() {
    let (_, bytes, _) = sample();
    let error = |bytes: &[u8]| CaptureFile::open(bytes).unwrap_err().to_string();
    let mut newer = bytes.clone();
    newer[8] = 3;
    assert_eq!(
        error(&newer),
        "made by a newer Rollscope (file version 3, this one reads up to 1): update Rollscope"
    );
    assert!(error(b"GIF89a, surely").contains("choose a file that Rollscope saved"));
    assert!(error(&bytes[..20]).contains("copy or save the file again"));
    let mut changed = bytes.clone();
    changed[16] = b'!';
    assert_eq!(CaptureFile::open(&changed).unwrap_err(), FileError::HeaderDamaged);
}

#[test]
fn a_file_in_which_something_is_missing_says_what_and_older_readers_find_no_end() {
    for missing in [Missing::PartOfSource, Missing::AboveCap] {
        let (mut writer, mut file) = FileWriter::start(&header());
        let chunks = numbered_chunks(PAGE, 3);
        for chunk in &chunks {
            file.extend(writer.chunk(chunk).unwrap());
        }
        let end_at = file.len();
        file.extend(writer.end_incomplete(missing));
        assert_eq!(read(&file), Ok((chunks.clone(), FileEnd::Incomplete { missing })));
        // A kind that a reader does not know is skipped.
        file[end_at] = 200;
        let end = FileEnd::Truncated { at_byte: file.len() as u64 };
        assert_eq!(read(&file), Ok((chunks, end)));
    }
}

#[test]
fn unknown_records_are_skipped_and_counted() {
    let (chunks, bytes, offsets) = sample();
    let mut file = bytes[..offsets[1]].to_vec();
    // CRC-32 of "ab" as any tool gives it.
    file.extend([9, 2, 0, 0, 0]);
    file.extend(0x9e83_486d_u32.to_le_bytes());
    file.extend(b"ab");
    file.extend(&bytes[offsets[1]..]);
    let mut reader = CaptureFile::open(&file).unwrap();
    assert_eq!(reader.by_ref().count(), chunks.len());
    assert_eq!(reader.unknown_records(), 1);
    assert_eq!(reader.end(), Some(FileEnd::Complete));
}

#[test]
fn missing_records_extra_bytes_and_zeros_are_damage() {
    let (chunks, bytes, offsets) = sample();
    let damage = |bytes: &[u8]| match read(bytes) {
        Ok((found, FileEnd::Damaged { damage, at_byte, .. })) => (found.len(), damage, at_byte),
        other => (usize::MAX, Damage::Kind, other.map_or(0, |_| 1)),
    };
    let mut shorter = bytes.clone();
    shorter.drain(offsets[0]..offsets[1]);
    let end_at = offsets[4] - (offsets[1] - offsets[0]);
    assert_eq!(damage(&shorter), (chunks.len() - 1, Damage::Counts, end_at as u64));
    let mut longer = bytes.clone();
    longer.push(1);
    assert_eq!(damage(&longer), (chunks.len(), Damage::BytesAfterEnd, bytes.len() as u64));
    let mut zeros = bytes[..offsets[2]].to_vec();
    zeros.resize(zeros.len() + 5000, 0);
    assert_eq!(damage(&zeros), (2, Damage::Kind, offsets[2] as u64));
}

#[test]
fn random_mutations_never_end_the_reader() {
    let (_, bytes, _) = sample();
    let mut generator = Generator(31);
    for _ in 0..150_000 {
        let mut changed = bytes.clone();
        for _ in 0..1 + generator.below(4) {
            let at = generator.below(changed.len());
            changed[at] = generator.next() as u8;
        }
        changed.truncate(generator.below(2 * bytes.len()).max(1));
        let _ = read(&changed);
    }
}
