//! The Report view: what goes into the files, and the buttons that write them.

use leptos::prelude::*;
use leptos::{ev, html};
use rollscope::summary::not_measured;
use rollscope::timeline::VerdictView;

use super::figures;
use crate::icons::{self, icon};

/// Writes the files.
#[derive(Clone, Copy)]
pub struct Exports {
    /// The report as JSON.
    pub json: Callback<()>,
    /// The report as a page.
    pub html: Callback<()>,
    /// Everything captured.
    pub capture: Callback<()>,
}

/// The view.
pub fn report(verdict: Signal<Option<VerdictView>>, exports: Exports) -> impl IntoView {
    let entry = |id: &'static str, name: &'static str, ending: &'static str, run: Callback<()>| {
        html::li().child((
            html::button()
                .class("button")
                .attr("type", "button")
                .attr("data-testid", id)
                .on(ev::click, move |_| run.run(()))
                .child(name),
            html::span().class("file mono").child(ending),
        ))
    };
    html::div().class("report").child((
        html::section().class("formats").child((
            html::h2().child("Export"),
            html::ul().child((
                entry("export-html", "HTML report", ".html", exports.html),
                entry("export-json", "Session JSON", ".json", exports.json),
                entry("export-capture", "Capture file", ".rollscope", exports.capture),
            )),
            html::p().class("hint").child(
                "The capture file holds everything that was recorded and opens here again. It and the reports are written as they are: nothing is pseudonymised.",
            ),
            html::h2().child("Stated as not measured"),
            move || verdict.with(|view| view.as_ref().map(missing_list)),
        )),
        html::section().class("sheet").attr("tabindex", "0").attr("aria-label", "Preview").child(move || {
            verdict.with(|view| view.as_ref().map(preview))
        }),
    ))
}

fn preview(view: &VerdictView) -> impl IntoView + use<> {
    let name = icons::name_of_verdict(view.kind);
    html::article().child((
        html::p().class("caption").child("Preview"),
        html::div()
            .class(format!("headline {name}"))
            .child((icon(icons::of_verdict(view.kind)), html::h1().child(view.headline.clone()))),
        html::p().child(view.numbers.clone()),
        html::div().class("figures").child(figures::table(&view.peers, &view.figures)),
    ))
}

fn missing_list(view: &VerdictView) -> AnyView {
    let missing = not_measured(&view.figures, &view.peers);
    if missing.is_empty() {
        return html::p().class("hint").child("Every figure was measured.").into_any();
    }
    html::ul()
        .class("missing")
        .child(missing.into_iter().map(|text| html::li().child(text)).collect::<Vec<_>>())
        .into_any()
}
