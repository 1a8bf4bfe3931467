//! The members of open objects, and how they are put in the order of their keys.

use super::eight::eight_at;

/// One member of an object.
#[derive(Clone, Copy)]
pub(super) struct Member {
    /// The first eight letters of its key, so that numbers compare as keys do.
    prefix: u64,
    /// The letters of its key in the text.
    key: [usize; 2],
    /// The whole member in what was added.
    pub(super) added: [usize; 2],
}

impl Member {
    /// A member by the place of its key, which begins at `added`.
    #[inline(always)]
    pub(super) fn new(bytes: &[u8], key: [usize; 2], added: usize) -> Self {
        Self { prefix: prefix(bytes, key), key, added: [added; 2] }
    }

    /// Whether its key comes before that of another; neither does if they are the same.
    #[inline(always)]
    pub(super) fn is_before(&self, bytes: &[u8], other: &Self) -> bool {
        if self.prefix == other.prefix {
            return self.letters(bytes) < other.letters(bytes);
        }
        self.prefix < other.prefix
    }

    fn letters<'t>(&self, bytes: &'t [u8]) -> &'t [u8] {
        bytes.get(self.key[0]..self.key[1]).unwrap_or_default()
    }
}

/// The first letters of a key, zeros behind a short one: every plain letter is more than zero.
#[inline(always)]
fn prefix(bytes: &[u8], [start, end]: [usize; 2]) -> u64 {
    let Some(eight) = eight_at(bytes, start) else {
        let letters = bytes.get(start..end).unwrap_or_default();
        let places = [56, 48, 40, 32, 24, 16, 8];
        return letters.iter().zip(places).fold(0, |all, (byte, at)| all | u64::from(*byte) << at);
    };
    match end - start {
        0 => 0,
        length @ 1..8 => eight.swap_bytes() & !(u64::MAX >> (8 * length)),
        _ => eight.swap_bytes(),
    }
}

/// Puts the members of one object, which were added from `begin` on, in order. `None` if a key stands
/// there twice.
#[inline(never)]
pub(super) fn sort(
    out: &mut Vec<u8>,
    bytes: &[u8],
    members: &mut [Member],
    begin: usize,
) -> Option<()> {
    members.sort_unstable_by(|left, right| {
        let prefixes = left.prefix.cmp(&right.prefix);
        prefixes.then_with(|| left.letters(bytes).cmp(right.letters(bytes)))
    });
    if !members.is_sorted_by(|left, right| left.is_before(bytes, right)) {
        return None;
    }
    // Behind what is there, then in its place.
    let end = out.len();
    for (index, member) in members.iter().enumerate() {
        if index > 0 {
            out.push(b',');
        }
        let [from, to] = member.added;
        if from > to || to > end {
            return None;
        }
        out.extend_from_within(from..to);
    }
    let length = out.len() - end;
    out.copy_within(end.., begin);
    out.truncate(begin + length);
    Some(())
}
