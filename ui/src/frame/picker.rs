//! Session and episode in the header: what is shown, and a choice where there is more than one.

use rollscope::analysis::SessionRow;
use rollscope::summary::{Choice, GameChoice};
use rollscope::verify::Verdict;

use crate::format;
use crate::html::{self, Element, IntoNode, IntoNodes};
use crate::leptos::ev;
use crate::overview;
use crate::signal::{Callback, Memo, Signal};

/// What the picker shows and does.
#[derive(Clone, Copy)]
pub struct Model {
    /// Every game with its episodes.
    pub games: Signal<Vec<GameChoice>>,
    /// Places of the shown game and episode.
    pub chosen: Signal<Option<(usize, usize)>>,
    /// Name of the capture file that is open.
    pub file: Signal<Option<String>>,
    /// What the session is called where the game has no seed: the address of its page.
    pub address: Signal<String>,
    /// What each session and episode comes to, as far as it was checked.
    pub sessions: Signal<Vec<SessionRow>>,
    /// Shows another game or episode.
    pub choose: Callback<Choice>,
}

/// The picker.
pub fn picker(model: Model) -> impl IntoNode {
    let Model { games, chosen, choose, .. } = model;
    // Names alone: the counts of frames grow four times a second and would close an open list.
    let sessions = Memo::new(move |_| {
        games.with(|games| match (games.as_slice(), model.file.get()) {
            // One session in a file goes by the name of the file.
            ([_], Some(file)) => vec![file],
            (games, _) => model.sessions.with(|rows| {
                let name = |(place, game): (usize, &GameChoice)| {
                    let row = rows.get(place);
                    let verdict = row.and_then(|row| row.verdict.as_ref());
                    signed(session_name(game, games, place, model), verdict)
                };
                games.iter().enumerate().map(name).collect()
            }),
        })
    });
    // What each episode of the shown session comes to.
    let signs = Memo::new(move |_| {
        let (game, _) = chosen.get()?;
        model.sessions.with(|rows| rows.get(game).map(|row| row.episodes.clone()))
    });
    let numbers = Memo::new(move |_| {
        let Some((game, _)) = chosen.get() else { return Vec::new() };
        games.with(|games| {
            let episodes = games.get(game).map(|game| game.episodes.as_slice()).unwrap_or_default();
            episodes.iter().map(|episode| episode.number).collect::<Vec<u32>>()
        })
    });
    let place = Memo::new(move |_| chosen.get());
    let session = move || {
        let names = sessions.get();
        let at = place.get().map_or(0, |(game, _)| game);
        match names.len() {
            0 => html::b().child("none yet").into_node(),
            1 => html::b().class("mono").child(names.into_iter().next()).into_node(),
            _ => select("Session", names, at, move |game| {
                choose.run(Choice { game: Some(game), episode: None });
            })
            .into_node(),
        }
    };
    let episode = move || {
        let (count, at) = (numbers.with(Vec::len), place.get());
        match (count, at) {
            (0, _) | (_, None) => html::b().child("–").into_node(),
            (1, _) => html::b().child("1 of 1").into_node(),
            (_, Some((game, episode))) => {
                // Games may count from 0 or 1: people read the place, the number is in the title.
                let signs = signs.get().unwrap_or_default();
                // The header has no room for words as well.
                let name = |place: usize| {
                    let sign = signs.get(place).map_or("", |one| overview::sign(one.kind));
                    format!("{sign} {} of {count}", place + 1).trim_start().to_owned()
                };
                let names = (0..count).map(name).collect();
                select("Episode", names, episode, move |episode| {
                    choose.run(Choice { game: Some(game), episode: Some(episode) });
                })
                .into_node()
            }
        }
    };
    let summary = move || {
        let (game, episode) = chosen.get()?;
        games.with(|games| {
            let shown = games.get(game)?.episodes.get(episode)?;
            Some(format!(
                "episode number {} of the game, {}",
                shown.number,
                format::counted(shown.frames.into(), "frame")
            ))
        })
    };
    (
        html::span().class("field").child((html::span().class("name").child("Session"), session)),
        html::span()
            .class("field")
            .attr("title", summary)
            .child((html::span().class("name").child("Episode"), episode)),
    )
}

/// A name with the sign of what it comes to, and in words.
fn signed(name: String, verdict: Option<&Verdict>) -> String {
    match verdict {
        Some(verdict) => format!("{} {name} · {}", overview::sign(verdict.kind), verdict.short),
        None => name,
    }
}

fn session_name(game: &GameChoice, games: &[GameChoice], place: usize, model: Model) -> String {
    if !game.files.is_empty() {
        return game.files.join(" + ");
    }
    match game.seed {
        Some(seed) if games.iter().filter(|other| other.seed == game.seed).count() > 1 => {
            format!("{seed:08x} ({})", place + 1)
        }
        Some(seed) => format!("{seed:08x}"),
        None => {
            let address = model.address.get();
            let place = address.split_once("://").map_or(address.as_str(), |(_, rest)| rest);
            let place = place.split(['?', '#']).next().unwrap_or(place);
            place.trim_end_matches('/').to_owned()
        }
    }
}

/// A list to choose from; `label` names it for people and, in lower case, for programs.
pub fn select(
    label: &'static str,
    names: Vec<String>,
    chosen: usize,
    choose: impl Fn(usize) + 'static,
) -> Element {
    let option = |(place, name): (usize, String)| {
        html::option()
            .attr("value", place.to_string())
            .attr("selected", (place == chosen).then_some(""))
            .child(name)
    };
    html::select()
        .class("picker")
        .attr("aria-label", label)
        .attr("data-testid", label.to_ascii_lowercase().replace(' ', "-"))
        .on_field(ev::change, move |field| {
            if let Ok(place) = field.value().parse() {
                choose(place);
            }
        })
        .child(names.into_iter().enumerate().map(option).nodes())
}
