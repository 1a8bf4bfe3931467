//! Hash rules: which text of a state is hashed, with which algorithm, and how much of it is kept.
//!
//! A dialect names the rule of every hash that it observes; hashes compare only under one rule.

use serde::Serialize;

/// Everything that decides the digits of a state hash.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
pub struct HashRule {
    /// The digest.
    pub algorithm: HashAlgorithm,
    /// Hexadecimal digits that are kept, from the front.
    pub digits: u8,
    /// What happens to floats before they are written.
    pub rounding: Rounding,
    /// What stands between the parts of the text.
    pub separators: Separators,
    /// Which text of the state is meant.
    pub route: TextRoute,
}

/// A digest algorithm.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum HashAlgorithm {
    /// SHA-256, 64 digits in full.
    Sha256,
    /// MD5, 32 digits in full.
    Md5,
}

/// What happens to floats before hashing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// They stay.
    Exact,
    /// Ten decimals, as `round(value, 10)` of Python.
    TenDecimals,
}

/// What stands after a comma and a colon.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum Separators {
    /// Nothing: `,` and `:`.
    Compact,
    /// A space, as `json.dumps` has it when nothing is asked for: `, ` and `: `.
    Spaced,
}

/// Which text of one state is hashed. The two differ for integral floats, for integers past 2^53
/// and some more (MUG wire notes, 5.3), so their hashes never compare.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TextRoute {
    /// The text as the game wrote it.
    Direct,
    /// The text after `JSON.stringify(JSON.parse(text))` in a browser.
    JsRoundTrip,
}

impl HashRule {
    /// Confirmed-frame hashes on the MUG wire (`STATE_HASH`), both branches: wire notes, 5.1 and
    /// 5.3.
    pub const MUG_STATE_HASH: Self = Self {
        algorithm: HashAlgorithm::Sha256,
        digits: 16,
        rounding: Rounding::TenDecimals,
        separators: Separators::Compact,
        route: TextRoute::JsRoundTrip,
    };

    /// Hashes that a MUG worker takes of its own state (`computeHash` without a text): wire
    /// notes, 5.1 and 5.3.
    pub const MUG_DIRECT_HASH: Self = Self { route: TextRoute::Direct, ..Self::MUG_STATE_HASH };

    /// Hashes of this project's own runtime: 16 digits of the worker's direct text.
    pub const NATIVE: Self = Self::MUG_DIRECT_HASH;

    /// The episode start of the MUG branch with workers: the first 8 digits of its direct hash.
    pub const MUG_WORKER_EPISODE_START: Self = Self { digits: 8, ..Self::MUG_DIRECT_HASH };

    /// The episode start of the MUG branch without workers: MD5 of the text as Python writes it
    /// with sorted keys.
    pub const MUG_EPISODE_START: Self = Self {
        algorithm: HashAlgorithm::Md5,
        digits: 8,
        rounding: Rounding::Exact,
        separators: Separators::Spaced,
        route: TextRoute::Direct,
    };
}
