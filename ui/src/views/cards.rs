//! The three cards of the Verdict view: a question, a figure, one chart, one caption each.

use rollscope::timeline::{CostCard, SyncCard, WhereCard};

use super::meaning::meaning;
use crate::canvas;
use crate::draw::charts;
use crate::format;
use crate::html::{self, Element, ElementRef, IntoNode, IntoNodes, Node};
use crate::signal::{Memo, Signal};
use crate::state::Ui;
use crate::views::state::MapView;

const SYNC: &str = "Frames for which two peers reported a state hash on the wire: how many are equal. Contiguous: up to \
     where every hashable frame was compared and equal. Ceiling: the share of all frames that the game hashes.";
const PLACE: &str = "The first frame whose hashes differ, seconds from the episode's first step to it, and the first path \
     of the state that differs there, from the texts that crossed to the workers. While nothing differs: how hard the \
     session was tried.";
const COST: &str = "Rollbacks that the observed peers executed, and the time from posting the first request of each to \
     its last reply, in sum. Depth: frames from the first incorrect to the current one, by peer; quantiles of the nearest rank.";

/// Card "In sync?": the map of hashable frames.
pub fn sync(ui: Ui, card: Signal<SyncCard>) -> Element {
    let node = ElementRef::default();
    canvas::canvas(node, ui.theme.into(), move |size| {
        card.with(|card| charts::coverage(&card.coverage, size))
    });
    let figure = move || card.with(|card| format!("{} of {}", card.equal, card.compared));
    let rest = move || card.with(|card| format!("equal, {} differ", card.different));
    let chart = html::canvas().node_ref(node).attr("role", "img").attr("aria-label", move || {
        card.with(|card| {
            format!(
                "{} hashable frames, {} equal, {} different",
                card.coverage.len(),
                card.equal,
                card.different
            )
        })
    });
    let caption = move || card.with(sync_caption);
    shell(
        ("In sync?", SYNC),
        move || "hashable frames".to_owned(),
        (figure, rest.into_node()),
        chart,
        caption,
    )
}

/// Card "Where?": the first difference and which paths differ since, or how hard the session was stressed.
pub fn place(ui: Ui, card: Signal<WhereCard>, map: Memo<MapView>) -> Element {
    let differs = Memo::new(move |_| card.with(|card| card.first_mismatch.is_some()));
    let has_paths = Memo::new(move |_| differs.get() && map.with(|map| !map.strips.is_empty()));
    let aside = move || {
        match (differs.get(), has_paths.get()) {
            (false, _) => "was it stressed?",
            (true, true) => "paths that differ",
            (true, false) => "",
        }
        .to_owned()
    };
    let figure = move || {
        let first = card.with(|card| card.first_mismatch);
        first.map_or("no frame".to_owned(), |frame| format!("frame {frame}"))
    };
    let rest = move || {
        card.with(|card| match (card.first_mismatch, card.since_start_micros) {
            (Some(_), since) => {
                let since = since.map(|micros| format!("+{}", format::duration(micros)));
                since.unwrap_or_default()
            }
            (None, _) => {
                let (seen, all) = card.stress_seen;
                format!("{seen} of {all} classes")
            }
        })
    };
    // Where there is no room for the path, the strips still name its part.
    let path = move || {
        let at = card.with(|card| card.first_mismatch);
        map.with(|map| map.first.clone())
            .filter(|first| Some(first.frame) == at)
            .map(|first| first.path)
    };
    let row = |(name, value): (String, String)| (html::dt().child(name), html::dd().child(value));
    let stress = move || card.get().stress.into_iter().map(row).nodes();
    // While nothing differs the stress classes take the place of the caption, which says no more.
    let caption = move || {
        card.with(|card| match card.first_mismatch {
            Some(_) => card.caption.clone(),
            None => String::new(),
        })
    };
    let chart = move || {
        if has_paths.get() {
            paths(ui, map).into_node()
        } else {
            html::dl().class("stress").child(stress()).into_node()
        }
    };
    let seen = move || differs.with(|differs| if *differs { "" } else { " seen" });
    let further =
        (html::span().class("extra").child(seen), html::span().class("mono extra").child(path));
    let rest = (rest, further).into_node();
    shell(("Where?", PLACE), aside, (figure, rest), chart, caption)
}

