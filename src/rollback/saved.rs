//! Saved states as bytes, so that one peer can hand its state to another.

/// A state that the engine keeps for its caller and that can cross to a peer.
pub trait SavedState: Sized {
    /// Appends the whole state to `out`, random state included.
    fn write(&self, out: &mut Vec<u8>);

    /// The state of bytes that [`SavedState::write`] made; `None` for others.
    fn read(bytes: &[u8]) -> Option<Self>;
}

impl SavedState for String {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self.as_bytes());
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        std::str::from_utf8(bytes).ok().map(str::to_owned)
    }
}

impl SavedState for Vec<u8> {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(self);
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        Some(bytes.to_vec())
    }
}

impl SavedState for u64 {
    fn write(&self, out: &mut Vec<u8>) {
        out.extend(self.to_le_bytes());
    }

    fn read(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self::from_le_bytes)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check<S: SavedState + PartialEq + std::fmt::Debug>(state: S) {
        let mut bytes = Vec::new();
        state.write(&mut bytes);
        assert_eq!(S::read(&bytes), Some(state));
    }

    #[test]
    fn states_come_back_and_others_are_refused() {
        check("{\"ä\": 1}".to_owned());
        check(vec![1_u8, 2]);
        check(0x0102_0304_0506_0708_u64);
        assert_eq!(String::read(&[0xff]), None);
        assert_eq!(u64::read(&[1, 2]), None);
    }
}
