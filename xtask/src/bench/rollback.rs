//! `bench rollback`: runs the package in `benches/` and makes a table of what it prints.
//!
//! That package stands outside the workspace, so that the tests never build what our engine is
//! compared with.

use std::collections::BTreeMap;
use std::process::Stdio;

use anyhow::{Context, bail};

use crate::repo::Repo;
use crate::shell;

/// Frames of a session in `distance_2` and `distance_7` (`FRAMES` in benches/rollback.rs).
const FRAMES: f64 = 10_000.0;

/// What our sync test may cost, in multiples of the bare loop.
const LIMIT: f64 = 1.15;

/// Frames of the sessions of `live_by_length`, shortest first.
const LENGTHS: [u32; 4] = [1_000, 10_000, 100_000, 1_000_000];

/// Nanoseconds of the fastest sample by `group/name`.
type Fastest = BTreeMap<String, f64>;

/// Runs all contestants once per round and returns the table in Markdown.
///
/// # Errors
///
/// When the benchmark does not build, fails, or prints something that is no result.
pub(super) fn measure(repo: &Repo, rounds: u32) -> anyhow::Result<String> {
    let (mut fastest, mut allocations) = (Fastest::new(), BTreeMap::new());
    for round in 1..=rounds.max(1) {
        shell::step(&format!("measure rollbacks, round {round} of {rounds}"), || {
            // Interference only ever adds time: the fastest sample of all rounds is the figure.
            let printed = run(repo)?;
            allocations = read_allocations(&printed);
            for (name, nanos) in read(&printed) {
                fastest.entry(name).and_modify(|known| *known = known.min(nanos)).or_insert(nanos);
            }
            Ok(())
        })?;
    }
    table(&fastest, &allocations, rounds)
        .context("the package in benches/ printed no result for some figure")
}

fn run(repo: &Repo) -> anyhow::Result<String> {
    let output = shell::cargo(repo.root())
        .args(["bench", "--quiet", "--manifest-path", "benches/Cargo.toml", "--target-dir"])
        .arg(repo.target("benches"))
        .stdin(Stdio::null())
        .stderr(Stdio::inherit())
        .output()
        .context("cargo did not start")?;
    if !output.status.success() {
        bail!("the benchmark ended with {}: see its message above", output.status);
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Reads divan's tree: a group has no figures in its line, a result begins with its fastest one.
fn read(printed: &str) -> Fastest {
    let mut group = "";
    let mut found = Fastest::new();
    for line in printed.lines().filter(|line| !line.contains("item/s")) {
        let mut words = line.split(|c: char| c.is_whitespace() || "│├╰─".contains(c));
        let mut words = words.by_ref().filter(|word| !word.is_empty());
        let (Some(name), value, unit) = (words.next(), words.next(), words.next()) else {
            continue;
        };
        match (value.and_then(|value| value.parse::<f64>().ok()), unit.and_then(nanos_of)) {
            (Some(value), Some(nanos)) => {
                found.insert(format!("{group}/{name}"), value * nanos);
            }
            _ => group = name,
        }
    }
    found
}

fn nanos_of(unit: &str) -> Option<f64> {
    match unit {
        "ns" => Some(1.0),
        "µs" => Some(1e3),
        "ms" => Some(1e6),
        "s" => Some(1e9),
        _ => None,
    }
}

/// Allocations of a steady-state frame by contestant, from `benches/allocations.rs`.
fn read_allocations(printed: &str) -> BTreeMap<String, f64> {
    let lines = printed.lines().filter_map(|line| line.strip_prefix("allocations "));
    let parts = lines.filter_map(|line| line.split_once(' '));
    parts.filter_map(|(name, count)| Some((name.to_owned(), count.trim().parse().ok()?))).collect()
}

fn table(fastest: &Fastest, allocations: &BTreeMap<String, f64>, rounds: u32) -> Option<String> {
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    let mut text = format!(
        "**native, {} with {cores} cores**, fastest sample of {rounds} rounds, all in one run; a \
         rollback in every frame, state of 1 KB, 2 players; nanoseconds a frame, and as a multiple \
         of a bare loop with the same saves, loads and steps\n\n\
         | check distance | bare loop | our sync test | limit | sync test of GGRS 0.13 | our share \
         of a frame ÷ GGRS's |\n|---:|---:|---:|---:|---:|---:|\n",
        std::env::consts::ARCH,
    );
    let nanos = |distance: u32, name: &str| {
        fastest.get(&format!("distance_{distance}/{name}")).map(|nanos| nanos / FRAMES)
    };
    for distance in [2, 7] {
        let (bare, ours) = (nanos(distance, "bare")?, nanos(distance, "sync_test")?);
        let ggrs = nanos(distance, "ggrs")?;
        let (share, theirs) = (ours - bare, ggrs - bare);
        let is_met = if ours <= LIMIT * bare { "met" } else { "**not met**" };
        text += &format!(
            "| {distance} | {bare:.0} | {ours:.0} ({:.2}×) | {LIMIT}×: {is_met} | {ggrs:.0} \
             ({:.2}×) | {:.2} |\n",
            ours / bare,
            ggrs / bare,
            share / theirs,
        );
    }
    text += "\nThe live engine makes and reads its messages besides, which a sync test has not; it \
             has no limit.\n\n| check distance | our live engine, with its messages |\n|---:|---:|\n";
    for distance in [2, 7] {
        let (bare, live) = (nanos(distance, "bare")?, nanos(distance, "live")?);
        text += &format!("| {distance} | {live:.0} ({:.2}×) |\n", live / bare);
    }
    text += "\n| frames played | our live engine, distance 7, ns a frame |\n|---:|---:|\n";
    let of_length = |frames: u32| {
        fastest.get(&format!("live_by_length/{frames}")).map(|nanos| nanos / f64::from(frames))
    };
    for frames in LENGTHS {
        text += &format!("| {frames} | {:.0} |\n", of_length(frames)?);
    }
    let [first, .., last] = LENGTHS;
    text += &format!(
        "\nA frame of the longest session costs {:.2} times one of the shortest.\n\n\
         | | bare loop | our sync test | our live engine | GGRS |\n|---|---:|---:|---:|---:|\n\
         | allocations of a steady-state frame, distance 7 |",
        of_length(last)? / of_length(first)?,
    );
    for name in ["bare", "sync_test", "live", "ggrs"] {
        text += &format!(" {} |", allocations.get(name)?);
    }
    text += "\n";
    Some(text)
}

#[cfg(test)]
mod tests {
    use super::{read, read_allocations};

    #[test]
    fn the_fastest_figure_of_every_result_is_read() {
        let printed = "Timer precision: 20 ns\n\
            rollback         fastest       │ slowest\n\
            ├─ distance_2                  │         \n\
            │  ├─ bare       7.5 ms        │ 9.4 ms\n\
            │  │             1.3 Mitem/s   │ 1.0 Mitem/s\n\
            ╰─ live_by_length              │\n   \
               ╰─ 1000       3.05 µs       │ 3.1 µs\n";
        let found: Vec<_> = read(printed).into_iter().collect();
        assert_eq!(
            found,
            [("distance_2/bare".to_owned(), 7.5e6), ("live_by_length/1000".to_owned(), 3050.0)]
        );
    }

    #[test]
    fn allocations_are_read_by_contestant() {
        let printed = "rollback fastest\nallocations live 0\nallocations ggrs 12.5\n";
        let found: Vec<_> = read_allocations(printed).into_iter().collect();
        assert_eq!(found, [("ggrs".to_owned(), 12.5), ("live".to_owned(), 0.0)]);
    }
}
