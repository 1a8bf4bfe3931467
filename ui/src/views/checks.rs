//! The Checks view: the coverage map, and every check with what passed, failed and could not be
//! checked, and why.

use rollscope::fixed::Fixed;
use rollscope::sorting;
use rollscope::timeline::{CheckRow, CoverageView, VerdictView};

use super::meaning::{Stop, beside, meaning};
use crate::canvas;
use crate::draw::coverage_map;
use crate::format;
use crate::html::{self, Element, ElementRef, IntoNode, IntoNodes};
use crate::icons::{self, Icon, icon};
use crate::leptos::ev;
use crate::signal::{Memo, Signal};
use crate::state::Ui;
use crate::store::Beside;

/// The view. Rows keep the order that they had when it opened: nothing sorts while recording.
pub fn checks(
    ui: Ui,
    verdict: Signal<Option<VerdictView>>,
    coverage: Memo<CoverageView>,
) -> Element {
    let checks = Memo::new(move |_| {
        verdict.with(|view| view.as_ref().map(|view| view.checks.clone()).unwrap_or_default())
    });
    let order: Vec<String> =
        checks.with_untracked(|checks| checks.iter().map(|check| check.code.clone()).collect());
    let codes = Memo::new(move |_| {
        let place = |code: &String| order.iter().position(|known| known == code);
        let mut codes: Vec<String> =
            checks.with(|checks| checks.iter().map(|check| check.code.clone()).collect());
        sorting::sort_by_key(&mut codes, |code| place(code).unwrap_or(usize::MAX));
        codes
    });
    // Only texts change in a row: a check that has the focus keeps it while recording.
    let rows = move || {
        let row = |code: String| {
            let of = code.clone();
            let check = Memo::new(move |_| {
                checks.with(|checks| checks.iter().find(|check| check.code == of).cloned())
            });
            check_row(ui, code, check)
        };
        codes.get().into_iter().map(row).nodes()
    };
    let head =
        |(place, (name, class, meaning)): (usize, (&'static str, &'static str, &'static str))| {
            html::th().class(class).attr("scope", "col").child(beside(
                name,
                meaning,
                Stop::of(place),
            ))
        };
    let heads = [
        ("check", "", "What must hold, and the code of the rule"),
        ("passed", "number", "Items for which it holds"),
        ("failed", "number", "Items for which it does not"),
        ("not checkable", "number", "Items that could not be checked, for the reason given"),
        (
            "",
            "bar",
            "Passed grey; failed red, amber or dark, as its sign says; not checkable hollow",
        ),
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
                    .attr("data-meanings", "")
                    .child(html::tr().child(heads.into_iter().enumerate().map(head).nodes())),
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

fn map(ui: Ui, coverage: Memo<CoverageView>) -> Element {
    let node = ElementRef::default();
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
            .attr("style", move || format!("height:{}px", Fixed(coverage_map::height(peers.get()))))
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

fn words(view: &CoverageView) -> impl IntoNode + use<> {
    let sums = &view.sums;
    let every = sums.interval_frames.map_or(String::new(), |interval| match interval {
        1 => ": the page hashes every frame".to_owned(),
        more => format!(": the page hashes one frame in {more}"),
    });
    (
        html::span().child((
            meaning("Coverage".to_owned(), "Hashable are the frames that the page itself hashes, up to the confirmed one; compared those that two peers reported a hash for".to_owned()),
            ": ",
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
            .child((
                meaning("ceiling".to_owned(), "Share of all frames that can be compared at best".to_owned()),
                format!(" {} %", sums.ceiling_percent),
                html::span().class("every").child(every),
            )),
    )
}

fn check_row(ui: Ui, code: String, check: Memo<Option<CheckRow>>) -> Element {
    let glyph = Memo::new(move |_| {
        check.with(|check| match check {
            Some(CheckRow { severity: Some(severity), code, .. }) => {
                icons::of_failure(*severity, code)
            }
            Some(check) if check.not_checkable == 0 && check.passed > 0 => Icon::Tick,
            _ => Icon::Waiting,
        })
    });
    let number = move |read: fn(&CheckRow) -> u32| {
        Memo::new(move |_| check.with(|check| check.as_ref().map(read)).unwrap_or_default())
    };
    let (passed, failed) = (number(|check| check.passed), number(|check| check.failed));
    let unknown = number(|check| check.not_checkable);
    let severity = Memo::new(move |_| {
        check.with(|check| check.as_ref()?.severity).map(icons::name_of_severity)
    });
    let cell = |count: Memo<u32>| {
        let class = move || if count.get() > 0 { "number" } else { "number none" };
        html::td().class(class).child(move || format::count(count.get().into()))
    };
    let failures = move || match severity.get() {
        Some(severity) => format!("number failed {severity}"),
        None => "number none".to_owned(),
    };
    let title =
        Memo::new(move |_| check.with(|check| check.as_ref().map(|check| check.title.clone())));
    let reason = move || {
        check.with(|check| {
            let check = check.as_ref()?;
            let is_shown = check.not_checkable > 0 || check.passed == 0;
            Some(match check.reason.as_ref().filter(|_| is_shown) {
                Some(reason) => format!("{} · not checkable: {reason}", check.code),
                None => check.code.clone(),
            })
        })
    };
    let known = code.clone();
    let is_on = Memo::new(move |_| ui.chosen.check.with(|chosen| chosen.as_ref() == Some(&known)));
    html::tr()
        .class(("on", move || is_on.get()))
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
                    .attr("aria-pressed", move || is_on.get().to_string())
                    .child((
                        move || icon(glyph.get()),
                        html::span().class("title").child((
                            html::span().child(move || title.get()),
                            html::span().class("reason").attr("title", reason).child(reason),
                        )),
                    )),
            ),
            cell(passed),
            html::td().class(failures).child(move || format::count(failed.get().into())),
            cell(unknown),
            html::td().class("bar").child(move || {
                bar([passed.get(), failed.get(), unknown.get()], severity.get().unwrap_or_default())
            }),
        ))
}

fn bar([passed, failed, unknown]: [u32; 3], severity: &str) -> Element {
    // A single failure among thousands must stay visible, so each part has a least width.
    let part = |class: &str, count: u32| {
        (count > 0)
            .then(|| html::i().class(class.to_owned()).attr("style", format!("flex-grow:{count}")))
    };
    html::span().class("parts").attr("aria-hidden", "true").child((
        part("passed", passed),
        part(&format!("failed {severity}"), failed),
        part("unknown", unknown),
    ))
}
