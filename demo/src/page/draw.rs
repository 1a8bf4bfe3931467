//! The picture: a pure function of the newest view, the trails and the size of the canvas.

mod colours;
mod ice;
mod shapes;

use std::f64::consts::TAU;

use rollscope::player::PlayerId;
use wasm_bindgen::prelude::*;
use web_sys::{
    CanvasRenderingContext2d, Document, Element, HtmlCanvasElement, MediaQueryList, Window,
};

use super::hud::NAMES;
use super::trails::Trails;
use crate::game::View;
use colours::Colours;

/// Half the side of the picture in units of the game.
const SHOWN_RADIUS: f64 = 109.0;

/// Most pixels of the canvas per pixel of the page; beyond it nothing looks sharper.
const MAX_DENSITY: f64 = 2.0;

/// The canvas of the page and what is needed to draw on it. The floe changes seldom and is the
/// costly part where no graphics card helps: it is drawn once on a canvas of its own and copied.
pub(super) struct Canvas {
    window: Window,
    floe: Layer,
    ice: Layer,
    dark: Option<MediaQueryList>,
    // Side, theme and radius that the floe was drawn with.
    drawn_floe: Option<(u32, bool, u32)>,
}

struct Layer {
    element: HtmlCanvasElement,
    context: CanvasRenderingContext2d,
}

impl Canvas {
    pub(super) fn find(window: &Window, document: &Document) -> Result<Self, JsValue> {
        Ok(Self {
            window: window.clone(),
            floe: Layer::new(document.create_element("canvas")?)?,
            ice: Layer::new(document.get_element_by_id("ice").ok_or("the page has no canvas")?)?,
            dark: window.match_media("(prefers-color-scheme: dark)")?,
            drawn_floe: None,
        })
    }

    /// Draws one picture; without a view only the empty floe.
    pub(super) fn draw(&mut self, view: Option<&View>, trails: &Trails, local: Option<PlayerId>) {
        let is_dark = self.dark.as_ref().is_some_and(MediaQueryList::matches);
        let colours = Colours::of(is_dark);
        let density = self.window.device_pixel_ratio().clamp(1.0, MAX_DENSITY);
        let side = (f64::from(self.ice.element.client_width().max(1)) * density).round() as u32;
        let radius = view.map_or(100.0, |view| view.radius);
        // A quarter of a unit is less than a pixel on most screens.
        let key = (side, is_dark, (radius * 4.0).round() as u32);
        if self.drawn_floe != Some(key) {
            self.drawn_floe = Some(key);
            self.floe.begin(side);
            ice::draw(&self.floe.context, colours, radius);
        }
        self.ice.begin(side);
        self.ice.copy(&self.floe);
        let Some(view) = view else {
            return;
        };
        let context = &self.ice.context;
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
        let best = view.craft.iter().map(|craft| craft.score).max().unwrap_or(0);
        let mut winners = view.craft.iter().zip(NAMES).filter(|(craft, _)| craft.score == best);
        let words = match (winners.next(), winners.next()) {
            (Some((_, name)), None) => format!("{name} wins the round"),
            _ => "Nobody wins the round".to_owned(),
        };
        let context = &self.ice.context;
        context.set_global_alpha(0.82);
        context.set_fill_style_str(colours.floe);
        context.begin_path();
        let _ = context.arc(0.0, 0.0, view.radius, 0.0, TAU);
        context.fill();
        context.set_global_alpha(1.0);
        shapes::text(context, colours.ink, "600 11px system-ui, sans-serif", &words, 0.0, -2.0);
        let scores: Vec<String> = view.craft.iter().map(|craft| craft.score.to_string()).collect();
        let next = scores.join(" : ");
        shapes::text(context, colours.ink, "600 16px system-ui, sans-serif", &next, 0.0, 18.0);
    }
}

impl Layer {
    fn new(element: Element) -> Result<Self, JsValue> {
        let element: HtmlCanvasElement =
            element.dyn_into().map_err(|_| "the page has no canvas")?;
        let context = element.get_context("2d")?.ok_or("the browser cannot draw")?.dyn_into()?;
        Ok(Self { element, context })
    }

    /// Puts another layer of the same size below what will be drawn.
    fn copy(&self, other: &Self) {
        self.context.save();
        let _ = self.context.reset_transform();
        // It fails only for canvases without a pixel.
        let _ = self.context.draw_image_with_html_canvas_element(&other.element, 0.0, 0.0);
        self.context.restore();
    }

    /// Empties the canvas, gives it as many pixels as it covers on the screen, and puts the middle
    /// of the floe into its middle.
    fn begin(&self, side: u32) {
        if self.element.width() != side || self.element.height() != side {
            self.element.set_width(side);
            self.element.set_height(side);
        }
        let context = &self.context;
        let (side, scale) = (f64::from(side), f64::from(side) / 2.0 / SHOWN_RADIUS);
        // These fail only for numbers that are none.
        let _ = context.reset_transform();
        context.clear_rect(0.0, 0.0, side, side);
        let _ = context.translate(side / 2.0, side / 2.0);
        let _ = context.scale(scale, scale);
        context.set_line_cap("round");
        context.set_line_join("round");
    }
}
