//! The core of Rollscope: captured bytes go in, findings, a timeline and reports come out.
//!
//! Nothing here reads a clock, opens a file or knows a browser; the same code runs in the panel
//! (wasm32), in the command line and, for `rollback`, `worker` and `link`, in live games.
//! Modules stand in layer order, lowest first; a module imports only from lower layers
//! (`ARCHITECTURE.md`, checked by `cargo xtask tidy`).

pub mod action;
pub mod column;
pub mod filter;
pub mod frame;
pub mod issue;
pub mod json;
pub mod player;
pub mod sorted;
pub mod sorting;
pub mod state;
pub mod time;

pub mod message;

pub mod link;
pub mod rollback;
pub mod worker;

pub mod capture;

pub mod observation;

pub mod dialect;

pub mod session;
pub mod traffic;

pub mod verify;

pub mod summary;

pub mod timeline;

pub mod report;

pub mod analysis;
