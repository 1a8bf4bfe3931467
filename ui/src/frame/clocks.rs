//! How far a peer's clock stands apart, in words for its chip.

use rollscope::fixed::Fixed;
use rollscope::timeline::PeerClock;

/// The figure for the chip, and what it means.
pub fn words(clock: PeerClock) -> (String, String) {
    let PeerClock { ahead_ms, band_ms, is_wall_clock } = clock;
    let band_ms = Fixed(band_ms);
    let figure = if is_wall_clock {
        format!("{} ± {band_ms:.1} ms", signed(ahead_ms))
    } else {
        format!("± {band_ms:.1} ms")
    };
    let meaning = if is_wall_clock {
        format!(
            "its clock is {} ms ahead of the first observed peer's, to within \
             {band_ms:.1} ms; bounds from every message between them, because none can arrive \
             before it was sent",
            signed(ahead_ms)
        )
    } else {
        format!(
            "its page's clock is aligned to within {band_ms:.1} ms; the capture does not tell the \
             time of day"
        )
    };
    (figure, meaning)
}

/// With a sign that is one, and none for what rounds to nothing.
fn signed(ms: f64) -> String {
    match format!("{:.1}", Fixed(ms.abs())) {
        nothing if nothing == "0.0" => nothing,
        size if ms < 0.0 => format!("−{size}"),
        size => format!("+{size}"),
    }
}
