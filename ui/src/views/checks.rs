//! The Checks view: every check with what passed, failed and could not be checked, and why.

use leptos::html;
use leptos::prelude::*;
use rollscope::timeline::{CheckRow, VerdictView};

use crate::format;
use crate::icons::{Icon, icon};

/// The view. Rows keep the order that they had when it opened: nothing sorts while recording.
pub fn checks(verdict: Signal<Option<VerdictView>>) -> impl IntoView {
    let checks = move || {
        verdict.with(|view| view.as_ref().map(|view| view.checks.clone()).unwrap_or_default())
    };
    let order: Vec<String> = untrack(checks).into_iter().map(|check| check.code).collect();
    let rows = move || {
        let mut rows = checks();
        let place = |check: &CheckRow| order.iter().position(|code| *code == check.code);
        rows.sort_by_key(|check| place(check).unwrap_or(usize::MAX));
        rows.iter().map(check_row).collect::<Vec<_>>()
    };
    let head = |(name, class): (&'static str, &'static str)| {
        html::th().class(class).attr("scope", "col").child(name)
    };
    let heads = [
        ("check", ""),
        ("passed", "number"),
        ("failed", "number"),
        ("not checkable", "number"),
        ("", "bar"),
    ];
    html::div().class("checks").child(html::table().child((
        html::caption().child(move || verdict.with(|view| view.as_ref().map(coverage))),
        html::thead().child(html::tr().child(heads.into_iter().map(head).collect::<Vec<_>>())),
        html::tbody().child(rows),
    )))
}

fn coverage(view: &VerdictView) -> impl IntoView + use<> {
    let sync = &view.sync;
    let ceiling = sync.ceiling_percent;
    (
        html::span().child((
            "Coverage: ",
            html::b().child(format!("{} of {}", sync.compared, sync.coverage.len())),
            " hashable frames compared, ",
            html::b().child(sync.equal.to_string()),
            " equal, ",
            html::b().class("different").child(sync.different.to_string()),
            " differ",
        )),
        ceiling.map(|percent| {
            html::span().child(format!("at most {percent} % of all frames can be compared"))
        }),
    )
}

fn check_row(check: &CheckRow) -> impl IntoView + use<> {
    let glyph = if check.failed > 0 {
        Icon::Diamond
    } else if check.not_checkable > 0 || check.passed == 0 {
        Icon::Waiting
    } else {
        Icon::Tick
    };
    let failed = if check.failed > 0 { "number failed" } else { "number none" };
    let unknown = if check.not_checkable > 0 { "number" } else { "number none" };
    let reason = check.reason.clone().filter(|_| check.not_checkable > 0 || check.passed == 0);
    html::tr().attr("data-check", check.code.clone()).child((
        html::th().attr("scope", "row").child(html::div().class("check").child((
            icon(glyph),
            html::span().class("title").child((
                html::span().child(check.title.clone()),
                html::span().class("reason").child(match reason {
                    Some(reason) => format!("{} · not checkable: {reason}", check.code),
                    None => check.code.clone(),
                }),
            )),
        ))),
        html::td().class("number").child(format::count(check.passed.into())),
        html::td().class(failed).child(format::count(check.failed.into())),
        html::td().class(unknown).child(format::count(check.not_checkable.into())),
        html::td().class("bar").child(bar(check)),
    ))
}

fn bar(check: &CheckRow) -> impl IntoView + use<> {
    // A single failure among thousands must stay visible, so each part has a least width.
    let part = |class: &'static str, count: u32| {
        (count > 0).then(|| html::i().class(class).attr("style", format!("flex-grow:{count}")))
    };
    html::span().class("parts").attr("aria-hidden", "true").child((
        part("passed", check.passed),
        part("failed", check.failed),
        part("unknown", check.not_checkable),
    ))
}
