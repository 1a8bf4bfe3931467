//! Pictures become pixels: plays shapes on a canvas with the colours of the style sheet.

use rollscope::fixed::Fixed;

use std::cell::{Cell, RefCell};

use wasm_bindgen::closure::Closure;
use wasm_bindgen::{JsCast, JsValue};
use web_sys::{CanvasPattern, CanvasRenderingContext2d, HtmlCanvasElement, ResizeObserver};

use crate::draw::picture::{Align, Area, Dash, Ink, Pen, Picture, Point, Shape};
use crate::html::ElementRef;
use crate::leptos::prelude::*;
use crate::signal::{RwSignal, Signal, StoredValue, effect};

/// Side of the hatch's tile in CSS pixels.
const TILE: f64 = 5.0;

struct Palette {
    colours: Vec<String>,
    font: String,
    hatch: Option<CanvasPattern>,
}

thread_local! {
    static PALETTE: RefCell<Option<Palette>> = const { RefCell::new(None) };
}

/// Reads the colours again before the next picture: the theme changed.
pub fn forget_palette() {
    PALETTE.set(None);
}

/// Draws on a canvas whenever its size, the colours or what `draw` reads change; gives the size.
pub fn canvas(
    node: ElementRef,
    theme: Signal<u32>,
    draw: impl Fn((f64, f64)) -> Picture + 'static,
) -> Signal<(f64, f64)> {
    let size = watched_size(node);
    paint(node, size, theme, draw);
    size
}

/// Draws on a canvas of known size whenever the size, the colours or what `draw` reads change.
pub fn paint(
    node: ElementRef,
    size: Signal<(f64, f64)>,
    theme: Signal<u32>,
    draw: impl Fn((f64, f64)) -> Picture + 'static,
) {
    effect(move || {
        theme.track();
        let (width, height) = size.get();
        let Some(canvas) = node.get::<HtmlCanvasElement>() else { return };
        if width >= 1.0 && height >= 1.0 {
            let begin = crate::bridge::precise_now_ms();
            play(&canvas, &draw((width, height)), (width, height));
            crate::bridge::note_redraw(crate::bridge::precise_now_ms() - begin);
        }
    });
}

/// Gives the newest value of `source` once per animation frame at most: what changes several times
/// in a frame is worked out and drawn once.
pub fn once_a_frame<T: Clone + PartialEq + Send + Sync + 'static>(
    source: impl Fn() -> T + Send + Sync + 'static,
) -> Signal<T> {
    let shown = RwSignal::new(untrack(&source));
    let waiting = StoredValue::new(false);
    let newest = StoredValue::new(None::<T>);
    effect(move || {
        newest.set_value(Some(source()));
        if waiting.get_value() {
            return;
        }
        waiting.set_value(true);
        request_animation_frame(move || {
            let Some(value) = newest.update_value(Option::take).flatten() else { return };
            waiting.set_value(false);
            if shown.try_get_untracked().is_some_and(|before| before != value) {
                shown.set(value);
            }
        });
    });
    shown.into()
}

/// The size of an element's box in CSS pixels; zero until it is known.
pub fn watched_size(node: ElementRef) -> Signal<(f64, f64)> {
    let size = RwSignal::new((0.0, 0.0));
    effect(move || {
        let Some(element) = node.get::<HtmlCanvasElement>() else { return };
        let measured = element.clone();
        let changed = Closure::<dyn FnMut()>::new(move || {
            let now = (f64::from(measured.client_width()), f64::from(measured.client_height()));
            if size.try_get_untracked().is_some_and(|before| before != now) {
                size.set(now);
            }
        });
        let Ok(observer) = ResizeObserver::new(changed.as_ref().unchecked_ref()) else { return };
        observer.observe(&element);
        let kept = crate::leptos::prelude::StoredValue::new_local((observer, changed));
        on_cleanup(move || {
            kept.with_value(|(observer, _)| observer.disconnect());
        });
    });
    size.into()
}

