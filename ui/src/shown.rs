//! Composition of what shows a session: the second part of the panel, beside the analysis.
//!
//! `cargo xtask build` cuts the panel here, as at `analysed`: `app` may call these functions only once `store::is_there`.

use rollscope::timeline::VerdictView;

use crate::bridge;
use crate::frame::detail::{Act, Detail};
use crate::html::Element;
use crate::models;
use crate::settings::Settings;
use crate::signal::{Callback, Memo, Signal};
use crate::state::{Ui, View};
use crate::store::{self, Beside};
use crate::views::{capture, checks, report, rollbacks, state, timeline, traffic, verdict};

/// The view that is chosen.
#[inline(never)]
pub(crate) fn view(
    ui: Ui,
    shown: Memo<Option<VerdictView>>,
    states: state::Model,
    files: report::Model,
) -> Element {
    // Without a session no view is shown; the default never reaches the screen.
    let verdict = Signal::derive(move || shown.get());
    let shown = ui.view.get();
    let element = match shown {
        View::Verdict => verdict::verdict(ui, verdict, states.map),
        View::Timeline => timeline::timeline(ui, move |query| {
            ui.revision.track();
            store::timeline(query)
        }),
        View::Rollbacks => rollbacks::rollbacks(ui, rollbacks_model(ui)),
        View::State => state::state(ui, states),
        View::Traffic => traffic::traffic(ui, models::traffic::model(ui)),
        View::Checks => checks::checks(ui, verdict, models::checks::coverage(ui)),
        View::Capture => capture::capture(ui, capture_model(ui)),
        View::Report => report::report(ui, verdict, files),
    };
    // Views share nothing: no scroll position of one is another's.
    element.key(shown.id())
}

fn rollbacks_model(ui: Ui) -> rollbacks::Model {
    let revision = ui.revision;
    let count = Memo::new(move |_| {
        revision.track();
        store::rollback_count()
    });
    // The axis is measured anew when the table has grown by a tenth, so that bars stand still.
    let axis = Memo::new(move |before: Option<&(usize, Option<u64>)>| match before {
        Some((counted, p95))
            if count.get() >= *counted && count.get() <= counted + counted / 10 =>
        {
            (*counted, *p95)
        }
        _ => (count.get(), store::rollback_p95_micros()),
    });
    rollbacks::Model {
        count: count.into(),
        savings: Memo::new(move |_| {
            revision.track();
            store::savings()
        }),
        axis_micros: Signal::derive(move || axis.get().1),
        shown: Memo::new(move |_| {
            revision.track();
            ui.filter.with(store::rollbacks_of)
        }),
        rows: Callback::new(move |rows| {
            revision.track();
            store::rollbacks(rows)
        }),
    }
}

fn capture_model(ui: Ui) -> capture::Model {
    capture::Model {
        view: Memo::new(move |_| {
            ui.revision.track();
            store::with_analysis(|analysis| analysis.capture_view())
        }),
        settings: ui.settings,
        is_in_devtools: bridge::is_in_devtools(),
        apply: Callback::new(|settings: Settings| bridge::save_settings(&settings.to_json())),
        allow: Callback::new(|()| bridge::request_origin()),
        forbid: Callback::new(|()| bridge::forget_origin()),
        set_memory_cap: Callback::new(|max_bytes| {
            bridge::keep_memory_cap(max_bytes);
            store::set_memory_cap(max_bytes);
        }),
    }
}

/// What the pane says beside a view of evidence.
#[inline(never)]
pub(crate) fn detail(ui: Ui, states: state::Model, files: report::Model) -> Option<Detail> {
    match ui.view.get() {
        View::Traffic => models::traffic::detail(ui),
        View::State => models::state::detail(ui, states),
        View::Checks => models::checks::detail(ui),
        View::Report => Some(models::report::detail(files)),
        _ => None,
    }
}

/// Does what a link of the pane stands for.
#[inline(never)]
pub(crate) fn act(ui: Ui, act: Act) {
    match act {
        Act::Frame(frame) => ui.select_frame(frame),
        Act::Hex(is_hex) => ui.chosen.is_hex.set(is_hex),
        Act::Message(event) => {
            models::traffic::select(ui, event);
            ui.view.set(View::Traffic);
        }
    }
}

/// Goes to what stands beside that which the pane describes.
#[inline(never)]
pub(crate) fn step(ui: Ui, states: state::Model, verdict: Memo<Option<VerdictView>>, side: Beside) {
    match ui.view.get_untracked() {
        View::Traffic => models::traffic::step(ui, side),
        View::State => models::state::step_path(ui, states, side),
        View::Report => {}
        _ => verdict.with_untracked(|verdict| checks::step(ui, verdict.as_ref(), side)),
    }
}
