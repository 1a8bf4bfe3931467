//! `tidy`: the rules of the house that no compiler and no lint knows.
//!
//! Each rule takes a path and a text and returns what is wrong; only this file reads files.

mod layers;
mod links;
mod text;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context, bail};

use crate::repo::Repo;
use crate::shell;

/// Folders that hold the project's own source, beside the files at the root.
const ROOMS: [&str; 13] = [
    ".github",
    "benches",
    "cli",
    "demo",
    "docs",
    "examples",
    "extension",
    "fuzz",
    "runtime",
    "src",
    "tests",
    "ui",
    "xtask",
];
/// Installed and generated files are nobody's source.
const SKIP: [&str; 5] = ["node_modules", "target", "dist", "out", "fixtures"];

/// One break of a rule: where, and what to do.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Complaint {
    line: usize,
    message: String,
}

/// Checks every source file of the repository.
///
/// # Errors
///
/// When a rule is broken; each break is printed with its file and line.
pub(crate) fn run(repo: &Repo) -> anyhow::Result<()> {
    let mut files = pages_at_root(repo)?;
    for room in ROOMS {
        files.extend(shell::files_under(&repo.path(room), &SKIP)?);
    }
    let exists = |path: &str| repo.path(path).exists();
    let mut count = 0;
    for path in files {
        let name = relative(repo.root(), &path);
        if !text::is_source(&name) && !links::is_page(&name) {
            continue;
        }
        let source = fs::read_to_string(&path).with_context(|| format!("{name} cannot be read"))?;
        for complaint in check(&name, &source, &exists) {
            eprintln!("  {name}:{}: {}", complaint.line, complaint.message);
            count += 1;
        }
    }
    if count > 0 {
        bail!("{count} rules of the house are broken: see the lines above and CONTRIBUTING.md");
    }
    Ok(())
}

/// The pages beside the rooms.
fn pages_at_root(repo: &Repo) -> anyhow::Result<Vec<PathBuf>> {
    let mut pages = Vec::new();
    for entry in fs::read_dir(repo.root()).context("the root of the repository cannot be read")? {
        let path = entry?.path();
        if path.is_file() && links::is_page(&path.to_string_lossy()) {
            pages.push(path);
        }
    }
    pages.sort();
    Ok(pages)
}

/// What is wrong with one file; `name` is its path from the root, written with `/`.
fn check(name: &str, source: &str, exists: &dyn Fn(&str) -> bool) -> Vec<Complaint> {
    if links::is_page(name) {
        return links::check(name, source, exists);
    }
    let mut complaints = text::check(name, source);
    complaints.extend(layers::check(name, source));
    complaints
}

fn relative(root: &Path, path: &Path) -> String {
    let name = path.strip_prefix(root).unwrap_or(path).to_string_lossy().into_owned();
    name.replace('\\', "/")
}