fn paths(ui: Ui, map: Memo<MapView>) -> Element {
    let node = ElementRef::default();
    canvas::canvas(node, ui.theme.into(), move |size| {
        map.with(|map| {
            let ends = map.frames.first().zip(map.frames.last());
            let ends = ends.map_or_else(Default::default, |(first, last)| (first.0, last.0));
            charts::strips(ends, map.strips.get(..3).unwrap_or(&map.strips), size)
        })
    });
    html::canvas().node_ref(node).attr("role", "img").attr("aria-label", move || {
        map.with(|map| {
            let parts = map.strips.iter().take(3);
            let parts = parts.map(|strip| {
                let frames = format::counted(strip.frames.len() as u64, "frame");
                format!("{} differs on {frames}", strip.path)
            });
            parts.collect::<Vec<_>>().join(", ")
        })
    })
}

/// Card "Cost?": the rollbacks and how deep they were.
pub fn cost(ui: Ui, card: Signal<CostCard>) -> Element {
    let node = ElementRef::default();
    canvas::canvas(node, ui.theme.into(), move |size| {
        card.with(|card| charts::histogram(&card.depth_histogram, size))
    });
    let aside = move || {
        // Names of more than two have no room, and their bars stand in the order of the chips.
        if card.with(|card| card.depth_histogram.len()) > 2 {
            return "rollback depth by peer".to_owned();
        }
        let peers = card.with(|card| {
            let peers = card.depth_histogram.iter().enumerate();
            let named = peers
                .map(|(place, (name, _))| format!("{} {name}", if place == 0 { "■" } else { "□" }));
            named.collect::<Vec<_>>().join(" ")
        });
        if peers.is_empty() {
            "rollback depth".to_owned()
        } else {
            format!("rollback depth, {peers}")
        }
    };
    let figure = move || format::counted(card.with(|card| card.rollbacks.into()), "rollback");
    let took = Memo::new(move |_| card.with(|card| card.worker_micros));
    let word = move || if took.get().is_some() { "took " } else { "time " };
    let time = move || took.get().map_or_else(|| "not measured".to_owned(), format::duration);
    let rest = (html::span().class("extra").child(word), time).into_node();
    let caption = move || {
        card.with(|card| match card.depth_frames {
            Some((median, p95, max)) => format!("median {median}, p95 {p95}, max {max} frames"),
            None => "depth was not measured".to_owned(),
        })
    };
    let chart = html::canvas()
        .node_ref(node)
        .attr("role", "img")
        .attr("aria-label", move || format!("Histogram of rollback depths: {}", caption()));
    shell(("Cost?", COST), aside, (figure, rest), chart, caption)
}

fn shell(
    (question, about): (&'static str, &'static str),
    aside: impl Fn() -> String + Send + 'static,
    (figure, rest): (impl Fn() -> String + Send + 'static, Node),
    chart: impl IntoNode + 'static,
    caption: impl Fn() -> String + Send + 'static,
) -> Element {
    html::section().class("card").child((
        html::div().class("ask").child((
            html::h2().child(meaning(question.to_owned(), about.to_owned())),
            html::span().child(aside),
        )),
        html::p().class("figure").child((html::b().child(figure), " ", html::span().child(rest))),
        html::div().class("chart").child(chart),
        html::p().class("caption").child(caption),
    ))
}

fn sync_caption(card: &SyncCard) -> String {
    let mut parts = Vec::new();
    parts.extend(card.contiguous_through.map(|frame| format!("contiguous to {frame}")));
    let further = card.seen_through.filter(|seen| Some(*seen) != card.contiguous_through);
    parts.extend(further.map(|frame| format!("seen to {frame}")));
    parts.extend(card.ceiling_percent.map(|percent| format!("ceiling {percent} %")));
    if parts.is_empty() { "no frame was compared".to_owned() } else { parts.join(" · ") }
}
