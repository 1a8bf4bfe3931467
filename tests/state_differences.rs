//! The diff of two states against a second one, written here over another parser: every differing
//! path with its class, none beside them, for random states that were changed at random places.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops at its first surprise"
)]

use std::collections::BTreeSet;

use rollscope::link::SplitMix64;
use rollscope::state::{Json, diff};
use serde_json::{Map, Value, json};

/// States that are changed and compared.
const STATES: u64 = 20_000;

/// A differing path with its class.
type Place = (String, &'static str);

fn any(random: &mut SplitMix64, depth: u32) -> Value {
    match random.next_u64() % if depth == 0 { 5 } else { 8 } {
        0 => json!(random.next_u64() as i32 % 10),
        1 => json!((random.unit() - 0.5) * 1e3),
        2 => json!(random.unit() * 1e-9),
        3 => json!(random.next_u64().is_multiple_of(2)),
        4 => json!(format!("t{}", random.next_u64() % 3)),
        5 => (0..random.next_u64() % 5).map(|_| any(random, depth - 1)).collect(),
        _ => {
            let keys: Vec<String> =
                (0..random.next_u64() % 5).map(|key| format!("k{key}")).collect();
            keys.into_iter().map(|key| (key, any(random, depth - 1))).collect::<Map<_, _>>().into()
        }
    }
}

/// The value with one place of it changed.
fn changed(value: &Value, random: &mut SplitMix64) -> Value {
    let mut value = value.clone();
    match &mut value {
        Value::Object(members) if !members.is_empty() && !random.next_u64().is_multiple_of(8) => {
            let place = random.next_u64() as usize % members.len();
            let key = members.keys().nth(place).unwrap().clone();
            match random.next_u64() % 6 {
                0 => {
                    members.remove(&key);
                }
                1 => {
                    members.insert("added".to_owned(), any(random, 1));
                }
                _ => {
                    let inner = changed(&members[&key], random);
                    members.insert(key, inner);
                }
            }
        }
        Value::Array(items) if !items.is_empty() && !random.next_u64().is_multiple_of(8) => {
            let place = random.next_u64() as usize % items.len();
            match random.next_u64() % 6 {
                0 => {
                    items.remove(place);
                }
                1 => items.push(any(random, 1)),
                2 => items.reverse(),
                _ => items[place] = changed(&items[place], random),
            }
        }
        Value::Number(number) if number.is_f64() => {
            let factor = 1.0 + [1e-14, 3e-10, 1e-7, 0.5][random.next_u64() as usize % 4];
            value = json!(number.as_f64().unwrap() * factor);
        }
        _ => value = any(random, 1),
    }
    value
}

/// A text that equal values share and others do not.
fn text_of(value: &Value) -> String {
    value.to_string()
}

fn class_of(left: &Value, right: &Value) -> Option<&'static str> {
    let (Value::Number(a), Value::Number(b)) = (left, right) else {
        return (left != right).then_some("Different");
    };
    let (x, y) = (a.as_f64().unwrap(), b.as_f64().unwrap());
    if a.is_f64() == b.is_f64() && x == y {
        return None;
    }
    let smaller = x.abs().min(y.abs());
    let is_near = (x - y).abs() <= 1e-10 || (x - y).abs() <= 1e-9 * smaller;
    let has_float = a.is_f64() || b.is_f64();
    Some(if has_float && is_near { "Near" } else { "Different" })
}

fn places(path: &str, left: &Value, right: &Value, found: &mut BTreeSet<Place>) {
    match (left, right) {
        (Value::Object(a), Value::Object(b)) => {
            let keys: BTreeSet<&String> = a.keys().chain(b.keys()).collect();
            for key in keys {
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                inside(&path, (a.get(key), b.get(key)), found);
            }
        }
        (Value::Array(a), Value::Array(b)) => {
            let texts = |items: &[Value]| items.iter().map(text_of).collect::<Vec<_>>();
            let sorted = |mut texts: Vec<String>| {
                texts.sort();
                texts
            };
            if texts(a) != texts(b) && sorted(texts(a)) == sorted(texts(b)) {
                found.insert((path.to_owned(), "Reordered"));
                return;
            }
            for index in 0..a.len().max(b.len()) {
                inside(&format!("{path}[{index}]"), (a.get(index), b.get(index)), found);
            }
        }
        _ => found.extend(class_of(left, right).map(|class| (path.to_owned(), class))),
    }
}

fn inside(path: &str, pair: (Option<&Value>, Option<&Value>), found: &mut BTreeSet<Place>) {
    match pair {
        (Some(left), Some(right)) => places(path, left, right, found),
        (Some(_), None) => drop(found.insert((path.to_owned(), "Missing"))),
        (None, Some(_)) => drop(found.insert((path.to_owned(), "Extra"))),
        (None, None) => {}
    }
}

#[test]
fn every_differing_path_has_its_class_and_no_other_is_named() {
    let (mut random, mut seen) = (SplitMix64(7), BTreeSet::new());
    for state in 0..STATES {
        let left = json!({"a": any(&mut random, 3), "b": any(&mut random, 3)});
        let mut right = left.clone();
        for _ in 0..random.next_u64() % 4 {
            right = changed(&right, &mut random);
        }
        let (left_text, right_text) = (left.to_string(), right.to_string());
        let (one, other) = (Json::parse(&left_text).unwrap(), Json::parse(&right_text).unwrap());
        let found = diff(&one, &other, 10_000);
        let found_places: Vec<(String, String)> =
            found.first.iter().map(|one| (one.path.clone(), format!("{:?}", one.class))).collect();
        let mut expected = BTreeSet::new();
        places("", &left, &right, &mut expected);
        let expected: BTreeSet<(String, String)> =
            expected.into_iter().map(|(path, class)| (path, class.to_owned())).collect();
        assert_eq!(found.total as usize, expected.len(), "state {state}: {left} {right}");
        assert_eq!(found_places.len(), expected.len(), "every place once");
        let found_places: BTreeSet<_> = found_places.into_iter().collect();
        assert_eq!(found_places, expected, "state {state}: {left} and {right}");
        seen.extend(expected.into_iter().map(|(_, class)| class));
    }
    let all = ["Different", "Extra", "Missing", "Near", "Reordered"].map(str::to_owned);
    assert_eq!(seen, BTreeSet::from(all), "every class occurred");
}
