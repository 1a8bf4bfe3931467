//! The system of the seeds for real pages: what stands between a game and `rollscope`'s engine.
//!
//! Everything that decides is sans-IO and runs native, in tests too: [`session`] with its
//! handshake, pace, batches and log, [`watching`] for spectators, what both have in common in
//! [`session_base`], and the signalling messages. Only [`browser`] knows workers, data channels and
//! sockets; it moves bytes and objects and decides nothing.

pub mod batch;
pub mod course;
pub mod engine_log;
pub mod handshake;
pub mod options;
pub mod pace;
pub mod part;
pub mod presence;
pub mod reconnect;
pub mod relay;
pub mod route;
pub mod rows;
pub mod seam;
pub mod session;
pub mod session_base;
pub mod signal;
pub mod switches;
pub mod sync_test;
pub mod watching;

#[cfg(target_arch = "wasm32")]
pub mod browser;

use rollscope::state::{HashAlgorithm, HashRule, Rounding, Separators, TextRoute};

/// How games on this runtime hash their states: SHA-256 of the canonical compact text with floats
/// rounded to ten decimals, the first 16 digits (`docs/worker-protocol.md`).
pub const STATE_HASH_RULE: HashRule = HashRule {
    algorithm: HashAlgorithm::Sha256,
    digits: 16,
    rounding: Rounding::TenDecimals,
    separators: Separators::Compact,
    route: TextRoute::Direct,
};
