//! The program: feeds targets and prints what came of it, one line a target.
//!
//! `cargo xtask fuzz` runs it and keeps its figures.

use std::process::ExitCode;
use std::time::Instant;

use rollscope_fuzz::run::run;
use rollscope_fuzz::targets::TARGETS;

const USAGE: &str = "usage: rollscope-fuzz INPUTS SEED [TARGET...]";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let (Some(inputs), Some(seed)) = (number(arguments.first()), number(arguments.get(1))) else {
        println!("{USAGE}");
        return ExitCode::FAILURE;
    };
    let names = arguments.get(2..).unwrap_or_default();
    let known = |name: &String| TARGETS.iter().any(|target| target.name == name);
    if let Some(name) = names.iter().find(|name| !known(name)) {
        let all: Vec<_> = TARGETS.iter().map(|target| target.name).collect();
        println!("there is no target {name}: choose of {}", all.join(", "));
        return ExitCode::FAILURE;
    }
    for target in TARGETS {
        if !names.is_empty() && !names.iter().any(|name| name == target.name) {
            continue;
        }
        let start = clock();
        let outcome = run(target, inputs, seed);
        let seconds = start.elapsed().as_secs_f64();
        println!(
            "| `{}` | {} | {} | {} | {} | {seconds:.0} |",
            target.name, target.about, outcome.inputs, outcome.read, outcome.issues,
        );
    }
    ExitCode::SUCCESS
}

#[expect(clippy::disallowed_methods, reason = "a program that measures reads the clock")]
fn clock() -> Instant {
    Instant::now()
}

fn number(text: Option<&String>) -> Option<u64> {
    text?.replace('_', "").parse().ok()
}
