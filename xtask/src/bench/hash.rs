//! `bench hash`: what hashing a state text costs us, the digest alone, and CPython, in one run.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use super::wasi;
use crate::repo::Repo;
use crate::shell;

const SCRIPT: &str = "benches/hash.py";

const EXAMPLE: &str = "hash_speed";

/// States that the program hashes, one line each.
const STATES: u32 = 2;

/// Runs all programs on the same texts and returns the tables in Markdown.
///
/// # Errors
///
/// When a program does not build or run, or two disagree about a digest.
pub(super) fn measure(repo: &Repo, rounds: u32) -> anyhow::Result<String> {
    let directory = repo.target("hash-bench");
    fs::create_dir_all(&directory).context("cannot make a directory in target")?;
    let wasm = shell::step("build the same program for wasm", || wasi::build(repo, EXAMPLE))?;
    let mut best: Vec<Row> = Vec::new();
    for round in 1..=rounds.max(1) {
        shell::step(&format!("hash states, round {round} of {rounds}"), || {
            for row in round_of(repo, &directory, &wasm)? {
                match best.iter_mut().find(|known| known.name == row.name) {
                    Some(known) => {
                        known.ours = known.ours.min(row.ours);
                        known.digest = known.digest.min(row.digest);
                        known.python = known.python.min(row.python);
                        known.in_wasm = known.in_wasm.min(row.in_wasm);
                        known.digest_in_wasm = known.digest_in_wasm.min(row.digest_in_wasm);
                    }
                    None => best.push(row),
                }
            }
            Ok(())
        })?;
    }
    let mut table = format!(
        "**native, {}, and wasm in Node**, fastest of {rounds} rounds, nanoseconds a state: parse, \
         round, print and digest; beside it the digest of the canonical text alone, and CPython's \
         `json` and `hashlib` as the games' workers use them\n\n\
         | state | bytes | ours | SHA-256 alone | CPython | CPython ÷ ours | ours ÷ SHA-256 | ours in \
         wasm | SHA-256 in wasm | ours ÷ SHA-256 in wasm | wasm ÷ native |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
        std::env::consts::ARCH,
    );
    for row in best {
        table += &format!(
            "| {} | {} | {:.0} | {:.0} | {:.0} | {:.1}× | {:.1}× | {:.0} | {:.0} | {:.1}× | {:.1}× |\n",
            row.name,
            row.bytes,
            row.ours,
            row.digest,
            row.python,
            row.python / row.ours,
            row.ours / row.digest,
            row.in_wasm,
            row.digest_in_wasm,
            row.in_wasm / row.digest_in_wasm,
            row.in_wasm / row.ours,
        );
    }
    table += "\nLimits, native: CPython ÷ ours at least 20, ours ÷ SHA-256 at most 3. Native SHA-256 uses the \
              processor's own instructions, which wasm does not have. All three make the same digests.\n";
    Ok(table)
}

struct Row {
    name: String,
    bytes: String,
    ours: f64,
    digest: f64,
    python: f64,
    in_wasm: f64,
    digest_in_wasm: f64,
}

fn round_of(repo: &Repo, directory: &Path, wasm: &Path) -> anyhow::Result<Vec<Row>> {
    let mut command = shell::cargo(repo.root());
    command.args(["run", "--quiet", "--release", "--package", "rollscope"]);
    command.args(["--example", EXAMPLE, "--"]).arg(directory);
    let native = output(&mut command)?;
    let folders = [(".", repo.root()), ("/out", directory)];
    let run = wasi::Run { program: wasm, lines: STATES, folders: &folders, args: &["/out"] };
    let in_wasm = wasi::run(repo, &run)?;
    let mut rows = Vec::new();
    for (line, wasm_line) in native.lines().zip(in_wasm.lines()) {
        let (name, bytes, hex, [ours, digest]) = words_of(line)?;
        let (_, _, wasm_hex, [in_wasm, digest_in_wasm]) = words_of(wasm_line)?;
        let mut python = Command::new("python3");
        python.arg(repo.path(SCRIPT)).arg(directory.join(format!("hash-{name}.json")));
        let printed = output(&mut python)?;
        let (python_hex, python) = printed.trim().split_once(' ').context("no digest printed")?;
        if python_hex != hex || wasm_hex != hex {
            bail!("the {name} state is {python_hex} in CPython, {wasm_hex} in wasm, {hex} here");
        }
        rows.push(Row {
            name: name.to_owned(),
            bytes: bytes.to_owned(),
            ours,
            digest,
            python: python.parse()?,
            in_wasm,
            digest_in_wasm,
        });
    }
    Ok(rows)
}

/// Name, bytes, digest, and the nanoseconds of everything and of the digest alone.
fn words_of(line: &str) -> anyhow::Result<(&str, &str, &str, [f64; 2])> {
    let words: Vec<&str> = line.split(' ').collect();
    let [name, bytes, _, hex, ours, digest, ..] = words.as_slice() else {
        bail!("examples/{EXAMPLE}.rs printed {line:?}");
    };
    Ok((name, bytes, hex, [ours.parse()?, digest.parse()?]))
}

fn output(command: &mut Command) -> anyhow::Result<String> {
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("a program did not start: python3 and cargo are needed")?;
    if !output.status.success() {
        bail!("the benchmark ended with {}: see its message above", output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
