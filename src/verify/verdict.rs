//! The one verdict over an episode, by a written rule: what differs, what was lost, what is at
//! risk, what was never tested, and only then what is verified.

use serde::Serialize;

use super::comparison::Comparison;
use super::finding::{CheckResult, Finding, Severity, Verdict, VerdictKind, counted};
use crate::session::{Game, RollbackState};

/// What became of the events that the hook saw.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
pub struct CaptureAccount {
    /// Events seen in the pages.
    pub seen: u64,
    /// Of these, dropped in the page or lost on the way.
    pub lost: u64,
    /// Whether a capture file ended too early or was damaged, so that nobody knows how much is
    /// missing.
    pub is_cut_off: bool,
}

/// The kinds of stress that a session must have had before a pass means anything.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize)]
pub struct Stress {
    /// Executed rollbacks.
    pub rollbacks: u32,
    /// Executed rollbacks whose wrong guess is known; `None` where guesses are not known.
    pub corrected: Option<u32>,
    /// Players whose inputs were not all the default action, and all players.
    pub active_players: (u32, u32),
    /// Messages of other peers that never came, and all that must have been sent.
    pub lost_messages: (u32, u32),
}

/// Figure of a class of which the traffic tells nothing.
const NOT_KNOWN: &str = "not known";

impl Stress {
    /// Reads the stress of one episode off its records.
    #[must_use]
    pub fn of(game: &Game, episode: usize) -> Self {
        let mut stress = Self::default();
        let players = game.players().count();
        let mut active = vec![false; players];
        for record in game.peers.iter().filter_map(|peer| peer.episodes.get(episode)) {
            let executed = || {
                let all = record.rollbacks.iter();
                all.filter(|rollback| rollback.state == RollbackState::Executed)
            };
            stress.rollbacks += executed().count() as u32;
            if record.is_replayable() {
                let corrected = executed().filter(|rollback| rollback.cause.is_some()).count();
                stress.corrected = Some(stress.corrected.unwrap_or(0) + corrected as u32);
            }
            for (is_active, inputs) in active.iter_mut().zip(&record.active_inputs) {
                *is_active |= *inputs > 0;
            }
            let (lost, sent) = record.lost_messages();
            stress.lost_messages.0 += lost;
            stress.lost_messages.1 += sent;
        }
        stress.active_players = (active.iter().filter(|is| **is).count() as u32, players as u32);
        stress
    }

