//! What both views and reports say of a session: figures, rows of rollbacks, capture health.
//!
//! Made from `session` and `verify`; `timeline` and `report` stand above and know nothing of each
//! other, so they cannot give two figures for one thing.

mod choices;
mod configuration;
mod figures;
mod health;
mod metrics;
mod rollbacks;
mod rollbacks_build;

pub use choices::{Choice, EpisodeChoice, GameChoice, choices};
pub use configuration::{
    ConfigurationRow, SettingRow, configurations, inferred_sentence, settings_of,
};
pub use figures::{
    Figure, PeerChip, figure, figures, last_frame, not_measured, peer_chips, quantile,
};
pub(crate) use figures::{rollback_micros, sorted_depths};
pub use health::{ChannelRow, HealthView, LossRow};
pub(crate) use metrics::{MESSAGE_RATE, MESSAGE_SIZE};
pub use rollbacks::{Overhead, RollbackRow, SavingsView};
pub use rollbacks_build::{rollback_count, rollback_rows};
