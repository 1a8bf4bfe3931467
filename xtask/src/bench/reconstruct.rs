//! `bench reconstruct`: how fast an hour of recorded play is decoded and reconstructed, and in how
//! much memory.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, bail};

use crate::repo::Repo;
use crate::shell;

/// Where the recordings lie, beside the repository.
const RECORDINGS: &str = "../shared/captures";

/// Sessions that are repeated, what they are, and the limit in seconds.
const SESSIONS: [(&str, &str, f64); 2] =
    [("H-clean", "MUG on the page's own thread", 1.0), ("W-clean", "MUG in a worker", 4.0)];

/// Runs `examples/reconstruct_speed.rs` on each session and returns a table in Markdown.
///
/// # Errors
///
/// When the recordings are not there, or the program does not build or run.
pub(super) fn measure(repo: &Repo) -> anyhow::Result<String> {
    let root = repo.path(RECORDINGS);
    if !root.is_dir() {
        bail!("the recordings are missing: put them into {RECORDINGS} beside the repository");
    }
    let mut table = format!(
        "**native, {}**, one hour of play of two peers, made by repeating both recordings of a \
         session on one page each, in chunks as the hook gives them away; processor time of one \
         thread; the chunks themselves stay in their file\n\n\
         | session | events | MB of chunks | frames | rollbacks | decoding alone | all | limit | bytes held per event |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|\n",
        std::env::consts::ARCH,
    );
    for (session, about, limit) in SESSIONS {
        let printed =
            shell::step(&format!("an hour of {session}"), || run(repo, &root.join(session)))?;
        let words: Vec<&str> = printed.split_whitespace().collect();
        let [events, bytes, _, rollbacks, frames, _, seconds, decoding, held] = words.as_slice()
        else {
            bail!("examples/reconstruct_speed.rs printed {printed:?}");
        };
        let per_event = held.parse::<f64>()? / events.parse::<f64>()?;
        let megabytes = bytes.parse::<f64>()? / 1e6;
        let (seconds, decoding): (f64, f64) = (seconds.parse()?, decoding.parse()?);
        table += &format!(
            "| {about} | {events} | {megabytes:.0} | {frames} | {rollbacks} | {decoding:.2} s | \
             {seconds:.2} s | {limit:.0} s | {per_event:.0} |\n"
        );
    }
    table += "\nBytes held are everything that the analysis allocated and still has after the hour: \
              the index of events (47 bytes each), frames, inputs, hashes, round trips and the newest \
              states. Limit: 64.\n";
    Ok(table)
}

fn run(repo: &Repo, folder: &Path) -> anyhow::Result<String> {
    let mut command = shell::cargo(repo.root());
    command.args(["run", "--quiet", "--release", "--package", "rollscope"]);
    command.args(["--example", "reconstruct_speed", "--"]).arg(folder);
    let output = command
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("cargo did not start")?;
    if !output.status.success() {
        bail!("the benchmark ended with {}: see its message above", output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}
