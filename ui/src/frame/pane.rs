//! The selection pane: the selected frame with peers as columns, and the selected rollback.

use rollscope::frame::Frame;
use rollscope::observation::Evidence;
use rollscope::timeline::{RollbackRow, SelectionView};

use super::detail::{self, Act, Detail};
use crate::about::about;
use crate::commands;
use crate::format;
use crate::html::{self, Element, IntoNode, IntoNodes};
use crate::icons::{Icon, icon};
use crate::keys::Command;
use crate::leptos::ev;
use crate::signal::{Callback, Memo, Signal};
use crate::state::{Ui, View};
use crate::store::{self, Beside};
use crate::views::bars;
use crate::views::meaning::{Stop, beside};

/// Title while nothing is selected.
const NOTHING: &str = "Nothing selected";
/// Text while nothing is selected.
const HINT: &str = "Frames, rollbacks, messages and findings show their details here.";

/// Width of the names of rows, and of the column of a peer where there are more than two, in CSS pixels.
const NAME_WIDTH: usize = 96;
const PEER_WIDTH: usize = 90;

/// What the pane shows and asks for.
#[derive(Clone, Copy)]
pub struct Model {
    /// The shared state.
    pub ui: Ui,
    /// The selected frame.
    pub selection: Signal<Option<SelectionView>>,
    /// The selected rollback.
    pub rollback: Signal<Option<RollbackRow>>,
    /// The first path that differs and by how much, where it differs first at the selected frame.
    pub first: Signal<Option<(String, String)>>,
    /// What the view on screen has selected, where that is neither.
    pub detail: Signal<Option<Detail>>,
    /// Follows a link of the detail.
    pub act: Callback<Act>,
    /// Selects what stands beside the selected one.
    pub step: Callback<Beside>,
}

/// The pane.
pub fn pane(model: Model) -> impl IntoNode {
    let Model { ui, selection, rollback, first, detail, act, .. } = model;
    let is_empty = move || selection.with(Option::is_none) && detail.with(Option::is_none);
    html::aside()
        .class("pane")
        .class(("open", move || ui.is_pane_open.get() && !is_empty()))
        .attr("aria-label", "Selection")
        .child((
            head(model),
            html::div().class("pane-body").child((
                move || detail.get().map(|detail| detail::parts(detail, act)),
                move || {
                    let row = rollback.get().filter(|_| detail.with(Option::is_none));
                    row.map(|row| rollback_part(&row))
                },
                move || match selection.get() {
                    _ if detail.with(Option::is_some) => ().into_node(),
                    Some(selection) => selection_part(selection, act).into_node(),
                    None => html::p().class("hint").child(HINT).into_node(),
                },
                move || {
                    let first = first.get().filter(|_| detail.with(Option::is_none));
                    first.map(first_part)
                },
                move || {
                    // A report is of the episode and not of a frame.
                    let frame = ui.frame.get().filter(|_| ui.view.get() != View::Report);
                    frame.map(|frame| actions(ui, frame))
                },
            )),
        ))
}

fn head(model: Model) -> Element {
    let Model { ui, selection, rollback, detail, step, .. } = model;
    let tool = move |label: &'static str, glyph: Icon, side: Beside| {
        html::button()
            .class("tool narrow")
            .attr("type", "button")
            .attr("aria-label", label)
            .attr("title", label)
            .prop("disabled", move || {
                selection.with(Option::is_none) && detail.with(Option::is_none)
            })
            .on(ev::click, move |_| step.run(side))
            .child(icon(glyph))
    };
    let title = move || match (rollback.get(), selection.get()) {
        _ if detail.with(Option::is_some) => detail
            .with(|detail| detail.as_ref().map(|detail| detail.title.clone()))
            .unwrap_or_default(),
        (Some(row), _) => format!("Rollback at frame {}", row.current),
        (None, Some(selection)) => format!("Frame {}", selection.frame),
        (None, None) => NOTHING.to_owned(),
    };
    html::div().class("pane-head").child((
        html::h2().attr("aria-live", "polite").child(title),
        tool("Previous", Icon::Previous, Beside::Before),
        tool("Next", Icon::Next, Beside::After),
        html::button()
            .class("tool narrow close")
            .attr("type", "button")
            .attr("aria-label", "Close")
            .on(ev::click, move |_| ui.is_pane_open.set(false))
            .child(icon(Icon::Close)),
    ))
}

