//! The Report view: the files with their sizes and the buttons that write them, pseudonyms, the exclusion rules, what
//! was not measured, and the sheet.

use rollscope::report::{Exclusion, FORMATS, Ruling};
use rollscope::summary::not_measured;
use rollscope::timeline::VerdictView;

use super::figures;
use super::meaning::meaning;
use crate::canvas;
use crate::draw::charts;
use crate::format;
use crate::html::{self, Element, ElementRef, IntoNode, IntoNodes};
use crate::icons::{self, Icon, icon};
use crate::leptos::ev;
use crate::models::report::Written;
use crate::signal::{Callback, Memo, RwSignal, Signal};
use crate::state::Ui;

/// What the view shows and asks for.
#[derive(Clone, Copy)]
pub struct Model {
    /// The files as they would be written.
    pub written: Signal<Written>,
    /// Whether reports are pseudonymised.
    pub is_pseudonymous: RwSignal<bool>,
    /// The key of the pseudonyms.
    pub key: RwSignal<String>,
    /// Writes the format at this place.
    pub export: Callback<usize>,
    /// Writes everything captured.
    pub capture: Callback<()>,
}

/// The view.
pub fn report(ui: Ui, verdict: Signal<Option<VerdictView>>, model: Model) -> Element {
    let written = model.written;
    let size =
        |bytes: Option<u64>| bytes.filter(|bytes| *bytes > 0).map_or("…".to_owned(), format::bytes);
    let formats = FORMATS.iter().enumerate().map(move |(place, one)| {
        let bytes = move || {
            size(written.with(|written| written.sizes.get(place).map(|bytes| *bytes as u64)))
        };
        entry(one.name(), one.title(), one.documentation(), bytes, move || model.export.run(place))
    });
    let capture = entry(
        "capture",
        "Capture file",
        "Everything that was recorded; it opens here again.",
        move || size(written.with(|written| Some(written.capture))),
        move || model.capture.run(()),
    );
    let fired = move || {
        written.with(|written| {
            let fired = written.exclusions.iter().filter(|one| one.ruling == Ruling::Fires).count();
            format!("{fired} of {} fire", written.exclusions.len())
        })
    };
    let rules = move || written.with(|written| written.exclusions.iter().map(exclusion).nodes());
    let missing = Memo::new(move |_| {
        verdict.with(|view| {
            view.as_ref().map(|view| not_measured(&view.figures, &view.peers)).unwrap_or_default()
        })
    });
    html::div().class("report").child((
        html::section().class("formats").attr("tabindex", "0").attr("aria-label", "Files").child((
            html::h2().child("Files"),
            html::ul().attr("data-testid", "formats").child((formats.nodes(), capture)),
            pseudonyms(model),
            html::div().class("list-head").child((
                html::h2().child("Exclusion rules"),
                html::span().attr("data-testid", "rules-fired").child(fired),
            )),
            html::ul().attr("data-testid", "rules").child(rules),
            html::div().class("list-head").child((
                html::h2().child("Stated as not measured"),
                html::span().child(move || missing.with(Vec::len).to_string()),
            )),
            html::ul().child(move || {
                let row = |text: String| html::li().child((icon(Icon::Waiting), text));
                missing.get().into_iter().map(row).nodes()
            }),
        )),
        html::section().class("sheet").attr("tabindex", "0").attr("aria-label", "Preview").child(
            html::article().child((
                html::p().class("caption").child(move || {
                    if model.is_pseudonymous.get() { "Preview, pseudonymised" } else { "Preview" }
                }),
                move || verdict.with(|view| view.as_ref().map(preview)),
                coverage(ui, verdict),
            )),
        ),
    ))
}

fn entry(
    id: &'static str,
    name: &'static str,
    about: &'static str,
    size: impl Fn() -> String + Send + 'static,
    run: impl Fn() + 'static,
) -> Element {
    html::li().child((
        html::button()
            .class("button")
            .attr("type", "button")
            .attr("title", about)
            .attr("data-testid", format!("export-{id}"))
            .on(ev::click, move |_| run())
            .child(name),
        html::span().class("space"),
        html::span().class("file").attr("title", "As of when this view opened").child(size),
    ))
}

fn pseudonyms(model: Model) -> Element {
    let Model { is_pseudonymous, key, .. } = model;
    html::div().class("pseudonyms").child((
        html::label().child((
            html::input()
                .attr("type", "checkbox")
                .attr("data-testid", "pseudonymise")
                .prop("checked", move || is_pseudonymous.get())
                .on_field(ev::change, move |field| is_pseudonymous.set(field.is_checked())),
            "Pseudonymise reports",
        )),
        move || {
            is_pseudonymous.get().then(|| {
                html::input()
                    .attr("type", "text")
                    .attr("data-testid", "pseudonym-key")
                    .attr("aria-label", "Key of the pseudonyms")
                    .attr("placeholder", "key: any words")
                    .attr("autocomplete", "off")
                    .attr("spellcheck", "false")
                    .prop("value", key.get_untracked())
                    .on_field(ev::change, move |field| key.set(field.value()))
            })
        },
    ))
}

fn exclusion(one: &Exclusion) -> Element {
    let (glyph, name) = match one.ruling {
        Ruling::Fires => (Icon::Diamond, "fires"),
        Ruling::Holds => (Icon::Tick, "holds"),
        Ruling::NotCheckable => (Icon::Waiting, "not checkable"),
    };
    html::li()
        .attr("data-rule", one.code)
        .attr("data-ruling", name)
        .child((icon(glyph), meaning(one.rule.clone(), format!("{name}: {}", one.text))))
}

fn preview(view: &VerdictView) -> impl IntoNode + use<> {
    let name = icons::name_of_verdict(view.kind);
    (
        html::div()
            .class(format!("headline {name}"))
            .child((icon(icons::of_verdict(view.kind)), html::h1().child(view.headline.clone()))),
        html::p().child(view.numbers.clone()),
        figures::sheet(Signal::stored((view.peers.clone(), view.figures.clone()))),
    )
}

fn coverage(ui: Ui, verdict: Signal<Option<VerdictView>>) -> Element {
    let node = ElementRef::default();
    let cells = Memo::new(move |_| {
        verdict
            .with(|view| view.as_ref().map(|view| view.sync.coverage.clone()).unwrap_or_default())
    });
    canvas::canvas(node, ui.theme.into(), move |size| {
        cells.with(|cells| charts::coverage(cells, size))
    });
    html::div().class("strip").child((
        html::p().class("caption").child("Coverage of state hashes"),
        html::div().child(
            html::canvas()
                .node_ref(node)
                .attr("role", "img")
                .attr("aria-label", move || format!("{} hashable frames", cells.with(Vec::len))),
        ),
    ))
}
