//! The rail at the left: one entry per view, with the state of the session and counts.

use rollscope::timeline::VerdictView;
use rollscope::verify::Severity;

use crate::html::{self, Element, IntoNode, IntoNodes, Node};
use crate::icons::{self, Icon, icon};
use crate::leptos::ev;
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
            // What is only worth knowing is no alarm.
            let failed = Memo::new(move |_| {
                let of = |severity| {
                    verdict.with(|view| {
                        let checks = view.iter().flat_map(|view| &view.checks);
                        checks.filter(|check| check.severity == Some(severity)).count()
                    })
                };
                (of(Severity::Error), of(Severity::Risk))
            });
            (move || {
                let (errors, risks) = failed.get();
                let class = if errors > 0 { "count failed" } else { "count failed risk" };
                let label = match (errors, risks) {
                    (0, 0) => return None,
                    (errors, 0) => format!("{errors} failed"),
                    (0, risks) => format!("{risks} failed, which is a risk to the data"),
                    (errors, risks) => {
                        format!("{} failed, {risks} of them a risk to the data", errors + risks)
                    }
                };
                let count = (errors + risks).to_string();
                Some(html::span().class(class).attr("title", label).child(count))
            })
            .into_node()
        }
        View::Timeline | View::State | View::Traffic | View::Report | View::Capture => {
            ().into_node()
        }
    }
}