/// Draws a picture; the canvas gets one pixel per device pixel.
fn play(canvas: &HtmlCanvasElement, picture: &Picture, (width, height): (f64, f64)) {
    let ratio = window().device_pixel_ratio().max(1.0);
    let (pixels, lines) = ((width * ratio).round() as u32, (height * ratio).round() as u32);
    // Another size makes a canvas anew, which costs more than to clear it.
    let is_new = canvas.width() != pixels || canvas.height() != lines;
    if is_new {
        canvas.set_width(pixels);
        canvas.set_height(lines);
    }
    let context = canvas.get_context("2d").ok().flatten();
    let Some(context) = context.and_then(|it| it.dyn_into::<CanvasRenderingContext2d>().ok())
    else {
        return;
    };
    // A transform of finite numbers cannot fail; if it does, the picture is small but whole.
    let _ = context.set_transform(ratio, 0.0, 0.0, ratio, 0.0, 0.0);
    if !is_new {
        context.clear_rect(0.0, 0.0, width, height);
    }
    context.set_text_baseline("middle");
    PALETTE.with_borrow_mut(|palette| {
        let palette = palette.get_or_insert_with(Palette::read);
        let mut player =
            Player { context, palette, ratio, fill: None, font: None, dashed: Cell::new(false) };
        for shape in &picture.shapes {
            player.shape(shape);
        }
    });
}

struct Player<'a> {
    context: CanvasRenderingContext2d,
    palette: &'a Palette,
    ratio: f64,
    fill: Option<Ink>,
    font: Option<(f64, bool)>,
    dashed: Cell<bool>,
}

impl Player<'_> {
    fn shape(&mut self, shape: &Shape) {
        match shape {
            Shape::Rect(area, ink) => {
                self.fill(*ink);
                self.rect(*area);
            }
            Shape::Hatch(area) => {
                self.fill = None;
                match &self.palette.hatch {
                    Some(hatch) => self.context.set_fill_style_canvas_pattern(hatch),
                    None => self.fill(Ink::Predicted),
                }
                self.rect(*area);
            }
            Shape::Outline(area, pen) => {
                self.pen(*pen);
                self.context.stroke_rect(area.x, area.y, area.w, area.h);
            }
            Shape::Line(points, pen) => {
                self.pen(*pen);
                self.path(points);
                self.context.stroke();
            }
            Shape::Polygon(points, ink) => {
                self.fill(*ink);
                self.path(points);
                self.context.fill();
            }
            Shape::Polygons(polygons, ink) => {
                self.fill(*ink);
                // One by one: a path of a thousand takes many times as long to fill.
                for points in polygons {
                    self.path(points);
                    self.context.fill();
                }
            }
            Shape::Segments(segments, pen) => {
                self.pen(*pen);
                self.context.begin_path();
                for (from, to) in segments {
                    self.context.move_to(from.0, from.1);
                    self.context.line_to(to.0, to.1);
                }
                self.context.stroke();
            }
            Shape::Curve { from, bend: (first, second), to, pen } => {
                self.pen(*pen);
                self.context.begin_path();
                self.context.move_to(from.0, from.1);
                self.context.bezier_curve_to(first.0, first.1, second.0, second.1, to.0, to.1);
                self.context.stroke();
            }
            Shape::Dot((x, y), radius, ink) => {
                self.fill(*ink);
                self.context.begin_path();
                // An arc fails for a negative radius only; then there is no dot.
                let _ = self.context.arc(*x, *y, *radius, 0.0, std::f64::consts::TAU);
                self.context.fill();
            }
            Shape::Text { at, text, ink, size, bold, align } => {
                self.fill(*ink);
                if self.font != Some((*size, *bold)) {
                    let weight = if *bold { 600 } else { 400 };
                    self.context.set_font(&format!(
                        "{weight} {:.1}px {}",
                        Fixed(*size),
                        self.palette.font
                    ));
                    self.font = Some((*size, *bold));
                }
                self.context.set_text_align(match align {
                    Align::Left => "left",
                    Align::Centre => "center",
                    Align::Right => "right",
                });
                // Text drawing fails for no text that exists here.
                let _ = self.context.fill_text(text, at.0, at.1);
            }
            Shape::Clip(area) => {
                self.context.save();
                self.context.begin_path();
                self.context.rect(area.x, area.y, area.w, area.h);
                self.context.clip();
                self.fill = None;
                self.font = None;
            }
            Shape::Unclip => {
                self.context.restore();
                self.fill = None;
                self.font = None;
            }
        }
    }

    /// Fills a rectangle on whole device pixels, at least one wide and high.
    fn rect(&self, area: Area) {
        let snap = |value: f64| (value * self.ratio).round() / self.ratio;
        let (left, top) = (snap(area.x), snap(area.y));
        let least = 1.0 / self.ratio;
        let width = (snap(area.right()) - left).max(least);
        let height = (snap(area.bottom()) - top).max(least);
        self.context.fill_rect(left, top, width, height);
    }

    fn fill(&mut self, ink: Ink) {
        if self.fill != Some(ink) {
            self.context.set_fill_style_str(self.palette.colour(ink));
            self.fill = Some(ink);
        }
    }

    fn pen(&self, pen: Pen) {
        self.context.set_stroke_style_str(self.palette.colour(pen.ink));
        self.context.set_line_width(pen.width);
        let is_dashed = pen.dash == Dash::Dashed;
        if self.dashed.get() != is_dashed {
            let dash = js_sys::Array::new();
            if is_dashed {
                dash.push(&JsValue::from_f64(3.0));
                dash.push(&JsValue::from_f64(2.0));
            }
            // A list of positive numbers is a valid dash.
            let _ = self.context.set_line_dash(&dash);
            self.dashed.set(is_dashed);
        }
    }

    fn path(&self, points: &[Point]) {
        self.context.begin_path();
        self.further(points);
    }

    fn further(&self, points: &[Point]) {
        for (index, (x, y)) in points.iter().enumerate() {
            if index == 0 {
                self.context.move_to(*x, *y);
            } else {
                self.context.line_to(*x, *y);
            }
        }
    }
}

