//! Whoever does not tell colours apart can read the panel: the colours of the states keep a distance in every kind of
//! colour blindness, and each state has a shape of its own without any colour.
//!
//! Colours come from the style sheet; colour blindness is simulated by the matrices of Machado, Oliveira and Fernandes
//! (2009) at full severity, on linear light; distances are CIE 1976, where about 2.3 can just be told apart.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test helper that cannot read the style sheet is a failed test"
)]

use rollscope::timeline::{Became, Cell, Shown};
use rollscope_ui::draw::cells::{Strip, frames, mark};
use rollscope_ui::draw::picture::{Area, Picture, Shape};
use rollscope_ui::draw::scale::Scale;
use rollscope_ui::range::Range;

const TOKENS: &str = include_str!("../styles/1-tokens.css");

type Matrix = [[f64; 3]; 3];

const SIGHTS: [(&str, Matrix); 4] = [
    ("all colours", [[1.0, 0.0, 0.0], [0.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    (
        "protanopia",
        [
            [0.152286, 1.052583, -0.204868],
            [0.114503, 0.786281, 0.099216],
            [-0.003882, -0.048116, 1.051998],
        ],
    ),
    (
        "deuteranopia",
        [
            [0.367322, 0.860646, -0.227968],
            [0.280085, 0.672501, 0.047413],
            [-0.011820, 0.042940, 0.968881],
        ],
    ),
    (
        "tritanopia",
        [
            [1.255528, -0.076749, -0.178779],
            [-0.078411, 0.930809, 0.147602],
            [0.004733, 0.691367, 0.303900],
        ],
    ),
];

const STATES: [&str; 6] =
    ["predicted", "confirmed", "verified", "mismatch", "stalled", "unchecked"];

/// Least distance of two states' colours in any sight: four times what can just be told apart.
const LEAST: f64 = 9.0;

/// The value of a token in a theme; what the dark theme does not say, it has from the light one.
fn token(theme: &str, name: &str) -> [f64; 3] {
    let (light, dark) = TOKENS.split_once(":root[data-theme=\"dark\"]").unwrap();
    let find = |text: &str| {
        let (_, rest) = text.split_once(&format!("--{name}: #"))?;
        Some(u32::from_str_radix(&rest[..6], 16).unwrap())
    };
    let value = if theme == "dark" { find(dark).or(find(light)) } else { find(light) };
    let value = value.unwrap_or_else(|| panic!("no token --{name}"));
    [16, 8, 0].map(|shift| {
        let share = f64::from(value >> shift & 0xff) / 255.0;
        if share <= 0.04045 { share / 12.92 } else { ((share + 0.055) / 1.055).powf(2.4) }
    })
}

fn times(matrix: Matrix, of: [f64; 3]) -> [f64; 3] {
    matrix.map(|row| row.iter().zip(of).map(|(a, b)| a * b).sum())
}

fn lab(linear: [f64; 3]) -> [f64; 3] {
    const XYZ: Matrix = [
        [0.4124564, 0.3575761, 0.1804375],
        [0.2126729, 0.7151522, 0.0721750],
        [0.0193339, 0.1191920, 0.9503041],
    ];
    let [x, y, z] = times(XYZ, linear.map(|part| part.clamp(0.0, 1.0)));
    let [x, y, z] = [x / 0.95047, y, z / 1.08883].map(|part: f64| {
        if part > 216.0 / 24389.0 { part.cbrt() } else { (24389.0 / 27.0 * part + 16.0) / 116.0 }
    });
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

fn distance(theme: &str, sight: Matrix, pair: [&str; 2]) -> f64 {
    let [a, b] = pair.map(|name| lab(times(sight, token(theme, name))));
    a.iter().zip(b).map(|(a, b)| (a - b).powi(2)).sum::<f64>().sqrt()
}

/// Contrast of two colours as the accessibility guidelines count it.
fn contrast(theme: &str, pair: [&str; 2]) -> f64 {
    let [a, b] = pair.map(|name| {
        let [red, green, blue] = token(theme, name);
        0.2126 * red + 0.7152 * green + 0.0722 * blue + 0.05
    });
    a.max(b) / a.min(b)
}

#[test]
fn colours_of_states_keep_their_distance_in_every_sight() {
    for theme in ["light", "dark"] {
        for (name, sight) in SIGHTS {
            for (at, one) in STATES.iter().enumerate() {
                for other in &STATES[..at] {
                    let found = distance(theme, sight, [one, other]);
                    assert!(
                        found >= LEAST,
                        "{theme}, {name}: {one} and {other} are {found:.1} apart"
                    );
                }
            }
            // In the minimap these two have one height.
            let found = distance(theme, sight, ["predicted", "confirmed"]);
            assert!(found >= 40.0, "{theme}, {name}: {found:.1}");
        }
    }
}

#[test]
fn a_distance_that_is_too_small_is_noticed() {
    // Red and green of equal lightness are what deuteranopia takes away.
    let (_, deuteranopia) = SIGHTS[2];
    let pair = ["mismatch", "verified"];
    assert!(distance("light", deuteranopia, pair) < distance("light", SIGHTS[0].1, pair) / 2.0);
    assert_eq!(distance("light", deuteranopia, ["accent", "accent"]), 0.0);
}

#[test]
fn marks_and_texts_stand_out_from_what_is_behind_them() {
    for theme in ["light", "dark"] {
        for state in STATES.iter().filter(|state| **state != "stalled") {
            let found = contrast(theme, [state, "bg"]);
            assert!(found >= 3.0, "{theme}: {state} on the background has {found:.2}");
        }
        // The yellow of a stall is outlined in the light theme.
        let stall = if theme == "light" { "stalled-edge" } else { "stalled" };
        assert!(contrast(theme, [stall, "bg"]) >= 3.0);
        for text in
            ["ink", "ink-2", "ink-3", "accent-ink", "predicted-ink", "verified-ink", "mismatch-ink"]
        {
            for ground in ["bg", "bg2"] {
                let found = contrast(theme, [text, ground]);
                assert!(found >= 4.5, "{theme}: {text} on {ground} has {found:.2}");
            }
        }
    }
}

/// What is drawn of one state without any colour, at a width of a frame in pixels.
fn shapes(cell: Cell, width: f64) -> Vec<String> {
    let count = 24;
    let cells = vec![cell; count];
    let strip = Strip { cells: &cells, edges: &[], first: 0.0, width: 1.0 };
    let right = width * count as f64;
    let scale = Scale::new(Range { first: 0.0, frames: count as f64 }, 0.0, right);
    let mut picture = Picture::default();
    let lane = Area::new(0.0, 0.0, right, 16.0);
    frames(&mut picture, strip, scale, lane);
    mark(&mut picture, strip, scale, lane);
    let shape = |shape: &Shape| match shape {
        Shape::Rect(area, _) => format!("rectangle {area:?}"),
        Shape::Hatch(area) => format!("hatch {area:?}"),
        Shape::Outline(area, pen) => format!("outline {area:?} {}", pen.width),
        Shape::Polygon(points, _) => format!("polygon {points:?}"),
        Shape::Dot(at, radius, _) => format!("dot {at:?} {radius}"),
        Shape::Text { at, text, .. } => format!("text {at:?} {text}"),
        Shape::Line(points, pen) => format!("line {points:?} {}", pen.width),
        other => format!("{:?}", std::mem::discriminant(other)),
    };
    picture.shapes.iter().map(shape).collect()
}

#[test]
fn each_state_has_a_shape_of_its_own_at_every_zoom() {
    let became = |became| Cell { shown: Shown::Real, became, ..Cell::default() };
    let confirmed = became(Became::Confirmed);
    let states = [
        ("nothing", Cell::default()),
        ("unchecked", became(Became::Nothing)),
        ("predicted", Cell { shown: Shown::Predicted, ..became(Became::Predicted) }),
        ("confirmed after a guess", Cell { shown: Shown::Predicted, ..confirmed }),
        ("confirmed", confirmed),
        ("verified", became(Became::Verified)),
        ("mismatch", became(Became::Mismatch)),
        ("stalled", Cell { stalled: true, ..confirmed }),
        ("missed rollback", Cell { missed_rollback: true, ..confirmed }),
        ("resimulated", Cell { resimulated: 1, ..confirmed }),
    ];
    for width in [12.0, 4.0, 1.0] {
        for (at, (name, cell)) in states.iter().enumerate() {
            for (other, before) in &states[..at] {
                assert_ne!(
                    shapes(*cell, width),
                    shapes(*before, width),
                    "{name} and {other} at {width} px a frame"
                );
            }
        }
    }
}
