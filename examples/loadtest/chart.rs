//! The chart: rollbacks per minute over latency, one line per input delay, for two players with
//! the middle jitter and loss. Plain SVG, readable on light and dark ground.

use std::fmt::{Error, Write};

use super::figures::Outcome;
use super::simulation::Plan;

const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 320.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 96.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 44.0;

/// Draws the chart.
pub(crate) fn draw(runs: &[(Plan, Outcome)]) -> Result<String, Error> {
    let shown: Vec<_> = runs.iter().filter(|(plan, _)| is_shown(plan)).collect();
    let latency = |plan: &Plan| plan.profile.latency_micros as f64 / 1000.0;
    let longest = shown.iter().map(|(plan, _)| latency(plan)).fold(1.0, f64::max);
    let rates = shown.iter().map(|(_, outcome)| outcome.rollbacks_per_minute);
    let highest = (rates.fold(1.0, f64::max) / 50.0).ceil() * 50.0;
    let x = |millis: f64| LEFT + millis / longest * (WIDTH - LEFT - RIGHT);
    let y = |rate: f64| HEIGHT - BOTTOM - rate / highest * (HEIGHT - TOP - BOTTOM);

    let mut svg = String::new();
    write!(
        svg,
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"12\">\n\
         <style>text{{fill:#656978}} line,polyline{{stroke:#9094a1;fill:none}} \
         .data{{stroke:#3d78dc;stroke-width:2}}</style>\n\
         <text x=\"{LEFT}\" y=\"20\">Rollbacks per minute and peer: two players, jitter 20 ms, \
         loss 2 %, one line per input delay</text>\n"
    )?;
    for step in 0..=4 {
        let rate = highest * f64::from(step) / 4.0;
        let (at, end, label) = (y(rate), WIDTH - RIGHT, LEFT - 8.0);
        writeln!(
            svg,
            "<line x1=\"{LEFT}\" x2=\"{end:.1}\" y1=\"{at:.1}\" y2=\"{at:.1}\" opacity=\".3\"/>\
             <text x=\"{label:.1}\" y=\"{:.1}\" text-anchor=\"end\">{rate:.0}</text>",
            at + 4.0
        )?;
    }
    for (plan, _) in shown.iter().filter(|(plan, _)| plan.input_delay_frames == 0) {
        let (at, base) = (x(latency(plan)), HEIGHT - BOTTOM + 18.0);
        let millis = latency(plan);
        writeln!(svg, "<text x=\"{at:.1}\" y=\"{base}\" text-anchor=\"middle\">{millis}</text>")?;
    }
    let (middle, low) = ((LEFT + WIDTH - RIGHT) / 2.0, HEIGHT - 8.0);
    writeln!(
        svg,
        "<text x=\"{middle}\" y=\"{low}\" text-anchor=\"middle\">one-way latency, ms</text>"
    )?;
    for delay in 0..=4 {
        let line: Vec<_> = shown.iter().filter(|(p, _)| p.input_delay_frames == delay).collect();
        let points: Vec<String> = line
            .iter()
            .map(|(p, o)| format!("{:.1},{:.1}", x(latency(p)), y(o.rollbacks_per_minute)))
            .collect();
        let opacity = 1.0 - f64::from(delay) * 0.17;
        let points = points.join(" ");
        writeln!(svg, "<polyline class=\"data\" points=\"{points}\" opacity=\"{opacity:.2}\"/>")?;
        if let Some((plan, outcome)) = line.last() {
            let at = (x(latency(plan)) + 8.0, y(outcome.rollbacks_per_minute) + 4.0);
            writeln!(svg, "<text x=\"{:.1}\" y=\"{:.1}\">delay {delay}</text>", at.0, at.1)?;
        }
    }
    svg.push_str("</svg>\n");
    Ok(svg)
}

fn is_shown(plan: &Plan) -> bool {
    plan.players == 2
        && plan.outage_millis == 0
        && plan.profile.jitter_micros == 20_000
        && plan.profile.loss == 0.02
}
