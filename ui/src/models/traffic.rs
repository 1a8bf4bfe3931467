//! Model of the Traffic view, and the detail of one message.

use rollscope::fixed::Fixed;
use rollscope::observation::Direction;
use rollscope::timeline::{Filter, FilterError, Span};
use rollscope::traffic::{Event, Family, TrafficFilter, TrafficRow};

use crate::format;
use crate::frame::detail::{Act, Content, Detail, Part};
use crate::leptos::prelude::*;
use crate::signal::{Callback, Memo, Signal};
use crate::state::Ui;
use crate::store::{self, Beside};
use crate::views::traffic::{self, Model, status};

/// The model.
pub fn model(ui: Ui) -> Model {
    let chosen = ui.chosen;
    let players = Memo::new(move |_| {
        ui.revision.track();
        store::with_analysis(|analysis| analysis.player_sources())
    });
    let query = Memo::new(move |_| chosen.query.with(|text| Filter::parse(text)));
    let problem = Signal::derive(move || query.with(|query| problem(query, &players.get())));
    let filter = Memo::new(move |_| {
        ui.revision.track();
        // A filter that cannot be read hides nothing.
        let query = query.with(|query| query.clone().unwrap_or_default());
        let mut filter =
            TrafficFilter { query, players: players.get(), ..TrafficFilter::default() };
        filter.hidden = chosen.hidden.get();
        filter.episode = store::chosen().filter(|_| chosen.is_episode_only.get());
        filter
    });
    let count = Memo::new(move |_| {
        ui.revision.track();
        filter.with(store::list_traffic)
    });
    // What is listed changes with the filter even where the count does not.
    let listed = move || {
        filter.track();
        count.track();
    };
    let rows = Callback::new(move |rows: std::ops::Range<usize>| {
        listed();
        store::with_traffic(|analysis, list| {
            let rows = rows.filter_map(|row| analysis.traffic_row(list.event(row)?));
            rows.collect::<Vec<_>>()
        })
    });
    let selected = Memo::new(move |_| {
        listed();
        let event = chosen.event.get()?;
        store::with_traffic(|_, list| {
            list.row_of(event).filter(|row| list.event(*row) == Some(event))
        })
    });
    enter(ui, filter);
    Model {
        count,
        all: Signal::derive(move || {
            ui.revision.track();
            store::traffic_count()
        }),
        problem,
        sums: Memo::new(move |_| {
            listed();
            store::with_traffic(|analysis, list| analysis.traffic_sums(list))
        }),
        selected: selected.into(),
        rows,
        choose: Callback::new(move |row| {
            if let Some(event) = store::with_traffic(|_, list| list.event(row)) {
                select(ui, event);
            }
        }),
        open: Callback::new(move |row| {
            let found =
                store::with_traffic(|analysis, list| analysis.traffic_row(list.event(row)?)?.frame);
            if let Some(frame) = found {
                ui.show_in_timeline(frame);
            }
        }),
    }
}

/// What is wrong with a filter, or asks for somebody who was not observed.
fn problem(query: &Result<Filter, FilterError>, players: &[(u8, u16)]) -> Option<String> {
    let query = match query {
        Ok(query) => query,
        Err(error) => return Some(error.to_string()),
    };
    let is_observed = |span: Span| {
        players.iter().any(|(player, _)| (span.low..=span.high).contains(&u64::from(*player)))
    };
    let unknown = query.players().find(|span| !is_observed(*span))?;
    Some(format!("player:{} is not observed: its own messages were not recorded", unknown.low))
}

/// The view opens at the frame that is selected elsewhere.
fn enter(ui: Ui, filter: Memo<TrafficFilter>) {
    let (Some(frame), None) = (ui.frame.get_untracked(), ui.chosen.event.get_untracked()) else {
        return;
    };
    untrack(|| filter.with(store::list_traffic));
    let event =
        store::with_traffic(|analysis, list| list.event(analysis.traffic_at_frame(list, frame)?));
    ui.chosen.event.set(event);
}

/// Selects a message and its frame.
pub fn select(ui: Ui, event: Event) {
    let frame = store::with_analysis(|analysis| analysis.traffic_row(event)?.frame);
    if let Some(frame) = frame {
        ui.select_frame(frame);
    }
    ui.is_pane_open.set(true);
    ui.chosen.event.set(Some(event));
}

/// Selects the message beside the selected one in the list.
pub fn step(ui: Ui, side: Beside) {
    let event = store::with_traffic(|_, list| {
        let row = ui.chosen.event.get_untracked().and_then(|event| list.row_of(event));
        let row = match (row, side) {
            (None, _) => 0,
            (Some(row), Beside::Before) => row.checked_sub(1)?,
            (Some(row), Beside::After) => row + 1,
        };
        list.event(row)
    });
    if let Some(event) = event {
        select(ui, event);
    }
}

/// The detail of the selected message.
pub fn detail(ui: Ui) -> Option<Detail> {
    let event = ui.chosen.event.get()?;
    let is_hex = ui.chosen.is_hex.get();
    let row = store::with_analysis(|analysis| analysis.traffic_row(event))?;
    let mut parts = vec![Part { title: "", content: Content::Pairs(pairs(&row)) }];
    if let Some((name, partner)) = traffic::partner(&row) {
        let link = (name.to_owned(), "show it".to_owned(), Act::Message(partner));
        parts.push(Part { title: "", content: Content::Links(vec![link]) });
    }
    parts.push(Part {
        title: "",
        content: Content::Choice(vec![
            ("Decoded", !is_hex, Act::Hex(false)),
            ("Hex", is_hex, Act::Hex(true)),
        ]),
    });
    let note = |text: &str| Part { title: "", content: Content::Note(text.to_owned()) };
    match store::with_analysis(|analysis| analysis.decode(event)) {
        None => parts.push(note(
            "Its bytes are not kept: the memory cap was reached. Raise it in Capture and record anew.",
        )),
        Some(decoded) if is_hex => parts.push(match decoded.bytes {
            Some(bytes) => Part { title: "bytes", content: Content::Hex(bytes) },
            None => note("An object has no bytes of its own: what crosses to a worker is a copy."),
        }),
        Some(decoded) => {
            if !decoded.meaning.is_empty() {
                parts.push(Part {
                    title: "what its dialect reads",
                    content: Content::Pairs(decoded.meaning),
                });
            }
            parts.push(Part {
                title: "content",
                content: Content::Tree(decoded.tree, decoded.left_out),
            });
        }
    }
    Some(Detail { title: traffic::title(&row), parts })
}

fn pairs(row: &TrafficRow) -> Vec<(String, String)> {
    let mut pairs = vec![
        ("event".to_owned(), format!("#{}", row.evidence.seq)),
        ("at".to_owned(), format!("{:.3} s", Fixed(row.time.0 as f64 / 1e6))),
        ("channel".to_owned(), row.channel_name.clone()),
        ("size".to_owned(), format::bytes(row.size_bytes.into())),
        ("status".to_owned(), status(row.status).1.to_owned()),
    ];
    if let Some(frame) = row.frame {
        pairs.insert(2, ("frame".to_owned(), frame.to_string()));
    }
    if let Some(micros) = row.latency_micros {
        let label = if row.family == Family::Peer { "round trip" } else { "took" };
        pairs.push((label.to_owned(), format::duration(micros.into())));
    } else if row.family == Family::Peer && row.direction == Direction::Received {
        pairs.push(("on its way".to_owned(), "was not measured".to_owned()));
    }
    pairs
}
