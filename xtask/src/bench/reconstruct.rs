//! `bench reconstruct`: how fast an hour of recorded play is decoded and reconstructed, and in how
//! much memory.

use std::path::Path;
use std::process::Stdio;

use anyhow::{Context, bail};

use super::wasi;
use crate::repo::Repo;
use crate::shell;

const EXAMPLE: &str = "reconstruct_speed";

/// Where the recordings lie, beside the repository.
const RECORDINGS: &str = "../shared/captures";

/// Sessions that are repeated, what they are, and the limit in seconds.
const SESSIONS: [(&str, &str, f64); 2] =
    [("H-clean", "MUG on the page's own thread", 1.0), ("W-clean", "MUG in a worker", 4.0)];

/// Most processor time in wasm, as a multiple of the native one.
const MAX_RATIO: f64 = 2.5;

/// Most bytes that are held for an event, and for a saved state, everything included.
const MAX_BYTES: [f64; 2] = [64.0, 1024.0];

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
         | session | events | MB of chunks | frames | rollbacks | decoding alone | all (limit) | wasm ÷ native (limit) | bytes held per event (limit) | all that is held, bytes per saved state (limit) |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|---:|\n",
        std::env::consts::ARCH,
    );
    let wasm = shell::step("build the same program for wasm", || wasi::build(repo, EXAMPLE))?;
    for (session, about, limit) in SESSIONS {
        let printed =
            shell::step(&format!("an hour of {session}"), || run(repo, &root.join(session)))?;
        let in_node = shell::step("the same in wasm under Node", || {
            run_wasm(repo, &wasm, &root.join(session))
        })?;
        let words: Vec<&str> = printed.split_whitespace().collect();
        let [events, bytes, _, rollbacks, frames, _, seconds, decoding, held, saved, total] =
            words.as_slice()
        else {
            bail!("examples/reconstruct_speed.rs printed {printed:?}");
        };
        let in_wasm: Vec<&str> = in_node.split_whitespace().collect();
        let same = [*events, *bytes, *rollbacks, *frames];
        let theirs: Vec<&str> =
            [0, 1, 3, 4].iter().filter_map(|place| in_wasm.get(*place).copied()).collect();
        let wasm_total: f64 = in_wasm.last().context("nothing printed in wasm")?.parse()?;
        if theirs != same {
            bail!("wasm reconstructs {theirs:?}, native {same:?}");
        }
        let ratio = wasm_total / total.parse::<f64>()?;
        let [most_per_event, most_per_state] = MAX_BYTES;
        let held: f64 = held.parse()?;
        let per_event = beside(held / events.parse::<f64>()?, 0, "", most_per_event);
        let per_state = match saved.parse::<f64>()? {
            0.0 => "–".to_owned(),
            saved => beside(held / saved, 0, "", most_per_state),
        };
        let megabytes = bytes.parse::<f64>()? / 1e6;
        let (seconds, decoding): (f64, f64) = (seconds.parse()?, decoding.parse()?);
        table += &format!(
            "| {about} | {events} | {megabytes:.0} | {frames} | {rollbacks} | {decoding:.2} s | \
             {} | {} | {per_event} | {per_state} |\n",
            beside(seconds, 2, " s", limit),
            beside(ratio, 2, "×", MAX_RATIO),
        );
    }
    table += "\nThe ratio is of the whole programs' processor time, which make the hour's chunks from the \
              recordings too; the wasm is built by the profile that ships. Both must rebuild the same.\n\nBytes held are everything that the analysis allocated and still has after the hour: \
              the index of events (about ten bytes each), frames, inputs, hashes, round trips and the newest \
              states. The texts of saved states stay in the file, but for the newest frames' (4 MB a page) and \
              those of frames that differ: all that is held, shared out among the saved states, is above what is held of \
              each.\n";
    Ok(table)
}

// A figure beside its limit, and a word where it is over.
fn beside(figure: f64, digits: usize, unit: &str, limit: f64) -> String {
    let over = if figure > limit { ", over it" } else { "" };
    format!("{figure:.digits$}{unit} ({limit}{unit}{over})")
}

fn run(repo: &Repo, folder: &Path) -> anyhow::Result<String> {
    let mut command = shell::cargo(repo.root());
    command.args(["run", "--quiet", "--release", "--package", "rollscope"]);
    command.args(["--example", EXAMPLE, "--"]).arg(folder);
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

fn run_wasm(repo: &Repo, program: &Path, folder: &Path) -> anyhow::Result<String> {
    let folders = [("/recordings", folder)];
    wasi::run(repo, &wasi::Run { program, lines: 1, folders: &folders, args: &["/recordings"] })
}
