//! Chunks of the live session that wait for their turn, in the order in which the bridge brought them.
//!
//! It is of the first part of the panel: chunks come before the analysis does, and without one they can still be saved.

use std::cell::{Cell, RefCell};
use std::collections::VecDeque;

use rollscope::capture::{FileHeader, FileWriter, Missing};

/// Most bytes of chunks that wait for an analysis which is not there.
const MOST_BYTES: usize = 256 << 20;

thread_local! {
    static CHUNKS: RefCell<VecDeque<Vec<u8>>> = const { RefCell::new(VecDeque::new()) };
    /// Bytes of those that came while there was no analysis.
    static BYTES: Cell<usize> = const { Cell::new(0) };
    /// Whether one of those had to be let go.
    static IS_FULL: Cell<bool> = const { Cell::new(false) };
}

/// Lets a chunk wait.
pub fn push(chunk: Vec<u8>) {
    CHUNKS.with_borrow_mut(|chunks| chunks.push_back(chunk));
}

/// Lets a chunk wait for an analysis that is not there. Once there are too many, every later one is let go: the file
/// says so in its end, and an analysis that comes after all finds their numbers missing.
pub fn push_bounded(chunk: Vec<u8>) {
    let bytes = BYTES.get().saturating_add(chunk.len());
    if IS_FULL.get() || bytes > MOST_BYTES {
        IS_FULL.set(true);
        return;
    }
    BYTES.set(bytes);
    push(chunk);
}

/// The next chunk.
pub fn pop() -> Option<Vec<u8>> {
    CHUNKS.with_borrow_mut(VecDeque::pop_front)
}

/// Whether chunks wait.
pub fn is_any() -> bool {
    CHUNKS.with_borrow(|chunks| !chunks.is_empty())
}

/// What waits as a capture file; `created_at_ms` is the time since the epoch.
pub fn file(created_at_ms: f64) -> Vec<u8> {
    let created_by = concat!("rollscope ", env!("CARGO_PKG_VERSION")).to_owned();
    let (mut writer, mut file) = FileWriter::start(&FileHeader { created_by, created_at_ms });
    CHUNKS.with_borrow(|chunks| {
        for chunk in chunks {
            // A chunk came over the wire in one piece, so it is far below a record's limit.
            file.extend(writer.chunk(chunk).unwrap_or_default());
        }
    });
    file.extend(if IS_FULL.get() {
        writer.end_incomplete(Missing::AboveCap)
    } else {
        writer.end()
    });
    file
}

#[cfg(test)]
mod tests {
    use rollscope::analysis::Analysis;

    use super::*;

    const FIXTURE: &[u8] = include_bytes!("../../tests/fixtures/session-v1.rollscope");

    #[test]
    fn a_file_of_waiting_chunks_opens_and_says_whether_some_were_let_go() {
        let chunks: Vec<Vec<u8>> =
            rollscope::capture::CaptureFile::open(FIXTURE).unwrap().map(<[u8]>::to_vec).collect();
        for chunk in chunks {
            push_bounded(chunk);
        }
        let opened = |bytes: &[u8]| {
            let mut analysis = Analysis::new();
            analysis.open_file(bytes).unwrap();
            (analysis.rollback_count(), analysis.health().file_notice)
        };
        let whole = opened(&file(0.0));
        assert_eq!(whole, opened(FIXTURE));
        assert_eq!(whole.1, None);

        BYTES.set(MOST_BYTES);
        push_bounded(vec![0; 1]);
        BYTES.set(0);
        push_bounded(vec![0; 1]);
        let cut = opened(&file(0.0));
        assert_eq!(cut.0, whole.0, "what was let go leaves no later chunk behind it");
        assert!(cut.1.is_some(), "and the file says that something is missing");

        let mut taken = 0;
        while pop().is_some() {
            taken += 1;
        }
        assert!(taken > 0 && !is_any());
    }
}
