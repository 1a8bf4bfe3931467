//! Rows of the State view's tree: branches with what they hold; values of both sides with what is unlike
//! underlined, the class, the change.

use rollscope::state::DifferenceClass;
use rollscope::timeline::{CLASSES, StateDiff, StateRow, TreeKind, TreeRow};

use super::grid::{Branch, Cell, Line, Piece};

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

/// One row of the tree; `first` is the path that differs first, if this is its frame.
pub fn line(row: &TreeRow, diff: &StateDiff, first: Option<&str>) -> Option<Line> {
    let indent = Piece::Block("indent", format!("width:{}px", 12 * (row.level.min(DEEPEST) - 1)));
    Some(match row.kind {
        TreeKind::Leaf(place) => leaf(row, diff.rows.get(place)?, indent, first),
        TreeKind::Branch { is_open, counts, equal } => {
            branch(row, is_open, (counts, equal), indent)
        }
    })
}

/// Deeper rows are indented no further.
const DEEPEST: usize = 9;

fn branch(row: &TreeRow, is_open: bool, (counts, equal): ([u32; 5], u32), indent: Piece) -> Line {
    let twist = if is_open { "twist open" } else { "twist" };
    let path = vec![indent, Piece::Span(twist, String::new()), Piece::Text(row.label.clone())];
    let differing: u32 = counts.iter().sum();
    let words = match (differing, equal) {
        (0, equal) => format!("{equal} equal"),
        (differing, equal) => format!("{differing} of {} differ", differing + equal),
    };
    // Of a folded branch the first class that it hides stands in the sign's place.
    let worst = CLASSES.into_iter().zip(counts).find(|(_, count)| *count > 0 && !is_open);
    let sign = worst
        .map(|(class, _)| Piece::Span(sign_class(Some(class)), class_of(Some(class)).0.to_owned()));
    Line {
        class: "branch",
        rollback: None,
        branch: Some(Branch { level: row.level, is_open: Some(is_open) }),
        cells: vec![
            Cell::of("path", path).titled(row.path.clone()),
            Cell::text("value dim", words).titled(class_counts(counts, equal)),
            Cell::of("sign-cell", sign.into_iter().collect()),
            Cell::text("value", ""),
            Cell::text("number", ""),
        ],
    }
}

/// Each class with its number, in words.
pub fn class_counts(counts: [u32; 5], equal: u32) -> String {
    let known = CLASSES.into_iter().zip(counts).filter(|(_, count)| *count > 0);
    let known = known.map(|(class, count)| format!("{count} {}", class_of(Some(class)).1));
    known.chain([format!("{equal} equal")]).collect::<Vec<_>>().join(", ")
}

fn leaf(of: &TreeRow, row: &StateRow, indent: Piece, first: Option<&str>) -> Line {
    let (sign, name) = class_of(row.class);
    let cut = of.label.rfind(['.']).filter(|at| *at > 0).map_or(0, |at| at + 1);
    let (front, back) = of.label.split_at_checked(cut).unwrap_or(("", &of.label));
    let mut path = vec![
        indent,
        Piece::Span("twist-room", String::new()),
        Piece::Span("dim", front.to_owned()),
        Piece::Text(back.to_owned()),
    ];
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
        branch: Some(Branch { level: of.level, is_open: None }),
        cells: vec![
            Cell::of("path", path).titled(row.path.clone()),
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
