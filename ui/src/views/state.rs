//! The State view: two states side by side, five classes of differences, equal values folded; which
//! paths differ at which frame.

use rollscope::frame::Frame;
use rollscope::state::DifferenceClass;
use rollscope::timeline::{CLASSES, FirstDifference, PathStrip, StateDiff, TreeRow};

use super::grid::{Grid, Head, Turn, grid};
use super::meaning::meaning;
use super::state_rows::{class_of, line};
use crate::canvas;
use crate::chosen::{Base, Chosen};
use crate::draw::states;
use crate::format;
use crate::frame::picker::select;
use crate::html::{self, Element, ElementRef, IntoNode, IntoNodes};
use crate::icons::{Icon, icon};
use crate::leptos::ev;
use crate::leptos::prelude::*;
use crate::models::state::{
    Side, Sides, UNFOLDED, choose_peer, go_to_first, step_difference, turn,
};
use crate::pair;
use crate::signal::{Callback, Memo, Signal};
use crate::state::Ui;
use crate::store::Beside;

/// Which paths differ at which frame.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MapView {
    /// Frames known on both sides, and whether they differ; `None` where that cannot be told.
    pub frames: Vec<(Frame, Option<bool>)>,
    /// Parts of the state with the frames where they differ.
    pub strips: Vec<PathStrip>,
    /// The first difference.
    pub first: Option<FirstDifference>,
    /// Whether everything was compared.
    pub is_complete: bool,
    /// Frames that were not compared, because too many differ.
    pub left_out: usize,
}

/// What the view shows.
#[derive(Clone, Copy)]
pub struct Model {
    /// What is compared.
    pub sides: Memo<Sides>,
    /// How it differs, or why it cannot be compared; `None` where there is nothing to compare.
    pub compared: Memo<Option<Result<StateDiff, String>>>,
    /// Which paths differ at which frame.
    pub map: Memo<MapView>,
    /// The rows as a tree that folds.
    pub rows: Memo<Vec<TreeRow>>,
}

/// The view.
pub fn state(ui: Ui, model: Model) -> Element {
    let path_at =
        move |row: usize| model.rows.with(|rows| rows.get(row).map(|row| row.path.clone()));
    let first = Memo::new(move |_| model.map.with(|map| map.first.clone()));
    let is_at_first = move || {
        let at = model.sides.with(|sides| sides.pair.as_ref().map(|(left, _)| left.state.frame));
        first.with(|first| {
            first.as_ref().filter(|first| Some(first.frame) == at).map(|f| f.path.clone())
        })
    };
    let count = Memo::new(move |_| model.rows.with(Vec::len));
    let selected = Memo::new(move |_| {
        let path = ui.chosen.path.get()?;
        model.rows.with(|rows| rows.iter().position(|row| row.path == path))
    });
    let choose = Callback::new(move |row| {
        if let Some(path) = untrack(|| path_at(row)) {
            ui.chosen.path.set(Some(path));
            ui.is_pane_open.set(true);
        }
    });
    let table = Grid {
        label: "State",
        row_id: "state-row",
        row_height: 20.0,
        count: count.into(),
        lines: Callback::new(move |rows: std::ops::Range<usize>| {
            let first = is_at_first();
            model.compared.with(|compared| match compared {
                Some(Ok(diff)) => model.rows.with(|tree| {
                    let shown = tree.get(rows.start..rows.end.min(tree.len())).unwrap_or_default();
                    shown.iter().filter_map(|row| line(row, diff, first.as_deref())).collect()
                }),
                _ => Vec::new(),
            })
        }),
        selected: selected.into(),
        choose,
        open: Callback::new(move |row| {
            choose.run(row);
            turn(ui, model, row, Turn::Other);
        }),
        turn: Some(Callback::new(move |(row, asked)| turn(ui, model, row, asked))),
    };
    let side_name = move |second: bool| {
        Signal::derive(move || {
            model.sides.with(|sides| match &sides.pair {
                Some((left, right)) => if second { &right.name } else { &left.name }.clone(),
                None => String::new(),
            })
        })
    };
    let heads = vec![
        Head::new(
            "path",
            "path",
            "Where in the state; brackets are places in a list. → and ← unfold and fold a branch, * unfolds all",
        ),
        Head { name: side_name(false), class: "value", meaning: "Value at the left side" },
        Head::new(
            "",
            "sign",
            "≠ different, − missing at the right, + extra at the right, ⇅ reordered, ≈ near: within a relative 1e-9",
        ),
        Head { name: side_name(true), class: "value", meaning: "Value at the right side" },
        Head::new("change", "number", "Right minus left"),
    ];
    html::div().class("state").child((
        head(ui, model),
        move || first.get().map(|first| band(ui, model, &first)),
        map(ui, model),
        move || {
            model.sides.with(|sides| {
                (!sides.note.is_empty())
                    .then(|| html::p().class("note-line").child(sides.note.clone()))
            })
        },
        move || {
            model.compared.with(|compared| match compared {
                Some(Err(problem)) => {
                    Some(html::p().class("note-line").attr("role", "alert").child(problem.clone()))
                }
                _ => None,
            })
        },
        grid(table, heads),
        folded(ui, model),
    ))
}

