//! What lies and moves on the ice: tracks, gems, craft, floating points.

use std::collections::VecDeque;
use std::f64::consts::TAU;

use web_sys::CanvasRenderingContext2d;

use super::colours::{Colours, CraftColours};
use crate::game::{CraftView, GemKind, GemView};
use crate::page::trails::{FLOAT_LENGTH, Floating, Mark};

pub(super) fn track(
    context: &CanvasRenderingContext2d,
    colours: &Colours,
    colour: &str,
    marks: &VecDeque<Mark>,
) {
    let length = marks.len().max(1) as f64;
    // Round ends of half-transparent pieces would show as beads.
    context.set_line_cap("butt");
    for (age, (from, to)) in marks.iter().zip(marks.iter().skip(1)).enumerate() {
        if !to.continues {
            continue;
        }
        let freshness = age as f64 / length;
        context.set_global_alpha(freshness * freshness * if to.boosts { 0.7 } else { 0.35 });
        context.set_stroke_style_str(if to.boosts { colours.boost_track } else { colour });
        context.set_line_width(if to.boosts { 4.2 } else { 2.6 } * (0.4 + 0.6 * freshness));
        context.begin_path();
        context.move_to(from.x, from.y);
        context.line_to(to.x, to.y);
        context.stroke();
    }
    context.set_line_cap("round");
    context.set_global_alpha(1.0);
}

pub(super) fn gem(
    context: &CanvasRenderingContext2d,
    colours: &Colours,
    gem: &GemView,
    frame: u32,
) {
    let phase = f64::from(frame) / 26.0 + f64::from(gem.index) * 1.3;
    let (x, y) = (gem.x, gem.y - 1.5 + phase.sin() * 1.2);
    let (size, colour) = match gem.kind {
        GemKind::Small => (3.4, colours.small_gem),
        GemKind::Big => (5.2, colours.big_gem),
        GemKind::Fuel => (4.2, colours.fuel_gem),
    };
    shadow(context, colours, gem.x, gem.y + 3.5, size * 0.8);
    context.set_fill_style_str(colour);
    context.begin_path();
    if gem.kind == GemKind::Fuel {
        for (dx, dy) in
            [(0.3, -1.2), (-0.8, 0.2), (-0.1, 0.2), (-0.3, 1.2), (0.8, -0.3), (0.1, -0.3)]
        {
            context.line_to(x + dx * size, y + dy * size);
        }
        context.close_path();
        context.fill();
        return;
    }
    for (dx, dy) in [(0.0, -1.15), (0.85, 0.0), (0.0, 1.15), (-0.85, 0.0)] {
        context.line_to(x + dx * size, y + dy * size);
    }
    context.close_path();
    context.fill();
    // One lit facet.
    context.set_global_alpha(0.45);
    context.set_fill_style_str("#ffffff");
    context.begin_path();
    for (dx, dy) in [(0.0, -1.15), (0.0, 0.0), (-0.85, 0.0)] {
        context.line_to(x + dx * size, y + dy * size);
    }
    context.close_path();
    context.fill();
    context.set_global_alpha(1.0);
}

