//! The chart: four pictures of the middle network (jitter 20 ms, loss 2 %) over latency. Plain SVG,
//! readable on light and dark ground.

use std::fmt::{Error, Write};

use super::figures::Outcome;
use super::simulation::Plan;

const WIDTH: f64 = 920.0;
const HEIGHT: f64 = 640.0;
const LEFT: f64 = 56.0;
const RIGHT: f64 = 96.0;
const TOP: f64 = 40.0;
const BOTTOM: f64 = 44.0;

type Run = (Plan, Outcome);

/// One line of a picture: what it is called, its points in ms and in the picture's unit, and for each
/// the span around it.
struct Line {
    label: String,
    points: Vec<(f64, f64)>,
    spans: Vec<(f64, f64, f64)>,
}

/// Draws the chart.
pub(crate) fn draw(runs: &[Run]) -> Result<String, Error> {
    let mut svg = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" \
         font-family=\"system-ui, sans-serif\" font-size=\"12\">\n\
         <style>text{{fill:#656978}} line,polyline{{stroke:#9094a1;fill:none}} \
         .data{{stroke:#3d78dc;stroke-width:2}} .span{{stroke:#3d78dc;stroke-width:5;opacity:.3}}</style>\n"
    );
    let middle: Vec<&Run> = runs.iter().filter(|(plan, _)| is_middle(plan)).collect();
    let of = |label: String, keep: &dyn Fn(&Plan) -> bool, value: &dyn Fn(&Outcome) -> f64| {
        line(label, middle.iter().copied().filter(|(plan, _)| keep(plan)), value)
    };
    let usual =
        |plan: &Plan| plan.snapshot_interval_frames == 5 && plan.max_prediction_frames == 20;
    let two = |plan: &Plan| plan.players == 2 && usual(plan);

    let rollbacks: Vec<Line> = (0..=4)
        .map(|delay| {
            let keep = |plan: &Plan| two(plan) && plan.input_delay_frames == delay;
            of(format!("delay {delay}"), &keep, &|outcome| outcome.rollbacks_per_minute)
        })
        .collect();
    picture(&mut svg, (0.0, 0.0), "Rollbacks per minute, by input delay (frames)", &rollbacks)?;

    let depths: Vec<Line> = [0, 4]
        .iter()
        .map(|delay| {
            let keep = |plan: &Plan| two(plan) && plan.input_delay_frames == *delay;
            let median = |outcome: &Outcome| f64::from(outcome.depth_median_frames);
            let mut line = of(format!("delay {delay}"), &keep, &median);
            line.spans = middle
                .iter()
                .filter(|(plan, _)| keep(plan))
                .map(|(plan, outcome)| {
                    let [low, high] = [outcome.depth_p5_frames, outcome.depth_p95_frames];
                    (latency(plan), f64::from(low), f64::from(high))
                })
                .collect();
            line
        })
        .collect();
    let title = "Depth of rollbacks (frames): median, bars from 5 to 95 %";
    picture(&mut svg, (WIDTH / 2.0, 0.0), title, &depths)?;

    let bytes: Vec<Line> = [2, 3, 4, 6, 8]
        .iter()
        .map(|players| {
            let keep = |plan: &Plan| {
                plan.players == *players && plan.input_delay_frames == 0 && usual(plan)
            };
            let kilobytes = |outcome: &Outcome| outcome.sent_bytes_per_second / 1000.0;
            of(format!("{players} players"), &keep, &kilobytes)
        })
        .collect();
    picture(&mut svg, (0.0, HEIGHT / 2.0), "Sent by each peer, kB/s, by players", &bytes)?;

    let stalls: Vec<Line> = [4, 8, 20]
        .iter()
        .map(|window| {
            let keep = |plan: &Plan| {
                plan.players == 2
                    && plan.input_delay_frames == 0
                    && plan.max_prediction_frames == *window
                    && plan.snapshot_interval_frames == 5
            };
            of(format!("window {window}"), &keep, &|outcome| outcome.stalled_ticks_per_minute)
        })
        .collect();
    let title = "Ticks stalled per minute, by prediction window (frames)";
    picture(&mut svg, (WIDTH / 2.0, HEIGHT / 2.0), title, &stalls)?;
    svg.push_str("</svg>\n");
    Ok(svg)
}

fn is_middle(plan: &Plan) -> bool {
    let profile = &plan.profile;
    plan.outage_millis == 0 && profile.jitter_micros == 20_000 && profile.loss == 0.02
}

