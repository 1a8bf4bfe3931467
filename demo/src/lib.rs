//! The arena: a game for two on thin ice, its bots, its page and worker, and its server.
//!
//! [`game`] and [`bot`] are pure; the page and the worker (wasm32) put them on the runtime; the
//! server (native) pairs two pages and hands out files. Nothing here interprets traffic.

pub mod bot;
pub mod faults;
pub mod game;
pub mod params;

#[cfg(target_arch = "wasm32")]
pub mod page;
#[cfg(not(target_arch = "wasm32"))]
pub mod server;
