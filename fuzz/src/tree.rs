//! Message values out of JSON, and random changes of their trees.

use std::borrow::Cow;

use rollscope::capture::{Numbers, Value};
use serde_json::Value as Json;

use crate::random::{Random, change_text};

/// The value that a JSON value stands for.
#[must_use]
pub fn value(json: &Json) -> Value<'static> {
    match json {
        Json::Null => Value::Null,
        Json::Bool(is) => Value::Bool(*is),
        Json::Number(number) => {
            let number = number.as_f64().unwrap_or_default();
            let whole = number as i32;
            if f64::from(whole) == number { Value::Integer(whole) } else { Value::Number(number) }
        }
        Json::String(text) => Value::String(Cow::Owned(text.clone())),
        Json::Array(items) => Value::Array(items.iter().map(value).collect()),
        Json::Object(members) => Value::Object(
            members.iter().map(|(key, member)| (Cow::Owned(key.clone()), value(member))).collect(),
        ),
    }
}

/// Changes a tree in one to three places; `other` lends branches.
pub fn change_tree(tree: &mut Value<'static>, other: &Value<'static>, random: &mut Random) {
    for _ in 0..=random.below(3) {
        change(tree, other, random, 0);
    }
}

const KEYS: [&str; 24] = [
    "type",
    "id",
    "payload",
    "operations",
    "op",
    "params",
    "frame",
    "actions",
    "stateJson",
    "result",
    "error",
    "message",
    "failedIndex",
    "partialResults",
    "hash",
    "rewards",
    "timing",
    "startedMs",
    "finishedMs",
    "protocol",
    "stage",
    "code",
    "match",
    "num_steps",
];

fn change(tree: &mut Value<'static>, other: &Value<'static>, random: &mut Random, depth: usize) {
    let goes_on = depth < 8 && random.below(4) != 0;
    match tree {
        Value::Object(members) if goes_on && !members.is_empty() => {
            let at = random.below(members.len());
            match random.below(6) {
                0 => drop(members.swap_remove(at)),
                1 => {
                    if let Some((key, _)) = members.get_mut(at) {
                        *key = Cow::Borrowed(random.one(&KEYS).copied().unwrap_or_default());
                    }
                }
                2 => {
                    let key = random.one(&KEYS).copied().unwrap_or_default();
                    members.push((Cow::Borrowed(key), scalar(random)));
                }
                _ => {
                    if let Some((_, member)) = members.get_mut(at) {
                        change(member, other, random, depth + 1);
                    }
                }
            }
        }
        Value::Array(items) if goes_on && !items.is_empty() => {
            let at = random.below(items.len());
            match random.below(5) {
                0 => drop(items.swap_remove(at)),
                1 => items.push(scalar(random)),
                2 => {
                    if let Some(item) = items.get(at).filter(|_| items.len() < 64).cloned() {
                        items.push(item);
                    }
                }
                _ => {
                    if let Some(item) = items.get_mut(at) {
                        change(item, other, random, depth + 1);
                    }
                }
            }
        }
        Value::String(text) if goes_on => {
            let mut changed = std::mem::take(text).into_owned();
            change_text(&mut changed, "{\"env_state\":{\"t\":5},\"step_num\":5}", random);
            changed.truncate(changed.floor_char_boundary_at(4096));
            *text = Cow::Owned(changed);
        }
        _ if random.below(8) == 0 => *tree = branch(other, random),
        _ => *tree = scalar(random),
    }
}

trait FloorCharBoundary {
    fn floor_char_boundary_at(&self, at: usize) -> usize;
}

impl FloorCharBoundary for str {
    fn floor_char_boundary_at(&self, at: usize) -> usize {
        let mut at = at.min(self.len());
        while !self.is_char_boundary(at) {
            at -= 1;
        }
        at
    }
}

fn branch(other: &Value<'static>, random: &mut Random) -> Value<'static> {
    match other {
        Value::Object(members) if random.below(3) != 0 => {
            random.one(members).map_or(Value::Undefined, |(_, member)| member.clone())
        }
        other => other.clone(),
    }
}

fn scalar(random: &mut Random) -> Value<'static> {
    const NUMBERS: [f64; 8] =
        [f64::NAN, f64::INFINITY, -0.0, 0.5, 4_294_967_295.0, 4_294_967_296.0, -1e300, 1e15];
    static BYTES: [u8; 4] = [1, 0, 255, 7];
    static WORDS: [[u8; 4]; 3] = [[0; 4], [255; 4], [0, 0, 0, 128]];
    static DOUBLES: [[u8; 8]; 3] = [[0; 8], [255; 8], [0, 0, 0, 0, 0, 0, 240, 63]];
    match random.below(16) {
        0 => Value::Undefined,
        1 => Value::Null,
        2 => Value::Bool(random.below(2) == 0),
        3 => Value::Number(random.one(&NUMBERS).copied().unwrap_or_default()),
        4 => Value::String(Cow::Borrowed(random.one(&KEYS).copied().unwrap_or_default())),
        5 => Value::BigInteger("18446744073709551616"),
        6 => Value::Array(Vec::new()),
        7 => Value::Numbers(Numbers::Doubles(&DOUBLES)),
        8 => Value::Object(Vec::new()),
        9 => Value::Map(vec![(Value::String("match".into()), Value::Bool(true))]),
        10 => Value::ArrayBuffer(&BYTES),
        11 => Value::BackReference(random.bits() as u32),
        12 => Value::Unreadable,
        13 => Value::Numbers(Numbers::Naturals(&WORDS)),
        14 => Value::Numbers(Numbers::Integers(&WORDS)),
        _ => Value::Integer(random.bits() as i32 >> random.below(32)),
    }
}
