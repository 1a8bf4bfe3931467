//! Models of the views of evidence: what the analysis says about messages and states, as each view
//! wants it. Composition in `app` hands them to the components.

pub mod checks;
pub mod report;
pub mod state;
pub mod traffic;
