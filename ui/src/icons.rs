//! Icons and state glyphs: drawn once each, coloured by their place.

use rollscope::timeline::FindingRow;
use rollscope::verify::{Severity, VerdictKind};

use crate::html::{self, Element};

/// A glyph of 16 by 16 units.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the names say what is drawn")]
pub enum Icon {
    Verdict,
    Timeline,
    Rollbacks,
    State,
    Traffic,
    Checks,
    Report,
    Pause,
    Play,
    Previous,
    Next,
    Help,
    Gear,
    Search,
    Sent,
    Received,
    Close,
    Diamond,
    Triangle,
    Warning,
    Info,
    Tick,
    Waiting,
    Verified,
    Unchecked,
}

impl Icon {
    /// Class with the colour and the path.
    const fn drawing(self) -> (&'static str, &'static str) {
        match self {
            Self::Verdict => ("icon line", "M2 3.5h12M2 8h12M2 12.5h8"),
            Self::Timeline => ("icon line", "M2 4h8M5 8h9M4 12h6"),
            Self::Rollbacks => ("icon line", "M3 5v4h4M3.5 9a5 5 0 1 1 1.6 3.2"),
            Self::State => ("icon line", "M2 3h5v10H2zM9 3h5v10H9z"),
            Self::Traffic => {
                ("icon line", "M5 13V3M2.5 5.5L5 3l2.5 2.5M11 3v10M8.5 10.5L11 13l2.5-2.5")
            }
            Self::Checks => {
                ("icon line", "M1.5 4l1.5 1.5L5.5 3M1.5 11l1.5 1.5L5.5 10M8 4.5h6.5M8 11.5h6.5")
            }
            Self::Report => ("icon line", "M3 1.5h6.5L13 5v9.5H3zM6 8h4M6 11h4"),
            Self::Search => {
                ("icon line", "M7 2.5a4.5 4.5 0 1 1 0 9a4.5 4.5 0 1 1 0-9M10.3 10.3L14 14")
            }
            Self::Pause => ("icon line thick", "M6 4v8M10 4v8"),
            Self::Play => ("icon solid", "M5 3.5l7 4.5-7 4.5z"),
            Self::Previous => ("icon line", "M10 4L6 8l4 4"),
            Self::Next => ("icon line", "M6 4l4 4-4 4"),
            Self::Help => {
                ("icon line", "M5.8 6a2.2 2.2 0 1 1 3.3 1.9c-.8.5-1.1.9-1.1 1.7M8 12.2v.3")
            }
            Self::Gear => (
                "icon line",
                "M8 5.8a2.2 2.2 0 1 0 0 4.4a2.2 2.2 0 0 0 0-4.4zM8 1.8v2.1M8 12.1v2.1M1.8 8h2.1M12.1 8h2.1M3.6 3.6l1.5 1.5M10.9 10.9l1.5 1.5M12.4 3.6l-1.5 1.5M5.1 10.9l-1.5 1.5",
            ),
            Self::Sent => ("icon line", "M8 13V3M4.5 6.5L8 3l3.5 3.5"),
            Self::Received => ("icon line", "M8 3v10M4.5 9.5L8 13l3.5-3.5"),
            Self::Close => ("icon line", "M4.5 4.5l7 7M11.5 4.5l-7 7"),
            Self::Diamond => ("icon solid bad", "M8 2l6 6-6 6-6-6z"),
            Self::Triangle => ("icon line bad", "M8 2.5l6 10.5H2z"),
            Self::Warning => {
                ("icon solid risk", "M8 2l6.5 11.5h-13zM7.3 6v4h1.4V6zM7.3 11v1.3h1.4V11z")
            }
            Self::Info => ("icon line info", "M8 2a6 6 0 1 0 0 12A6 6 0 0 0 8 2zM8 7.2v4M8 4.8v.6"),
            Self::Tick => ("icon line good", "M3 8.5l3.5 3.5L13 4.5"),
            Self::Waiting => ("icon line waiting", "M8 2.5a5.5 5.5 0 1 0 0 11a5.5 5.5 0 0 0 0-11z"),
            Self::Verified => (
                "icon solid good",
                "M3 2h10a1 1 0 0 1 1 1v10a1 1 0 0 1-1 1H3a1 1 0 0 1-1-1V3a1 1 0 0 1 1-1zM8 6a2 2 0 1 0 0 4a2 2 0 0 0 0-4z",
            ),
            Self::Unchecked => ("icon line", "M3 2.5h10v11H3z"),
        }
    }
}

/// An icon; it says nothing to a screen reader, its button or text does.
pub fn icon(icon: Icon) -> Element {
    let (class, path) = icon.drawing();
    html::svg("svg")
        .class(class)
        .attr("viewBox", "0 0 16 16")
        .attr("aria-hidden", "true")
        .child(html::svg("path").attr("d", path))
}

/// The glyph of a verdict.
pub const fn of_verdict(kind: VerdictKind) -> Icon {
    match kind {
        VerdictKind::Desync => Icon::Diamond,
        VerdictKind::Incomplete | VerdictKind::Risk => Icon::Warning,
        VerdictKind::Untested => Icon::Unchecked,
        VerdictKind::Verified => Icon::Verified,
    }
}

/// The name of a verdict in class names and `data-kind`, as reports write it.
pub const fn name_of_verdict(kind: VerdictKind) -> &'static str {
    match kind {
        VerdictKind::Desync => "desync",
        VerdictKind::Incomplete => "incomplete",
        VerdictKind::Risk => "risk",
        VerdictKind::Untested => "untested",
        VerdictKind::Verified => "verified",
    }
}

/// The name of a severity in class names.
pub const fn name_of_severity(severity: Severity) -> &'static str {
    match severity {
        Severity::Error => "error",
        Severity::Risk => "risk",
        Severity::Notice => "notice",
    }
}

/// The glyph of a finding.
pub fn of_finding(finding: &FindingRow) -> Icon {
    of_failure(finding.severity, &finding.code)
}

/// The glyph of what failed, of the check with this code.
pub fn of_failure(severity: Severity, code: &str) -> Icon {
    match severity {
        Severity::Error if code.contains("missed") => Icon::Triangle,
        Severity::Error => Icon::Diamond,
        Severity::Risk => Icon::Warning,
        Severity::Notice => Icon::Info,
    }
}
