//! The texts around the ice: names, scores, figures, status, notices.
//!
//! Pictures and figures come in, the document's texts go out; a text is touched only when it
//! changes.

use std::collections::{BTreeMap, BTreeSet};

use rollscope::message::PredictionRule;
use rollscope::player::PlayerId;
use rollscope_runtime::browser::{Stats, Status};
use rollscope_runtime::presence::Presence;
use rollscope_runtime::route::Route;
use rollscope_runtime::signal::{FIRST_SPECTATOR, Role};
use wasm_bindgen::prelude::*;
use web_sys::Document;

use crate::game::View;
use crate::params::{GameWorker, PageParams};

/// Names of the craft by player.
pub(super) const NAMES: [&str; 8] =
    ["Teal", "Coral", "Violet", "Amber", "Rose", "Fern", "Blue", "Slate"];

/// Where the scores of the players after the second stand.
const OTHERS: [&str; 6] = ["other2", "other3", "other4", "other5", "other6", "other7"];

/// The texts of the page.
pub(super) struct Hud {
    document: Document,
    shown: BTreeMap<&'static str, String>,
    rate: Rate,
    invite: String,
    names: Vec<String>,
    waiting: String,
    // Players whose pages are not heard.
    silent: BTreeSet<PlayerId>,
}

/// Ticks per second over the last second.
#[derive(Default)]
struct Rate {
    since_millis: f64,
    since_frame: u32,
    per_second: Option<f64>,
}

impl Hud {
    pub(super) fn new(document: &Document, params: &PageParams) -> Self {
        let (shown, rate, invite) = (BTreeMap::new(), Rate::default(), String::new());
        let document = document.clone();
        let (names, waiting, silent) = (Vec::new(), String::new(), BTreeSet::new());
        let mut hud = Self { document, shown, rate, invite, names, waiting, silent };
        hud.set("shaping", &shaping_words(params));
        if params.role == Role::Spectator {
            let room = params.room.as_deref().unwrap_or_default();
            hud.set("status", "waiting");
            hud.show_notice(
                "waiting",
                "Waiting for the game to begin",
                &format!("This page watches room {room}."),
            );
            hud.set("help", "You are watching. Nobody waits for this page.");
        }
        hud
    }

    pub(super) fn show_joined(
        &mut self,
        room: &str,
        (local, players): (PlayerId, u8),
        is_bot: bool,
        invite: &str,
    ) {
        self.set("room", &format!("room {room}"));
        self.set_hidden("room", false);
        let who = if is_bot { "your bot" } else { "you" };
        let named = |(player, name): (usize, &&str)| {
            if player == local.index() { format!("{name} ({who})") } else { (*name).to_owned() }
        };
        self.waiting = match players {
            2 => "Waiting for the second player".to_owned(),
            more => format!("Waiting for all {more} players"),
        };
        self.names = NAMES.iter().enumerate().map(named).collect();
        for (id, name) in ["name0", "name1"].into_iter().zip(self.names.clone()) {
            self.set(id, &name);
        }
        if let Some(link) = self.document.get_element_by_id("invite") {
            let _ = link.set_attribute("href", invite);
        }
        invite.clone_into(&mut self.invite);
        // A spectator gets its place when the game runs.
        if local.0 < FIRST_SPECTATOR {
            self.show_status(&Status::Waiting);
        }
    }

    pub(super) fn show_status(&mut self, status: &Status) {
        let state = status.name();
        self.set("status", state);
        set_state(&self.document, "status", state);
        match status {
            Status::Waiting => self.set_hidden("invite", false),
            _ => self.set_hidden("invite", true),
        }
        match status {
            Status::Waiting => {
                let invite = self.invite.clone();
                let waiting = self.waiting.clone();
                self.show_notice(state, &waiting, &invite);
            }
            Status::Connecting => {
                self.show_notice(state, "Connecting", "The two pages find each other.");
            }
            Status::Playing => self.set_hidden("notice", true),
            Status::Stopped(reason) => {
                self.show_notice(
                    state,
                    "The game is over",
                    &format!("{reason} Reload to play again."),
                );
            }
            Status::Failed(reason) => self.show_notice(state, "The game cannot go on", reason),
        }
    }

    /// While a page is silent the game waits for it.
    pub(super) fn show_presence(&mut self, player: PlayerId, presence: Presence) {
        match presence {
            Presence::Silent => self.silent.insert(player),
            Presence::Here | Presence::Left | Presence::Unreachable => self.silent.remove(&player),
        };
        match self.silent.first() {
            Some(player) => {
                let name = NAMES.get(player.index()).copied().unwrap_or("another player");
                self.show_notice(
                    "waiting",
                    &format!("Waiting for {name}"),
                    "Its page is not heard. It has 15 seconds to come back.",
                );
            }
            None if presence == Presence::Here => self.set_hidden("notice", true),
            None => {}
        }
    }

    pub(super) fn show_view(&mut self, view: &View) {
        for ((score, wins), craft) in
            [("score0", "wins0"), ("score1", "wins1")].iter().zip(&view.craft)
        {
            self.set(score, &craft.score.to_string());
            self.set(wins, &wins_words(craft.wins));
        }
        for (id, (player, craft)) in OTHERS.into_iter().zip(view.craft.iter().enumerate().skip(2)) {
            let name = self.names.get(player).map_or("", String::as_str);
            self.set(id, &format!("{name} {}", craft.score));
        }
        self.set("round", &format!("Round {}", view.round));
        let left = format!("{:.2}", view.time_left);
        if self.is_new("time", &left)
            && let Some(meter) = self.document.get_element_by_id("time")
        {
            let _ = meter.set_attribute("value", &left);
        }
    }

