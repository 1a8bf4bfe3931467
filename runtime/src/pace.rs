//! The fixed timestep: when the next tick is due. How much slower a peer that is ahead steps, the
//! engine advises ([`rollscope::rollback::Engine::pace_advice`]); this only carries it out.
//!
//! Times come in from the session. A tick that cannot run when it is due (the worker has not
//! answered yet) stays in the accumulator and is caught up, but only a few of them.

use rollscope::rollback::PaceAdvice;
use rollscope::time::Micros;

/// Ticks that may be caught up at once; what is beyond is forgotten, so that a page that slept
/// does not race afterwards. What it missed, the engine catches up in one batch.
const MAX_BACKLOG_TICKS: f64 = 6.0;

/// A tick may run this share of a step early, so that a timer that fires a little too soon does
/// not cost a whole timer period.
const EARLY_SHARE: f64 = 0.1;

/// Ticks between two waits: until then the others' answer to the first one is not known.
const TICKS_BETWEEN_WAITS: u32 = 60;

/// Share of a step that ticks are stretched by while a longer wait may not be asked again.
const STRETCH_BETWEEN_WAITS: f64 = 0.05;

/// How steps follow the clock (seed 001, D1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Timestep {
    /// An accumulator: what a late timer owes is stepped later.
    #[default]
    Fixed,
    /// A step whenever one step's time has passed since the last one: what a late timer owes is
    /// lost, so the pace depends on the timer. Only for comparison.
    SinceLast,
}

/// Accumulator of one peer.
#[derive(Debug, Clone)]
pub struct Pace {
    timestep: Timestep,
    step_micros: f64,
    accumulated_micros: f64,
    stretch: f64,
    unasked_ticks: u32,
    last: Option<Micros>,
}

impl Pace {
    /// A pace of `frames_per_second`; 0 counts as 1.
    #[must_use]
    pub fn new(frames_per_second: u32, timestep: Timestep) -> Self {
        Self {
            timestep,
            step_micros: 1e6 / f64::from(frames_per_second.max(1)),
            accumulated_micros: 0.0,
            stretch: 0.0,
            unasked_ticks: 0,
            last: None,
        }
    }

    /// Notes that it is `now`.
    pub fn handle_time(&mut self, now: Micros) {
        let elapsed = self.last.map_or(0, |last| now.since(last)) as f64;
        self.last = Some(self.last.map_or(now, |last| last.max(now)));
        let most = self.step_micros * MAX_BACKLOG_TICKS;
        self.accumulated_micros = (self.accumulated_micros + elapsed).min(most);
    }

    /// Takes what the engine advises. Returns how many ticks are left out because of it, for
    /// [`rollscope::rollback::Engine::note_waited`].
    pub fn handle_advice(&mut self, advice: PaceAdvice) -> Option<u32> {
        self.stretch = match advice {
            PaceAdvice::Keep => 0.0,
            PaceAdvice::Stretch { permille } => f64::from(permille) / 1000.0,
            PaceAdvice::Wait { .. } => STRETCH_BETWEEN_WAITS,
        };
        let PaceAdvice::Wait { ticks } = advice else {
            return None;
        };
        if self.unasked_ticks > 0 {
            return None;
        }
        self.unasked_ticks = TICKS_BETWEEN_WAITS;
        self.accumulated_micros -= f64::from(ticks) * self.step_micros;
        Some(ticks)
    }

    /// Takes one tick if one is due.
    pub fn take_tick(&mut self) -> bool {
        let step = self.step_micros * (1.0 + self.stretch);
        let early = match self.timestep {
            Timestep::Fixed => self.step_micros * EARLY_SHARE,
            Timestep::SinceLast => 0.0,
        };
        if self.accumulated_micros < step - early {
            return false;
        }
        self.unasked_ticks = self.unasked_ticks.saturating_sub(1);
        self.accumulated_micros = match self.timestep {
            Timestep::Fixed => self.accumulated_micros - step,
            Timestep::SinceLast => 0.0,
        };
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ticks(pace: &mut Pace, times: impl Iterator<Item = u64>) -> u32 {
        let mut ticks = 0;
        for time in times {
            pace.handle_time(Micros(time));
            ticks += u32::from(pace.take_tick());
        }
        ticks
    }

    fn uneven_timer() -> impl Iterator<Item = u64> {
        (0..10_000_000).step_by(8_333).map(|time| time + time % 3_000)
    }

    #[test]
    fn an_uneven_timer_still_gives_sixty_ticks_a_second() {
        let count = ticks(&mut Pace::new(60, Timestep::Fixed), uneven_timer());
        assert!((598..=601).contains(&count), "{count}");
        let lost = ticks(&mut Pace::new(60, Timestep::SinceLast), uneven_timer());
        assert!((400..560).contains(&lost), "without the accumulator: {lost}");
    }

    #[test]
    fn a_page_that_slept_catches_up_a_few_ticks_only() {
        let mut pace = Pace::new(60, Timestep::Fixed);
        ticks(&mut pace, [0, 5_000_000].into_iter());
        assert_eq!(ticks(&mut pace, std::iter::repeat_n(5_000_000, 100)), 5);
    }

    #[test]
    fn advice_to_stretch_slows_down_and_to_wait_leaves_ticks_out_once() {
        let count_with = |advice: PaceAdvice| {
            let (mut pace, mut count, mut waited) = (Pace::new(60, Timestep::Fixed), 0, 0);
            for time in (0..10_000_000).step_by(4_000) {
                pace.handle_time(Micros(time));
                waited += pace.handle_advice(advice).unwrap_or(0);
                count += u32::from(pace.take_tick());
            }
            (count, waited)
        };
        let (kept, stretched) =
            (count_with(PaceAdvice::Keep), count_with(PaceAdvice::Stretch { permille: 50 }));
        assert!((598..=601).contains(&kept.0) && kept.1 == 0, "{kept:?}");
        assert!((565..=575).contains(&stretched.0) && stretched.1 == 0, "{stretched:?}");
        let (count, waited) = count_with(PaceAdvice::Wait { ticks: 10 });
        assert!((470..=520).contains(&count) && (80..=110).contains(&waited), "{count} {waited}");
    }
}
