//! `bench`: measures, and keeps the figures in `docs/measurements.md` between two markers.

mod batch;
mod browsers;
mod hash;
mod panel;
mod reconstruct;
mod rollback;
mod verify;
mod wasi;

use std::fs;

use anyhow::Context;
use clap::{Args, ValueEnum};

use crate::demo::Browser;
use crate::repo::Repo;

/// Options of `cargo xtask bench`.
#[derive(Args)]
pub(crate) struct Options {
    /// What to measure.
    #[arg(value_enum)]
    what: What,
    /// Interleaved rounds per figure.
    #[arg(long, default_value_t = 5)]
    rounds: u32,
    /// Measure the hook, the capture or the panel in this browser only; the hook's figures are then not
    /// written.
    #[arg(long, value_enum)]
    browser: Option<Browser>,
    /// Measure these lines of the capture only, such as `T8,T9`, and write nothing.
    #[arg(long, value_delimiter = ',')]
    only: Vec<String>,
}

#[derive(Clone, Copy, ValueEnum)]
enum What {
    /// What the hook adds to the page's `postMessage` (T1 to T4).
    Hook,
    /// Everything that the capture must hold (T1 to T12), in both browsers.
    Capture,
    /// What hashing a state text costs, beside SHA-256 alone and CPython.
    Hash,
    /// What all checks add to reading a session.
    Verify,
    /// How fast an hour of recorded play is decoded and reconstructed, and in how much memory.
    Reconstruct,
    /// What the panel needs to open an hour, to draw, and to follow a live session, in both browsers.
    Panel,
    /// What the rollback engine adds to a game's own work, beside GGRS.
    Rollback,
    /// A rollback over a real worker, as single requests and as one batch.
    Batch,
}

const PAGE: &str = "docs/measurements.md";

/// Measures and writes.
///
/// # Errors
///
/// When a browser cannot be driven, a benchmark fails, or the page cannot be written.
pub(crate) fn run(repo: &Repo, options: &Options) -> anyhow::Result<()> {
    let (section, text) = match options.what {
        What::Hook => ("hook", browsers::measure_hook(repo, options)?),
        What::Capture => return browsers::measure_capture(repo, options),
        What::Panel => return panel::measure(repo, options),
        What::Hash => ("hash", hash::measure(repo, options.rounds)?),
        What::Verify => ("verify", verify::measure(repo)?),
        What::Reconstruct => ("reconstruct", reconstruct::measure(repo)?),
        What::Batch => ("batch", batch::measure(repo, options.rounds)?),
        What::Rollback => ("rollback", rollback::measure(repo, options.rounds)?),
    };
    println!("{text}");
    if matches!(options.what, What::Hook) && options.browser.is_some() {
        return Ok(());
    }
    write_section(repo, section, &text)?;
    println!("written to {PAGE}");
    Ok(())
}

/// Puts `text` into its section of the page.
fn write_section(repo: &Repo, section: &str, text: &str) -> anyhow::Result<()> {
    // A page that is not there yet begins with the first figures.
    let page =
        fs::read_to_string(repo.path(PAGE)).unwrap_or_else(|_| "# Measurements\n".to_owned());
    let page = with_section(&page, section, text);
    fs::write(repo.path(PAGE), page).with_context(|| format!("cannot write {PAGE}"))
}

/// `page` with everything between the markers of `section` replaced by `text`; a page without the
/// markers gets them at its end.
pub(crate) fn with_section(page: &str, section: &str, text: &str) -> String {
    let (begin, end) = (format!("<!-- bench:{section} -->"), format!("<!-- /bench:{section} -->"));
    let (before, after) = page
        .split_once(&begin)
        .and_then(|(before, rest)| rest.split_once(&end).map(|(_, after)| (before, after)))
        .map_or_else(
            || (format!("{}\n\n", page.trim_end()), "\n"),
            |(before, after)| (before.to_owned(), after),
        );
    format!("{before}{begin}\n\n{}\n\n{end}{after}", text.trim())
}

#[cfg(test)]
mod tests {
    use super::with_section;

    #[test]
    fn a_section_is_replaced_and_the_rest_stays() {
        let page = "a\n<!-- bench:hook -->\nold\n<!-- /bench:hook -->\nb\n";
        let once = with_section(page, "hook", "new\n");
        assert_eq!(once, "a\n<!-- bench:hook -->\n\nnew\n\n<!-- /bench:hook -->\nb\n");
        assert_eq!(with_section(&once, "hook", "new\n"), once);
    }

    #[test]
    fn a_page_without_the_section_gets_it_at_its_end() {
        let page = with_section("a\n", "hook", "new");
        assert_eq!(page, "a\n\n<!-- bench:hook -->\n\nnew\n\n<!-- /bench:hook -->\n");
    }
}
