//! `test`: everything that can fail, part by part, with a summary at the end.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::bail;
use clap::{Args, ValueEnum};

use crate::demo::Browser;
use crate::repo::Repo;
use crate::{build, element_tests, package, setup, shell, tidy, wasm_tests};

/// Options of `cargo xtask test`.
#[derive(Args)]
pub(crate) struct Options {
    /// Run only these parts, e.g. `--only rust,e2e`; all of them without it.
    #[arg(long, value_enum, value_delimiter = ',', value_name = "PARTS")]
    only: Vec<Part>,
    /// Run the browser tests in this browser only.
    #[arg(long, value_enum)]
    browser: Option<Browser>,
    /// Run only the browser tests of these names, e.g. `--spec timeline,views` for `timeline.test.mjs` and
    /// `views.test.mjs`, and no other part.
    #[arg(long, value_delimiter = ',', value_name = "NAMES", conflicts_with = "only")]
    spec: Vec<String>,
}

impl Options {
    fn has(&self, part: Part) -> bool {
        match (&*self.spec, &*self.only) {
            ([], []) => true,
            ([], only) => only.contains(&part),
            _ => part == Part::E2e,
        }
    }
}

/// A part of the test run, in the order in which they run.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Part {
    /// Format, tidy, lints and the native Rust tests.
    Rust,
    /// The core's tests as wasm, under Node.
    Wasm,
    /// The extension's scripts, under Node.
    Hook,
    /// Build, package, and the extension stores' linter.
    Package,
    /// Real panels in Chromium and Firefox.
    E2e,
}

const PARTS: [Part; 5] = [Part::Rust, Part::Wasm, Part::Hook, Part::Package, Part::E2e];

/// Where the browser tests are.
const SPECS: &str = "tests/e2e/specs";

/// What a check ended with, for the summary.
struct Outcome {
    name: &'static str,
    result: anyhow::Result<()>,
    took: Duration,
}

/// Runs the chosen parts; a part that fails does not keep the others from running.
///
/// # Errors
///
/// When any check failed; the summary above the message says which.
pub(crate) fn run(repo: &Repo, options: &Options) -> anyhow::Result<()> {
    // A name that does not exist is said before anything is built.
    test_files(repo, SPECS, &options.spec)?;
    if options.has(Part::Package) || options.has(Part::E2e) {
        setup::everything(repo)?;
    }
    if options.has(Part::E2e) {
        setup::display();
    }
    let mut outcomes = Vec::new();
    for part in PARTS.into_iter().filter(|part| options.has(*part)) {
        run_part(repo, part, options, &mut outcomes);
    }
    print_summary(&outcomes);
    let failed = outcomes.iter().filter(|o| o.result.is_err()).count();
    if failed > 0 {
        bail!(
            "{failed} of {} checks failed: mend the first one and run it again with --only or --spec",
            outcomes.len()
        );
    }
    Ok(())
}

fn run_part(repo: &Repo, part: Part, options: &Options, outcomes: &mut Vec<Outcome>) {
    let mut check = |name: &'static str, work: &dyn Fn() -> anyhow::Result<()>| {
        let started = Instant::now();
        let result = shell::step(name, work);
        outcomes.push(Outcome { name, result, took: started.elapsed() });
    };
    match part {
        Part::Rust => {
            check("format", &|| cargo(repo, &["fmt", "--all", "--check"], "run `cargo fmt --all`"));
            check("tidy", &|| tidy::run(repo));
            check("lints", &|| clippy(repo));
            check("lints, browser parts", &|| clippy_wasm(repo));
            check("rust tests", &|| {
                cargo(repo, &["test", "--workspace", "--quiet"], "see the failed test above")
            });
        }
        Part::Wasm => check("wasm tests", &|| wasm_tests::run(repo)),
        Part::Hook => check("hook tests", &|| {
            setup::node()?;
            node_tests(repo, "tests/hook", &[], None)
        }),
        Part::Package => {
            check("build", &|| build::run(repo));
            check("package", &|| package::built(repo, package::Lint::Run));
        }
        Part::E2e => {
            if !options.has(Part::Package) {
                check("build", &|| build::run(repo));
            }
            check("programs", &|| build::native_programs(repo));
            check("tests of elements", &|| element_tests::build(repo));
            for (name, browser) in
                [("e2e in Chromium", Browser::Chromium), ("e2e in Firefox", Browser::Firefox)]
            {
                if options.browser.is_none_or(|only| only == browser) {
                    check(name, &|| node_tests(repo, SPECS, &options.spec, Some(browser)));
                }
            }
        }
    }
}