fn latency(plan: &Plan) -> f64 {
    plan.profile.latency_micros as f64 / 1000.0
}

fn line<'a>(
    label: String,
    runs: impl Iterator<Item = &'a Run>,
    value: &dyn Fn(&Outcome) -> f64,
) -> Line {
    let points = runs.map(|(plan, outcome)| (latency(plan), value(outcome))).collect();
    Line { label, points, spans: Vec::new() }
}

/// One picture with its corner at `at`.
fn picture(svg: &mut String, at: (f64, f64), title: &str, lines: &[Line]) -> Result<(), Error> {
    let (width, height) = (WIDTH / 2.0, HEIGHT / 2.0);
    let all = || lines.iter().flat_map(|line| line.points.iter());
    let tops = lines.iter().flat_map(|line| line.spans.iter().map(|(.., high)| *high));
    let longest = all().map(|(x, _)| *x).fold(1.0, f64::max);
    let highest = round_up(all().map(|(_, y)| *y).chain(tops).fold(1.0, f64::max));
    let x = |millis: f64| at.0 + LEFT + millis / longest * (width - LEFT - RIGHT);
    let y = |value: f64| at.1 + height - BOTTOM - value / highest * (height - TOP - BOTTOM);
    let (left, end) = (at.0 + LEFT, at.0 + width - RIGHT);

    writeln!(svg, "<text x=\"{:.1}\" y=\"{:.1}\">{title}</text>", at.0 + 12.0, at.1 + 20.0)?;
    for step in 0..=4 {
        let value = highest * f64::from(step) / 4.0;
        let (level, label) = (y(value), left - 8.0);
        writeln!(
            svg,
            "<line x1=\"{left}\" x2=\"{end:.1}\" y1=\"{level:.1}\" y2=\"{level:.1}\" opacity=\".3\"/>\
             <text x=\"{label:.1}\" y=\"{:.1}\" text-anchor=\"end\">{value}</text>",
            level + 4.0
        )?;
    }
    let base = at.1 + height - BOTTOM + 18.0;
    for (millis, _) in lines.first().iter().flat_map(|line| line.points.iter()) {
        let place = x(*millis);
        writeln!(
            svg,
            "<text x=\"{place:.1}\" y=\"{base}\" text-anchor=\"middle\">{millis}</text>"
        )?;
    }
    let (middle, low) = ((left + end) / 2.0, at.1 + height - 8.0);
    writeln!(
        svg,
        "<text x=\"{middle}\" y=\"{low}\" text-anchor=\"middle\">one-way latency, ms</text>"
    )?;
    let mut labels: Vec<(f64, &str)> = Vec::new();
    for (index, line) in lines.iter().enumerate() {
        let opacity = 1.0 - index as f64 * 0.6 / lines.len() as f64;
        // Bars of two lines stand beside each other.
        let aside = (index as f64 - (lines.len() - 1) as f64 / 2.0) * 7.0;
        for (millis, low, high) in &line.spans {
            let (place, low, high) = (x(*millis) + aside, y(*low), y(*high) - 0.5);
            writeln!(
                svg,
                "<line class=\"span\" x1=\"{place:.1}\" x2=\"{place:.1}\" y1=\"{low:.1}\" y2=\"{high:.1}\"/>"
            )?;
        }
        let points: Vec<String> = line
            .points
            .iter()
            .map(|(millis, value)| format!("{:.1},{:.1}", x(*millis), y(*value)))
            .collect();
        let points = points.join(" ");
        writeln!(svg, "<polyline class=\"data\" points=\"{points}\" opacity=\"{opacity:.2}\"/>")?;
        labels.extend(line.points.last().map(|(_, value)| (y(*value) + 4.0, line.label.as_str())));
    }
    // Lines that end at the same height have their names one under the other, in their own order.
    labels.sort_by_key(|(place, _)| (*place / 4.0).round() as i64);
    let mut lowest = f64::MIN;
    for (place, label) in labels {
        lowest = place.max(lowest + 13.0);
        writeln!(svg, "<text x=\"{:.1}\" y=\"{lowest:.1}\">{label}</text>", end + 8.0)?;
    }
    Ok(())
}

/// The next number that four steps of the axis divide into short ones.
fn round_up(highest: f64) -> f64 {
    let unit = 10_f64.powf(highest.log10().floor());
    [1.0, 2.0, 4.0, 6.0, 8.0, 10.0]
        .into_iter()
        .map(|step| step * unit)
        .find(|top| *top >= highest)
        .unwrap_or(highest)
}
