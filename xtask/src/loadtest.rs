//! `loadtest`: runs the load test of the rollback engine and puts its table and chart into `docs/`.

use crate::repo::Repo;
use crate::shell;

/// Runs the program of `examples/loadtest`; its figures depend on no clock.
///
/// # Errors
///
/// When the program does not build or cannot write into `docs/`.
pub(crate) fn run(repo: &Repo) -> anyhow::Result<()> {
    shell::step("play every combination of network and settings", || {
        let mut command = shell::cargo(repo.root());
        command.args(["run", "--quiet", "--package", "rollscope", "--example", "loadtest", "--"]);
        command.arg(repo.path("docs"));
        shell::run(&mut command, "see its message above")
    })
}
