//! The one place for faults that can be switched on to see whether Rollscope finds them.
//!
//! The page reads them from its parameters (`fault=hidden-counter,stale-hash`) and hands them to the
//! worker; the game asks here. Faults of the session itself are planted in memory (`tests/truth.rs`).

use serde::{Deserialize, Serialize};

/// One fault of the game in the worker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Fault {
    /// Steps depend on how many were stepped at all, which no state holds: found as
    /// `nondeterministic-step` and `state-hash-mismatch`.
    HiddenCounter,
    /// A restored state keeps a speed of before: found as `state-hash-mismatch`.
    LossyRestore,
    /// The hash is that of the state one step earlier: found as `hash-not-of-state`.
    StaleHash,
    /// One step fails and the page goes on: found as `step-after-failure`.
    StepFails,
}

/// The frame from which faults are at work.
pub const FAULT_FRAME: u32 = 300;

const NAMES: [(&str, Fault); 4] = [
    ("hidden-counter", Fault::HiddenCounter),
    ("lossy-restore", Fault::LossyRestore),
    ("stale-hash", Fault::StaleHash),
    ("step-fails", Fault::StepFails),
];

/// Faults that are switched on.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Faults(u8);

impl Faults {
    /// Reads a list of names with commas between them; nothing switches nothing on.
    ///
    /// # Errors
    ///
    /// The first name that is no fault.
    pub fn parse(names: &str) -> Result<Self, &str> {
        let mut faults = Self::default();
        for name in names.split(',').filter(|name| !name.is_empty()) {
            let known = NAMES.iter().find(|(known, _)| *known == name);
            let (_, fault) = known.ok_or(name)?;
            faults.0 |= 1 << *fault as u8;
        }
        Ok(faults)
    }

    /// The names that [`Faults::parse`] reads, with commas between them.
    #[must_use]
    pub fn names(self) -> String {
        let on = NAMES.iter().filter(|(_, fault)| self.has(*fault));
        on.map(|(name, _)| *name).collect::<Vec<_>>().join(",")
    }

    /// Whether a fault is switched on.
    #[must_use]
    pub fn has(self, fault: Fault) -> bool {
        self.0 & (1 << fault as u8) != 0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_go_in_and_come_out() {
        let faults = Faults::parse("stale-hash,hidden-counter").unwrap();
        assert!(faults.has(Fault::StaleHash) && !faults.has(Fault::StepFails));
        assert_eq!(faults.names(), "hidden-counter,stale-hash");
        assert_eq!(Faults::parse(""), Ok(Faults::default()));
        assert_eq!(Faults::parse("stale-hash,x"), Err("x"));
    }
}
