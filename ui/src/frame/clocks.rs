//! How far a peer's clock stands apart, in words for its chip.

use rollscope::timeline::PeerClock;

/// The figure for the chip, and what it means.
pub fn words(clock: PeerClock) -> (String, String) {
    let PeerClock { ahead_ms, band_ms, is_wall_clock } = clock;
    let figure = if is_wall_clock {
        format!("{ahead_ms:+.1} ± {band_ms:.1} ms")
    } else {
        format!("± {band_ms:.1} ms")
    };
    let meaning = if is_wall_clock {
        format!(
            "its clock is {ahead_ms:+.1} ms ahead of the first observed peer's, to within \
             {band_ms:.1} ms; bounds from every message between them, because none can arrive \
             before it was sent"
        )
    } else {
        format!(
            "its page's clock is aligned to within {band_ms:.1} ms; the capture does not tell the \
             time of day"
        )
    };
    (figure, meaning)
}
