//! Where two states differ: paths in document order, each with a class.
//!
//! Takes two documents; the list goes to findings and to the panel's state view.

use serde::Serialize;

use super::document::{Json, Number, Object};
use super::javascript::NotStrictJson;
use super::print::push_canonical;
use super::rule::{HashAlgorithm, HashRule, Rounding, Separators, TextRoute};
use super::text::Text;
use crate::sorting;

/// The differences of two documents.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Differences {
    /// The first ones in document order.
    pub first: Vec<Difference>,
    /// All of them, those past the limit included.
    pub total: u64,
}

/// One place where two documents differ.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Difference {
    /// Where: `agents.left.pos[1]`; keys that are no plain words stand in `["…"]`. The document
    /// itself is empty.
    pub path: String,
    /// How they differ.
    pub class: DifferenceClass,
    /// The left value as text, cut after [`SAMPLE_BYTES`]; `None` where it is extra.
    pub left: Option<String>,
    /// The right value as text, cut after [`SAMPLE_BYTES`]; `None` where it is missing.
    pub right: Option<String>,
}

/// How one place differs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum DifferenceClass {
    /// Only the left document has it.
    Missing,
    /// Only the right document has it.
    Extra,
    /// Both have the same items in another order.
    Reordered,
    /// Both have it with different values.
    Different,
    /// Numbers within a relative 1e-9 or an absolute 1e-10 of each other, at least one of them a
    /// float. `1` and `1.0` are near: equal numbers whose texts hash differently.
    Near,
}

/// Longest text of one value in a difference.
pub const SAMPLE_BYTES: usize = 120;

/// Relative distance up to which floats are near: a few thousand roundings of a double.
const NEAR_RELATIVE: f64 = 1e-9;

/// Absolute distance up to which floats are near: the last decimal that a rounded hash sees.
const NEAR_ABSOLUTE: f64 = 1e-10;

/// Compares two documents and keeps the first `limit` differences.
///
/// Members go by the left document's order, what only the right one has follows. Floats are equal
/// when their values are, whatever their spelling.
#[must_use]
pub fn diff(left: &Json<'_>, right: &Json<'_>, limit: usize) -> Differences {
    let mut found = Differences::default();
    compare(left, right, &mut |place| {
        let Some(class) = place.class else { return };
        found.total += 1;
        if found.first.len() < limit {
            found.first.push(Difference {
                path: place.path.to_owned(),
                class,
                left: place.left.map(sample),
                right: place.right.map(sample),
            });
        }
    });
    found
}

/// One place of two documents that were compared.
#[derive(Debug, Clone, Copy)]
pub struct Compared<'p, 'v> {
    /// Where, as in [`Difference::path`].
    pub path: &'p str,
    /// How it differs; `None` where both are equal.
    pub class: Option<DifferenceClass>,
    /// The left value; `None` where it is extra.
    pub left: Option<&'v Json<'v>>,
    /// The right value; `None` where it is missing.
    pub right: Option<&'v Json<'v>>,
}

/// Compares two documents and shows every place in document order, equal ones too: members one by one,
/// equal lists as a whole.
pub fn compare<'v>(
    left: &'v Json<'v>,
    right: &'v Json<'v>,
    visit: &mut dyn FnMut(Compared<'_, 'v>),
) {
    Walk { visit, path: String::new() }.value(left, right);
}

struct Walk<'w, 'v> {
    visit: &'w mut dyn FnMut(Compared<'_, 'v>),
    path: String,
}