/// What can be done with the selected frame: compare its states, mark it and write to the mark.
fn actions(ui: Ui, frame: Frame) -> Element {
    let text = Memo::new(move |_| {
        ui.markers.with(|markers| {
            markers.iter().find(|(at, _)| *at == frame).map(|(_, text)| text.clone())
        })
    });
    let is_marked = Memo::new(move |_| text.with(Option::is_some));
    html::div().class("mark").child((
        html::button()
            .class("button")
            .attr("type", "button")
            .on(ev::click, move |_| ui.view.set(View::State))
            .child(("State diff ", html::kbd().child("v"))),
        html::button()
            .class("button")
            .class(("on", move || is_marked.get()))
            .attr("type", "button")
            .attr("title", "Markers are saved in the capture file  M")
            .attr("aria-pressed", move || is_marked.get().to_string())
            .on(ev::click, move |_| commands::carry_out(ui, Command::Marker))
            .child(move || if is_marked.get() { "Marked " } else { "Mark " })
            .child(html::kbd().child("m")),
        move || {
            is_marked.get().then(|| {
                html::input()
                    .attr("type", "text")
                    .attr("aria-label", "Note to the marker")
                    .attr("placeholder", "note")
                    .attr("data-testid", "marker-note")
                    .prop("value", text.get_untracked().unwrap_or_default())
                    .on_field(ev::change, move |field| {
                        store::mark(frame, field.value());
                        ui.markers.set(store::markers());
                    })
            })
        },
    ))
}

fn selection_part(selection: SelectionView, act: Callback<Act>) -> impl IntoNode {
    // So many columns have no room: the pane scrolls sideways, and the names of the rows stay.
    let least = match selection.peers.len() {
        0..=2 => None,
        peers => Some(format!("min-width:{}px", NAME_WIDTH + peers * PEER_WIDTH)),
    };
    let heads = selection.peers.into_iter();
    let heads = heads.map(|peer| html::th().attr("scope", "col").child(peer.name));
    let row = |(place, row): (usize, rollscope::timeline::SelectionRow)| {
        let is_code = row.label.contains("hash");
        let values = row.values.into_iter().map(move |value| {
            let class = match (&value, is_code) {
                (None, _) => "unknown",
                (Some(_), true) => "mono",
                (Some(_), false) => "",
            };
            let title = value.clone();
            html::td().class(class).attr("title", title).child((
                value.as_deref().and_then(glyph).map(icon),
                value.as_deref().and_then(swatch),
                value.unwrap_or_else(|| "–".to_owned()),
            ))
        });
        html::tr().child((
            html::th().attr("scope", "row").child(beside(
                row.label,
                about(row.label),
                Stop::of(place),
            )),
            values.nodes(),
        ))
    };
    let evidence = selection.evidence;
    let proof = (!evidence.is_empty()).then(|| {
        html::section().class("part").child((html::h3().child("evidence"), proofs(evidence, act)))
    });
    (
        html::table().class("part peers").attr("style", least).attr("data-meanings", "").child((
            html::thead().child(html::tr().child((html::td(), heads.nodes()))),
            html::tbody().child(selection.rows.into_iter().enumerate().map(row).nodes()),
        )),
        proof,
    )
}

fn first_part((path, change): (String, String)) -> impl IntoNode {
    html::section().class("part").attr("data-testid", "first-path").child((
        html::h3().child("first divergent path"),
        html::dl().child((html::dt().class("mono").child(path), html::dd().child(change))),
    ))
}

