//! Runs other programs, with what is done and how long it took told on standard error.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, bail};

/// Tells what is being done, does it, and tells how long it took.
///
/// # Errors
///
/// The error of `work`, with `what` in front of it.
pub(crate) fn step<T>(what: &str, work: impl FnOnce() -> anyhow::Result<T>) -> anyhow::Result<T> {
    eprintln!("▸ {what}");
    let started = Instant::now();
    let result = work().with_context(|| what.to_owned());
    let seconds = started.elapsed().as_secs_f32();
    if result.is_ok() {
        eprintln!("  done in {seconds:.1} s");
    } else {
        eprintln!("  failed after {seconds:.1} s");
    }
    result
}

/// Runs `command` to its end; its output is passed through and its input is closed.
///
/// # Errors
///
/// When the program cannot start or ends with another code than 0; `next_step` says what to do.
pub(crate) fn run(command: &mut Command, next_step: &str) -> anyhow::Result<()> {
    let shown = shown(command);
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| format!("`{shown}` did not start: {next_step}"))?;
    if !status.success() {
        bail!("`{shown}` ended with {status}: {next_step}");
    }
    Ok(())
}

/// Standard output of `command`, or nothing when it does not start or fails.
pub(crate) fn output_of(command: &mut Command) -> Option<String> {
    let output = command.stdin(Stdio::null()).stderr(Stdio::null()).output().ok()?;
    output.status.success().then(|| String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Cargo, the same one that runs this program.
pub(crate) fn cargo(root: &Path) -> Command {
    let program = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let mut command = Command::new(program);
    command.current_dir(root);
    command
}

/// All files under `directory`, sorted by path; `skip` names folders not to enter.
///
/// # Errors
///
/// When a folder cannot be read. A `directory` that does not exist holds no files.
pub(crate) fn files_under(directory: &Path, skip: &[&str]) -> anyhow::Result<Vec<PathBuf>> {
    let mut found = Vec::new();
    if directory.is_dir() {
        collect(directory, skip, &mut found)?;
    }
    found.sort();
    Ok(found)
}

fn collect(directory: &Path, skip: &[&str], found: &mut Vec<PathBuf>) -> anyhow::Result<()> {
    let entries = fs::read_dir(directory)
        .with_context(|| format!("cannot read the folder {}", directory.display()))?;
    for entry in entries {
        let path = entry?.path();
        let name = path.file_name().map(|n| n.to_string_lossy().into_owned()).unwrap_or_default();
        if !path.is_dir() {
            found.push(path);
        } else if !skip.contains(&name.as_str()) {
            collect(&path, skip, found)?;
        }
    }
    Ok(())
}

/// Program and arguments as one would type them, cut where they get long.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program());
    let name = program.file_name().unwrap_or(program.as_os_str()).to_string_lossy().into_owned();
    let arguments = command.get_args().map(|a| a.to_string_lossy().into_owned());
    let line = std::iter::once(name).chain(arguments).collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(160) {
        Some((end, _)) => line.get(..end).map(|cut| format!("{cut}…")).unwrap_or_default(),
        None => line,
    }
}
