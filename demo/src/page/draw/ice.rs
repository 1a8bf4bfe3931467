//! The floe: its top, its side in the water, cracks, and the ring that has melted.

use std::f64::consts::TAU;

use web_sys::CanvasRenderingContext2d;

use super::colours::Colours;

/// Thickness of the floe as it is shown.
const THICKNESS: f64 = 5.0;

/// Cracks as chains of points; what lies outside the floe is cut off.
const CRACKS: [&[(f64, f64)]; 5] = [
    &[(-96.0, -20.0), (-70.0, -28.0), (-52.0, -18.0), (-34.0, -30.0)],
    &[(-70.0, -28.0), (-64.0, -48.0)],
    &[(20.0, 98.0), (26.0, 72.0), (14.0, 54.0), (24.0, 40.0)],
    &[(94.0, -34.0), (70.0, -24.0), (58.0, -32.0)],
    &[(-40.0, 90.0), (-46.0, 70.0), (-38.0, 58.0)],
];

pub(super) fn draw(context: &CanvasRenderingContext2d, colours: &Colours, radius: f64) {
    if radius < 99.5 {
        context.set_stroke_style_str(colours.melted);
        context.set_line_width(1.0);
        disc(context, 0.0, 100.0);
        context.stroke();
    }
    context.set_fill_style_str(colours.floe_side);
    disc(context, THICKNESS, radius);
    context.fill();
    match context.create_radial_gradient(0.0, 0.0, radius * 0.1, 0.0, 0.0, radius) {
        Ok(gradient) => {
            let _ = gradient.add_color_stop(0.0, colours.floe_middle);
            let _ = gradient.add_color_stop(1.0, colours.floe);
            context.set_fill_style_canvas_gradient(&gradient);
        }
        Err(_) => context.set_fill_style_str(colours.floe),
    }
    disc(context, 0.0, radius);
    context.fill();
    context.save();
    context.clip();
    context.set_stroke_style_str(colours.crack);
    context.set_line_width(0.7);
    for crack in CRACKS {
        context.begin_path();
        for &(x, y) in crack {
            context.line_to(x, y);
        }
        context.stroke();
    }
    disc(context, 0.0, 24.0);
    context.stroke();
    context.restore();
    context.set_stroke_style_str(colours.floe_rim);
    context.set_line_width(1.4);
    disc(context, 0.0, radius);
    context.stroke();
}

fn disc(context: &CanvasRenderingContext2d, y: f64, radius: f64) {
    context.begin_path();
    let _ = context.arc(0.0, y, radius, 0.0, TAU);
}