pub(super) fn craft(
    context: &CanvasRenderingContext2d,
    colours: &Colours,
    colour: CraftColours,
    craft: &CraftView,
    frame: u32,
    is_local: bool,
) {
    if craft.is_sunk {
        ripples(context, colours, craft, frame);
        return;
    }
    shadow(context, colours, craft.x + 1.0, craft.y + 3.0, 6.6);
    context.save();
    let _ = context.translate(craft.x, craft.y);
    let _ = context.transform(craft.hx, craft.hy, -craft.hy, craft.hx, 0.0, 0.0);
    if craft.boosts {
        let flicker = 1.0 + 0.25 * (f64::from(frame) * 1.7).sin();
        context.set_fill_style_str(colours.flame);
        for side in [-2.6, 2.6] {
            polygon(
                context,
                &[(-5.5, side - 1.4), (-5.5 - 7.0 * flicker, side), (-5.5, side + 1.4)],
            );
        }
    }
    // The skirt, the hull with its bow, the fans and the cabin.
    context.set_fill_style_str(colour.trim);
    context.begin_path();
    let _ = context.ellipse(0.0, 0.0, 7.4, 6.2, 0.0, 0.0, TAU);
    context.fill();
    context.set_fill_style_str(colour.body);
    polygon(context, &[(-5.6, -4.4), (2.2, -4.6), (6.6, 0.0), (2.2, 4.6), (-5.6, 4.4)]);
    context.set_fill_style_str(colour.trim);
    for side in [-2.6, 2.6] {
        context.begin_path();
        let _ = context.arc(-4.0, side, 1.7, 0.0, TAU);
        context.fill();
    }
    context.set_fill_style_str(colour.glass);
    context.begin_path();
    let _ = context.ellipse(1.4, 0.0, 2.4, 2.0, 0.0, 0.0, TAU);
    context.fill();
    context.restore();
    fuel(context, colours, craft);
    if is_local {
        context.set_stroke_style_str(colours.ink);
        context.set_line_width(0.8);
        context.begin_path();
        let (x, y) = (craft.x, craft.y - 14.0);
        context.move_to(x - 2.6, y - 2.4);
        context.line_to(x, y);
        context.line_to(x + 2.6, y - 2.4);
        context.stroke();
    }
}

/// What is left in the tank, as an arc below the craft.
fn fuel(context: &CanvasRenderingContext2d, colours: &Colours, craft: &CraftView) {
    let (from, span) = (TAU * 0.40, -TAU * 0.30);
    context.set_line_width(1.3);
    for (share, colour) in [(1.0, colours.halo), (craft.fuel, colours.flame)] {
        if share > 0.0 {
            context.set_stroke_style_str(colour);
            context.begin_path();
            let end = from + span * share;
            let _ = context.arc_with_anticlockwise(craft.x, craft.y, 10.2, from, end, true);
            context.stroke();
        }
    }
}

fn ripples(context: &CanvasRenderingContext2d, colours: &Colours, craft: &CraftView, frame: u32) {
    context.set_stroke_style_str(colours.water_ring);
    context.set_line_width(1.0);
    for ring in 0..3 {
        let growth = f64::from((frame + ring * 14) % 42) / 42.0;
        context.set_global_alpha(1.0 - growth);
        context.begin_path();
        let _ = context.arc(craft.x, craft.y, 3.0 + growth * 11.0, 0.0, TAU);
        context.stroke();
    }
    context.set_global_alpha(1.0);
}

pub(super) fn floating(context: &CanvasRenderingContext2d, colours: &Colours, floating: &Floating) {
    let share = f64::from(floating.age) / f64::from(FLOAT_LENGTH);
    let Some(colour) = colours.craft.get(floating.player) else {
        return;
    };
    context.set_global_alpha(1.0 - share * share);
    let y = floating.y - 12.0 - share * 14.0;
    let words = format!("+{}", floating.points);
    let font = "600 7px system-ui, sans-serif";
    context.set_stroke_style_str(colours.halo);
    context.set_line_width(1.6);
    context.set_font(font);
    context.set_text_align("center");
    let _ = context.stroke_text(&words, floating.x, y);
    text(context, colour.body, font, &words, floating.x, y);
    context.set_global_alpha(1.0);
}

pub(super) fn text(
    context: &CanvasRenderingContext2d,
    colour: &str,
    font: &str,
    words: &str,
    x: f64,
    y: f64,
) {
    context.set_font(font);
    context.set_text_align("center");
    context.set_fill_style_str(colour);
    let _ = context.fill_text(words, x, y);
}

fn shadow(context: &CanvasRenderingContext2d, colours: &Colours, x: f64, y: f64, radius: f64) {
    context.set_fill_style_str(colours.shadow);
    context.begin_path();
    let _ = context.ellipse(x, y, radius, radius * 0.6, 0.0, 0.0, TAU);
    context.fill();
}

fn polygon(context: &CanvasRenderingContext2d, points: &[(f64, f64)]) {
    context.begin_path();
    for &(x, y) in points {
        context.line_to(x, y);
    }
    context.close_path();
    context.fill();
}
