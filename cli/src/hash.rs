//! `rollscope hash`: the digests of state texts under every algorithm and text route, so that a
//! hash seen anywhere can be checked by hand.

use std::fs;
use std::io::{self, BufWriter, Read, Write};
use std::path::Path;

use anyhow::{Context, Result, bail};
use rollscope::state::{HashRule, TextRoute};
use serde_json::{Value, json};

/// SHA-256 in full.
const SHA256: HashRule = HashRule { digits: 64, ..HashRule::MUG_DIRECT_HASH };

/// MD5 in full.
const MD5: HashRule = HashRule { digits: 32, ..HashRule::MUG_EPISODE_START };

/// Prints one object per line of `file`. A line that is no state gives its error in place of the
/// digests, and the lines after it are hashed all the same; the exit code is 1 then.
pub(crate) fn run(file: &Path) -> Result<u8> {
    let text = read(file)?;
    let mut out = BufWriter::new(io::stdout().lock());
    let mut has_failed = false;
    if text.trim().is_empty() {
        bail!("{} holds no state: write one JSON text per line", file.display());
    }
    for (index, line) in text.lines().enumerate().filter(|(_, line)| !line.trim().is_empty()) {
        let direct = digests(line, TextRoute::Direct);
        let round_trip = digests(line, TextRoute::JsRoundTrip);
        has_failed |= direct.get("error").is_some();
        let object = json!({"line": index + 1, "direct": direct, "js_round_trip": round_trip});
        writeln!(out, "{object}")?;
    }
    out.flush()?;
    Ok(u8::from(has_failed))
}

fn read(file: &Path) -> Result<String> {
    if file == Path::new("-") {
        let mut text = String::new();
        io::stdin().read_to_string(&mut text).context("cannot read standard input as UTF-8")?;
        return Ok(text);
    }
    fs::read_to_string(file)
        .with_context(|| format!("cannot read {} as UTF-8 text: check the path", file.display()))
}

fn digests(text: &str, route: TextRoute) -> Value {
    let hash = |rule: HashRule| HashRule { route, ..rule }.hash_text(text).map(|hash| hash.hex());
    match (hash(SHA256), hash(MD5)) {
        (Ok(sha256), Ok(md5)) => json!({"sha256": sha256, "md5": md5}),
        (Err(error), _) | (_, Err(error)) => json!({"error": error.to_string()}),
    }
}