fn rollback_part(row: &RollbackRow) -> impl IntoNode + use<> {
    let known = |value: Option<String>| value.unwrap_or_else(|| "not known".to_owned());
    let rows = vec![
        ("peer", row.peer_name.clone()),
        ("first incorrect", known(row.target.map(|frame| format!("frame {frame}")))),
        ("depth", known(row.depth_frames.map(|depth| format::counted(u64::from(depth), "frame")))),
        (
            "ran again",
            format!(
                "{} from frame {}",
                format::counted(u64::from(row.resimulated), "step"),
                row.snapshot
            ),
        ),
        ("culprit", known(row.cause_player.map(|player| player.to_string()))),
        ("predicted", known(row.predicted.map(|action| action.to_string()))),
        ("actual", known(row.actual.map(|action| action.to_string()))),
        ("evidence", format!("#{}", row.evidence)),
    ];
    let rows = rows.into_iter().map(|(label, text)| (label.to_owned(), text)).collect();
    (cost_table(row), html::section().class("part").child(detail::pairs(rows)))
}

/// What the rollback cost as it is, and what it would have cost as one batch and with a request per step.
fn cost_table(row: &RollbackRow) -> (Element, Element) {
    let overhead = store::savings().overhead.map(|overhead| overhead.micros);
    let other = bars::otherwise(row, overhead);
    let time = |micros: Option<u64>| micros.map_or("–".to_owned(), format::millis);
    let lines = [
        ("as it is", row.round_trips, row.total_micros),
        ("one batch", 1, other.map(|(one, _)| one)),
        ("unbatched", row.round_trips_unbatched, other.map(|(_, many)| many)),
    ];
    let named = |(place, name): (usize, &'static str), scope: &'static str| {
        html::th().attr("scope", scope).child(beside(name, about(name), Stop::of(place)))
    };
    let line = |(place, (name, trips, micros)): (usize, (&'static str, u32, Option<u64>))| {
        let [trips, took] = [trips.to_string(), time(micros)].map(|text| html::td().child(text));
        html::tr().child((named((place + 2, name), "row"), trips, took))
    };
    let heads = ["round trips", "took, ms"].into_iter().enumerate();
    let heads = heads.map(|head| named(head, "col")).nodes();
    let lines = lines.into_iter().enumerate().map(line).nodes();
    let parts = [row.wait_micros, row.execute_micros, row.reply_micros];
    let split = if parts.iter().all(Option::is_none) {
        vec![("wait … reply".to_owned(), "was not measured".to_owned())]
    } else {
        let names = ["wait, ms", "execute, ms", "reply, ms"].into_iter().zip(parts);
        names.map(|(name, part)| (name.to_owned(), time(part))).collect()
    };
    (
        html::table().class("part peers").attr("data-meanings", "").child((
            html::thead().child(html::tr().child((html::td(), heads))),
            html::tbody().child(lines),
        )),
        html::section().class("part").child(detail::pairs(split)),
    )
}

/// The mark that goes with a state.
fn glyph(state: &str) -> Option<Icon> {
    match state {
        "differ" | "mismatch" => Some(Icon::Diamond),
        "equal" | "verified" => Some(Icon::Verified),
        _ => None,
    }
}

/// The cell that goes with how a frame was shown, as in the timeline.
fn swatch(state: &str) -> Option<Element> {
    let class = ["predicted", "confirmed"].into_iter().find(|known| *known == state)?;
    Some(html::span().class(format!("swatch {class}")).attr("aria-hidden", "true"))
}

/// Evidence with a way to each message; what is no message is words alone.
fn proofs(rows: Vec<(String, String, Option<Evidence>)>, act: Callback<Act>) -> Element {
    let row = |(label, text, event): (String, String, Option<Evidence>)| {
        let event = event.and_then(|event| store::with_analysis(|of| of.traffic_of(event)));
        let shown = match event {
            Some(event) => detail::link(text, Act::Message(event), act).into_node(),
            None => text.into_node(),
        };
        (html::dt().child(label), html::dd().child(shown))
    };
    html::dl().child(rows.into_iter().map(row).nodes())
}
