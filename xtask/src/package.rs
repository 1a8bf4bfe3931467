//! `package`: one archive per browser, byte for byte the same from the same files.

use std::fs;
use std::io::{Cursor, Write};
use std::process::Command;

use anyhow::Context;
use clap::Args;
use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, DateTime, ZipWriter};

use crate::repo::Repo;
use crate::{build, setup, shell};

/// Options of `cargo xtask package`.
#[derive(Args)]
pub(crate) struct Options {
    /// Do not run the extension stores' linter.
    #[arg(long)]
    no_lint: bool,
}

/// Whether the stores' linter looks at the result.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Lint {
    Run,
    Skip,
}

/// Both stores take the same files; only the ending differs.
const ARCHIVES: [&str; 2] = ["dist/rollscope-chrome.zip", "dist/rollscope-firefox.xpi"];

/// Builds and packages.
///
/// # Errors
///
/// When the build fails, a file cannot be written, or the linter has anything to say.
pub(crate) fn run(repo: &Repo, options: &Options) -> anyhow::Result<()> {
    build::run(repo)?;
    built(repo, if options.no_lint { Lint::Skip } else { Lint::Run })
}

/// Packages what is in `dist/rollscope`.
///
/// # Errors
///
/// As [`run`].
pub(crate) fn built(repo: &Repo, lint: Lint) -> anyhow::Result<()> {
    let bytes = archive(repo)?;
    for name in ARCHIVES {
        fs::write(repo.path(name), &bytes).with_context(|| format!("cannot write {name}"))?;
        println!("{name}  {} bytes", bytes.len());
    }
    if lint == Lint::Run { run_linter(repo) } else { Ok(()) }
}

fn archive(repo: &Repo) -> anyhow::Result<Vec<u8>> {
    let root = repo.path("dist/rollscope");
    // Sorted names, one date and one mode: what is packed depends on the files alone.
    let options = SimpleFileOptions::default()
        .compression_method(CompressionMethod::Deflated)
        .compression_level(Some(9))
        .last_modified_time(DateTime::default())
        .unix_permissions(0o644);
    let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
    for file in shell::files_under(&root, &[])? {
        let name = file.strip_prefix(&root)?.to_string_lossy().replace('\\', "/");
        zip.start_file(name, options)?;
        let bytes =
            fs::read(&file).with_context(|| format!("{} cannot be read", file.display()))?;
        zip.write_all(&bytes)?;
    }
    Ok(zip.finish()?.into_inner())
}

/// The linter of addons.mozilla.org; the manifest is written so that it has nothing to say.
fn run_linter(repo: &Repo) -> anyhow::Result<()> {
    setup::browser_tests(repo)?;
    shell::run(
        Command::new("node")
            .arg(repo.path("tests/e2e/node_modules/addons-linter/bin/addons-linter"))
            .arg("--warnings-as-errors")
            .arg(repo.path("dist/rollscope-firefox.xpi")),
        "mend what the linter names",
    )
}
