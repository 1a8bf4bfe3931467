//! The banner above a view: errors, damaged files, lost events, and which file is open.

use rollscope::timeline::HealthView;

use crate::format;
use crate::html::{self, Element, IntoNode};
use crate::icons::{Icon, icon};
use crate::leptos::ev;
use crate::signal::{Callback, Memo, RwSignal, Signal};
use crate::state::Ui;

/// The banner; `close_file` goes back to the live session.
pub fn banner(
    ui: Ui,
    health: Signal<HealthView>,
    is_in_devtools: bool,
    close_file: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoNode {
    let notice = Memo::new(move |_| health.with(|health| health.file_notice.clone()));
    let lost = Memo::new(move |_| health.with(lost_text));
    let closed = RwSignal::new(false);
    // An ordinary page has no live session to go back to; its header names the file.
    let covers_live = move || is_in_devtools && ui.opened.with(Option::is_some);
    (
        move || {
            ui.error
                .get()
                .map(|text| line("error", text, Some(Callback::new(move |()| ui.error.set(None)))))
        },
        move || ui.opening.get().map(|read| progress(read, ui.files, close_file)),
        move || notice.get().map(|text| line("risk", text, None)),
        move || {
            let text = lost.get().filter(|_| !closed.get())?;
            Some(line("risk", text, Some(Callback::new(move |()| closed.set(true)))))
        },
        move || {
            covers_live().then(|| {
                let name = ui.opened.get().unwrap_or_default();
                html::div().class("banner file").child((
                    html::span().child(format!("Showing the capture file {name}.")),
                    html::button()
                        .class("button")
                        .attr("type", "button")
                        .on(ev::click, move |_| close_file())
                        .child("Close file"),
                ))
            })
        },
    )
}

/// How far a capture file was read, which of how many it is, and a way out.
fn progress(
    (read, total): (usize, usize),
    files: RwSignal<(usize, usize)>,
    cancel: impl Fn() + Copy + Send + Sync + 'static,
) -> Element {
    let percent = (read * 100).checked_div(total).unwrap_or(0);
    html::div().class("banner file").attr("role", "status").attr("data-testid", "opening").child((
        html::progress()
            .attr("max", total.to_string())
            .attr("value", read.to_string())
            .attr("aria-label", "Reading the capture"),
        html::span().child(move || match files.get() {
            (_, 0 | 1) => format!("Reading the capture, {percent} % of {} MB", total >> 20),
            (place, count) => format!("Reading file {place} of {count}"),
        }),
        html::button()
            .class("button")
            .attr("type", "button")
            .attr("data-testid", "cancel-opening")
            .on(ev::click, move |_| cancel())
            .child("Cancel"),
    ))
}

fn line(kind: &'static str, text: String, close: Option<Callback<()>>) -> Element {
    html::div().class(format!("banner {kind}")).attr("role", "alert").child((
        icon(Icon::Warning),
        html::span().attr("data-testid", "error").child(text),
        close.map(|close| {
            html::button()
                .class("tool narrow")
                .attr("type", "button")
                .attr("aria-label", "Close this message")
                .on(ev::click, move |_| close.run(()))
                .child(icon(Icon::Close))
        }),
    ))
}

/// What is missing, and the first reasons with their times.
fn lost_text(health: &HealthView) -> Option<String> {
    let sum = (health.lost_events > 0).then(|| {
        format!("The capture has holes: {} missing.", format::counted(health.lost_events, "event"))
    });
    let reasons = health.losses.iter().take(3).map(|loss| loss.text());
    let texts: Vec<String> = sum.into_iter().chain(reasons).collect();
    (!texts.is_empty()).then(|| format!("{} Everything else is shown.", texts.join(" ")))
}