fn head(ui: Ui, model: Model) -> Element {
    let hidden = ui.chosen.hidden_classes;
    let chip = move |class: DifferenceClass| {
        let place = CLASSES.iter().position(|known| *known == class).unwrap_or(0);
        let count = move || {
            model.compared.with(|compared| match compared {
                Some(Ok(diff)) => diff.counts.get(place).copied().unwrap_or(0),
                _ => 0,
            })
        };
        let (sign, name) = class_of(Some(class));
        let is_on = move || !hidden.with(|hidden| hidden.contains(&class));
        html::button()
            .class("chip")
            .class(("on", is_on))
            .attr("type", "button")
            .attr("aria-pressed", move || is_on().to_string())
            .attr("title", name)
            .on(ev::click, move |_| Chosen::toggle(hidden, class))
            .child((
                html::span().class(format!("sign {name}")).attr("aria-hidden", "true").child(sign),
                html::span().class("name").child(format!(" {name} ")),
                html::b().child(move || format!(" {}", count())),
            ))
    };
    let title = move || {
        model.sides.with(|sides| match &sides.pair {
            Some((_, right)) => format!("Frame {}", right.state.frame),
            None => "State".to_owned(),
        })
    };
    html::div().class("bar-head").child((
        html::h2().attr("data-testid", "state-frame").child(title),
        against(ui, model),
        html::button()
            .class("button")
            .attr("type", "button")
            .attr("data-testid", "state-base")
            .attr("title", "Compare the peers, or a peer with itself at the state before  v")
            .on(ev::click, move |_| toggle_base(ui))
            .child((
                move || match ui.chosen.base.get() {
                    Base::Peers => "with the frame before",
                    Base::Before => "between peers",
                },
                " ",
                html::kbd().child("v"),
            )),
        CLASSES.into_iter().map(chip).nodes(),
        html::span().class("space"),
        html::span().class("hint near-limit").child(meaning(
            "near ≤ 1e-9".to_owned(),
            "Floats within a relative 1e-9 or an absolute 1e-10 are near, as are 1 and 1.0: equal numbers whose texts hash differently".to_owned(),
        )),
    ))
}

/// Whose states are compared: in words, and to choose where there is a choice.
fn against(ui: Ui, model: Model) -> impl IntoNode {
    // Names and places alone: a list must not be built anew while it is open.
    let choice = Memo::new(move |_| {
        let base = ui.chosen.base.get();
        model.sides.with(|sides| {
            let name = |side: &Side| side.name.split(' ').next().unwrap_or_default().to_owned();
            let pair = sides.pair.as_ref().map(|(left, right)| (name(left), name(right)));
            (base, sides.peers.clone(), pair)
        })
    });
    let list = move |label: &'static str, peers: Vec<String>, shown: &str, side: pair::Side| {
        let at = peers.iter().position(|peer| peer == shown).unwrap_or(0);
        let names = peers.clone();
        select(label, names, at, move |at| choose_peer(ui, &peers, side, at))
    };
    move || match choice.get() {
        (Base::Peers, peers, Some((left, right))) if peers.len() > 2 => (
            list("Left peer", peers.clone(), &left, pair::Side::Left),
            html::span().class("hint").child("against"),
            list("Right peer", peers, &right, pair::Side::Right),
        )
            .into_node(),
        (Base::Before, peers, Some((left, _))) if peers.len() > 1 => (
            list("Peer", peers, &left, pair::Side::Left),
            html::span().class("hint").child("against its state before"),
        )
            .into_node(),
        (_, _, pair) => html::span()
            .class("hint")
            .child(pair.map(|(left, right)| format!("{left} against {right}")))
            .into_node(),
    }
}

/// Compares the other way from now on.
pub fn toggle_base(ui: Ui) {
    ui.chosen.base.update(|base| {
        *base = match base {
            Base::Peers => Base::Before,
            Base::Before => Base::Peers,
        };
    });
}

