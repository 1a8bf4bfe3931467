//! The banner above a view: errors, damaged files, lost events, and which file is open.

use leptos::prelude::*;
use leptos::{ev, html};
use rollscope::timeline::HealthView;

use crate::format;
use crate::icons::{Icon, icon};
use crate::state::Ui;

/// The banner; `close_file` goes back to the live session.
pub fn banner(
    ui: Ui,
    health: Signal<HealthView>,
    is_in_devtools: bool,
    close_file: impl Fn() + Copy + Send + Sync + 'static,
) -> impl IntoView {
    let notice = Memo::new(move |_| health.with(|health| health.file_notice.clone()));
    let lost = Memo::new(move |_| {
        let relay = ui.status.with(|status| status.dropped_by_relay);
        (health.with(|health| health.lost_events), relay)
    });
    let closed = RwSignal::new(false);
    // An ordinary page has no live session to go back to; its header names the file.
    let covers_live = move || is_in_devtools && ui.opened.with(Option::is_some);
    (
        move || {
            ui.error
                .get()
                .map(|text| line("error", text, Some(Callback::new(move |()| ui.error.set(None)))))
        },
        move || notice.get().map(|text| line("risk", text, None)),
        move || {
            let text = lost_text(lost.get()).filter(|_| !closed.get())?;
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

fn line(kind: &'static str, text: String, close: Option<Callback<()>>) -> impl IntoView {
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

fn lost_text((lost, relay): (u64, u64)) -> Option<String> {
    let mut parts = Vec::new();
    if lost > 0 {
        parts.push(format!("{} never reached the panel", format::counted(lost, "event")));
    }
    if relay > 0 {
        parts.push(format!("the relay dropped {}", format::counted(relay, "chunk")));
    }
    (!parts.is_empty())
        .then(|| format!("The capture has holes: {}. Everything else is shown.", parts.join("; ")))
}
