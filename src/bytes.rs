//! The lowest layers of the core: what touches every captured byte, and what that is made of.
//!
//! A package of its own (`bytes/Cargo.toml`), because a browser's module is compiled package by package: this one
//! to be quick, what works on its records to be small. `rollscope` gives all of it on under the same names.

pub mod action;
pub mod column;
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

pub mod capture;
