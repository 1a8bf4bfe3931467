//! A JSON document as it stood in the text: number lexemes and the order of keys are kept.
//!
//! Made by [`Json::parse`] from a state text; read by the printers, the hash and the diff.

use super::decimal::double_of;
use super::text::Text;
use crate::sorting;

/// One JSON value. Python's `NaN`, `Infinity` and `-Infinity` count as numbers.
#[derive(Debug, Clone, PartialEq)]
pub enum Json<'a> {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A number as it was written.
    Number(Number<'a>),
    /// A string with its escapes decoded.
    String(Text<'a>),
    /// An array.
    Array(Vec<Json<'a>>),
    /// An object.
    Object(Object<'a>),
}

/// A number by its lexeme: with `.`, `e` or `E` it is a float, otherwise an integer of any size.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Number<'a> {
    /// Digits, perhaps with a minus.
    Integer(&'a str),
    /// Everything else, `NaN`, `Infinity` and `-Infinity` included.
    Float(&'a str),
}

/// The members of an object in document order, every key once: of repeated keys the last value
/// stands at the place of the first.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Object<'a>(Vec<(Text<'a>, Json<'a>)>);

impl<'a> Json<'a> {
    /// The member `key` of an object; `None` for other keys and for what is no object.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Self> {
        match self {
            Self::Object(object) => object.get(key),
            _ => None,
        }
    }

    /// The items of an array; `None` for everything else.
    #[must_use]
    pub fn items(&self) -> Option<&[Self]> {
        match self {
            Self::Array(items) => Some(items),
            _ => None,
        }
    }
}

impl<'a> Number<'a> {
    /// The number as it was written.
    #[must_use]
    pub fn lexeme(self) -> &'a str {
        match self {
            Self::Integer(lexeme) | Self::Float(lexeme) => lexeme,
        }
    }

    /// The nearest double; infinite past the largest one.
    #[must_use]
    pub fn as_f64(self) -> f64 {
        // The parser admits only what is read here.
        double_of(self.lexeme()).unwrap_or(f64::NAN)
    }
}

impl<'a> Object<'a> {
    /// The members in document order, taken out.
    #[must_use]
    pub fn into_members(self) -> Vec<(Text<'a>, Json<'a>)> {
        self.0
    }

    /// The members in document order.
    pub fn members(&self) -> impl ExactSizeIterator<Item = (&Text<'a>, &Json<'a>)> {
        self.0.iter().map(|(key, value)| (key, value))
    }

    /// The member `key`, if there is one.
    #[must_use]
    pub fn get(&self, key: &str) -> Option<&Json<'a>> {
        self.0.iter().find(|(name, _)| name == key).map(|(_, value)| value)
    }

    /// The members in the order of their keys' code points.
    pub(super) fn sorted_members(&self) -> SortedMembers<'_, 'a> {
        if self.0.is_sorted_by(|left, right| left.0 <= right.0) {
            return SortedMembers::AsWritten(self.0.iter());
        }
        let mut sorted: Vec<_> = self.0.iter().collect();
        sorting::sort_by(&mut sorted, |left, right| left.0.cmp(&right.0));
        SortedMembers::Reordered(sorted.into_iter())
    }

    /// The object with members as they were read; repeated keys are merged.
    pub(super) fn from_members(mut members: Vec<(Text<'a>, Json<'a>)>) -> Self {
        if !members.is_sorted_by(|left, right| left.0 < right.0) {
            merge_repeated_keys(&mut members);
        }
        Self(members)
    }
}

/// The members of one object by key, without a copy where they already stand in that order.
pub(super) enum SortedMembers<'d, 'a> {
    /// The document has them in order.
    AsWritten(std::slice::Iter<'d, (Text<'a>, Json<'a>)>),
    /// They had to be put in order.
    Reordered(std::vec::IntoIter<&'d (Text<'a>, Json<'a>)>),
}

impl<'d, 'a> Iterator for SortedMembers<'d, 'a> {
    type Item = &'d (Text<'a>, Json<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        match self {
            Self::AsWritten(members) => members.next(),
            Self::Reordered(members) => members.next(),
        }
    }
}

/// Up to this many members comparing every pair is quicker than sorting.
const FEW_MEMBERS: usize = 12;

fn merge_repeated_keys(members: &mut Vec<(Text<'_>, Json<'_>)>) {
    if members.len() <= FEW_MEMBERS && !has_repeated_key_by_pairs(members) {
        return;
    }
    let mut by_key: Vec<usize> = (0..members.len()).collect();
    let key = |index: &usize| members.get(*index).map(|(key, _)| key);
    sorting::sort_by(&mut by_key, |left, right| key(left).cmp(&key(right)));
    // The sort is stable, so a run of equal keys starts with the first place and ends with the
    // value that wins.
    let runs: Vec<(usize, usize)> = by_key
        .chunk_by(|left, right| key(left) == key(right))
        .filter_map(|run| Some((*run.first()?, *run.last()?)))
        .filter(|(first, last)| first != last)
        .collect();
    if runs.is_empty() {
        return;
    }
    let mut repeated: Vec<usize> = by_key
        .chunk_by(|left, right| key(left) == key(right))
        .flat_map(|run| run.iter().skip(1).copied())
        .collect();
    for (first, last) in runs {
        let winner = members.get_mut(last).map(|(_, value)| std::mem::replace(value, Json::Null));
        if let (Some(winner), Some((_, value))) = (winner, members.get_mut(first)) {
            *value = winner;
        }
    }
    sorting::sort_by_number(&mut repeated, |place| *place as u64);
    let mut repeated = repeated.into_iter().peekable();
    let mut index = 0;
    members.retain(|_| {
        let is_repeated = repeated.next_if_eq(&index).is_some();
        index += 1;
        !is_repeated
    });
}

fn has_repeated_key_by_pairs(members: &[(Text<'_>, Json<'_>)]) -> bool {
    members.iter().enumerate().any(|(index, (key, _))| {
        members.iter().take(index).any(|(earlier, _)| earlier.as_bytes() == key.as_bytes())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_keys(text: &str, expected: &[(&str, f64)]) {
        let Json::Object(object) = Json::parse(text).unwrap() else { panic!("no object") };
        let found: Vec<_> = object
            .members()
            .map(|(key, value)| match value {
                Json::Number(number) => (key.to_lossy().into_owned(), number.as_f64()),
                other => panic!("{other:?}"),
            })
            .collect();
        let expected: Vec<_> =
            expected.iter().map(|(key, value)| ((*key).to_owned(), *value)).collect();
        assert_eq!(found, expected);
    }

    #[test]
    fn last_value_of_a_repeated_key_stands_at_the_first_place() {
        check_keys(r#"{"b":1,"a":2,"b":3,"a":4,"c":5,"b":6}"#, &[("b", 6.), ("a", 4.), ("c", 5.)]);
        check_keys(r#"{"a":1,"\u0061":2}"#, &[("a", 2.)]);
    }

    #[test]
    fn repeated_keys_of_large_objects_are_merged_too() {
        let mut text = String::from("{");
        for n in 0..100 {
            text.push_str(&format!("\"k{:02}\":{n},", 99 - n % 50));
        }
        text.push_str("\"k50\":7}");
        let expected: Vec<(String, f64)> = (0..50)
            .map(|n| (format!("k{:02}", 99 - n), if n == 49 { 7. } else { f64::from(n + 50) }))
            .collect();
        let expected: Vec<_> = expected.iter().map(|(key, n)| (key.as_str(), *n)).collect();
        check_keys(&text, &expected);
    }

    #[test]
    fn members_and_items_are_found() {
        let json = Json::parse(r#"{"a":{"b":[1,2]}}"#).unwrap();
        assert_eq!(json.get("a").unwrap().get("b").unwrap().items().unwrap().len(), 2);
        assert_eq!(json.get("b"), None);
        assert_eq!(json.items(), None);
    }
}