impl<'v> Walk<'_, 'v> {
    fn value(&mut self, left: &'v Json<'v>, right: &'v Json<'v>) {
        let class = match (left, right) {
            (Json::Object(left), Json::Object(right)) => return self.object(left, right),
            (Json::Array(a), Json::Array(b)) if a != b => {
                if !is_reordered(a, b) {
                    return self.array(a, b);
                }
                Some(DifferenceClass::Reordered)
            }
            (Json::Number(a), Json::Number(b)) => number_class(*a, *b),
            _ if left == right => None,
            _ => Some(DifferenceClass::Different),
        };
        self.show(class, Some(left), Some(right));
    }

    fn object(&mut self, left: &'v Object<'v>, right: &'v Object<'v>) {
        let (left_by_key, right_by_key) = (by_key(left), by_key(right));
        for (key, left) in left.members() {
            self.below(
                |path| push_key(path, key),
                |walk| match find(&right_by_key, key) {
                    Some(right) => walk.value(left, right),
                    None => walk.show(Some(DifferenceClass::Missing), Some(left), None),
                },
            );
        }
        for (key, value) in right.members().filter(|(key, _)| find(&left_by_key, key).is_none()) {
            self.below(
                |path| push_key(path, key),
                |walk| walk.show(Some(DifferenceClass::Extra), None, Some(value)),
            );
        }
    }

    fn array(&mut self, left: &'v [Json<'v>], right: &'v [Json<'v>]) {
        for index in 0..left.len().max(right.len()) {
            self.below(
                |path| path.push_str(&format!("[{index}]")),
                |walk| match (left.get(index), right.get(index)) {
                    (Some(left), Some(right)) => walk.value(left, right),
                    (Some(left), None) => {
                        walk.show(Some(DifferenceClass::Missing), Some(left), None);
                    }
                    (None, right) => walk.show(Some(DifferenceClass::Extra), None, right),
                },
            );
        }
    }

    /// Runs `inside` with a longer path.
    fn below(&mut self, lengthen: impl FnOnce(&mut String), inside: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        lengthen(&mut self.path);
        inside(self);
        self.path.truncate(length);
    }

    fn show(
        &mut self,
        class: Option<DifferenceClass>,
        left: Option<&'v Json<'v>>,
        right: Option<&'v Json<'v>>,
    ) {
        (self.visit)(Compared { path: &self.path, class, left, right });
    }
}

/// Longest lists that are looked through for another order.
const MAX_REORDERED: usize = 4096;

/// The members of an object in the order of their keys, of which none is there twice.
fn by_key<'v>(object: &'v Object<'v>) -> Vec<(&'v [u8], &'v Json<'v>)> {
    let mut members: Vec<_> =
        object.members().map(|(key, value)| (key.as_bytes(), value)).collect();
    if !members.is_sorted_by(|left, right| left.0 < right.0) {
        sorting::sort_by(&mut members, |left, right| left.0.cmp(right.0));
    }
    members
}

fn find<'v>(members: &[(&[u8], &'v Json<'v>)], key: &Text<'_>) -> Option<&'v Json<'v>> {
    let place = members.binary_search_by(|(known, _)| known.cmp(&key.as_bytes())).ok()?;
    members.get(place).map(|(_, value)| *value)
}

/// Whether two different lists hold the same items in another order.
fn is_reordered(left: &[Json<'_>], right: &[Json<'_>]) -> bool {
    if left.len() != right.len() || left.len() > MAX_REORDERED || left == right {
        return false;
    }
    let sorted = |items: &[Json<'_>]| {
        let mut texts: Vec<Vec<u8>> = items.iter().map(whole_text).collect();
        sorting::sort_by(&mut texts, |left, right| left.cmp(right));
        texts
    };
    sorted(left) == sorted(right) && !left.iter().map(whole_text).eq(right.iter().map(whole_text))
}

/// How two numbers differ; `None` if they do not.
fn number_class(left: Number<'_>, right: Number<'_>) -> Option<DifferenceClass> {
    if left == right {
        return None;
    }
    let (a, b) = (left.as_f64(), right.as_f64());
    match (left, right) {
        (Number::Integer(left), Number::Integer(right)) => {
            let is_zero = |lexeme: &str| lexeme == "0" || lexeme == "-0";
            let are_equal = is_zero(left) && is_zero(right);
            (!are_equal).then_some(DifferenceClass::Different)
        }
        (Number::Float(_), Number::Float(_)) if a.to_bits() == b.to_bits() => None,
        _ if is_near(a, b) => Some(DifferenceClass::Near),
        _ => Some(DifferenceClass::Different),
    }
}

fn is_near(a: f64, b: f64) -> bool {
    let distance = (a - b).abs();
    // Without the first condition an infinity would be near everything.
    distance.is_finite()
        && (distance <= NEAR_ABSOLUTE || distance <= NEAR_RELATIVE * a.abs().min(b.abs()))
}

/// Lengthens a path by a key.
pub(super) fn push_key(path: &mut String, key: &Text<'_>) {
    let key = key.to_lossy();
    let is_plain = !key.is_empty()
        && key.chars().all(|letter| letter.is_ascii_alphanumeric() || matches!(letter, '_' | '-'));
    if !is_plain {
        // Debug formatting escapes quotes and control characters.
        path.push_str(&format!("[{key:?}]"));
        return;
    }
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(&key);
}

