//! The one place for faults that can be switched on to see whether Rollscope finds them.
//!
//! The page reads names and a frame from its parameters (`fault=hidden-counter,stale-hash&from=200`).
//! The game asks here; what the page asks, says and makes of answers goes through [`PageFaults`], what
//! the worker answers through [`WorkerFaults`]. Which kinds there are is in `kind`.

mod company;
mod kind;
mod known;
mod messages;
mod parts;
mod replies;
mod requests;
mod rows;
mod seam;
mod worker;

pub use kind::{Fault, Place};
pub use parts::Parts;
pub use requests::PageFaults;
pub use worker::WorkerFaults;

/// The frame from which faults are at work, if the address names none.
pub const FAULT_FRAME: u32 = 300;

/// Faults that are switched on, and from which frame.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Faults {
    set: u128,
    from: Option<u32>,
}

// A bit for each kind.
const _: () = assert!(Fault::ALL.len() < 128);

impl Default for Faults {
    fn default() -> Self {
        Self { set: 0, from: Some(FAULT_FRAME) }
    }
}

impl Faults {
    /// Reads a list of names with commas between them; nothing switches nothing on.
    ///
    /// # Errors
    ///
    /// The first name that is no fault; for people.
    pub fn parse(names: &str) -> Result<Self, String> {
        let mut faults = Self::default();
        for name in names.split(',').filter(|name| !name.is_empty()) {
            let known = Fault::ALL.iter().find(|fault| fault.name() == name);
            let fault =
                known.ok_or_else(|| format!("fault knows no fault of the name “{name}”."))?;
            faults.set |= bit(*fault);
        }
        Ok(faults)
    }

    /// The same faults from another frame on; `None` is never, which leaves only the parts of a state
    /// that both pages must have.
    #[must_use]
    pub fn starting(self, from: Option<u32>) -> Self {
        Self { from, ..self }
    }

    /// Reads the frame of the parameter `from`: a number or `never`.
    ///
    /// # Errors
    ///
    /// What it may be, for people.
    pub fn parse_from(value: &str) -> Result<Option<u32>, String> {
        match value {
            "never" => Ok(None),
            _ => value
                .parse()
                .map(Some)
                .map_err(|_| format!("from is a frame's number or “never”, not “{value}”.")),
        }
    }

    /// The query that the worker's address has; empty if nothing is switched on.
    #[must_use]
    pub fn query(self) -> String {
        let from = self.from.map_or_else(|| "never".to_owned(), |from| from.to_string());
        match self.names().as_str() {
            "" => String::new(),
            names => format!("?fault={names}&from={from}"),
        }
    }

    /// Reads what [`Faults::query`] makes.
    ///
    /// # Errors
    ///
    /// What cannot be read, for people.
    pub fn parse_query(query: &str) -> Result<Self, String> {
        let (mut faults, mut from) = (Self::default(), Some(FAULT_FRAME));
        for pair in query.trim_start_matches('?').split('&') {
            match pair.split_once('=') {
                Some(("fault", names)) => faults = Self::parse(names)?,
                Some(("from", frame)) => from = Self::parse_from(frame)?,
                _ => {}
            }
        }
        Ok(faults.starting(from))
    }

    /// The names that [`Faults::parse`] reads, with commas between them.
    #[must_use]
    pub fn names(self) -> String {
        self.all().map(Fault::name).collect::<Vec<_>>().join(",")
    }

    /// Whether a fault is switched on.
    #[must_use]
    pub fn has(self, fault: Fault) -> bool {
        self.set & bit(fault) != 0
    }

    /// Whether any is.
    #[must_use]
    pub fn any(self) -> bool {
        self.set != 0
    }

    /// Whether any is of what the page hands to its server.
    #[must_use]
    pub fn need_rows(self) -> bool {
        self.from.is_some() && self.all().any(Fault::is_of_rows)
    }

    /// Whether any is that only the worker in Rust carries out.
    #[must_use]
    pub fn need_own_worker(self) -> bool {
        self.all()
            .any(|fault| matches!(fault.place(), Place::Game | Place::BothGames | Place::Worker))
    }

    /// Whether a fault is switched on and at work at a frame.
    #[must_use]
    pub fn is_at_work(self, fault: Fault, frame: u32) -> bool {
        self.has(fault) && self.from.is_some_and(|from| frame >= from)
    }

    /// The first frame; none is never.
    #[must_use]
    pub fn from(self) -> Option<u32> {
        self.from
    }

    fn all(self) -> impl Iterator<Item = Fault> {
        Fault::ALL.iter().copied().filter(move |fault| self.has(*fault))
    }
}

fn bit(fault: Fault) -> u128 {
    1 << fault as u32
}

/// Faults of a page or a worker at the frame that it has come to, and those that happened already.
#[derive(Debug, Clone, Copy)]
struct Course {
    faults: Faults,
    spent: u128,
    frame: u32,
}

impl Course {
    fn new(faults: Faults) -> Self {
        Self { faults, spent: 0, frame: 0 }
    }

    /// Whether a lasting fault is at work.
    fn is_on(&self, fault: Fault) -> bool {
        self.faults.is_at_work(fault, self.frame)
    }

    /// Whether a fault that happens once is to happen now.
    fn happens(&mut self, fault: Fault) -> bool {
        let is_due = self.is_on(fault) && !self.has_happened(fault);
        if is_due {
            self.spent |= bit(fault);
        }
        is_due
    }

    fn has_happened(&self, fault: Fault) -> bool {
        self.spent & bit(fault) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_in_and_come_out() {
        let faults = Faults::parse("stale-hash,hidden-counter").unwrap();
        assert!(faults.has(Fault::StaleHash) && !faults.has(Fault::StepAfterFailure));
        assert_eq!(faults.names(), "stale-hash,hidden-counter");
        assert_eq!(Faults::parse(""), Ok(Faults::default()));
        assert!(Faults::parse("stale-hash,x").unwrap_err().contains("of the name “x”"));
    }

    #[test]
    fn a_worker_reads_what_the_page_has_read() {
        for from in [Some(7), None] {
            let faults = Faults::parse("drop-rollback,wall-clock").unwrap().starting(from);
            assert_eq!(Faults::parse_query(&faults.query()), Ok(faults));
        }
        assert_eq!(Faults::default().query(), "");
        assert_eq!(Faults::parse_query(""), Ok(Faults::default()));
        assert!(Faults::parse_query("?from=soon").is_err());
    }

    #[test]
    fn a_fault_is_at_work_from_its_frame_on_and_never_if_so_asked() {
        let faults = Faults::parse("wall-clock").unwrap();
        let at = |from, frame| faults.starting(from).is_at_work(Fault::WallClock, frame);
        assert!(at(Some(5), 5) && !at(Some(5), 4) && !at(None, 1_000));
        assert!(!faults.is_at_work(Fault::StaleHash, 1_000));
    }

    #[test]
    fn every_kind_has_its_own_name_a_sentence_and_a_check() {
        let mut names: Vec<String> = Fault::ALL.iter().map(|fault| fault.name()).collect();
        names.sort();
        names.dedup();
        assert_eq!(names.len(), Fault::ALL.len());
        for fault in Fault::ALL {
            assert!(fault.what().ends_with('.') && !fault.code().is_empty(), "{fault:?}");
        }
        assert_eq!(Fault::ReplayOldInputs.name(), "replay-old-inputs");
    }
}
