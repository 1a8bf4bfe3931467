//! The Checks view: the coverage map, and every check with what passed, failed and could not be
//! checked, and why.

use leptos::prelude::*;
use leptos::{ev, html};
use rollscope::timeline::{CheckRow, CoverageView, VerdictView};

use crate::canvas;
use crate::draw::coverage_map;
use crate::format;
use crate::icons::{Icon, icon};
use crate::state::Ui;
use crate::store::Beside;

/// The view. Rows keep the order that they had when it opened: nothing sorts while recording.
pub fn checks(
    ui: Ui,
    verdict: Signal<Option<VerdictView>>,
    coverage: Memo<CoverageView>,
) -> impl IntoView {
    let checks = Memo::new(move |_| {
        verdict.with(|view| view.as_ref().map(|view| view.checks.clone()).unwrap_or_default())
    });
    let order: Vec<String> =
        checks.with_untracked(|checks| checks.iter().map(|check| check.code.clone()).collect());
    let rows = move || {
        let mut rows = checks.get();
        let place = |check: &CheckRow| order.iter().position(|code| *code == check.code);
        rows.sort_by_key(|check| place(check).unwrap_or(usize::MAX));
        rows.iter().map(|check| check_row(ui, check)).collect::<Vec<_>>()
    };
    let head = |(name, class, meaning): (&'static str, &'static str, &'static str)| {
        html::th().class(class).attr("scope", "col").attr("title", meaning).child(name)
    };
    let heads = [
        ("check", "", "What must hold, and the code of the rule"),
        ("passed", "number", "Items for which it holds"),
        ("failed", "number", "Items for which it does not"),
        ("not checkable", "number", "Items that could not be checked, for the reason given"),
        ("", "bar", "Passed grey, failed red, not checkable hollow"),
    ];
    html::div()
        .class("checks")
        .attr("tabindex", "0")
        .attr("role", "region")
        .attr("aria-label", "Checks")
        .child((
            map(ui, coverage),
            html::table().child((
                html::thead()
                    .child(html::tr().child(heads.into_iter().map(head).collect::<Vec<_>>())),
                html::tbody().child(rows),
            )),
        ))
}

/// Selects the check beside the selected one, in the order on screen.
pub fn step(ui: Ui, verdict: Option<&VerdictView>, side: Beside) {
    let codes: Vec<_> = verdict.into_iter().flat_map(|view| &view.checks).collect();
    let at = ui
        .chosen
        .check
        .with_untracked(|code| codes.iter().position(|check| Some(&check.code) == code.as_ref()));
    let next = match (at, side) {
        (None, _) => Some(0),
        (Some(at), Beside::Before) => at.checked_sub(1),
        (Some(at), Beside::After) => Some(at + 1),
    };
    if let Some(check) = next.and_then(|next| codes.get(next)) {
        ui.chosen.check.set(Some(check.code.clone()));
    }
}

fn map(ui: Ui, coverage: Memo<CoverageView>) -> impl IntoView {
    let node = NodeRef::<html::Canvas>::new();
    let size = canvas::canvas(node, ui.theme.into(), move |size| {
        let at = ui.frame.get();
        coverage.with(|view| coverage_map::map(view, at, size))
    });
    let peers = Memo::new(move |_| coverage.with(|view| view.peers.len()));
    let label = move || {
        coverage.with(|view| {
        let sums = &view.sums;
        format!(
            "Of {} hashable frames {} were compared: {} equal, {} different, {} invalidated, {} never reported",
            sums.hashable, sums.compared, sums.matched, sums.mismatched, sums.invalidated, sums.never
        )
    })
    };
    html::section().class("coverage").attr("aria-label", "Coverage").child((
        html::p().class("coverage-words").child(move || coverage.with(words)),
        html::div()
            .class("coverage-stage")
            .attr("style", move || format!("height:{}px", coverage_map::height(peers.get())))
            .child(html::canvas().node_ref(node).attr("role", "img").attr("aria-label", label).on(
                ev::click,
                move |event| {
                    let x = f64::from(event.offset_x());
                    let found = coverage.with_untracked(|view| {
                        coverage_map::frame_at(view, x, size.get_untracked().0)
                    });
                    if let Some(frame) = found {
                        ui.chosen.check.set(None);
                        ui.select_frame(frame);
                    }
                },
            )),
    ))
}

fn words(view: &CoverageView) -> impl IntoView + use<> {
    let sums = &view.sums;
    let every = sums.interval_frames.map_or(String::new(), |interval| match interval {
        1 => ": the page hashes every frame".to_owned(),
        more => format!(": the page hashes one frame in {more}"),
    });
    (
        html::span().attr("title", "Hashable are the frames that the page itself hashes, up to the confirmed one; compared those that two peers reported a hash for").child((
            "Coverage: ",
            html::b().child(format!("{} of {}", sums.compared, sums.hashable)),
            " hashable frames compared, ",
            html::b().child((sums.matched + sums.invalidated).to_string()),
            " equal, ",
            html::b()
                .class(if sums.mismatched > 0 { "different" } else { "" })
                .child(sums.mismatched.to_string()),
            " differ",
            (sums.invalidated > 0).then(|| {
                format!("; {} equal by a hash of a state that was rolled back later", sums.invalidated)
            }),
        )),
        html::span().class("space"),
        html::span()
            .class("hint")
            .attr("title", "Share of all frames that can be compared at best")
            .child(format!("ceiling {} %{every}", sums.ceiling_percent)),
    )
}

fn check_row(ui: Ui, check: &CheckRow) -> impl IntoView + use<> {
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
    let code = check.code.clone();
    let is_on = {
        let code = code.clone();
        move || ui.chosen.check.with(|chosen| chosen.as_ref() == Some(&code))
    };
    let pressed = is_on.clone();
    html::tr()
        .class(("on", is_on))
        .attr("data-check", code.clone())
        .on(ev::click, move |_| {
            ui.chosen.check.set(Some(code.clone()));
            ui.is_pane_open.set(true);
        })
        .child((
            html::th().attr("scope", "row").child(
                html::button()
                    .class("check")
                    .attr("type", "button")
                    .attr("aria-pressed", move || pressed().to_string())
                    .child((
                        icon(glyph),
                        html::span().class("title").child((
                            html::span().child(check.title.clone()),
                            html::span().class("reason").child(match reason {
                                Some(reason) => format!("{} · not checkable: {reason}", check.code),
                                None => check.code.clone(),
                            }),
                        )),
                    )),
            ),
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
