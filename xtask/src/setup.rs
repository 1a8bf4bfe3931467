//! Installs what a build or a test lacks, or says in one line what to install.
//!
//! Never waits for input: package managers run with their input closed and their questions off.

use std::fs;
use std::path::Path;
use std::process::Command;

use anyhow::{Context, bail};

use crate::repo::Repo;
use crate::shell;

const WASM_TARGET: &str = "wasm32-unknown-unknown";
/// `node --test` with `--test-concurrency` exists from 20.10 on.
const NODE_MAJOR: u32 = 20;
const BROWSERS: [Browser; 2] = [
    Browser {
        package: "chromium",
        variable: "ROLLSCOPE_CHROMIUM",
        places: &["/usr/bin/chromium", "/usr/bin/chromium-browser"],
        oldest_major: 148,
    },
    Browser {
        package: "firefox-esr",
        variable: "ROLLSCOPE_FIREFOX",
        places: &["/usr/bin/firefox-esr", "/usr/bin/firefox"],
        // The long-term version before it (140) neither takes the extension nor can be driven.
        oldest_major: 153,
    },
];

/// Programs of a display in memory and of a hand for it, with their Debian packages.
const DISPLAY: [(&str, &str); 2] = [("/usr/bin/Xvfb", "xvfb"), ("/usr/bin/xdotool", "xdotool")];

struct Browser {
    package: &'static str,
    variable: &'static str,
    places: &'static [&'static str],
    /// Major version of the oldest one that the tests have run in.
    oldest_major: u32,
}

impl Browser {
    /// Whether it is there and new enough. One that the variable names is the user's choice.
    fn is_usable(&self) -> bool {
        std::env::var_os(self.variable).is_some()
            || self
                .places
                .iter()
                .find(|place| Path::new(place).exists())
                .and_then(|place| shell::output_of(Command::new(place).arg("--version")))
                .and_then(|version| major_of(&version))
                .is_some_and(|major| major >= self.oldest_major)
    }
}

/// The first whole number of a text like `Mozilla Firefox 153.7.0esr`.
fn major_of(version: &str) -> Option<u32> {
    let digits = version.trim_start_matches(|c: char| !c.is_ascii_digit());
    digits.split(|c: char| !c.is_ascii_digit()).next()?.parse().ok()
}

/// Everything that any command needs.
///
/// # Errors
///
/// When something is missing that cannot be installed from here.
pub(crate) fn everything(repo: &Repo) -> anyhow::Result<()> {
    wasm_target()?;
    arena_pages(repo)?;
    browser_tests(repo)
}

/// What driving a browser needs: Node, the npm packages, the browsers.
///
/// # Errors
///
/// As [`everything`].
pub(crate) fn browser_tests(repo: &Repo) -> anyhow::Result<()> {
    npm_packages(repo, "tests/e2e")?;
    browsers()
}

/// What the arena's pages load beside our own code: Pyodide and the client of Socket.IO.
///
/// # Errors
///
/// As [`everything`].
pub(crate) fn arena_pages(repo: &Repo) -> anyhow::Result<()> {
    npm_packages(repo, "demo")
}

/// The compilation target of everything that runs in a browser.
///
/// # Errors
///
/// When it is missing and rustup cannot add it.
pub(crate) fn wasm_target() -> anyhow::Result<()> {
    let library = shell::output_of(Command::new("rustc").args([
        "--print",
        "target-libdir",
        "--target",
        WASM_TARGET,
    ]));
    if library.is_some_and(|path| Path::new(path.trim()).is_dir()) {
        return Ok(());
    }
    shell::step(&format!("install the Rust target {WASM_TARGET}"), || {
        shell::run(
            Command::new("rustup").args(["target", "add", WASM_TARGET]),
            &format!("install the target {WASM_TARGET} for your Rust by hand"),
        )
    })
}

/// Node in a version that serves.
///
/// # Errors
///
/// When it is missing or too old.
pub(crate) fn node() -> anyhow::Result<()> {
    let Some(version) = shell::output_of(Command::new("node").arg("--version")) else {
        bail!("Node is missing: install Node {NODE_MAJOR} or later (https://nodejs.org)");
    };
    let version = version.trim();
    let major = version.trim_start_matches('v').split('.').next().and_then(|m| m.parse().ok());
    if major.is_none_or(|major: u32| major < NODE_MAJOR) {
        bail!("Node is {version}: install Node {NODE_MAJOR} or later (https://nodejs.org)");
    }
    Ok(())
}

