//! `truth`: plants every kind of fault over many seeds and networks, and writes what the checks found
//! into `docs/truth.md`. The work is done by `tests/truth.rs`.

use std::fs;

use anyhow::Context;
use clap::Args;

use crate::repo::Repo;
use crate::shell;

/// Options of `cargo xtask truth`.
#[derive(Args)]
pub(crate) struct Options {
    /// Seeds per kind of fault; four times as many clean sessions are played.
    #[arg(long, default_value_t = 200)]
    seeds: u32,
}

const PAGE: &str = "docs/truth.md";

/// Plays, prints the table and writes the page.
///
/// # Errors
///
/// When a fault is missed, a false alarm is raised, or the page cannot be written.
pub(crate) fn run(repo: &Repo, options: &Options) -> anyhow::Result<()> {
    let table = repo.target("truth-table.md");
    let seeds = options.seeds;
    let played = shell::step(&format!("plant every fault in {seeds} sessions"), || {
        let mut command = shell::cargo(repo.root());
        command.args(["test", "--quiet", "--package", "rollscope", "--test", "truth"]);
        command.env("ROLLSCOPE_TRUTH_SEEDS", seeds.to_string());
        command.env("ROLLSCOPE_TRUTH_TABLE", &table);
        shell::run(&mut command, "the table above names what was missed or wrong")
    });
    let text = fs::read_to_string(&table).context("tests/truth.rs wrote no table")?;
    println!("{text}");
    played?;
    let page = format!(
        "# Faults planted and found\n\n\
         Two real engines play in memory over a simulated network, a fault is planted at frame 60 of \
         one of them, and only the captured bytes go to the checks. {seeds} seeds per kind, over four \
         networks (20 ms and 2 % loss to 110 ms and 15 % loss) and two prediction rules. *Planted* \
         counts the sessions that gave the fault its chance; *found* those where its check failed at \
         the right frame; *reported* all findings of weight, *precision* the share of them that are \
         the fault or its stated consequence; *frames off* the largest distance from the fault to the \
         first finding. {} clean sessions, each from either side and from both, had no error and no \
         risk. Made by `cargo xtask truth`.\n\n{text}",
        seeds * 4
    );
    fs::write(repo.path(PAGE), page).with_context(|| format!("cannot write {PAGE}"))?;
    println!("written to {PAGE}");
    Ok(())
}
