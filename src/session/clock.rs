//! How far the clocks of two observed peers stand apart, from their messages alone.
//!
//! A message cannot arrive before it was sent. Every message from A to B bounds B − A from above,
//! every one from B to A from below; what both leave open is the band. No symmetry of the network
//! is assumed.

use super::episode::EpisodeRecord;
use crate::player::PlayerId;

/// How far one clock is ahead of another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ClockOffset {
    /// The middle of what is possible, in microseconds.
    pub ahead_micros: i64,
    /// Half the width of what is possible, in microseconds.
    pub band_micros: u64,
}

/// How far the clock of `other` is ahead of that of `reference`; `None` unless messages of both
/// ways were seen on both sides, or where they contradict each other (a clock was set).
#[must_use]
pub fn clock_offset(
    (reference, reference_player): (&EpisodeRecord, PlayerId),
    (other, other_player): (&EpisodeRecord, PlayerId),
) -> Option<ClockOffset> {
    let most = bound(reference, reference_player, other)?;
    let least = -bound(other, other_player, reference)?;
    let width = u64::try_from(most.checked_sub(least)?).ok()?;
    Some(ClockOffset { ahead_micros: least + (width / 2) as i64, band_micros: width.div_ceil(2) })
}

/// The smallest `received − sent` of the messages from one to the other.
fn bound(from: &EpisodeRecord, player: PlayerId, to: &EpisodeRecord) -> Option<i64> {
    let arrivals = to.arrivals.all().iter().filter(|arrival| arrival.player == player);
    let apart = arrivals.filter_map(|arrival| {
        let sent = from.arrivals.sent(arrival.sent_at)?;
        i64::try_from(arrival.time.0).ok()?.checked_sub(i64::try_from(sent.0).ok()?)
    });
    apart.min()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::frame::{Episode, Frame};
    use crate::session::Arrival;
    use crate::time::Micros;

    const A: PlayerId = PlayerId(0);
    const B: PlayerId = PlayerId(1);

    fn arrival(player: PlayerId, sent_at: u32, time: u64) -> Arrival {
        Arrival {
            player,
            sent_at: Frame(sent_at),
            arrived_at: Frame(0),
            time: Micros(time),
            seq: 0,
            caused_rollback: false,
        }
    }

    fn pair(offset: u64) -> (EpisodeRecord, EpisodeRecord) {
        let mut a = EpisodeRecord::new(Episode(0), A, &[None, None]);
        let mut b = EpisodeRecord::new(Episode(0), B, &[None, None]);
        // Both send frame n at true time 1000 n; the ways take 40 to 60 and 10 to 30.
        for frame in 0..3_u32 {
            let now = u64::from(frame) * 1000;
            a.arrivals.note_sent(Frame(frame), Micros(now));
            b.arrivals.note_sent(Frame(frame), Micros(now + offset));
            b.arrivals.note(arrival(A, frame, now + 40 + u64::from(frame) * 10 + offset));
            a.arrivals.note(arrival(B, frame, now + 10 + u64::from(frame) * 10));
        }
        (a, b)
    }

    #[test]
    fn the_true_offset_lies_within_the_band() {
        let (a, b) = pair(5000);
        let offset = clock_offset((&a, A), (&b, B)).unwrap();
        assert!(offset.ahead_micros.abs_diff(5000) <= offset.band_micros, "{offset:?}");
        assert_eq!(offset.band_micros, 25);
        let back = clock_offset((&b, B), (&a, A)).unwrap();
        assert!(back.ahead_micros.abs_diff(-5000) <= back.band_micros, "{back:?}");
    }

    #[test]
    fn messages_of_one_way_alone_say_nothing() {
        let (a, mut b) = pair(0);
        b.arrivals = super::super::Arrivals::default();
        assert_eq!(clock_offset((&a, A), (&b, B)), None);
    }

    #[test]
    fn a_clock_that_was_set_gives_no_offset() {
        let (mut a, b) = pair(0);
        a.arrivals.note(arrival(B, 2, 100));
        assert_eq!(clock_offset((&a, A), (&b, B)), None);
    }
}