/// The npm packages of a folder, exactly as its lock file names them.
fn npm_packages(repo: &Repo, name: &str) -> anyhow::Result<()> {
    node()?;
    let folder = repo.path(name);
    let lock = fs::read(folder.join("package-lock.json"))
        .with_context(|| format!("{name}/package-lock.json cannot be read: restore it from git"))?;
    // A copy of the lock file inside node_modules says what was installed.
    let stamp = folder.join("node_modules/.rollscope-installed-lock.json");
    if fs::read(&stamp).is_ok_and(|installed| installed == lock) {
        return Ok(());
    }
    shell::step(&format!("install the npm packages of {name}"), || {
        shell::run(
            Command::new("npm")
                .args(["ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"])
                .current_dir(&folder),
            "see npm's message above; a network or a proxy may be missing",
        )?;
        fs::write(&stamp, &lock).with_context(|| format!("{name}/node_modules cannot be written"))
    })
}

/// Chromium and Firefox, from Debian's packages where they are missing or too old.
fn browsers() -> anyhow::Result<()> {
    let missing: Vec<&Browser> = BROWSERS.iter().filter(|b| !b.is_usable()).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let packages: Vec<&str> = missing.iter().map(|b| b.package).collect();
    let wanted: Vec<String> =
        missing.iter().map(|b| format!("{} {} or later", b.package, b.oldest_major)).collect();
    let variables: Vec<&str> = missing.iter().map(|b| b.variable).collect();
    let by_hand = format!(
        "run `apt-get update && apt-get install {}` as root, or name the executables in {}",
        packages.join(" "),
        variables.join(" and "),
    );
    let Some(apt) = apt_prefix() else {
        bail!("the tests need {}: {by_hand}", wanted.join(" and "));
    };
    install(&apt, &packages, &by_hand)?;
    match missing.iter().find(|browser| !browser.is_usable()) {
        Some(old) => bail!("{} is older than {}: {by_hand}", old.package, old.oldest_major),
        None => Ok(()),
    }
}

/// A display in memory, with a mouse: for the tests of what browsers ask in windows of their own. Where it is
/// missing those tests say so and are left out, as nothing else needs it.
pub(crate) fn display() {
    let missing: Vec<&str> = DISPLAY
        .iter()
        .filter(|(program, _)| !Path::new(program).exists())
        .map(|(_, package)| *package)
        .collect();
    if missing.is_empty() {
        return;
    }
    let by_hand = format!(
        "for the tests of the browsers' own questions run `apt-get update && apt-get install {}` as root",
        missing.join(" ")
    );
    let is_there = apt_prefix().is_some_and(|apt| install(&apt, &missing, &by_hand).is_ok());
    if !is_there {
        println!("  {by_hand}");
    }
}

/// Installs Debian packages.
fn install(apt: &[&str], packages: &[&str], by_hand: &str) -> anyhow::Result<()> {
    shell::step(&format!("install {} with apt-get", packages.join(" and ")), || {
        let install = [&["install", "--yes", "--no-install-recommends"], packages].concat();
        // A fresh Debian holds no package lists, and old lists name old versions. Lists that cannot
        // be renewed may still be good enough.
        if shell::run(&mut apt_get(apt, &["update"]), by_hand).is_err() {
            println!("  the package lists could not be renewed: trying with those at hand");
        }
        shell::run(&mut apt_get(apt, &install), by_hand)
    })
}

/// How apt-get may be called here: as root, by sudo without a password, or not at all.
fn apt_prefix() -> Option<Vec<&'static str>> {
    shell::output_of(Command::new("apt-get").arg("--version"))?;
    let user = shell::output_of(Command::new("id").arg("-u"))?;
    if user.trim() == "0" {
        return Some(Vec::new());
    }
    shell::output_of(Command::new("sudo").args(["-n", "true"])).map(|_| vec!["sudo", "-n"])
}

fn apt_get(prefix: &[&str], arguments: &[&str]) -> Command {
    let words = [prefix, &["env", "DEBIAN_FRONTEND=noninteractive", "apt-get"], arguments].concat();
    let (program, rest) = words.split_first().map_or(("apt-get", &[][..]), |(p, rest)| (*p, rest));
    let mut command = Command::new(program);
    command.args(rest);
    command
}

#[cfg(test)]
mod tests {
    use super::major_of;

    #[test]
    fn the_major_version_is_read_off_what_a_browser_says() {
        assert_eq!(major_of("Mozilla Firefox 153.7.0esr\n"), Some(153));
        assert_eq!(major_of("Chromium 156.0.8078.79 built on Debian GNU/Linux 12"), Some(156));
        assert_eq!(major_of("no version"), None);
    }
}
