//! Whole byte streams: chunks of the hook, capture files, recordings.

use rollscope::capture::{Assembler, CaptureFile, recorder};
use rollscope::issue::IssueLog;

use super::{Feed, Tally};
use crate::random::{Random, change_bytes, change_text};
use crate::seeds;

/// Inputs that one assembler takes: it remembers pages.
const INPUTS_PER_ASSEMBLER: u32 = 500;

fn tally(read: u32, issues: &IssueLog) -> Tally {
    Tally { read, issues: u32::try_from(issues.total()).unwrap_or(u32::MAX) }
}

#[derive(Default)]
struct Chunks {
    seed: Vec<u8>,
    bytes: Vec<u8>,
    assembler: Assembler,
    fed: u32,
}

pub(super) fn chunks() -> Box<dyn Feed> {
    Box::new(Chunks { seed: seeds::chunk(), ..Chunks::default() })
}

impl Feed for Chunks {
    fn feed(&mut self, random: &mut Random) -> Tally {
        if self.fed.is_multiple_of(INPUTS_PER_ASSEMBLER) {
            self.assembler = Assembler::default();
        }
        self.fed = self.fed.wrapping_add(1);
        self.bytes.clear();
        self.bytes.extend(&self.seed);
        change_bytes(&mut self.bytes, &self.seed, random);
        let (mut read, mut issues) = (0, IssueLog::default());
        self.assembler.handle_chunk(&self.bytes, &mut issues, &mut |_| read += 1);
        if random.below(64) == 0 {
            self.assembler.flush(&mut issues, &mut |_| read += 1);
        }
        tally(read, &issues)
    }
}

#[derive(Default)]
struct Files {
    chunk: Vec<u8>,
    file: Vec<u8>,
    bytes: Vec<u8>,
}

pub(super) fn files() -> Box<dyn Feed> {
    let chunk = seeds::chunk();
    Box::new(Files { file: seeds::file(&chunk), chunk, bytes: Vec::new() })
}

impl Feed for Files {
    fn feed(&mut self, random: &mut Random) -> Tally {
        self.bytes.clear();
        if random.below(2) == 0 {
            self.bytes.extend(&self.file);
            change_bytes(&mut self.bytes, &self.file, random);
        } else {
            // A damage that no checksum notices.
            let mut chunk = self.chunk.clone();
            change_bytes(&mut chunk, &self.chunk, random);
            self.bytes = seeds::file(&chunk);
        }
        let (mut read, mut issues) = (0, IssueLog::default());
        let Ok(mut file) = CaptureFile::open(&self.bytes) else {
            return Tally { read: 0, issues: 1 };
        };
        let mut assembler = Assembler::default();
        for chunk in file.by_ref() {
            assembler.handle_chunk(chunk, &mut issues, &mut |_| read += 1);
        }
        assembler.flush(&mut issues, &mut |_| read += 1);
        tally(read, &issues)
    }
}

#[derive(Default)]
struct Recordings {
    text: String,
    line: String,
}

pub(super) fn recorder() -> Box<dyn Feed> {
    Box::new(Recordings::default())
}

impl Feed for Recordings {
    fn feed(&mut self, random: &mut Random) -> Tally {
        self.text.clear();
        self.text.push_str(
            "{\"header\":{\"timeOrigin\":1.5,\"url\":\"u\",\"userAgent\":\"x\",\"player\":1}}\n",
        );
        for _ in 0..=random.below(3) {
            self.line.clear();
            self.line.push_str(random.one(seeds::RECORDING).copied().unwrap_or_default());
            if random.below(3) != 0 {
                let other = random.one(seeds::RECORDING).copied().unwrap_or_default();
                change_text(&mut self.line, other, random);
            }
            self.text.push_str(&self.line);
            self.text.push('\n');
        }
        let (mut read, mut issues, mut of_chunks) = (0, IssueLog::default(), IssueLog::default());
        let mut assembler = Assembler::default();
        recorder::import(self.text.as_bytes(), &mut issues, &mut |chunk| {
            assembler.handle_chunk(chunk, &mut of_chunks, &mut |_| read += 1);
        });
        // What the importer writes, the decoder must read.
        assert_eq!(of_chunks.total(), 0, "{:?}: {}", of_chunks.issues(), self.text);
        tally(read, &issues)
    }
}