    /// Every class: its name, its figure for people, and whether the session had it.
    #[must_use]
    pub fn classes(&self) -> [(&'static str, String, bool); 4] {
        let (lost, sent) = self.lost_messages;
        let lost_permille = (u64::from(lost) * 1000).checked_div(u64::from(sent)).unwrap_or(0);
        let lost_text = format!("{}.{} %", lost_permille / 10, lost_permille % 10);
        let (active, players) = self.active_players;
        [
            ("rollbacks executed", self.rollbacks.to_string(), self.rollbacks > 0),
            (
                "mispredictions corrected",
                self.corrected.map_or_else(|| NOT_KNOWN.to_owned(), |count| count.to_string()),
                self.corrected.is_some_and(|count| count > 0),
            ),
            (
                "players with inputs other than idle",
                format!("{active} of {players}"),
                players > 0 && active == players,
            ),
            ("messages lost", lost_text, lost > 0),
        ]
    }
}

/// Gives the verdict. The first rule that applies wins:
///
/// 1. A compared frame differs: desync.
/// 2. Events were lost on the way here: incomplete.
/// 3. A check found an error or a risk: risk.
/// 4. Nothing could be compared, or a class of stress never occurred: untested.
/// 5. Verified.
#[must_use]
pub fn judge(
    game: &Game,
    comparison: &Comparison,
    stress: &Stress,
    checks: &[CheckResult],
    capture: CaptureAccount,
) -> Verdict {
    let sides = sides_sentence(game);
    let compared = comparison.compared;
    if let Some(first) = comparison.first_different {
        let agreed = comparison.last_agreed().map_or_else(
            || "No earlier frame agreed.".to_owned(),
            |frame| format!("Last agreed at frame {frame}."),
        );
        return Verdict {
            kind: VerdictKind::Desync,
            headline: format!("DESYNC DETECTED at frame {first}"),
            numbers: format!(
                "{} of {} differ. {agreed} {sides}",
                comparison.different(),
                counted(compared, "compared hash", "compared hashes")
            ),
            short: format!("DESYNC at {first}"),
        };
    }
    if capture.lost > 0 || capture.is_cut_off {
        let what = if capture.lost > 0 {
            format!("{} of {} events missing", capture.lost, capture.seen)
        } else {
            "the file was cut off or damaged".to_owned()
        };
        return Verdict {
            kind: VerdictKind::Incomplete,
            headline: format!("CAPTURE INCOMPLETE: {what}"),
            numbers: format!(
                "No mismatch in {compared} compared hashes, but not all was seen. {sides}"
            ),
            short: "INCOMPLETE".to_owned(),
        };
    }
    if let Some(worst) = worst_finding(checks).filter(|worst| worst.severity != Severity::Notice) {
        return Verdict {
            kind: VerdictKind::Risk,
            headline: format!("RISK: {}", worst.text),
            numbers: format!("No mismatch in {compared} compared hashes so far. {sides}"),
            short: "RISK".to_owned(),
        };
    }
    if compared == 0 {
        return Verdict {
            kind: VerdictKind::Untested,
            headline: "NOT CHECKABLE: no frame has a hash of two peers".to_owned(),
            numbers: sides,
            short: "NOT CHECKABLE".to_owned(),
        };
    }
    let unseen = stress.classes().into_iter().filter(|(.., is_seen)| !is_seen);
    let missing: Vec<String> =
        unseen
            .map(|(name, figure, _)| {
                if figure == NOT_KNOWN {
                    format!("{name} {NOT_KNOWN}")
                } else {
                    format!("no {name}")
                }
            })
            .collect();
    if !missing.is_empty() {
        return Verdict {
            kind: VerdictKind::Untested,
            headline: format!("NO MISMATCH SEEN, untested: {}", missing.join(", ")),
            numbers: format!("All {compared} compared hashes equal. {sides}"),
            short: "UNTESTED".to_owned(),
        };
    }
    let percent = comparison.equal_percent();
    let interval = comparison
        .interval_frames
        .map(|interval| format!(" Hashable is every {} frame.", ordinal(interval)))
        .unwrap_or_default();
    Verdict {
        kind: VerdictKind::Verified,
        headline: format!("VERIFIED {percent} % of hashable frames, stressed"),
        numbers: format!("All {compared} compared hashes equal. {sides}{interval}"),
        short: format!("VERIFIED {percent} %"),
    }
}

/// The worst finding; of equally bad ones the first in the order of the checks.
#[must_use]
pub(super) fn worst_finding(checks: &[CheckResult]) -> Option<&Finding> {
    let findings = checks.iter().flat_map(|check| &check.outcome.findings);
    // `min_by_key` keeps the first of equals.
    findings.min_by_key(|finding| finding.severity)
}

fn sides_sentence(game: &Game) -> String {
    let observed = game.players().filter(|player| game.observed(*player).is_some()).count();
    match (observed, game.players().count()) {
        (2, 2) => "Both sides observed.".to_owned(),
        (1, players) if players > 1 => "One side observed.".to_owned(),
        (observed, players) => format!("{observed} of {players} sides observed."),
    }
}

fn ordinal(number: u32) -> String {
    let suffix = match (number % 10, number % 100) {
        (1, tens) if tens != 11 => "st",
        (2, tens) if tens != 12 => "nd",
        (3, tens) if tens != 13 => "rd",
        _ => "th",
    };
    format!("{number}{suffix}")
}
