//! The Verdict view: the sentence, its numbers, three cards, the worst findings, the figures.

use rollscope::timeline::VerdictView;
use rollscope::verify::VerdictKind;

use super::state::MapView;
use super::{cards, figures, findings};
use crate::commands;
use crate::html::{self, Element};
use crate::icons::{self, icon};
use crate::leptos::ev;
use crate::overview::{self, Line};
use crate::signal::{Memo, Signal};
use crate::state::Ui;

/// The view.
pub fn verdict(ui: Ui, verdict: Signal<Option<VerdictView>>, map: Memo<MapView>) -> Element {
    let part = move || verdict.get();
    let sync = Memo::new(move |_| part().map(|view| view.sync).unwrap_or_default());
    let place = Memo::new(move |_| part().map(|view| view.place).unwrap_or_default());
    let cost = Memo::new(move |_| part().map(|view| view.cost).unwrap_or_default());
    let found = Memo::new(move |_| part().map(|view| view.findings).unwrap_or_default());
    let numbers =
        Memo::new(move |_| part().map(|view| (view.peers, view.figures)).unwrap_or_default());
    let inferred = Memo::new(move |_| part().map(|view| view.inferred).unwrap_or_default());
    let sentence = Memo::new(move |_| part().map(|view| (view.kind, view.headline, view.numbers)));
    html::div().class("verdict").child((
        move || sentence.get().map(headline),
        move || others(ui),
        html::div().class("cards").child((
            cards::sync(ui, sync.into()),
            cards::place(ui, place.into(), map),
            cards::cost(ui, cost.into()),
        )),
        findings::findings(ui, found.into()),
        figures::figures(numbers.into(), inferred.into()),
    ))
}

/// What the other sessions and episodes come to: the shown one speaks of itself alone.
fn others(ui: Ui) -> Option<Element> {
    let (summary, worst) = ui.sessions.with(|rows| {
        let lines = overview::lines(rows);
        Some((overview::summary(rows, &lines), lines.into_iter().next()?))
    })?;
    let Line { choice, name, verdict } = worst;
    let kind = icons::name_of_verdict(verdict.kind);
    Some(
        html::p().class("others").attr("data-testid", "others").child((
            html::span().child(format!("{summary}. Worst:")),
            html::button()
                .class(format!("link {kind}"))
                .attr("type", "button")
                .attr("data-testid", "worst-session")
                .attr("title", format!("{name}: {}", verdict.headline))
                .on(ev::click, move |_| commands::choose(ui, choice))
                .child((
                    icon(icons::of_verdict(verdict.kind)),
                    html::span().child(format!("{name}, {}", verdict.short)),
                )),
            html::button()
                .class("keycap")
                .attr("type", "button")
                .attr("aria-label", "All of them, the worst first")
                .attr("title", "All of them, the worst first  O")
                .on(ev::click, move |_| ui.is_sessions_open.set(true))
                .child("O"),
        )),
    )
}

fn headline((kind, headline, numbers): (VerdictKind, String, String)) -> Element {
    let name = icons::name_of_verdict(kind);
    html::div().class(format!("headline {name}")).child((
        icon(icons::of_verdict(kind)),
        html::h1().attr("data-testid", "verdict").attr("data-kind", name).child(headline),
        html::p().child(numbers),
    ))
}
