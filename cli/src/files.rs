//! The files that a user names: reading and unpacking them, and what to do about those that cannot be
//! read.

use std::fs;
use std::io::Read;
use std::path::{Path, PathBuf};

use anyhow::{Context, Result, bail};
use flate2::read::MultiGzDecoder;
use rollscope::analysis::Analysis;
use rollscope::timeline::HealthView;

/// Most bytes that a packed file may unpack to.
const MAX_UNPACKED_BYTES: u64 = 4 << 30;

/// What a gzip file begins with.
const GZIP: &[u8] = &[0x1f, 0x8b];

/// What files of other kinds begin with, what they are, and what to do instead.
const OTHERS: &[(&[u8], &str)] = &[
    (b"PK\x03\x04", "it is a zip archive: unpack it and name the files in it"),
    (b"\x28\xb5\x2f\xfd", "it is packed by zstd: unpack it with `zstd -d` first"),
    (b"\xfd7zXZ", "it is packed by xz: unpack it with `xz -d` first"),
    (b"<", "it is a page, perhaps a report: name the capture that it was made from"),
    (
        b"{",
        "it is JSON, perhaps a report: name the capture or recording that it was made from; the first \
      line of a recording is {\"header\":…}",
    ),
];

/// Opens the files of one session.
///
/// # Errors
///
/// When a file cannot be read or is nothing that Rollscope opens, or a setting is none; each says what
/// to do.
pub(crate) fn open(files: &[PathBuf], answers: &[String]) -> Result<Analysis> {
    let mut analysis = Analysis::new();
    // The files are here already, so all of them fits into one.
    analysis.set_memory_cap(usize::MAX);
    for answer in answers {
        let Some((name, value)) = answer.split_once('=') else {
            bail!("--set {answer:?} has no value: write NAME=VALUE, as input-delay=3");
        };
        analysis.answer(name, value).with_context(|| format!("--set {answer}"))?;
    }
    for path in files {
        let place = || path.display().to_string();
        let bytes = unpack(read(path)?).with_context(place)?;
        if bytes.is_empty() {
            bail!("{} is empty: save the capture again, or copy the file once more", place());
        }
        analysis.open_named(&place(), &bytes).map_err(|error| {
            let kind = OTHERS.iter().find(|(start, _)| bytes.trim_ascii_start().starts_with(start));
            let error = anyhow::Error::from(error);
            let is_foreign = !bytes.starts_with(b"ROLLSCOP");
            match kind.filter(|_| is_foreign) {
                Some((_, what)) => error.context(format!("{}: {what}", place())),
                None => error.context(place()),
            }
        })?;
    }
    Ok(analysis)
}

fn read(path: &Path) -> Result<Vec<u8>> {
    let shown = path.display();
    if path.is_dir() {
        bail!("{shown} is a directory: name the files in it, one per observed player");
    }
    fs::read(path).with_context(|| format!("cannot read {shown}: check the path"))
}

fn unpack(bytes: Vec<u8>) -> Result<Vec<u8>> {
    if !bytes.starts_with(GZIP) {
        return Ok(bytes);
    }
    let mut unpacked = Vec::new();
    let read = MultiGzDecoder::new(&*bytes).take(MAX_UNPACKED_BYTES).read_to_end(&mut unpacked);
    match read {
        Err(error) if error.kind() == std::io::ErrorKind::UnexpectedEof => bail!(
            "the gzip file is cut off after {} bytes: copy it again from where it was made",
            bytes.len(),
        ),
        Err(error) => {
            let text = "the gzip file is damaged, so it cannot be unpacked: copy or save it again";
            Err(anyhow::Error::from(error).context(text))
        }
        Ok(_) if unpacked.starts_with(GZIP) => {
            bail!("it is packed twice: unpack it with `gzip -d`")
        }
        Ok(_) => Ok(unpacked),
    }
}

/// What of a capture was not understood, and what to do about it; nothing where everything was.
pub(crate) fn unread(analysis: &Analysis, health: &HealthView) -> Option<String> {
    let total: u64 = health.issues.iter().map(|(.., count)| count).sum();
    let most = health.issues.iter().max_by_key(|(.., count)| *count);
    if let Some((place, text, count)) = most {
        return Some(format!(
            "{total} things in it could not be read, most often ({count}): {place}: {text}. \
             `rollscope check --json` lists them; if the page is newer than this Rollscope, update it."
        ));
    }
    if analysis.has_session() {
        return None;
    }
    Some(match health.events {
        0 => "the capture holds no event: record again with the panel open before the game begins"
            .to_owned(),
        events => format!(
            "{events} events on {} channels, and no message of a known dialect among them: \
             docs/dialects.md lists those; record again with the panel open before the game begins, \
             or ask for the dialect with the capture at hand.",
            health.channels.len(),
        ),
    })
}
