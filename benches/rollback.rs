//! What rolling back costs beside the game's own work, in time. `cargo xtask bench rollback` reads what
//! this prints.

mod contestants;

use divan::counter::ItemsCount;
use divan::{Bencher, black_box};

use contestants::CONTESTANTS;

fn main() {
    divan::main();
}

/// Frames of one measured session, where the length is not what is measured.
const FRAMES: u32 = 10_000;

fn measure(bencher: Bencher, name: &str, distance: u32, frames: u32) {
    let (_, play) = CONTESTANTS.into_iter().find(|(known, _)| *known == name).unwrap();
    bencher.counter(ItemsCount::new(frames)).bench(|| play(black_box(distance), black_box(frames)));
}

#[divan::bench(args = ["bare", "sync_test", "live", "ggrs"], sample_size = 1, sample_count = 30)]
fn distance_2(bencher: Bencher, name: &str) {
    measure(bencher, name, 2, FRAMES);
}

#[divan::bench(args = ["bare", "sync_test", "live", "ggrs"], sample_size = 1, sample_count = 30)]
fn distance_7(bencher: Bencher, name: &str) {
    measure(bencher, name, 7, FRAMES);
}

/// The engine's cost per frame must not grow with the frames played.
#[divan::bench(args = [1_000, 10_000, 100_000, 1_000_000], sample_size = 1, sample_count = 3)]
fn live_by_length(bencher: Bencher, frames: u32) {
    measure(bencher, "live", 7, frames);
}
