//! `fuzz`: feeds every decoder with inputs that are changed at random, and puts the figures into
//! `docs/fuzzing.md`. The work is done by the package in `fuzz/`.

use std::fs;
use std::process::Stdio;

use anyhow::{Context, bail};
use clap::Args;

use crate::repo::Repo;
use crate::shell;

/// Options of `cargo xtask fuzz`.
#[derive(Args)]
pub(crate) struct Options {
    /// Inputs per target.
    #[arg(long, default_value_t = 10_000_000)]
    inputs: u64,
    /// Seed: the same one feeds the same inputs.
    #[arg(long, default_value_t = 1)]
    seed: u64,
    /// Targets; all if none is named. The page is written only with all of them.
    targets: Vec<String>,
}

const PAGE: &str = "docs/fuzzing.md";

/// Feeds, prints the table and writes the page.
///
/// # Errors
///
/// When a decoder breaks a promise, or the page cannot be written.
pub(crate) fn run(repo: &Repo, options: &Options) -> anyhow::Result<()> {
    let Options { inputs, seed, targets } = options;
    let mut command = shell::cargo(repo.root());
    command.args(["run", "--quiet", "--profile", "fuzz", "--package", "rollscope-fuzz", "--"]);
    command.args([inputs.to_string(), seed.to_string()]).args(targets);
    let output = command.stderr(Stdio::inherit()).output().context("cargo did not start")?;
    let table = String::from_utf8_lossy(&output.stdout);
    print!("{table}");
    if !output.status.success() {
        bail!(
            "a decoder broke a promise: the message above names it; run its target alone with --seed {seed}"
        );
    }
    if !targets.is_empty() {
        return Ok(());
    }
    let page = format!(
        "# Fuzzing\n\n\
         Everything that Rollscope reads is hostile until it is read. Each target below was fed with \
         {inputs} inputs by `cargo xtask fuzz --inputs {inputs} --seed {seed}`: genuine messages, changed \
         at random in a few places (cut off, spliced, with lying lengths and numbers at the edges, \
         trees with members lost, renamed and replaced). Overflow checks and debug assertions were \
         on. Nothing panicked, and no channel gave more than four facts a message. *Read* counts facts or \
         events that came out all the same, *issues* what was counted as unreadable.\n\n\
         | target | what it is fed with | inputs | read | issues | seconds |\n|---|---|---|---|---|---|\n{table}\n\
         The fuzzer is plain and has no coverage feedback: it runs on the stable compiler without a \
         sanitizer's runtime, the same seed gives the same inputs everywhere, and `cargo test` plays a \
         slice of every target (`fuzz/tests/slice.rs`). A new dialect gets a target in \
         `fuzz/src/targets` and seeds in `fuzz/src/seeds.rs`.\n",
    );
    fs::write(repo.path(PAGE), page).with_context(|| format!("cannot write {PAGE}"))?;
    println!("written to {PAGE}");
    Ok(())
}
