//! The panel: view models in, pictures and components out.
//!
//! The analysis lives in `analysed` behind `store`, the browser's side of the wall in `bridge`; components take view
//! models and callbacks. What draws is a pure function in `draw` and is tested natively; what
//! touches the document exists on wasm32 only.

pub mod about;
pub mod address;
pub mod dialects;
pub mod draw;
pub mod folds;
pub mod format;
pub mod intake;
pub mod keys;
pub mod overview;
pub mod pair;
pub mod range;
pub mod rows;
pub mod settings;
pub mod standing;
pub mod view;
pub mod waiting;

#[cfg(target_arch = "wasm32")]
mod analysed;
#[cfg(target_arch = "wasm32")]
pub mod app;
#[cfg(target_arch = "wasm32")]
pub mod bridge;
#[cfg(target_arch = "wasm32")]
pub mod canvas;
#[cfg(target_arch = "wasm32")]
pub mod chosen;
#[cfg(target_arch = "wasm32")]
pub mod commands;
#[cfg(target_arch = "wasm32")]
pub mod decode;
#[cfg(target_arch = "wasm32")]
pub mod files;
#[cfg(target_arch = "wasm32")]
pub mod frame;
#[cfg(target_arch = "wasm32")]
pub mod html;
#[cfg(target_arch = "wasm32")]
pub mod icons;
#[cfg(target_arch = "wasm32")]
pub mod leptos;
#[cfg(target_arch = "wasm32")]
pub mod links;
#[cfg(target_arch = "wasm32")]
pub mod looks;
#[cfg(target_arch = "wasm32")]
pub mod models;
#[cfg(target_arch = "wasm32")]
mod shown;
#[cfg(target_arch = "wasm32")]
pub mod signal;
#[cfg(target_arch = "wasm32")]
pub mod state;
#[cfg(target_arch = "wasm32")]
pub mod store;
#[cfg(target_arch = "wasm32")]
pub mod views;