/// The value as exact text of one line.
fn whole_text(value: &Json<'_>) -> Vec<u8> {
    const AS_WRITTEN: HashRule = HashRule {
        algorithm: HashAlgorithm::Sha256,
        digits: 64,
        rounding: Rounding::Exact,
        separators: Separators::Compact,
        route: TextRoute::Direct,
    };
    let mut text = Vec::new();
    // The direct route refuses nothing, and its text is ASCII, so every cut is between letters.
    let _: Result<(), NotStrictJson> = push_canonical(&mut text, value, &AS_WRITTEN);
    text
}

/// The value as exact text of one line, cut where it is long.
#[must_use]
pub fn sample(value: &Json<'_>) -> String {
    let Json::Array(items) = value else { return cut(whole_text(value)) };
    // Of a long list only what is shown is written.
    let mut text = b"[".to_vec();
    for item in items {
        if text.len() > SAMPLE_BYTES {
            break;
        }
        if text.len() > 1 {
            text.push(b',');
        }
        text.extend(whole_text(item));
    }
    text.push(b']');
    cut(text)
}

fn cut(mut text: Vec<u8>) -> String {
    let is_long = text.len() > SAMPLE_BYTES;
    text.truncate(SAMPLE_BYTES);
    let mut text = String::from_utf8(text).unwrap_or_default();
    if is_long {
        text.push('…');
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check_diff(left: &str, right: &str, expected: &[(&str, DifferenceClass)]) {
        let found = diff(&Json::parse(left).unwrap(), &Json::parse(right).unwrap(), 100);
        let list: Vec<_> = found.first.iter().map(|one| (one.path.as_str(), one.class)).collect();
        assert_eq!(list, expected);
        assert_eq!(found.total, expected.len() as u64);
    }

    use DifferenceClass::{Different, Extra, Missing, Near, Reordered};

    #[test]
    fn paths_come_in_document_order() {
        check_diff(
            r#"{"z":1,"a":{"list":[1,2,3],"odd key":null},"gone":[],"same":"x"}"#,
            r#"{"same":"x","new":0,"a":{"odd key":0,"list":[1,5]},"z":"1"}"#,
            &[
                ("z", Different),
                ("a.list[1]", Different),
                ("a.list[2]", Missing),
                ("a[\"odd key\"]", Different),
                ("gone", Missing),
                ("new", Extra),
            ],
        );
        check_diff("1", "[1]", &[("", Different)]);
    }

    #[test]
    fn the_same_items_in_another_order_are_one_difference() {
        check_diff(r#"{"a":[1,2,{"b":3}]}"#, r#"{"a":[{"b":3},1,2]}"#, &[("a", Reordered)]);
        check_diff("[1,2,2]", "[1,1,2]", &[("[1]", Different)]);
        check_diff("[1,2]", "[1,2]", &[]);
    }

    #[test]
    fn close_floats_are_near_and_integers_never() {
        check_diff("[1.5,1.50]", "[1.50,1.5]", &[]);
        check_diff("[1.0]", "[1]", &[("[0]", Near)]);
        check_diff(
            "[0.1,1e300,0.0]",
            "[0.10000000001,1.0000000001e300,-0.0]",
            &[("[0]", Near), ("[1]", Near), ("[2]", Near)],
        );
        check_diff("[0.1]", "[0.100001]", &[("[0]", Different)]);
        check_diff("[1e400,NaN]", "[-1e400,NaN]", &[("[0]", Different)]);
        check_diff("[10000000000000000]", "[10000000000000001]", &[("[0]", Different)]);
        check_diff("[0]", "[-0]", &[]);
    }

    #[test]
    fn the_list_is_bounded_and_samples_are_short() {
        let left = format!("[{}\"x\"]", "0,".repeat(1000));
        let right = format!("[{}\"{}\"]", "1,".repeat(1000), "y".repeat(1000));
        let found = diff(&Json::parse(&left).unwrap(), &Json::parse(&right).unwrap(), 3);
        assert_eq!((found.first.len(), found.total), (3, 1001));
        let found = diff(&Json::parse(&left).unwrap(), &Json::parse(&right).unwrap(), 2000);
        let last = found.first.last().unwrap();
        assert_eq!(last.left.as_deref(), Some("\"x\""));
        assert_eq!(last.right.as_deref().map(|text| text.chars().count()), Some(SAMPLE_BYTES + 1));
    }
}
