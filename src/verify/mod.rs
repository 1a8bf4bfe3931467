//! Checks over the reconstructed game, findings with evidence, and the one verdict.
//!
//! One file per check. A check reads the records of all peers of a game and says for every item:
//! holds, fails, or not checkable and why. It never reads captured bytes.

mod action_unsendable;
mod background_exported;
mod batch_contract;
mod batch_interrupted;
mod bot_actions;
mod chatty_sync;
mod code_executed;
mod connection_interrupted;
mod determinism;
mod echo_storm;
mod episode_ends;
mod episode_length;
mod episode_starts;
mod export_actions;
mod export_parity;
mod export_rewards;
mod export_rows;
mod export_saved;
mod failure_continued;
mod fast_forwarded;
mod game_broken_off;
mod game_check;
mod hash_compared;
mod hash_early;
mod hash_leaves_out;
mod hash_recomputed;
mod hash_reported;
mod hash_silent;
mod input_announced;
mod input_below_delay;
mod input_bleed;
mod input_conflict;
mod input_hole;
mod input_ignored;
mod input_parity;
mod input_transport;
mod inputs_relayed;
mod inputs_unannounced;
mod logging;
mod loop_dead;
mod page_background;
mod page_throttled;
mod paired_anew;
mod polling;
mod queue_grows;
mod request_unanswered;
mod requests_overlap;
mod reward_sums;
mod rollback_content;
mod rollback_disabled;
mod rollback_late;
mod rollback_missed;
mod rollback_spurious;
mod round_trips_saved;
mod snapshot_restored;
mod state_bisect;
mod state_not_portable;
mod state_restored;
mod state_unasked;
mod step_counter;
mod telemetry;
mod ticks_lost;
mod whole_states;
mod worker_stopped;

mod both_sides;
mod boundary;
mod case;
mod comparison;
mod counts;
mod coverage;
mod exported;
mod finding;
mod runs;
mod session_check;
mod standstill;
mod stress;
mod verdict;

pub use case::{Case, Shared};
pub use comparison::Comparison;
pub use coverage::{Coverage, CoverageRun, FrameCoverage, SessionCoverage};
pub use finding::{
    Check, CheckOutcome, CheckResult, Finding, Scope, Severity, Verdict, VerdictKind,
};
pub use game_check::{GameCheck, GameVerdicts};
pub use session_check::SessionCheck;
pub use stress::Stress;
pub use verdict::{CaptureAccount, judge};

/// Every check, in the order in which equally bad findings are shown.
pub const CHECKS: &[&dyn Check] = &[
    &hash_compared::HashCompared,
    &state_bisect::StateBisect,
    &determinism::Determinism,
    &input_parity::InputParity,
    &bot_actions::BotActions,
    &episode_starts::EpisodeStarts,
    &hash_recomputed::HashRecomputed,
    &hash_reported::HashReported,
    &hash_early::HashEarly,
    &hash_leaves_out::HashLeavesOut,
    &hash_silent::HashSilent,
    &input_bleed::InputBleed,
    &rollback_disabled::RollbackDisabled,
    &rollback_missed::RollbackMissed,
    &rollback_late::RollbackLate,
    &rollback_content::RollbackContent,
    &rollback_spurious::RollbackSpurious,
    &snapshot_restored::SnapshotRestored,
    &state_restored::StateRestored,
    &state_unasked::StateUnasked,
    &state_not_portable::StateNotPortable,
    &batch_contract::BatchContract,
    &batch_interrupted::BatchInterrupted,
    &requests_overlap::RequestsOverlap,
    &failure_continued::FailureContinued,
    &loop_dead::LoopDead,
    &worker_stopped::WorkerStopped,
    &input_conflict::InputConflict,
    &input_announced::InputAnnounced,
    &action_unsendable::ActionUnsendable,
    &input_ignored::InputIgnored,
    &input_below_delay::InputBelowDelay,
    &input_hole::InputHole,
    &inputs_unannounced::InputsUnannounced,
    &episode_ends::EpisodeEnds,
    &episode_length::EpisodeLength,
    &step_counter::StepCounter,
    &export_rows::ExportRows,
    &export_actions::ExportActions,
    &export_rewards::ExportRewards,
    &export_parity::ExportParity,
    &export_saved::ExportSaved,
    &telemetry::Telemetry,
    &reward_sums::RewardSums,
    &request_unanswered::RequestUnanswered,
    &game_broken_off::GameBrokenOff,
    &connection_interrupted::ConnectionInterrupted,
    &paired_anew::PairedAnew,
    &inputs_relayed::InputsRelayed,
    &page_background::PageBackground,
    &background_exported::BackgroundExported,
    &fast_forwarded::FastForwarded,
    &page_throttled::PageThrottled,
    &ticks_lost::TicksLost,
    &code_executed::CodeExecuted,
    &echo_storm::EchoStorm,
    &round_trips_saved::RoundTripsSaved,
    &queue_grows::QueueGrows,
    &input_transport::InputTransport,
    &polling::Polling,
    &logging::Logging,
    &chatty_sync::ChattySync,
    &whole_states::WholeStates,
];

/// Runs every check over one episode of a game.
#[must_use]
pub fn run_checks(game: &Case<'_>, episode: usize) -> Vec<CheckResult> {
    CHECKS.iter().map(|check| run_check(*check, game, episode)).collect()
}

/// Runs one check over one episode of a game.
#[must_use]
pub fn run_check(check: &dyn Check, game: &Case<'_>, episode: usize) -> CheckResult {
    CheckResult { code: check.code(), title: check.title(), outcome: check.run(game, episode) }
}

#[cfg(test)]
mod tests {
    use std::collections::BTreeSet;

    use super::*;
    use crate::session::Game;

    #[test]
    fn codes_are_unique_and_every_check_is_documented() {
        let codes: BTreeSet<_> = CHECKS.iter().map(|check| check.code()).collect();
        assert_eq!(codes.len(), CHECKS.len());
        for check in CHECKS {
            assert!(check.documentation().len() > 40, "{} says too little", check.code());
        }
    }

    #[test]
    fn nothing_passes_where_nothing_was_seen() {
        for result in run_checks(&Case::new(&Game::default()), 0) {
            assert_eq!((result.outcome.passed, result.outcome.failed), (0, 0), "{}", result.code);
        }
    }
}
