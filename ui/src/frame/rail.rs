//! The rail at the left: one entry per view, with the state of the session and counts.

use leptos::ev;
use rollscope::timeline::VerdictView;

use crate::html::{self, Element, IntoNode, IntoNodes, Node};
use crate::icons::{self, Icon, icon};
use crate::signal::{Memo, RwSignal, Signal};
use crate::state::View;

/// The rail.
pub fn rail(
    view: RwSignal<View>,
    verdict: Signal<Option<VerdictView>>,
    rollback_count: Signal<usize>,
) -> Element {
    let entry = move |entry: View| {
        html::button()
            .class("entry")
            .class(("on", move || view.get() == entry))
            .attr("type", "button")
            .attr("data-view", entry.id())
            .attr("title", entry.name())
            .attr("aria-current", move || (view.get() == entry).then_some("page"))
            .on(ev::click, move |_| view.set(entry))
            .child((
                icon(glyph(entry)),
                html::span().class("name").child(entry.name()),
                badge(entry, verdict, rollback_count),
            ))
    };
    html::nav()
        .class("rail")
        .attr("aria-label", "Views")
        .child(View::RAIL.into_iter().map(entry).nodes())
}

const fn glyph(view: View) -> Icon {
    match view {
        View::Verdict => Icon::Verdict,
        View::Timeline => Icon::Timeline,
        View::Rollbacks => Icon::Rollbacks,
        View::State => Icon::State,
        View::Traffic => Icon::Traffic,
        View::Checks => Icon::Checks,
        View::Report => Icon::Report,
        View::Capture => Icon::Gear,
    }
}

fn badge(view: View, verdict: Signal<Option<VerdictView>>, rollback_count: Signal<usize>) -> Node {
    match view {
        View::Verdict => {
            let kind = Memo::new(move |_| verdict.with(|view| view.as_ref().map(|view| view.kind)));
            (move || {
                kind.get().map(|kind| {
                    let class = format!("state {}", icons::name_of_verdict(kind));
                    html::span().class(class).child(icon(icons::of_verdict(kind)))
                })
            })
            .into_node()
        }
        View::Rollbacks => html::span()
            .class("count")
            .attr("data-testid", "rollback-count")
            .child(move || rollback_count.get().to_string())
            .into_node(),
        View::Checks => {
            let failed = Memo::new(move |_| {
                verdict.with(|view| {
                    let checks = view.as_ref().map(|view| view.checks.iter());
                    checks.map_or(0, |checks| checks.filter(|check| check.failed > 0).count())
                })
            });
            (move || {
                let failed = failed.get();
                (failed > 0).then(|| {
                    let label = format!("{failed} failed");
                    html::span()
                        .class("count failed")
                        .attr("title", label)
                        .child(failed.to_string())
                })
            })
            .into_node()
        }
        View::Timeline | View::State | View::Traffic | View::Report | View::Capture => {
            ().into_node()
        }
    }
}
