//! `bench verify`: what all checks add to reading a session, on the same session.

use anyhow::{Context, bail};

use crate::repo::Repo;
use crate::shell;

/// Runs `examples/verify_speed.rs` and returns a table in Markdown.
///
/// # Errors
///
/// When the program does not build or run.
pub(super) fn measure(repo: &Repo) -> anyhow::Result<String> {
    let output = shell::step("read and check a session", || {
        let mut command = shell::cargo(repo.root());
        let example = ["--package", "rollscope", "--example", "verify_speed"];
        command.args(["run", "--quiet", "--release"]).args(example);
        command.stderr(std::process::Stdio::inherit()).output().context("cargo did not start")
    })?;
    if !output.status.success() {
        bail!("the benchmark ended with {}: see its message above", output.status);
    }
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    let words: Vec<&str> = printed.split_whitespace().collect();
    let [frames, bytes, read, check, ..] = words.as_slice() else {
        bail!("examples/verify_speed.rs printed {printed:?}");
    };
    let (read_ms, check_ms): (f64, f64) = (read.parse()?, check.parse()?);
    Ok(format!(
        "**native, {}**, both sides of a session of three minutes, fastest of 12 rounds: all chunks \
         read and reconstructed, then every check over every episode with the verdict\n\n\
         | frames | bytes | reading and reconstruction | all checks | checks ÷ reading |\n\
         |---:|---:|---:|---:|---:|\n\
         | {frames} | {bytes} | {read_ms:.1} ms | {check_ms:.1} ms | {:.2}× |\n\n\
         Limit for the checks: 1×. What the determinism oracle notes of every state is \
         part of reading. The panel keeps its verdict until something new comes in.\n",
        std::env::consts::ARCH,
        check_ms / read_ms,
    ))
}