fn cargo(repo: &Repo, arguments: &[&str], next_step: &str) -> anyhow::Result<()> {
    shell::run(shell::cargo(repo.root()).args(arguments), next_step)
}

fn clippy(repo: &Repo) -> anyhow::Result<()> {
    let arguments = ["clippy", "--workspace", "--all-targets", "--quiet", "--", "-D", "warnings"];
    cargo(repo, &arguments, "mend what clippy names, or add #[expect(…, reason = \"…\")]")
}

/// The code that exists only in browsers is seen by no native lint.
fn clippy_wasm(repo: &Repo) -> anyhow::Result<()> {
    setup::wasm_target()?;
    let arguments = [
        "clippy",
        "--quiet",
        "--lib",
        "--example",
        "elements",
        "--target",
        "wasm32-unknown-unknown",
        "-p",
        "rollscope-ui",
        "-p",
        "rollscope-runtime",
        "-p",
        "rollscope-demo",
        "--",
        "-D",
        "warnings",
    ];
    cargo(repo, &arguments, "mend what clippy names, or add #[expect(…, reason = \"…\")]")
}

/// The `*.test.mjs` files of a folder, of some names or all.
fn test_files(repo: &Repo, folder: &str, names: &[String]) -> anyhow::Result<Vec<PathBuf>> {
    let files = shell::files_under(&repo.path(folder), &["node_modules"])?;
    let named = |path: PathBuf| {
        let name = path.file_name()?.to_str()?.strip_suffix(".test.mjs")?.to_owned();
        Some((name, path))
    };
    let tests: BTreeMap<String, PathBuf> = files.into_iter().filter_map(named).collect();
    if tests.is_empty() {
        bail!("{folder} holds no *.test.mjs: restore it from git");
    }
    if let Some(unknown) = names.iter().find(|name| !tests.contains_key(*name)) {
        let known: Vec<&str> = tests.keys().map(String::as_str).collect();
        bail!("{folder} holds no {unknown}.test.mjs: choose of {}", known.join(", "));
    }
    let chosen = tests.into_iter().filter(|(name, _)| names.is_empty() || names.contains(name));
    Ok(chosen.map(|(_, path)| path).collect())
}

/// Runs the `*.test.mjs` files of a folder, of some names or all; with a browser, one file at a time against it.
fn node_tests(
    repo: &Repo,
    folder: &str,
    names: &[String],
    browser: Option<Browser>,
) -> anyhow::Result<()> {
    let files = test_files(repo, folder, names)?;
    let mut command = Command::new("node");
    command.arg("--test").current_dir(repo.root());
    if let Some(browser) = browser {
        // Two browsers at once on two cores would starve the peers and change what they play.
        command
            .arg("--test-concurrency=1")
            .env("ROLLSCOPE_BROWSER", browser.name())
            .env("ROLLSCOPE_ARENA", repo.program("arena"))
            .env("ROLLSCOPE_COMMAND", repo.program("rollscope"))
            .env("ROLLSCOPE_DIST", repo.path("dist"));
    }
    shell::run(command.args(files), "see the failed test above")
}

fn print_summary(outcomes: &[Outcome]) {
    println!("\n{:<22} {:>8}  result", "check", "seconds");
    for outcome in outcomes {
        let result = match &outcome.result {
            Ok(()) => "ok".to_owned(),
            Err(error) => format!("FAILED: {}", error.root_cause()),
        };
        println!("{:<22} {:>8.1}  {result}", outcome.name, outcome.took.as_secs_f32());
    }
}
