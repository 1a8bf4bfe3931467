//! Model of the Report view: what each file holds in bytes, what pseudonymisation removes, and the writing itself.

use std::time::Duration;

use rollscope::report::{Exclusion, FORMATS, Format, Pseudonyms, Report};

use crate::bridge;
use crate::format;
use crate::frame::detail::{Content, Detail, Part};
use crate::leptos::prelude::*;
use crate::signal::{Callback, Memo, RwSignal, effect};
use crate::state::{Ui, View};
use crate::store;
use crate::views::report::Model;

/// The files as they would be written now.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Written {
    /// Bytes per format, in the order of the formats.
    pub sizes: Vec<usize>,
    /// Bytes of the chunks in a capture file.
    pub capture: u64,
    /// Values that were removed and their kinds; `None` where nothing is pseudonymised.
    pub removed: Option<(usize, usize)>,
    /// Removed values that are in the files all the same.
    pub leaks: usize,
    /// The exclusion rules.
    pub exclusions: Vec<Exclusion>,
}

/// The model.
pub fn model(ui: Ui) -> Model {
    let written = RwSignal::new(Written::default());
    // Writing takes its time, so it is done after the view shows, and again only for other content: sizes of a live
    // session are those at the time when the view opened.
    let asked = Memo::new(move |_| {
        let is_read = ui.opening.with(Option::is_none);
        let is_open = ui.view.get() == View::Report && ui.total.get() > 0 && is_read;
        is_open.then(|| (ui.opened.get(), store::chosen(), key(ui)))
    });
    effect(move || {
        let Some((.., key)) = asked.get() else { return };
        let write = move || store::with_report(|report| write_all(report, key.as_deref()));
        set_timeout(move || written.set(write().unwrap_or_default()), Duration::ZERO);
    });
    Model {
        written: written.into(),
        is_pseudonymous: ui.chosen.is_pseudonymous,
        key: ui.chosen.key,
        export: Callback::new(move |place: usize| match write(place, key(ui).as_deref()) {
            Some(Ok(file)) => bridge::download(&file.name, file.kind, file.text.as_bytes()),
            Some(Err(problem)) => ui.error.set(Some(problem)),
            None => {}
        }),
        capture: Callback::new(|()| bridge::save_capture()),
    }
}

/// The key if reports are pseudonymised; an empty one until the user has typed it.
fn key(ui: Ui) -> Option<String> {
    ui.chosen.is_pseudonymous.get().then(|| ui.chosen.key.get().trim().to_owned())
}

/// A report as it is saved.
struct ReportFile {
    name: String,
    /// Its media type.
    kind: &'static str,
    text: String,
}

/// One file, by the place of its format.
fn write(place: usize, key: Option<&str>) -> Option<Result<ReportFile, String>> {
    store::with_report(|report| {
        let format = FORMATS.get(place)?;
        let name = format!("rollscope-report.{}", format.extension());
        let text = write_as(*format, report, key);
        Some(text.map(|text| ReportFile { name, kind: format.media_type(), text }))
    })?
}

/// The text of one file, which holds nothing that was removed.
fn write_as(format: &dyn Format, mut report: Report, key: Option<&str>) -> Result<String, String> {
    let Some(key) = key else { return Ok(format.write(&report)) };
    if key.is_empty() {
        return Err(
            "Type a key for the pseudonyms first: any words, which you keep apart from the files."
                .to_owned(),
        );
    }
    let mut names = Pseudonyms::under(key);
    names.apply(&mut report);
    let text = format.write(&report);
    match names.leaks(&text) {
        0 => Ok(text),
        leaks => Err(format!(
            "{leaks} removed values are still in the {}, so it was not written. Please file a bug.",
            format.title()
        )),
    }
}

fn write_all(mut report: Report, key: Option<&str>) -> Written {
    let names = key.map(|key| {
        let mut names = Pseudonyms::under(key);
        names.apply(&mut report);
        names
    });
    let texts: Vec<String> = FORMATS.iter().map(|format| format.write(&report)).collect();
    Written {
        sizes: texts.iter().map(String::len).collect(),
        capture: report.capture.bytes,
        removed: names.as_ref().map(Pseudonyms::counts),
        leaks: names.map_or(0, |names| texts.iter().map(|text| names.leaks(text)).sum()),
        exclusions: report.exclusions,
    }
}

/// What the pane says of the files.
pub fn detail(model: Model) -> Detail {
    let written = model.written.get();
    let bytes: usize = written.sizes.iter().sum();
    let pairs = match written.removed {
        None => vec![("ids", "as they are".to_owned()), ("addresses", "as they are".to_owned())],
        Some((values, kinds)) => vec![
            ("ids", "keyed hash".to_owned()),
            ("addresses", "removed".to_owned()),
            ("removed", format!("{values} values, {kinds} kinds")),
            ("byte check", format!("{} found in {}", written.leaks, format::bytes(bytes as u64))),
        ],
    };
    let pairs = pairs.into_iter().map(|(label, text)| (label.to_owned(), text)).collect();
    let note = match written.removed {
        None => {
            "Reports name the page’s address, the addresses of its workers and sockets, and the seed."
        }
        Some(_) => {
            "One key gives one name to one session in every report, so that both peers’ files still join. Keep the key apart from the files. Values below six letters are removed, but cannot be searched for."
        }
    };
    let capture = "A capture file holds everything that was recorded, addresses included. It is never pseudonymised.";
    let part = |title, content| Part { title, content };
    Detail {
        title: "Pseudonymisation".to_owned(),
        parts: vec![
            part("", Content::Pairs(pairs)),
            part("", Content::Note(note.to_owned())),
            part("capture file", Content::Note(capture.to_owned())),
        ],
    }
}
