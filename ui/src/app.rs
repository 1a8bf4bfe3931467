//! Composition: asks the store, hands view models and callbacks to the components.

use rollscope::timeline::{HealthView, VerdictView};

use crate::bridge;
use crate::commands;
use crate::files;
use crate::frame::{banner, header, help, minimap, palette, pane, picker, rail, tip};
use crate::html::{self, Element};
use crate::links;
use crate::looks;
use crate::models;
use crate::shown;
use crate::signal::{Callback, Memo, Signal, effect};
use crate::state::{Loaded, Ui, View};
use crate::store;
use crate::views::{empty, report, state};

/// The panel.
pub fn app(ui: Ui) -> Element {
    commands::listen(ui);
    looks::follow(ui);
    let revision = ui.revision;
    let shown = Memo::new(move |_| {
        revision.track();
        store::verdict()
    });
    let health = Memo::new(move |_| {
        revision.track();
        store::health()
    });
    effect(move || {
        let last = shown.with(|shown| shown.as_ref().and_then(|verdict| verdict.last_frame));
        let total = last.map_or(0, |frame| frame.0.saturating_add(1));
        ui.set_total(total, store::units(ui.axis.get_untracked()));
        ui.markers.set(store::markers());
    });
    links::follow(ui);
    let clocks = Memo::new(move |_| {
        revision.track();
        store::peer_clocks()
    });
    let has_session = Memo::new(move |_| shown.with(Option::is_some));
    let rollback_count = Memo::new(move |_| {
        revision.track();
        store::rollback_count()
    });
    let differs = Memo::new(move |_| {
        shown.with(|view| view.as_ref().is_some_and(|view| view.place.first_mismatch.is_some()))
    });
    let states = models::state::model(ui, differs);
    let files = models::report::model(ui);
    html::div().class("panel").child((
        header::header(header::Header {
            ui,
            verdict: shown.into(),
            health: health.into(),
            picker: picker_model(ui, health),
            clocks: clocks.into(),
            is_in_devtools: bridge::is_in_devtools(),
        }),
        rail::rail(ui.view, shown.into(), rollback_count.into()),
        minimap::minimap(
            ui,
            Signal::derive(move || shown.with(Option::is_some)),
            move |axis, columns| {
                revision.track();
                store::minimap(axis, columns)
            },
        ),
        html::main().class("view").attr("aria-label", move || ui.view.get().name()).child((
            banner::banner(ui, health.into(), bridge::is_in_devtools(), move || {
                files::close(ui);
            }),
            move || {
                let is_there = ui.analysis.with(|analysis| *analysis == Loaded::There);
                if has_session.get() || (is_there && ui.view.get() == View::Capture) {
                    shown::view(ui, shown, states, files)
                } else {
                    empty_view(ui, health)
                }
            },
        )),
        pane::pane(pane_model(ui, has_session, states, files, shown)),
        help::help(ui.is_help_open, bridge::version()),
        palette::palette(ui),
        palette::sessions(ui),
        tip::tip(),
    ))
}

fn picker_model(ui: Ui, health: Memo<HealthView>) -> picker::Model {
    let games = Memo::new(move |_| {
        ui.revision.track();
        store::choices()
    });
    let chosen = Memo::new(move |_| {
        ui.revision.track();
        store::chosen()
    });
    picker::Model {
        games: games.into(),
        chosen: chosen.into(),
        file: ui.opened.into(),
        address: Signal::derive(move || {
            let url = health.with(|health| health.url.clone());
            url.unwrap_or_else(|| ui.status.with(|status| status.url.clone()))
        }),
        choose: Callback::new(move |choice| {
            commands::choose(ui, choice);
        }),
        sessions: ui.sessions.into(),
    }
}

fn pane_model(
    ui: Ui,
    has_session: Memo<bool>,
    states: state::Model,
    files: report::Model,
    shown: Memo<Option<VerdictView>>,
) -> pane::Model {
    let selection = Memo::new(move |_| {
        ui.revision.track();
        store::selection(ui.frame.get().filter(|_| has_session.get())?)
    });
    let rollback = Memo::new(move |_| {
        ui.revision.track();
        let row = ui.rollback.get()?;
        store::rollbacks(row..row.saturating_add(1)).into_iter().next()
    });
    let first = Memo::new(move |_| {
        // The map of states is made only where a difference was found.
        let differs = selection.with(|selection| {
            let mut rows = selection.iter().flat_map(|selection| &selection.rows);
            rows.any(|row| row.values.iter().flatten().any(|value| value == "differ"))
        });
        let frame = ui.frame.get().filter(|_| differs)?;
        let first = states.map.with(|map| map.first.clone())?;
        (first.frame == frame).then_some((first.path, first.change))
    });
    let detail = Memo::new(move |_| {
        has_session.get().then_some(())?;
        shown::detail(ui, states, files)
    });
    pane::Model {
        ui,
        selection: selection.into(),
        rollback: rollback.into(),
        first: first.into(),
        detail: detail.into(),
        act: Callback::new(move |act| shown::act(ui, act)),
        step: Callback::new(move |side| {
            if detail.with_untracked(Option::is_some) {
                shown::step(ui, states, shown, side);
            } else if ui.rollback.get_untracked().is_some() {
                commands::step_rollback(ui, side);
            } else {
                commands::step_frame(ui, side);
            }
        }),
    }
}

fn empty_view(ui: Ui, health: Memo<HealthView>) -> Element {
    if ui.view.get() == View::Capture && ui.analysis.with(|analysis| *analysis == Loaded::Awaited) {
        return empty::awaited().key("awaited");
    }
    empty::empty(empty::Model {
        analysis: ui.analysis.into(),
        health: health.into(),
        status: ui.status.into(),
        is_in_devtools: bridge::is_in_devtools(),
        request_origin: Callback::new(|()| bridge::request_origin()),
        reload_page: Callback::new(|()| bridge::reload_page()),
        pick_file: Callback::new(|()| bridge::pick_file()),
        save: Callback::new(|()| bridge::save_capture()),
    })
    .key("empty")
}
