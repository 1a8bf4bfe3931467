//! Checks over the reconstructed session, findings with evidence, and the verdict.

mod finding;

pub use finding::{CheckOutcome, Finding, Severity, Verdict, VerdictKind};
