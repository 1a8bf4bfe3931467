//! What hashing a state text costs: parse, normalise, print and digest, beside the digest alone.
//!
//! `cargo xtask bench hash` runs it and CPython on the same texts, which it writes into the directory
//! that it is given. Knows no file format and no capture.

#![expect(
    clippy::disallowed_methods,
    clippy::indexing_slicing,
    clippy::print_stdout,
    clippy::unwrap_used,
    reason = "a measuring program reads a clock and stops at its first surprise"
)]

use std::hint::black_box;
use std::path::PathBuf;
use std::time::Instant;

use rollscope::state::print::push_canonical;
use rollscope::state::{HashRule, Json};

/// The state of a small game with a few moving things, as a page writes it: 538 bytes.
fn small_state() -> String {
    let coin = |n: u32| {
        let x = 0.184_362_854_506_184 + f64::from(n) * 0.037_118_233_519_74;
        format!("[{x},{}]", 0.585_895_967_741_529 - x / 9.0)
    };
    let coins: Vec<String> = (0..9).map(coin).collect();
    let mut text = format!(
        "{{\"t\":412,\"agents\":{{\"0\":{{\"pos\":[0.25,0.5],\"vel\":[0,0.0125]}},\"1\":{{\"pos\":[0.75,0.5],\
         \"vel\":[0,0]}}}},\"ball\":[0.5,0.5,0.011,0.007],\"coins\":[{}],\"score\":[0,3],\"name\":\"\"}}",
        coins.join(",")
    );
    let padding = 538_usize.saturating_sub(text.len());
    text.insert_str(text.len() - 2, &"w".repeat(padding));
    text
}

/// A whole snapshot with both random generators: 15 KB.
fn snapshot() -> String {
    let envelopes = std::fs::read_to_string("tests/fixtures/state-hash-envelopes.json").unwrap();
    let envelopes: serde_json::Value = serde_json::from_str(&envelopes).unwrap();
    envelopes[0]["get_state"].as_str().unwrap().to_owned()
}

/// Nanoseconds of the fastest of many runs.
fn fastest(mut work: impl FnMut()) -> f64 {
    let mut best = f64::INFINITY;
    for _ in 0..400 {
        let start = Instant::now();
        for _ in 0..50 {
            work();
        }
        best = best.min(start.elapsed().as_secs_f64() * 1e9 / 50.0);
    }
    best
}

fn main() {
    let directory = PathBuf::from(std::env::args().nth(1).unwrap());
    let rule = HashRule::MUG_DIRECT_HASH;
    for (name, text) in [("small", small_state()), ("snapshot", snapshot())] {
        std::fs::write(directory.join(format!("hash-{name}.json")), &text).unwrap();
        let mut canonical = Vec::new();
        push_canonical(&mut canonical, &Json::parse(&text).unwrap(), &rule).unwrap();
        let whole = fastest(|| {
            black_box(rule.hash_text(black_box(&text)).unwrap());
        });
        let digest = fastest(|| {
            black_box(rule.hash_canonical(black_box(&canonical)));
        });
        let parse = fastest(|| {
            black_box(Json::parse(black_box(&text)).unwrap());
        });
        let (bytes, hex) = (text.len(), rule.hash_text(&text).unwrap().hex());
        println!("{name} {bytes} {} {hex} {whole:.1} {digest:.1} {parse:.1}", canonical.len());
    }
}