    pub(super) fn show_stats(&mut self, now_millis: f64, stats: &Stats) {
        let Some(frame) = stats.frame else {
            return;
        };
        self.rate.update(now_millis, frame.0);
        self.set("frame", &frame.to_string());
        let confirmed = stats.confirmed.map_or_else(|| "–".to_owned(), |frame| frame.to_string());
        self.set("confirmed", &confirmed);
        self.set("rollbacks", &stats.counts.rollbacks.to_string());
        self.set("stalls", &stats.counts.stalls.to_string());
        self.set("desyncs", &stats.counts.desyncs.to_string());
        if let Some(micros) = stats.round_trip_micros {
            self.set("roundtrip", &format!("{:.0} ms", micros as f64 / 1000.0));
        }
        if let Some(rate) = self.rate.per_second {
            self.set("rate", &format!("{rate:.1}"));
        }
    }

    /// How messages travel: directly, or by the server where a connection is missing.
    pub(super) fn show_routes(&mut self, stats: &Stats) {
        let count = |route| stats.routes.iter().filter(|way| way.route == route).count();
        let all = stats.routes.len();
        let words = match (count(Route::P2p), count(Route::None)) {
            _ if all == 0 => "–".to_owned(),
            (direct, _) if direct == all => "direct".to_owned(),
            (_, missing) if missing > 0 => format!("{missing} of {all} cut off"),
            (0, _) => "by the server".to_owned(),
            (direct, _) => format!("{direct} direct, {} by the server", all - direct),
        };
        self.set("ways", &words);
    }

    fn show_notice(&mut self, state: &str, headline: &str, details: &str) {
        self.set("headline", headline);
        self.set("details", details);
        set_state(&self.document, "notice", state);
        self.set_hidden("notice", false);
    }

    fn is_new(&mut self, id: &'static str, text: &str) -> bool {
        let shown = self.shown.entry(id).or_default();
        let is_new = shown != text;
        if is_new {
            text.clone_into(shown);
        }
        is_new
    }

    fn set(&mut self, id: &'static str, text: &str) {
        if self.is_new(id, text) {
            set_text(&self.document, id, text);
        }
    }

    fn set_hidden(&self, id: &str, is_hidden: bool) {
        set_hidden(&self.document, id, is_hidden);
    }
}

impl Rate {
    fn update(&mut self, now_millis: f64, frame: u32) {
        let elapsed = now_millis - self.since_millis;
        if elapsed < 1000.0 {
            return;
        }
        // The first span began before the game did.
        if self.since_frame > 0 {
            let frames = f64::from(frame.saturating_sub(self.since_frame));
            self.per_second = Some(frames * 1000.0 / elapsed);
        }
        (self.since_millis, self.since_frame) = (now_millis, frame);
    }
}

/// Says that nothing can be played, and why.
pub(super) fn show_failure(document: &Document, headline: &str, details: &str) {
    set_text(document, "status", "failed");
    set_text(document, "headline", headline);
    set_text(document, "details", details);
    set_state(document, "status", "failed");
    set_state(document, "notice", "failed");
    set_hidden(document, "notice", false);
}

fn set_text(document: &Document, id: &str, text: &str) {
    if let Some(element) = document.get_element_by_id(id) {
        element.set_text_content(Some(text));
    }
}

fn set_state(document: &Document, id: &str, state: &str) {
    if let Some(element) = document.get_element_by_id(id) {
        let _ = element.set_attribute("data-state", state);
    }
}

fn set_hidden(document: &Document, id: &str, is_hidden: bool) {
    let element = document.get_element_by_id(id);
    if let Some(element) = element.and_then(|e| e.dyn_into::<web_sys::HtmlElement>().ok()) {
        element.set_hidden(is_hidden);
    }
}

/// Rounds won as dots, up to what fits.
fn wins_words(wins: u32) -> String {
    if wins <= 5 { "●".repeat(wins as usize) } else { format!("● {wins}") }
}

fn shaping_words(params: &PageParams) -> String {
    let mut words = match params.role {
        Role::Player => link_words(params),
        Role::Spectator => "watching".to_owned(),
    };
    if params.worker == GameWorker::Python {
        words.push_str(", game in Python");
    }
    if !params.p2p_mode {
        words.push_str(", by the server only");
    }
    if params.relay_only {
        words.push_str(", through TURN only");
    }
    if params.prediction != PredictionRule::default() {
        words.push_str(&format!(", guesses by {}", params.prediction.name()));
    }
    if params.rows {
        words.push_str(", rows to the server");
    }
    for word in params.switches.words() {
        words.push_str(", ");
        words.push_str(&word);
    }
    words
}

fn link_words(params: &PageParams) -> String {
    let link = &params.link;
    let delay = params.input_delay_frames;
    if link.latency_micros == 0 && link.jitter_micros == 0 && link.loss == 0.0 {
        return format!("network as it is, input delay {delay}");
    }
    format!(
        "sends {} ms late, jitter {} ms, loss {} %, input delay {delay}",
        link.latency_micros / 1000,
        link.jitter_micros / 1000,
        (link.loss * 1000.0).round() / 10.0,
    )
}
