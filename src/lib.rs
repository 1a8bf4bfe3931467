//! The core of Rollscope: captured bytes go in, findings, a timeline and reports come out.
//!
//! Nothing here reads a clock, opens a file or knows a browser; the same code runs in the panel
//! (wasm32), in the command line and, for `rollback`, `worker` and `link`, in live games.
//! Modules stand in layer order, lowest first; a module imports only from lower layers
//! (`ARCHITECTURE.md`, checked by `cargo xtask tidy`).

pub use rollscope_bytes::{
    action, capture, column, frame, issue, json, link, message, player, sorted, sorting, state,
    time,
};

pub mod filter;
pub mod fixed;

pub mod rollback;
pub mod worker;

pub mod observation;

pub mod dialect;

pub mod session;
pub mod traffic;

pub mod verify;

pub mod summary;

pub mod timeline;

pub mod report;

pub mod analysis;
