//! Both ways to a canonical text held against each other.

use super::*;
use crate::link::SplitMix64;
use crate::state::document::Json;
use crate::state::print::push_canonical;

/// The canonical text by both ways; the quick one may give up but not say otherwise.
#[track_caller]
fn check_same(text: &str, rule: HashRule) -> bool {
    let mut quick = Vec::new();
    let is_quick = push_straight(&mut quick, text, &rule).is_some();
    let mut long = Vec::new();
    let document = Json::parse(text).ok();
    let printed = document.and_then(|document| push_canonical(&mut long, &document, &rule).ok());
    if is_quick {
        assert!(printed.is_some(), "{text}");
        assert_eq!(String::from_utf8_lossy(&quick), String::from_utf8_lossy(&long), "{text}");
    }
    is_quick
}

#[test]
fn long_floats_are_rounded_like_all_others() {
    let mut random = SplitMix64(11);
    for n in 0..100_000_u32 {
        let scale = [1.0, 10.0, 999.0, 0.01, 0.00012][(n % 5) as usize];
        let value = (random.unit() - 0.5) * 2.0 * scale;
        let digits = 9 + (n % 11) as usize;
        let text = match n % 4 {
            0 => format!("[{value:?}]"),
            1 => format!("{{\"x\":{value:.digits$}}}"),
            2 => format!("[1,{value:.10}5{n},{value:e}]"),
            _ => format!("[{value:.9}99{n}, {value:.8}0049]"),
        };
        for rule in [HashRule::MUG_DIRECT_HASH, HashRule::MUG_STATE_HASH] {
            check_same(&text, rule);
        }
    }
}

fn check_both_routes(text: &str, is_quick: bool) {
    for rule in [HashRule::MUG_DIRECT_HASH, HashRule::MUG_STATE_HASH] {
        assert_eq!(check_same(text, rule), is_quick, "{text}");
    }
}

#[test]
fn ordinary_states_go_straight() {
    for text in [
        "{\"b\": [1, 2.5, -3], \"a\": {\"y\": null, \"x\": true}, \"c\": \"plain\"}",
        "[]",
        "{}",
        " [ ] ",
        "{\"a\":{}}",
        "0",
        "-12",
        "1e5",
        "1.0",
        "[-0.0,-0,1e-7,0.00001]",
        "123456789012345678901234567890",
        "[0.123456789055,12345.678901234567]",
        "{\"c\":1,\"b\":{\"z\":1,\"y\":[{\"q\":1,\"p\":2}]},\"a\":3}",
    ] {
        check_both_routes(text, true);
    }
}

#[test]
fn everything_else_goes_the_long_way() {
    for text in [
        "{\"a\":1,\"a\":2}",
        "{\"b\":1,\"a\":2,\"b\":3}",
        "\"\\n\"",
        "\"é\"",
        "[1,]",
        "[01]",
        "{\"a\" 1}",
        "nul",
        "[1] 2",
        "",
        "-",
        "1.",
        "[1",
        "NaN",
        "\"\u{7f}\"",
        "{\"a\":1,}",
    ] {
        check_both_routes(text, false);
    }
    check_both_routes(&format!("{}{}", "[".repeat(300), "]".repeat(300)), false);
}

#[test]
fn both_ways_agree_on_random_texts() {
    const PARTS: &[&str] = &[
        "{",
        "}",
        "[",
        "]",
        ",",
        ":",
        "\"a\"",
        "\"b\"",
        "\"10\"",
        "\"\\u0041\"",
        "1",
        "-2.5",
        "0",
        "1e300",
        "1.00000000005",
        "true",
        "null",
        " ",
        "NaN",
        "9007199254740993",
        "0.1",
        "-0.0",
    ];
    let mut random = SplitMix64(3);
    let mut quick = 0;
    for _ in 0..60_000 {
        let mut text = String::new();
        value(&mut random, &mut text, 0);
        if random.next_u64().is_multiple_of(4) {
            let part = PARTS[(random.next_u64() % PARTS.len() as u64) as usize];
            let place = (random.next_u64() % (text.len() as u64 + 1)) as usize;
            if text.is_char_boundary(place) {
                text.insert_str(place, part);
            }
        }
        quick += u32::from(check_same(&text, HashRule::MUG_DIRECT_HASH));
        check_same(&text, HashRule::MUG_STATE_HASH);
    }
    assert!(quick > 20_000, "{quick}");
}

fn value(random: &mut SplitMix64, text: &mut String, depth: u32) {
    let kinds = if depth > 3 { 5 } else { 7 };
    match random.next_u64() % kinds {
        0 => text.push_str(&(random.next_u64() as i64 >> (random.next_u64() % 60)).to_string()),
        1 => text.push_str(&format!("{:?}", random.unit() * 100.0 - 50.0)),
        2 => text.push_str(&format!("{:.11}", random.unit())),
        3 => text.push_str("\"text\""),
        4 => text.push_str("false"),
        5 => {
            text.push('[');
            for index in 0..random.next_u64() % 4 {
                text.push_str(if index > 0 { ", " } else { "" });
                value(random, text, depth + 1);
            }
            text.push(']');
        }
        _ => {
            text.push('{');
            for index in 0..random.next_u64() % 4 {
                text.push_str(if index > 0 { "," } else { "" });
                text.push_str(&format!("\"{}\": ", random.next_u64() % 40));
                value(random, text, depth + 1);
            }
            text.push('}');
        }
    }
}
