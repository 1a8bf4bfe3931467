//! Arrays of numbers only, as the hook writes them: each number in the fewest bytes that hold all of them.
//!
//! Made by the reader of values over the bytes of a chunk; nothing is copied. What reads one sees doubles,
//! whatever they are written as. Must not know chunks or tags.

/// An array of numbers only, as little-endian bytes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Numbers<'a> {
    /// Numbers of any kind.
    Doubles(&'a [[u8; 8]]),
    /// Whole numbers from 0 to 2^32 - 1.
    Naturals(&'a [[u8; 4]]),
    /// Whole numbers from -2^31 to 2^31 - 1.
    Integers(&'a [[u8; 4]]),
}

impl<'a> Numbers<'a> {
    /// How many numbers there are.
    #[must_use]
    pub fn len(&self) -> usize {
        match self {
            Self::Doubles(numbers) => numbers.len(),
            Self::Naturals(numbers) | Self::Integers(numbers) => numbers.len(),
        }
    }

    /// Whether there is none.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The number at `index`.
    #[must_use]
    pub fn get(&self, index: usize) -> Option<f64> {
        Some(match self {
            Self::Doubles(numbers) => f64::from_le_bytes(*numbers.get(index)?),
            Self::Naturals(numbers) => f64::from(u32::from_le_bytes(*numbers.get(index)?)),
            Self::Integers(numbers) => f64::from(i32::from_le_bytes(*numbers.get(index)?)),
        })
    }

    /// The numbers in order.
    #[must_use]
    pub fn iter(&self) -> NumbersIter<'a> {
        NumbersIter { numbers: *self, next: 0 }
    }

    /// The bytes as they stand in the chunk.
    pub(super) fn bytes(&self) -> &'a [u8] {
        match self {
            Self::Doubles(numbers) => numbers.as_flattened(),
            Self::Naturals(numbers) | Self::Integers(numbers) => numbers.as_flattened(),
        }
    }
}

impl<'a> IntoIterator for &Numbers<'a> {
    type Item = f64;
    type IntoIter = NumbersIter<'a>;

    fn into_iter(self) -> NumbersIter<'a> {
        self.iter()
    }
}

/// The numbers of such an array in order.
#[derive(Debug, Clone)]
pub struct NumbersIter<'a> {
    numbers: Numbers<'a>,
    next: usize,
}

impl Iterator for NumbersIter<'_> {
    type Item = f64;

    fn next(&mut self) -> Option<f64> {
        let number = self.numbers.get(self.next)?;
        self.next += 1;
        Some(number)
    }

    fn size_hint(&self) -> (usize, Option<usize>) {
        let left = self.numbers.len() - self.next;
        (left, Some(left))
    }
}

impl ExactSizeIterator for NumbersIter<'_> {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_form_gives_its_numbers_and_no_more() {
        let doubles = [1.5_f64, -0.0].map(f64::to_le_bytes);
        let naturals = [0_u32, u32::MAX].map(u32::to_le_bytes);
        let integers = [i32::MIN, -1].map(i32::to_le_bytes);
        let all = |numbers: Numbers<'_>| numbers.iter().collect::<Vec<_>>();
        assert_eq!(all(Numbers::Doubles(&doubles)), [1.5, 0.0]);
        assert!(Numbers::Doubles(&doubles).get(1).unwrap().is_sign_negative());
        assert_eq!(all(Numbers::Naturals(&naturals)), [0.0, 4_294_967_295.0]);
        assert_eq!(all(Numbers::Integers(&integers)), [-2_147_483_648.0, -1.0]);
        assert_eq!(Numbers::Naturals(&naturals).iter().len(), 2);
        assert_eq!(Numbers::Integers(&integers).get(2), None);
        assert!(Numbers::Doubles(&[]).is_empty());
    }
}
