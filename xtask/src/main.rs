//! `cargo xtask <command>`: builds, tests, packages and shows Rollscope.
//!
//! Knows cargo, npm, node and the browsers as programs to run; knows nothing of what the core
//! computes. Every command installs what it lacks first (`setup`), and every failure names the
//! next step.

mod bench;
mod bind;
mod build;
mod bundle;
mod demo;
mod element_tests;
mod functions;
mod fuzz;
mod glue;
mod likeness;
mod loadtest;
mod npm;
mod package;
mod repo;
mod screenshots;
mod setup;
mod shell;
mod split;
mod stylesheet;
mod test;
mod tidy;
mod truth;
mod wasm_tests;
mod wpt;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

use crate::repo::Repo;

#[derive(Parser)]
#[command(name = "cargo xtask", about = "Builds, tests, packages and shows Rollscope.")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Installs what is missing: wasm target, npm packages, Chromium and Firefox (Debian).
    Setup,
    /// Builds the extension (dist/rollscope), the arena (dist/arena) and the runtime (dist/npm).
    Build {
        /// Also the programs and the module that browser tests ask for, to run one of these by hand.
        #[arg(long)]
        tests: bool,
    },
    /// Plays the arena in a real browser with the panel open on one of its two peers.
    Demo(demo::Options),
    /// Runs everything that can fail: format, lints, tidy, Rust, wasm, hook and browser tests.
    Test(test::Options),
    /// Checks the rules of the house: layers, file length, head comments.
    Tidy,
    /// Writes the zip for Chrome and the xpi for Firefox into dist/, and lints them.
    Package(package::Options),
    /// Measures, and writes the figures into docs/measurements.md.
    Bench(bench::Options),
    /// Plays every combination of network and settings; table and chart go into docs/.
    Loadtest,
    /// Plays a session with and without each optimisation; the table goes into docs/optimisations.md.
    Optimisations,
    /// Plants every kind of fault over many seeds; what the checks found goes into docs/truth.md.
    Truth(truth::Options),
    /// Feeds every decoder millions of hostile inputs; the figures go into docs/fuzzing.md.
    Fuzz(fuzz::Options),
    /// Runs pages of a checkout of web-platform-tests with and without the hook.
    Wpt(wpt::Options),
    /// Takes pictures of the panel in both themes and three sizes into out/screenshots/.
    Screenshots(screenshots::Options),
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> anyhow::Result<()> {
    let repo = Repo::find()?;
    match command {
        Command::Setup => setup::everything(&repo).map(|()| setup::display()),
        Command::Build { tests } => build::run(&repo).and_then(|()| {
            if !tests {
                return Ok(());
            }
            element_tests::build(&repo)?;
            build::native_programs(&repo)
        }),
        Command::Demo(options) => demo::run(&repo, &options),
        Command::Test(options) => test::run(&repo, &options),
        Command::Tidy => tidy::run(&repo),
        Command::Package(options) => package::run(&repo, &options),
        Command::Bench(options) => bench::run(&repo, &options),
        Command::Loadtest => loadtest::run(&repo),
        Command::Optimisations => loadtest::optimisations(&repo),
        Command::Fuzz(options) => fuzz::run(&repo, &options),
        Command::Truth(options) => truth::run(&repo, &options),
        Command::Wpt(options) => wpt::run(&repo, &options),
        Command::Screenshots(options) => screenshots::run(&repo, &options),
    }
}