impl Palette {
    fn read() -> Self {
        let style = document()
            .document_element()
            .and_then(|root| window().get_computed_style(&root).ok().flatten());
        let property = |name: &str| {
            let value = style.as_ref().and_then(|style| style.get_property_value(name).ok());
            value.unwrap_or_default().trim().to_owned()
        };
        let mut palette = Self {
            colours: Ink::ALL.iter().map(|(_, name)| property(name)).collect(),
            font: property("--font"),
            hatch: None,
        };
        palette.hatch = palette.hatch_pattern();
        palette
    }

    /// The colour of an ink; [`Ink::ALL`] stands in the order of the inks.
    fn colour(&self, ink: Ink) -> &str {
        self.colours.get(ink as usize).map_or("", String::as_str)
    }

    fn hatch_pattern(&self) -> Option<CanvasPattern> {
        let tile = document().create_element("canvas").ok()?;
        let tile = tile.dyn_into::<HtmlCanvasElement>().ok()?;
        tile.set_width(TILE as u32);
        tile.set_height(TILE as u32);
        let context = tile.get_context("2d").ok()??.dyn_into::<CanvasRenderingContext2d>().ok()?;
        context.set_fill_style_str(self.colour(Ink::PredictedSoft));
        context.fill_rect(0.0, 0.0, TILE, TILE);
        context.set_stroke_style_str(self.colour(Ink::Predicted));
        context.set_line_width(2.0);
        // Three lines, so that the corners of neighbouring tiles meet.
        for shift in [-TILE, 0.0, TILE] {
            context.begin_path();
            context.move_to(shift - 1.0, TILE + 1.0);
            context.line_to(shift + TILE + 1.0, -1.0);
            context.stroke();
        }
        context.create_pattern_with_html_canvas_element(&tile, "repeat").ok()?
    }
}
