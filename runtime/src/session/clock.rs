//! How far another page's clock is ahead of this one's, from the pings that cross anyway.
//!
//! A ping names its sender's time. Of the newest samples the one that was fastest on its way counts,
//! as in NTP's clock filter, and half of the shortest round trip is taken as its time on the way. So
//! the error is at most half of that round trip, and none if both ways take equally long.

use rollscope::time::Micros;

/// Samples that are looked at: sixteen seconds of pings, short against the drift of two clocks.
const SAMPLES: usize = 32;

/// The clock of one other page beside this one's.
#[derive(Debug, Clone, Default)]
pub(super) struct ClockEstimate {
    // Newest last: arrival here minus the time that the ping names, and round trips.
    gaps_micros: Vec<i64>,
    round_trips_micros: Vec<u64>,
}

impl ClockEstimate {
    /// Takes a ping of the other page that names `stamp` and comes at `now`.
    pub(super) fn handle_ping(&mut self, now: Micros, stamp: u64) {
        let times = i64::try_from(now.0).ok().zip(i64::try_from(stamp).ok());
        if let Some(gap) = times.and_then(|(now, stamp)| now.checked_sub(stamp)) {
            keep(&mut self.gaps_micros, gap);
        }
    }

    /// Takes a round trip that was measured here.
    pub(super) fn handle_round_trip(&mut self, micros: u64) {
        keep(&mut self.round_trips_micros, micros);
    }

    /// Microseconds that the other clock is ahead; negative when it is behind. `None` before a ping
    /// of the other page and an answer of it have come.
    pub(super) fn offset_micros(&self) -> Option<i64> {
        let gap = *self.gaps_micros.iter().min()?;
        let half = i64::try_from(*self.round_trips_micros.iter().min()? / 2).ok()?;
        half.checked_sub(gap)
    }
}

fn keep<T>(samples: &mut Vec<T>, sample: T) {
    if samples.len() >= SAMPLES {
        samples.remove(0);
    }
    samples.push(sample);
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Pings over ways of `out` and `back` microseconds plus a jitter that sometimes is none.
    fn estimate(ahead: i64, out: u64, back: u64) -> i64 {
        let mut clock = ClockEstimate::default();
        for sample in 0..100_u64 {
            let jitter = sample * 7_919 % 5 * 9_000;
            let sent = 50_000_000 + sample * 500_000;
            let stamp = (sent as i64 + ahead) as u64;
            clock.handle_ping(Micros(sent + back + jitter), stamp);
            clock.handle_round_trip(out + back + jitter);
        }
        clock.offset_micros().unwrap()
    }

    #[test]
    fn a_clock_ahead_or_behind_is_found_through_jitter() {
        for ahead in [0, 3_600_000_000, -41_000_000] {
            assert_eq!(estimate(ahead, 40_000, 40_000), ahead);
        }
    }

    #[test]
    fn ways_of_different_length_err_by_half_of_their_difference() {
        assert_eq!(estimate(1_000, 80_000, 20_000), 1_000 + 30_000);
    }

    #[test]
    fn an_old_sample_gives_way_and_hostile_stamps_change_nothing() {
        let mut clock = ClockEstimate::default();
        clock.handle_ping(Micros(9), u64::MAX);
        clock.handle_round_trip(2);
        assert_eq!(clock.offset_micros(), None);
        clock.handle_ping(Micros(1_000), 5_000);
        assert_eq!(clock.offset_micros(), Some(4_001));
        (0..40).for_each(|_| clock.handle_ping(Micros(1_000), 0));
        assert_eq!(clock.offset_micros(), Some(-999));
    }
}
