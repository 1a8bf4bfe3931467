//! The `rollscope` command: reads capture files, prints verdicts, writes reports.
//!
//! Files come from the panel or from `cargo xtask demo`; everything is decided in the core.

mod check;
mod files;
mod hash;
mod inspect;

use std::fs;
use std::io::{self, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use anyhow::{Context, Result, bail};
use clap::{Args, Parser, Subcommand};
use files::open;
use rollscope::analysis::Analysis;
use rollscope::report::{FORMATS, Pseudonyms};

/// Verdicts and reports from Rollscope capture files.
#[derive(Parser)]
#[command(name = "rollscope", version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Print the verdict over one session, or a line for each of several.
    ///
    /// Exit code: 0 verified, 1 desync, 2 risk, 3 untested or not checkable, 4 capture incomplete,
    /// 64 when a file cannot be read; of several sessions that of the worst (1, 4, 2, 3, 0).
    Check {
        /// Capture files, one per observed peer; those of one session find each other.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Print one JSON object in place of the sentence.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        answers: Answers,
    },
    /// Print the hashes of state texts, one JSON object per line of the file.
    ///
    /// Each line of FILE is one state as JSON text. SHA-256 is taken of the canonical text with
    /// floats rounded to ten decimals, MD5 of the text as Python writes it with sorted keys; both
    /// of the text as it stands (direct) and after a round trip through JavaScript. Messages carry
    /// the first 8 or 16 digits. MUG hashes the member env_state of what getState returns: write
    /// that alone into the line.
    Hash {
        /// Text file with one state per line; `-` reads standard input.
        #[arg(value_name = "FILE")]
        file: PathBuf,
    },
    /// Print the records of a session, one per line.
    #[command(after_long_help = inspect::help())]
    Inspect {
        /// rollbacks, frames, hashes, inputs, round-trips or configuration.
        #[arg(value_name = "TABLE")]
        table: String,
        /// Capture files or recordings of one session, one per observed peer.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Print one JSON object per line in place of a table for eyes.
        #[arg(long)]
        json: bool,
        #[command(flatten)]
        answers: Answers,
    },
    /// Write capture files or recordings as one capture file.
    Convert {
        /// Files of one session, one per observed peer.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// File to write.
        #[arg(long, short, value_name = "FILE")]
        out: PathBuf,
    },
    /// Write the report on one session.
    Report {
        /// Capture files of one session, one per observed peer.
        #[arg(required = true, value_name = "FILE")]
        files: Vec<PathBuf>,
        /// Format of the report: json or html.
        #[arg(long, default_value = "json")]
        format: String,
        /// File to write; standard output if left out.
        #[arg(long, short, value_name = "FILE")]
        out: Option<PathBuf>,
        /// Replace ids by hashes under the key in this file, any text, and take addresses out; the same key gives
        /// the same names in every report.
        #[arg(long, value_name = "KEY_FILE")]
        pseudonymise: Option<PathBuf>,
        #[command(flatten)]
        answers: Answers,
    },
}

/// What the traffic does not say.
#[derive(Args)]
struct Answers {
    /// A setting that the traffic does not say, as NAME=VALUE; may come several times.
    ///
    /// `rollscope inspect configuration` shows which ones those are. What the traffic says wins.
    #[arg(long, value_name = "NAME=VALUE")]
    set: Vec<String>,
}

/// Exit code for input that cannot be read, apart from all verdicts.
const UNREADABLE: u8 = 64;

fn main() -> ExitCode {
    match run(Arguments::parse()) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            // Nothing is left to do if standard error is gone too.
            let _ = writeln!(io::stderr(), "rollscope: {error:#}");
            ExitCode::from(UNREADABLE)
        }
    }
}

fn run(arguments: Arguments) -> Result<u8> {
    match arguments.command {
        Command::Check { files, json, answers } => check::run(&open(&files, &answers.set)?, json),
        Command::Convert { files, out } => {
            let analysis = open(&files, &[])?;
            write(&out, &analysis.capture_file(0.0))?;
            warn(analysis.health().file_notice)?;
            Ok(0)
        }
        Command::Hash { file } => hash::run(&file),
        Command::Inspect { table, files, json, answers } => {
            inspect::run(&table, || open(&files, &answers.set), json)
        }
        Command::Report { files, format, out, pseudonymise, answers } => {
            let open = || open(&files, &answers.set);
            report(open, &format, out.as_deref(), pseudonymise.as_deref())
        }
    }
}

/// Says beside what was asked for what whoever reads it must know.
fn warn(notices: impl IntoIterator<Item = String>) -> io::Result<()> {
    notices.into_iter().try_for_each(|notice| writeln!(io::stderr(), "rollscope: {notice}"))
}

fn write(path: &Path, contents: &[u8]) -> Result<()> {
    let place = || format!("cannot write {}: choose another --out", path.display());
    fs::write(path, contents).with_context(place)
}

fn report(
    open: impl FnOnce() -> Result<Analysis>,
    name: &str,
    out: Option<&Path>,
    key: Option<&Path>,
) -> Result<u8> {
    let Some(format) = FORMATS.iter().find(|format| format.name() == name) else {
        let known: Vec<_> = FORMATS.iter().map(|format| format.name()).collect();
        bail!("there is no report format {name:?}: choose one of {}", known.join(", "));
    };
    let analysis = open()?;
    let mut report = analysis.report();
    let text = match key {
        None => format.write(&report),
        Some(path) => {
            let key = fs::read_to_string(path).with_context(|| {
                let place = path.display();
                format!(
                    "cannot read the key in {place}: write any words into such a file, and keep it"
                )
            })?;
            if key.trim().is_empty() {
                bail!("{} is empty: write any words into it, and keep it", path.display());
            }
            let mut names = Pseudonyms::under(key.trim());
            names.apply(&mut report);
            let text = format.write(&report);
            let leaks = names.leaks(&text);
            if leaks > 0 {
                bail!(
                    "{leaks} removed values are still in the report, so it was not written: file a bug"
                );
            }
            text
        }
    };
    match out {
        Some(path) => write(path, text.as_bytes())?,
        None => io::stdout().lock().write_all(text.as_bytes())?,
    }
    warn(analysis.health().file_notice)?;
    Ok(0)
}
