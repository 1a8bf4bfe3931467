//! Fuzzing: every decoder of the core gets seeds that are changed at random, by a fixed seed.
//!
//! `random` changes bytes, texts and trees; `targets` says what is fed with what; `run` counts.
//! Nothing here knows a clock: the program in `main` measures.

pub mod random;
pub mod run;
pub mod seeds;
pub mod targets;
pub mod tree;
