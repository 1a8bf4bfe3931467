//! The player's side of the page: picture, texts and controls, as the runtime asks for them.

use std::cell::RefCell;
use std::rc::Rc;

use rollscope::action::Action;
use rollscope::frame::Frame;
use rollscope::player::PlayerId;
use rollscope_runtime::browser::{GameSession, PageGame, Status};
use rollscope_runtime::presence::Presence;
use rollscope_runtime::signal::FIRST_SPECTATOR;
use serde_json::{Value, json};
use wasm_bindgen::prelude::*;
use web_sys::{Document, History, Window};

use super::draw::Canvas;
use super::hud::Hud;
use super::keyboard::Keyboard;
use super::trails::Trails;
use crate::bot::Bot;
use crate::game::View;
use crate::params::PageParams;

/// The callback of browser frames, once it exists: it asks for itself again.
type NextDraw = RefCell<Option<Closure<dyn FnMut(f64)>>>;

/// Shared by the session, which fills it, and the drawing, which shows it.
#[derive(Clone)]
pub(super) struct Front(Rc<RefCell<Inner>>);

struct Inner {
    hud: Hud,
    canvas: Canvas,
    trails: Trails,
    keyboard: Keyboard,
    bot_seed: Option<u32>,
    bot: Option<Bot>,
    // Players of the game that no page plays.
    bots: u8,
    view: Option<View>,
    query: String,
    page: String,
    history: History,
}

impl Front {
    pub(super) fn new(
        window: &Window,
        document: &Document,
        query: &str,
        params: &PageParams,
    ) -> Result<Self, JsValue> {
        let location = window.location();
        Ok(Self(Rc::new(RefCell::new(Inner {
            hud: Hud::new(document, params),
            canvas: Canvas::find(window, document)?,
            trails: Trails::default(),
            keyboard: Keyboard::listen(window)?,
            bot_seed: params.bot,
            bot: None,
            bots: params.bots,
            view: None,
            query: query.trim_start_matches('?').to_owned(),
            page: format!("{}{}", location.origin()?, location.pathname()?),
            history: window.history()?,
        }))))
    }

    /// Draws the newest picture once per browser frame, for good.
    pub(super) fn draw_forever(
        &self,
        window: &Window,
        session: Rc<GameSession>,
    ) -> Result<(), JsValue> {
        let (front, browser) = (self.clone(), window.clone());
        let next: Rc<NextDraw> = Rc::default();
        let again = Rc::clone(&next);
        *next.borrow_mut() = Some(Closure::new(move |now_millis: f64| {
            let stats = session.stats();
            let inner = &mut *front.0.borrow_mut();
            inner.hud.show_stats(now_millis, &stats);
            inner.hud.show_routes(&stats);
            if let Some(view) = &inner.view {
                inner.hud.show_view(view);
                inner.trails.note(view);
            }
            inner.canvas.draw(inner.view.as_ref(), &inner.trails, stats.player);
            request(&browser, &again);
        }));
        request(window, &next);
        Ok(())
    }
}

fn request(window: &Window, draw: &NextDraw) {
    if let Some(draw) = &*draw.borrow() {
        // Refused only when the page goes away.
        let _ = window.request_animation_frame(draw.as_ref().unchecked_ref());
    }
}

impl PageGame for Front {
    fn handle_joined(&mut self, room: &str, player: PlayerId, players: u8) {
        let inner = &mut *self.0.borrow_mut();
        // A page that watches is never asked for an action.
        let seed = inner.bot_seed.filter(|_| player.0 < FIRST_SPECTATOR);
        inner.bot = seed.map(|seed| Bot::new(seed, player));
        let with_room = |bot: Option<u32>| address(&inner.page, &inner.query, room, bot);
        let invite = with_room(inner.bot_seed.map(|seed| seed.wrapping_add(1)));
        let own = with_room(inner.bot_seed);
        inner.hud.show_joined(room, (player, players), inner.bot_seed.is_some(), &invite);
        // A reload comes back to the same room.
        let _ = inner.history.replace_state_with_url(&JsValue::NULL, "", Some(&own));
    }

    fn environment_config(&mut self, players: u8) -> Value {
        json!({ "players": players.saturating_add(self.0.borrow().bots) })
    }

    fn local_action(&mut self, frame: Frame) -> Action {
        let inner = &mut *self.0.borrow_mut();
        match &mut inner.bot {
            Some(bot) => bot.action(frame, inner.view.as_ref()),
            None => Action(inner.keyboard.pressed()),
        }
    }

    fn handle_render_state(&mut self, state: Value) {
        // A picture that cannot be read leaves the one before.
        if let Ok(view) = serde_json::from_value(state) {
            self.0.borrow_mut().view = Some(view);
        }
    }

    fn handle_presence(&mut self, player: PlayerId, presence: Presence) {
        self.0.borrow_mut().hud.show_presence(player, presence);
    }

    fn handle_status(&mut self, status: &Status) {
        self.0.borrow_mut().hud.show_status(status);
    }
}

/// The page's address with this room and bot and everything else as it is.
fn address(page: &str, query: &str, room: &str, bot: Option<u32>) -> String {
    let mut pairs = vec![format!("room={room}")];
    pairs.extend(bot.map(|seed| format!("bot={seed}")));
    let is_kept =
        |pair: &&str| !pair.is_empty() && !pair.starts_with("room=") && !pair.starts_with("bot=");
    pairs.extend(query.split('&').filter(is_kept).map(str::to_owned));
    format!("{page}?{}", pairs.join("&"))
}
