//! What a steady-state frame of each contestant allocates: what a session of twice the frames allocates
//! more, so that neither its beginning nor its end counts. `cargo xtask bench rollback` reads what this
//! prints.

mod contestants;

use std::hint::black_box;

use contestants::{CONTESTANTS, Play};

/// Frames after which every list has its final size.
const FRAMES: u32 = 10_000;

fn allocations(play: Play, frames: u32) -> u64 {
    let counted = allocation_counter::measure(|| {
        black_box(play(black_box(7), black_box(frames)));
    });
    counted.count_total
}

fn main() {
    for (name, play) in CONTESTANTS {
        let more = allocations(play, 2 * FRAMES).saturating_sub(allocations(play, FRAMES));
        println!("allocations {name} {}", more as f64 / f64::from(FRAMES));
    }
}
