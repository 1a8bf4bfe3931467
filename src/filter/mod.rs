//! The filter language: `frame:120..140 player:1 kind:rollback depth>3 -state:confirmed`.
//!
//! Terms are joined by *and*, the values of one term (`player:1,2`) by *or*; `-` in front turns a
//! term around; a bare or quoted word is looked for in the text. A pure function of text and item:
//! views decide what an item is.

mod parse;
mod states;

pub use states::States;

/// A parsed filter. The empty one lets everything through.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Filter {
    pub(super) terms: Vec<Term>,
}

/// Why a filter could not be read; the text says what to write instead.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("`{term}`: {reason}")]
pub struct FilterError {
    /// The term that could not be read.
    pub term: String,
    /// What is wrong with it and what can stand there.
    pub reason: String,
}

/// One term.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Term {
    pub(super) is_negated: bool,
    pub(super) condition: Condition,
}

/// What a term asks.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Condition {
    /// One of the spans of a quantity.
    Quantity(Quantity, Vec<Span>),
    /// One of these kinds.
    Kind(Vec<String>),
    /// One of these states.
    State(States),
    /// One of these texts in the type of a message, in lower case.
    Type(Vec<String>),
    /// One of these directions.
    Direction(Vec<String>),
    /// A text anywhere in the item's.
    Text(String),
}

/// What can be compared with numbers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Quantity {
    Frame,
    Player,
    Depth,
    Bytes,
    Millis,
}

/// Numbers from the first to the last, both included.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// Lowest.
    pub low: u64,
    /// Highest.
    pub high: u64,
}

impl Span {
    /// One number.
    #[must_use]
    pub const fn of(number: u64) -> Self {
        Self { low: number, high: number }
    }

    const fn meets(self, other: Self) -> bool {
        self.low <= other.high && self.high >= other.low
    }

    const fn holds(self, other: Self) -> bool {
        self.low <= other.low && self.high >= other.high
    }
}

/// What a filter is asked about: one thing, or a bucket of several. What an item does not have no
/// term matches. A bucket passes if one of its things may.
#[derive(Debug, Clone, Copy, Default)]
pub struct FilterItem<'a> {
    /// Frames that it is about.
    pub frames: Option<Span>,
    /// Player, counted from 1 as its name is.
    pub player: Option<u64>,
    /// Depth of a rollback, in frames.
    pub depth: Option<Span>,
    /// Size in bytes.
    pub bytes: Option<u64>,
    /// Time that it took, in milliseconds.
    pub millis: Option<u64>,
    /// What it is: names of [`Filter::KINDS`].
    pub kinds: &'a [&'a str],
    /// States that its frames are in.
    pub states: States,
    /// Type of a message.
    pub type_name: Option<&'a str>,
    /// `sent` or `received`.
    pub direction: Option<&'a str>,
    /// Text that words are looked for in.
    pub text: &'a str,
    /// Whether it stands for several things.
    pub is_bucket: bool,
}

impl Filter {
    /// Kinds that a filter may name.
    pub const KINDS: [&'static str; 14] = [
        "frame", "rollback", "mismatch", "stall", "missed", "input", "hash", "ping", "request",
        "reply", "batch", "message", "finding", "marker",
    ];

    /// Reads a filter.
    ///
    /// # Errors
    ///
    /// [`FilterError`] on the first term that cannot be read.
    pub fn parse(text: &str) -> Result<Self, FilterError> {
        parse::parse(text)
    }

    /// The players that the filter asks for by number, counted from 1: a view says which of them it
    /// does not know.
    pub fn players(&self) -> impl Iterator<Item = Span> {
        let spans = self.terms.iter().filter_map(|term| match &term.condition {
            Condition::Quantity(Quantity::Player, spans) => Some(spans.as_slice()),
            _ => None,
        });
        spans.flatten().copied()
    }

    /// Whether everything passes.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }

    /// Whether an item passes.
    #[must_use]
    pub fn matches(&self, item: &FilterItem<'_>) -> bool {
        self.terms.iter().all(|term| term.matches(item))
    }
}

impl Term {
    fn matches(&self, item: &FilterItem<'_>) -> bool {
        match &self.condition {
            Condition::Quantity(quantity, spans) => {
                let Some(value) = quantity.of(item) else { return self.is_negated };
                if self.is_negated {
                    // Of several things one lies outside unless a span holds them all.
                    !spans.iter().any(|span| span.holds(value))
                } else {
                    spans.iter().any(|span| span.meets(value))
                }
            }
            Condition::State(states) if self.is_negated && item.is_bucket => {
                item.states.0 & !states.0 != 0
            }
            condition => condition.is_met(item) != self.is_negated,
        }
    }
}

impl Condition {
    fn is_met(&self, item: &FilterItem<'_>) -> bool {
        let is_one = |names: &[String], name: Option<&str>| {
            name.is_some_and(|name| names.iter().any(|known| known.eq_ignore_ascii_case(name)))
        };
        match self {
            Self::Quantity(..) => false,
            Self::Kind(kinds) => item.kinds.iter().any(|kind| is_one(kinds, Some(kind))),
            Self::State(states) => item.states.meets(*states),
            Self::Type(types) => item.type_name.is_some_and(|name| {
                let name = name.to_ascii_lowercase();
                types.iter().any(|wanted| name.contains(wanted))
            }),
            Self::Direction(directions) => is_one(directions, item.direction),
            Self::Text(wanted) => {
                let holds = |text: &str| text.to_ascii_lowercase().contains(wanted);
                holds(item.text) || item.type_name.is_some_and(holds)
            }
        }
    }
}

impl Quantity {
    fn of(self, item: &FilterItem<'_>) -> Option<Span> {
        match self {
            Self::Frame => item.frames,
            Self::Player => item.player.map(Span::of),
            Self::Depth => item.depth,
            Self::Bytes => item.bytes.map(Span::of),
            Self::Millis => item.millis.map(Span::of),
        }
    }
}
