//! A state on its way in chunks: what is sent of it, what has come, what is missing.
//!
//! The receiver says what it lacks, the sender answers that and remembers nothing of it. Bounded
//! by `MAX_STATE_BYTES`; a hostile chunk is refused and changes nothing.

use crate::frame::Frame;
use crate::message::{MAX_CHUNK_BYTES, MAX_STATE_BYTES, MissingChunks};

/// Which state is under way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct StateName {
    pub(super) frame: Frame,
    pub(super) hash: u64,
    /// Whether the episode ends with it.
    pub(super) is_end: bool,
    /// Frame of the state that the bytes are a difference from.
    pub(super) base: Option<Frame>,
    pub(super) total_bytes: u32,
}

/// A state that is sent.
#[derive(Debug, Clone)]
pub(super) struct Outgoing {
    pub(super) name: StateName,
    bytes: Vec<u8>,
}

impl Outgoing {
    /// `None` if the state is too long to be sent.
    pub(super) fn new(
        frame: Frame,
        hash: u64,
        is_end: bool,
        base: Option<Frame>,
        bytes: Vec<u8>,
    ) -> Option<Self> {
        if bytes.len() > MAX_STATE_BYTES {
            return None;
        }
        let total_bytes = bytes.len() as u32;
        Some(Self { name: StateName { frame, hash, is_end, base, total_bytes }, bytes })
    }

    pub(super) fn chunk(&self, index: u32) -> Option<&[u8]> {
        // An empty state is one empty chunk.
        if index == 0 && self.bytes.is_empty() {
            return Some(&[]);
        }
        self.bytes.chunks(MAX_CHUNK_BYTES).nth(index as usize)
    }
}

/// The indices that a receiver asks for: the first missing one and what it lacks of the 64 after.
pub(super) fn asked_chunks(missing: &MissingChunks) -> impl Iterator<Item = u32> + use<> {
    let MissingChunks { first, held, .. } = *missing;
    let behind = (0..64).filter(move |bit| held >> bit & 1 == 0);
    std::iter::once(first).chain(behind.filter_map(move |bit| first.checked_add(bit + 1)))
}

/// A state that comes in.
#[derive(Debug, Clone)]
pub(super) struct Incoming {
    pub(super) name: StateName,
    bytes: Vec<u8>,
    held: Vec<bool>,
    first_missing: usize,
}

impl Incoming {
    /// `None` if the state is longer than any may be.
    pub(super) fn new(name: StateName) -> Option<Self> {
        let total = name.total_bytes as usize;
        (total <= MAX_STATE_BYTES).then(|| Self {
            name,
            bytes: vec![0; total],
            held: vec![false; total.div_ceil(MAX_CHUNK_BYTES).max(1)],
            first_missing: 0,
        })
    }

    /// Takes a chunk. Returns whether it fits.
    pub(super) fn insert(&mut self, index: u32, chunk: &[u8]) -> bool {
        let index = index as usize;
        let start = index.saturating_mul(MAX_CHUNK_BYTES);
        let length = self.bytes.len().saturating_sub(start).min(MAX_CHUNK_BYTES);
        let (Some(held), Some(place)) =
            (self.held.get_mut(index), self.bytes.get_mut(start..start + length))
        else {
            return false;
        };
        if chunk.len() != length {
            return false;
        }
        place.copy_from_slice(chunk);
        *held = true;
        while self.held.get(self.first_missing) == Some(&true) {
            self.first_missing += 1;
        }
        true
    }

    /// The whole, once nothing is missing.
    pub(super) fn complete(&self) -> Option<&[u8]> {
        (self.first_missing == self.held.len()).then_some(self.bytes.as_slice())
    }

    pub(super) fn missing(&self) -> MissingChunks {
        let behind = self.held.iter().skip(self.first_missing + 1).take(64).enumerate();
        let held = behind.filter(|(_, held)| **held).fold(0, |bits, (bit, _)| bits | 1 << bit);
        MissingChunks { frame: self.name.frame, first: self.first_missing as u32, held }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn outgoing(length: usize) -> Outgoing {
        let bytes = (0..length).map(|n| (n / 7) as u8).collect();
        Outgoing::new(Frame(40), 9, false, None, bytes).unwrap()
    }

    #[test]
    fn a_state_crosses_a_link_that_loses_every_third_chunk() {
        for length in [0, 1, MAX_CHUNK_BYTES, MAX_CHUNK_BYTES + 1, 200_000] {
            let outgoing = outgoing(length);
            let mut incoming = Incoming::new(outgoing.name).unwrap();
            let (mut sent, mut rounds) = (0, 0);
            while incoming.complete().is_none() {
                rounds += 1;
                assert!(rounds < 100);
                let missing = incoming.missing();
                for index in asked_chunks(&missing) {
                    let Some(chunk) = outgoing.chunk(index) else { continue };
                    sent += 1;
                    assert!(sent % 3 == 0 || incoming.insert(index, chunk));
                }
            }
            assert_eq!(incoming.complete().unwrap(), outgoing.bytes);
        }
    }

    #[test]
    fn chunks_that_do_not_fit_change_nothing() {
        let mut incoming = Incoming::new(outgoing(3000).name).unwrap();
        assert!(!incoming.insert(3, &[0; 10]));
        assert!(!incoming.insert(u32::MAX, &[0; 10]));
        assert!(!incoming.insert(2, &[0; MAX_CHUNK_BYTES]));
        assert!(!incoming.insert(0, &[0; 3]));
        assert_eq!(incoming.missing(), MissingChunks { frame: Frame(40), first: 0, held: 0 });
        assert!(incoming.insert(2, &[0; 3000 - 2 * MAX_CHUNK_BYTES]));
        assert_eq!(incoming.missing().held, 0b10);
        let too_long = StateName { total_bytes: u32::MAX, ..outgoing(1).name };
        assert!(Incoming::new(too_long).is_none());
    }
}
