//! Rows of the State view: a path, both values with what is unlike underlined, the class, the change.

use rollscope::state::DifferenceClass;
use rollscope::timeline::StateRow;

use super::grid::{Cell, Line, Piece};

/// Sign and name of a class.
pub const fn class_of(class: Option<DifferenceClass>) -> (&'static str, &'static str) {
    match class {
        Some(DifferenceClass::Different) => ("≠", "different"),
        Some(DifferenceClass::Missing) => ("−", "missing"),
        Some(DifferenceClass::Extra) => ("+", "extra"),
        Some(DifferenceClass::Reordered) => ("⇅", "reordered"),
        Some(DifferenceClass::Near) => ("≈", "near"),
        None => ("=", "equal"),
    }
}

/// One row; `first` is the path that differs first, if this is its frame.
pub fn line(row: &StateRow, first: Option<&str>) -> Line {
    let (sign, name) = class_of(row.class);
    let cut = row.path.rfind(['.']).filter(|at| *at > 0).map_or(0, |at| at + 1);
    let (front, back) = row.path.split_at_checked(cut).unwrap_or(("", &row.path));
    let mut path = vec![Piece::Span("dim", front.to_owned()), Piece::Text(back.to_owned())];
    let is_first = first == Some(row.path.as_str());
    if is_first {
        path.push(Piece::Span("first", "first".to_owned()));
    }
    let (left, right) = (row.left.as_deref(), row.right.as_deref());
    Line {
        class: match row.class {
            None => "equal",
            Some(DifferenceClass::Near) => "near",
            Some(DifferenceClass::Reordered) => "reordered",
            Some(_) if is_first => "differs first-row",
            Some(_) => "differs",
        },
        rollback: None,
        cells: vec![
            Cell::of("", path).titled(row.path.clone()),
            value(left, right),
            Cell::of("sign-cell", vec![Piece::Span(sign_class(row.class), sign.to_owned())])
                .titled(name),
            value(right, left),
            Cell::text("number mono", row.change.clone()),
        ],
    }
}

const fn sign_class(class: Option<DifferenceClass>) -> &'static str {
    match class {
        Some(DifferenceClass::Different) => "sign different",
        Some(DifferenceClass::Missing) => "sign missing",
        Some(DifferenceClass::Extra) => "sign extra",
        Some(DifferenceClass::Reordered) => "sign reordered",
        Some(DifferenceClass::Near) => "sign near",
        None => "sign equal",
    }
}

/// A value with what is unlike the other side's from the first unequal letter on.
fn value(own: Option<&str>, other: Option<&str>) -> Cell {
    let Some(own) = own else {
        return Cell::of("value mono", vec![Piece::Span("absent", "not there".to_owned())]);
    };
    // A minus hangs left of the digits, so that these align.
    let room = if own.starts_with(|first: char| first.is_ascii_digit()) { " " } else { "" };
    let same = match other {
        Some(other) => own.bytes().zip(other.bytes()).take_while(|(a, b)| a == b).count(),
        None => own.len(),
    };
    let same = (0..=same).rev().find(|at| own.is_char_boundary(*at)).unwrap_or(0);
    let (front, back) = own.split_at_checked(same).unwrap_or((own, ""));
    let mut pieces = vec![Piece::Text(format!("{room}{front}"))];
    if !back.is_empty() {
        pieces.push(Piece::Span("changed", back.to_owned()));
    }
    Cell::of("value mono", pieces).titled(own)
}
