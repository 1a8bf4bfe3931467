//! `bench hash`: what hashing a state text costs us, the digest alone, and CPython, in one run.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use anyhow::{Context, bail};

use crate::repo::Repo;
use crate::shell;

const SCRIPT: &str = "benches/hash.py";

/// Runs both programs on the same texts and returns the table in Markdown.
///
/// # Errors
///
/// When a program does not build or run, or the two disagree about a digest.
pub(super) fn measure(repo: &Repo, rounds: u32) -> anyhow::Result<String> {
    let directory = repo.target("hash-bench");
    fs::create_dir_all(&directory).context("cannot make a directory in target")?;
    let mut table = format!(
        "**native, {}**, fastest of {rounds} rounds, nanoseconds a state: parse, round, print and \
         digest; beside it the digest of the canonical text alone, and CPython's `json` and \
         `hashlib` as the games' workers use them\n\n\
         | state | bytes | ours | SHA-256 alone | CPython | CPython ÷ ours | ours ÷ SHA-256 |\n\
         |---|---:|---:|---:|---:|---:|---:|\n",
        std::env::consts::ARCH,
    );
    let mut best: Vec<Row> = Vec::new();
    for round in 1..=rounds.max(1) {
        shell::step(&format!("hash states, round {round} of {rounds}"), || {
            for row in round_of(repo, &directory)? {
                match best.iter_mut().find(|known| known.name == row.name) {
                    Some(known) => {
                        known.ours = known.ours.min(row.ours);
                        known.digest = known.digest.min(row.digest);
                        known.python = known.python.min(row.python);
                    }
                    None => best.push(row),
                }
            }
            Ok(())
        })?;
    }
    for Row { name, bytes, ours, digest, python } in best {
        table += &format!(
            "| {name} | {bytes} | {ours:.0} | {digest:.0} | {python:.0} | {:.1}× | {:.1}× |\n",
            python / ours,
            ours / digest,
        );
    }
    Ok(table)
}

struct Row {
    name: String,
    bytes: String,
    ours: f64,
    digest: f64,
    python: f64,
}

fn round_of(repo: &Repo, directory: &Path) -> anyhow::Result<Vec<Row>> {
    let mut command = shell::cargo(repo.root());
    command.args([
        "run",
        "--quiet",
        "--release",
        "--package",
        "rollscope",
        "--example",
        "hash_speed",
    ]);
    command.arg("--").arg(directory);
    let mut rows = Vec::new();
    for line in output(&mut command)?.lines() {
        let words: Vec<&str> = line.split(' ').collect();
        let [name, bytes, _, hex, ours, digest, ..] = words.as_slice() else {
            bail!("examples/hash_speed.rs printed {line:?}");
        };
        let mut python = Command::new("python3");
        python.arg(repo.path(SCRIPT)).arg(directory.join(format!("hash-{name}.json")));
        let printed = output(&mut python)?;
        let (python_hex, python) = printed.trim().split_once(' ').context("no digest printed")?;
        if python_hex != *hex {
            bail!("CPython hashes the {name} state as {python_hex}, we as {hex}");
        }
        rows.push(Row {
            name: (*name).to_owned(),
            bytes: (*bytes).to_owned(),
            ours: ours.parse()?,
            digest: digest.parse()?,
            python: python.parse()?,
        });
    }
    Ok(rows)
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
