//! The picture: a pure function of the newest view, the trails and the size of the canvas.

mod colours;
mod ice;
mod shapes;

use std::f64::consts::TAU;

use rollscope::player::PlayerId;
use wasm_bindgen::prelude::*;
use web_sys::{CanvasRenderingContext2d, Document, HtmlCanvasElement, MediaQueryList, Window};

use super::hud::NAMES;
use super::trails::Trails;
use crate::game::View;
use colours::Colours;

/// Half the shown width or height, whichever is smaller, in units of the game.
const SHOWN_RADIUS: f64 = 109.0;

/// The canvas and what is needed to draw on it.
pub(super) struct Canvas {
    window: Window,
    element: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
    dark: Option<MediaQueryList>,
}

impl Canvas {
    pub(super) fn find(window: &Window, document: &Document) -> Result<Self, JsValue> {
        let element: HtmlCanvasElement = document
            .get_element_by_id("ice")
            .ok_or("the page has no canvas")?
            .dyn_into()
            .map_err(|_| "the page has no canvas")?;
        let context = element.get_context("2d")?.ok_or("the browser cannot draw")?.dyn_into()?;
        let dark = window.match_media("(prefers-color-scheme: dark)")?;
        Ok(Self { window: window.clone(), element, context, dark })
    }

    /// Draws one picture; without a view only the empty floe.
    pub(super) fn draw(&self, view: Option<&View>, trails: &Trails, local: Option<PlayerId>) {
        let colours = Colours::of(self.dark.as_ref().is_some_and(MediaQueryList::matches));
        let (width, height) = self.fit();
        let context = &self.context;
        if context.reset_transform().is_err() {
            return;
        }
        context.clear_rect(0.0, 0.0, width, height);
        let scale = width.min(height) / 2.0 / SHOWN_RADIUS;
        let _ = context.translate(width / 2.0, height / 2.0);
        let _ = context.scale(scale, scale);
        context.set_line_cap("round");
        context.set_line_join("round");
        let radius = view.map_or(100.0, |view| view.radius);
        ice::draw(context, colours, radius);
        let Some(view) = view else {
            return;
        };
        for (track, colour) in trails.tracks.iter().zip(colours.craft) {
            shapes::track(context, colours, colour.body, track);
        }
        for gem in &view.gems {
            shapes::gem(context, colours, gem, view.frame);
        }
        for (player, (craft, colour)) in view.craft.iter().zip(colours.craft).enumerate() {
            let is_local = local.is_some_and(|local| local.index() == player);
            shapes::craft(context, colours, colour, craft, view.frame, is_local);
        }
        for floating in &trails.floating {
            shapes::floating(context, colours, floating);
        }
        if view.is_pause {
            self.draw_result(colours, view);
        }
    }

    fn draw_result(&self, colours: &Colours, view: &View) {
        let [first, second] = &view.craft;
        let words = match first.score.cmp(&second.score) {
            std::cmp::Ordering::Greater => format!("{} wins the round", NAMES[0]),
            std::cmp::Ordering::Less => format!("{} wins the round", NAMES[1]),
            std::cmp::Ordering::Equal => "Nobody wins the round".to_owned(),
        };
        let context = &self.context;
        context.set_global_alpha(0.82);
        context.set_fill_style_str(colours.floe);
        context.begin_path();
        let _ = context.arc(0.0, 0.0, view.radius, 0.0, TAU);
        context.fill();
        context.set_global_alpha(1.0);
        shapes::text(context, colours.ink, "600 11px system-ui, sans-serif", &words, 0.0, -2.0);
        let next = format!("{} : {}", first.score, second.score);
        shapes::text(context, colours.ink, "600 16px system-ui, sans-serif", &next, 0.0, 18.0);
    }

    /// Gives the canvas as many pixels as it covers on the screen.
    fn fit(&self) -> (f64, f64) {
        let density = self.window.device_pixel_ratio().clamp(1.0, 3.0);
        let pixels = |length: i32| (f64::from(length.max(1)) * density).round();
        let (width, height) =
            (pixels(self.element.client_width()), pixels(self.element.client_height()));
        if self.element.width() != width as u32 || self.element.height() != height as u32 {
            self.element.set_width(width as u32);
            self.element.set_height(height as u32);
        }
        (width, height)
    }
}