fn band(ui: Ui, model: Model, first: &FirstDifference) -> Element {
    let at = first.frame;
    let delta =
        if first.change.is_empty() { String::new() } else { format!(", by {}", first.change) };
    let distance = move || {
        let shown =
            model.sides.with(|sides| sides.pair.as_ref().map(|(_, right)| right.state.frame));
        match shown {
            Some(frame) if frame > at => {
                format!("{} earlier", format::counted(u64::from(frame.0 - at.0), "frame"))
            }
            Some(frame) if frame < at => {
                format!("{} later", format::counted(u64::from(at.0 - frame.0), "frame"))
            }
            _ => "this frame".to_owned(),
        }
    };
    let step = move |label: &'static str, glyph: Icon, side: Beside| {
        html::button()
            .class("tool narrow")
            .attr("type", "button")
            .attr("aria-label", label)
            .attr("title", label)
            .on(ev::click, move |_| step_difference(ui, side))
            .child(icon(glyph))
    };
    html::div().class("band").attr("data-testid", "state-first").child((
        icon(Icon::Diamond),
        html::span().class("words").child((
            "First differs at ",
            html::b().child(format!("frame {at}")),
            ", path ",
            html::b().class("mono").child(first.path.clone()),
            delta,
        )),
        html::span().class("space"),
        html::span().class("hint").child(distance),
        step("Previous differing frame", Icon::Previous, Beside::Before),
        step("Next differing frame", Icon::Next, Beside::After),
        html::button()
            .class("button")
            .attr("type", "button")
            .attr("data-testid", "go-to-first")
            .on(ev::click, move |_| go_to_first(ui))
            .child("Go to first"),
    ))
}

fn map(ui: Ui, model: Model) -> Element {
    let node = ElementRef::default();
    let size = canvas::canvas(node, ui.theme.into(), move |size| {
        let at = ui.frame.get();
        model.map.with(|map| states::map(&map.frames, &map.strips, at, size))
    });
    let rows = move || model.map.with(|map| map.strips.len());
    let known = move || {
        model.map.with(|map| {
            let known = format!(
                "{} known on both sides",
                format::counted(map.frames.len() as u64, "frame")
            );
            match (map.is_complete, map.left_out) {
                (false, _) => format!("{known}, comparing …"),
                (true, 0) => known,
                (true, more) => format!("{known}, {more} further differ and were not compared"),
            }
        })
    };
    let words = move || {
        model.map.with(|map| {
            let strips = map.strips.iter();
            let strips = strips.map(|strip| {
                format!(
                    "{} differs on {}",
                    strip.path,
                    format::counted(strip.frames.len() as u64, "frame")
                )
            });
            strips.collect::<Vec<_>>().join(", ")
        })
    };
    html::div()
        .class("state-map")
        .class(("none", move || rows() == 0))
        .attr("style", move || format!("height:{}px", 46 + 15 * rows()))
        .child((
            html::div().class("list-head").child((
                html::h2().child("Which paths differ, by frame"),
                html::span().child(known),
            )),
            html::div().class("map-stage").child(
                html::canvas().node_ref(node).attr("role", "img").attr("aria-label", words).on(
                    ev::click,
                    move |event| {
                        let x = f64::from(event.offset_x());
                        let found = model.map.with_untracked(|map| {
                            states::frame_at(&map.frames, x, size.get_untracked().0)
                        });
                        if let Some(frame) = found {
                            ui.select_frame(frame);
                        }
                    },
                ),
            ),
        ))
}

fn folded(ui: Ui, model: Model) -> impl IntoNode {
    let equal = move || {
        model.compared.with(|compared| match compared {
            Some(Ok(diff)) => Some((diff.equal, diff.left_out, diff.differing())),
            _ => None,
        })
    };
    move || {
        equal().map(|(equal, left_out, differing)| {
            let is_few = equal <= UNFOLDED;
            let is_shown = is_few || ui.chosen.is_equal_shown.get();
            let verb = if is_shown { "shown" } else { "folded" };
            let none = if differing == 0 { "Nothing differs. " } else { "" };
            let text = format!(
                "{none}{} {} {verb}.",
                format::counted(equal.into(), "equal value"),
                if equal == 1 { "is" } else { "are" }
            );
            let more = (left_out > 0).then(|| format!(" {left_out} further rows are left out."));
            html::p().class("folded").child((
                text,
                more,
                " ",
                (!is_few).then(|| {
                    html::button()
                        .class("link")
                        .attr("type", "button")
                        .attr("data-testid", "state-equal")
                        .on(ev::click, move |_| {
                            ui.chosen.is_equal_shown.update(|shown| *shown = !*shown);
                        })
                        .child(if is_shown { "Fold them" } else { "Show all" })
                }),
            ))
        })
    }
}
