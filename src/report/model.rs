//! What a report says: plain data, the same for every format.

use serde::Serialize;

use super::exclusion::{Exclusion, exclusions};
use crate::session::Game;
use crate::summary::{
    ConfigurationRow, Figure, HealthView, PeerChip, RollbackRow, SavingsView, configurations,
    figures, last_frame, not_measured, peer_chips, rollback_count, rollback_rows,
};
use crate::verify::{CaptureAccount, Case, CheckResult, Stress, VerdictKind, judge, run_checks};

/// Version of the report's shape; it counts up with every change that a reader must know.
/// Version 2 names the document of every event that is evidence.
pub const REPORT_VERSION: u32 = 2;

/// Everything that a report says of one episode of a game.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Report {
    /// Always `rollscope-report`.
    pub format: &'static str,
    /// [`REPORT_VERSION`].
    pub version: u32,
    /// Version of the program that wrote it.
    pub written_by: String,
    /// The verdict.
    pub verdict: VerdictFigures,
    /// The session.
    pub session: SessionFigures,
    /// State hashes.
    pub hashes: HashFigures,
    /// The stress that the session had.
    pub stress: Stress,
    /// Figures per peer: name, explanation, one text per peer.
    pub figures: Vec<Figure>,
    /// Round trips of the rollbacks.
    pub savings: SavingsView,
    /// Every executed rollback.
    pub rollbacks: Vec<RollbackRow>,
    /// Every check with its findings and their evidence.
    pub checks: Vec<CheckResult>,
    /// The exclusion rules, and which of them fire.
    pub exclusions: Vec<Exclusion>,
    /// What the capture saw and lost.
    pub capture: HealthView,
    /// What such a report should say and this one cannot, each as "… was not measured".
    pub not_measured: Vec<String>,
}

/// The verdict of a report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct VerdictFigures {
    /// `verified`, `desync`, `risk`, `untested` or `incomplete`.
    pub kind: VerdictKind,
    /// The sentence.
    pub text: String,
    /// The numbers behind it.
    pub numbers: String,
    /// Exit code of the command line for it.
    pub exit_code: u8,
}

/// The session of a report.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SessionFigures {
    /// Seed of the game, where it was captured.
    pub seed: Option<u32>,
    /// What stands for the seed in a pseudonymised report, where the seed is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pseudonym: Option<String>,
    /// Number of the episode.
    pub episode: Option<u32>,
    /// Players, and whether their own traffic was observed.
    pub peers: Vec<PeerChip>,
    /// The last frame that any observed peer stepped.
    pub last_frame: Option<u32>,
    /// The settings of each observed peer.
    pub settings: Vec<SettingsFigures>,
    /// The same setting by setting, with where each value comes from.
    pub configuration: Vec<ConfigurationRow>,
}

/// The settings of one peer.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SettingsFigures {
    /// The peer.
    pub peer: String,
    /// Frames between reading an input and applying it.
    pub input_delay_frames: u32,
    /// Frames between two snapshots.
    pub snapshot_interval_frames: u32,
    /// Most frames past the confirmed one.
    pub max_prediction_frames: u32,
    /// Steps per second that the game aims at.
    pub frames_per_second: u32,
}

/// State hashes of a report.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct HashFigures {
    /// Worker hashes recomputed from state texts.
    pub recomputed: u32,
    /// Of these, equal to the worker's.
    pub agree: u32,
    /// Of these, different.
    pub differ: u32,
    /// Frames compared between peers.
    pub compared: u32,
    /// Of these, equal.
    pub equal: u32,
    /// Of these, different.
    pub different: u32,
    /// First frame that differs.
    pub first_different: Option<u32>,
}

impl Report {
    /// The report on one episode of a game.
    #[must_use]
    pub fn of(game: &Game, episode: usize, capture: CaptureAccount, health: HealthView) -> Self {
        let case = Case::new(game);
        let found = (run_checks(&case, episode), figures(&case, episode));
        Self::of_checks((&case, episode), capture, health, found)
    }

    /// The same where every check was run and every figure measured already.
    #[must_use]
    pub fn of_checks(
        (game, episode): (&Case<'_>, usize),
        capture: CaptureAccount,
        health: HealthView,
        (checks, figures): (Vec<CheckResult>, Vec<Figure>),
    ) -> Self {
        let comparison = game.comparison(episode);
        let stress = Stress::of(game, episode);
        let verdict = judge(&[game], &[&comparison], &stress, &checks, capture);
        let peers = peer_chips(game);
        let records = || game.peers.iter().filter_map(|peer| peer.episodes.get(episode));
        let (agree, differ) = records().fold((0, 0), |(equal, different), record| {
            let (e, d) = record.hashes.recomputed;
            (equal + e, different + d)
        });
        let settings = game.peers.iter().filter_map(|peer| {
            let settings = peer.episodes.get(episode)?.settings()?;
            Some(SettingsFigures {
                peer: peer.local?.to_string(),
                input_delay_frames: settings.input_delay_frames,
                snapshot_interval_frames: settings.snapshot_interval_frames,
                max_prediction_frames: settings.max_prediction_frames,
                frames_per_second: settings.frames_per_second,
            })
        });
        let mut report = Self {
            format: "rollscope-report",
            version: REPORT_VERSION,
            written_by: concat!("rollscope ", env!("CARGO_PKG_VERSION")).to_owned(),
            verdict: VerdictFigures {
                kind: verdict.kind,
                text: verdict.headline,
                numbers: verdict.numbers,
                exit_code: verdict.kind.exit_code(),
            },
            session: SessionFigures {
                seed: game.seed,
                pseudonym: None,
                episode: game.episode_number(episode).map(|episode| episode.0),
                last_frame: last_frame(game, episode).map(|frame| frame.0),
                settings: settings.collect(),
                configuration: configurations(game),
                peers: peers.clone(),
            },
            hashes: HashFigures {
                recomputed: agree + differ,
                agree,
                differ,
                compared: comparison.compared,
                equal: comparison.equal,
                different: comparison.different(),
                first_different: comparison.first_different.map(|frame| frame.0),
            },
            stress,
            not_measured: not_measured(&figures, &peers),
            figures,
            savings: SavingsView::of(game, episode),
            rollbacks: rollback_rows(game, episode, 0..rollback_count(game, episode)),
            checks,
            exclusions: Vec::new(),
            capture: health,
        };
        report.exclusions = exclusions(&report, (game, episode));
        report
    }
}
