//! The one verdict, by a written rule: what differs, what was lost, what is at risk, what was never
//! tested, and only then what is verified. `docs/verdict.md` is the rule for people.

use serde::Serialize;

use super::comparison::Comparison;
use super::finding::{CheckResult, Finding, Severity, Verdict, VerdictKind, counted};
use super::stress::{NOT_KNOWN, Stress};
use crate::session::Game;

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

/// Gives the verdict. The first rule that applies wins:
///
/// 1. A compared frame differs: desync.
/// 2. Events were lost on the way here: incomplete.
/// 3. A check found an error or a risk: risk.
/// 4. Nothing could be compared, or a class of stress never occurred: untested.
/// 5. Verified.
#[must_use]
pub fn judge(
    games: &[&Game],
    comparisons: &[&Comparison],
    stress: &Stress,
    checks: &[CheckResult],
    capture: CaptureAccount,
) -> Verdict {
    let compared = Compared::of(games, comparisons);
    compared
        .desync()
        .or_else(|| compared.incomplete(capture))
        .or_else(|| compared.risk(checks))
        .or_else(|| compared.nothing(games))
        .or_else(|| compared.without_stress(stress))
        .unwrap_or_else(|| compared.verified())
}

/// What was compared; each method is one rule, and `None` where it does not apply.
struct Compared<'a> {
    comparisons: &'a [&'a Comparison],
    /// Number of compared hashes.
    hashes: u32,
    /// The sentence that says how many sides were observed.
    sides: String,
}

impl<'a> Compared<'a> {
    fn of(games: &[&Game], comparisons: &'a [&'a Comparison]) -> Self {
        let hashes = comparisons.iter().map(|comparison| comparison.compared).sum();
        Self { comparisons, hashes, sides: sides_sentence(games) }
    }

    fn desync(&self) -> Option<Verdict> {
        let differing = |comparison: &&Comparison| comparison.first_different.is_some();
        let comparison = self.comparisons.iter().copied().find(differing)?;
        let first = comparison.first_different?;
        let different: u32 = self.comparisons.iter().map(|one| one.different()).sum();
        let place = match comparison.episode {
            Some(episode) if self.comparisons.len() > 1 => format!("{first} of episode {episode}"),
            _ => first.to_string(),
        };
        let agreed = comparison.last_agreed().map_or_else(
            || "No earlier frame agreed.".to_owned(),
            |frame| format!("Last agreed at frame {frame}."),
        );
        let compared = counted(self.hashes, "compared hash", "compared hashes");
        Some(Verdict {
            kind: VerdictKind::Desync,
            headline: format!("DESYNC DETECTED at frame {place}"),
            numbers: format!("{different} of {compared} differ. {agreed} {}", self.sides),
            short: format!("DESYNC at {first}"),
        })
    }

    fn incomplete(&self, capture: CaptureAccount) -> Option<Verdict> {
        let what = match capture {
            CaptureAccount { lost: 0, is_cut_off: false, .. } => return None,
            CaptureAccount { lost: 0, .. } => {
                "a part was cut off or damaged, nobody knows how much is missing".to_owned()
            }
            CaptureAccount { lost, seen, .. } => format!("{lost} of {seen} events missing"),
        };
        let Self { hashes, sides, .. } = self;
        Some(Verdict {
            kind: VerdictKind::Incomplete,
            headline: format!("CAPTURE INCOMPLETE: {what}"),
            numbers: format!(
                "No mismatch in {hashes} compared hashes, but not all was seen. {sides}"
            ),
            short: "INCOMPLETE".to_owned(),
        })
    }

    fn risk(&self, checks: &[CheckResult]) -> Option<Verdict> {
        let worst = worst_finding(checks).filter(|worst| worst.severity != Severity::Notice)?;
        let Self { hashes, sides, .. } = self;
        Some(Verdict {
            kind: VerdictKind::Risk,
            headline: format!("RISK: {}", worst.text),
            numbers: format!("No mismatch in {hashes} compared hashes so far. {sides}"),
            short: "RISK".to_owned(),
        })
    }

    fn nothing(&self, games: &[&Game]) -> Option<Verdict> {
        if self.hashes > 0 {
            return None;
        }
        let (why, numbers) = if is_watched_only(games) {
            let next = "Record a player’s page: open the panel there, or open its capture file.";
            ("the recorded page only watches, and no player’s hash reaches it", next.to_owned())
        } else {
            ("no frame has a hash of two peers", self.sides.clone())
        };
        Some(Verdict {
            kind: VerdictKind::Untested,
            headline: format!("NOT CHECKABLE: {why}"),
            numbers,
            short: "NOT CHECKABLE".to_owned(),
        })
    }

    fn without_stress(&self, stress: &Stress) -> Option<Verdict> {
        let unseen = stress.classes().into_iter().filter(|(.., is_seen)| !is_seen);
        let missing: Vec<String> = unseen
            .map(|(name, figure, _)| match figure == NOT_KNOWN {
                true => format!("{name} {NOT_KNOWN}"),
                false => format!("no {name}"),
            })
            .collect();
        let Self { hashes, sides, .. } = self;
        (!missing.is_empty()).then(|| Verdict {
            kind: VerdictKind::Untested,
            headline: format!("NO MISMATCH SEEN, untested: {}", missing.join(", ")),
            numbers: format!("All {hashes} compared hashes equal. {sides}"),
            short: "UNTESTED".to_owned(),
        })
    }

    fn verified(&self) -> Verdict {
        let Self { comparisons, hashes, sides } = self;
        let hashable: u64 = comparisons.iter().map(|one| one.frames.len() as u64).sum();
        let equal: u64 = comparisons.iter().map(|one| u64::from(one.equal)).sum();
        let percent = (equal * 100).checked_div(hashable).unwrap_or(0);
        let interval = comparisons.iter().find_map(|one| one.interval_frames);
        let interval = interval
            .map(|interval| format!(" Hashable is every {} frame.", ordinal(interval)))
            .unwrap_or_default();
        Verdict {
            kind: VerdictKind::Verified,
            headline: format!("VERIFIED {percent} % of hashable frames, stressed"),
            numbers: format!("All {hashes} compared hashes equal. {sides}{interval}"),
            short: format!("VERIFIED {percent} %"),
        }
    }
}

/// The worst finding; of equally bad ones the first in the order of the checks.
#[must_use]
pub(super) fn worst_finding(checks: &[CheckResult]) -> Option<&Finding> {
    let findings = checks.iter().flat_map(|check| &check.outcome.findings);
    // `min_by_key` keeps the first of equals.
    findings.min_by_key(|finding| finding.severity)
}

fn sides_sentence(games: &[&Game]) -> String {
    let observed_in = |game: &Game| game.players().filter(|p| game.observed(*p).is_some()).count();
    // The game that was seen from the fewest sides is what the whole session rests on.
    let sides = games.iter().map(|game| (observed_in(game), game.players().count()));
    match sides.min_by_key(|(observed, _)| *observed).unwrap_or((0, 0)) {
        (2, 2) => "Both sides observed.".to_owned(),
        (1, players) if players > 1 => "One side observed.".to_owned(),
        (observed, players) => format!("{observed} of {players} sides observed."),
    }
}

/// Whether every page that was recorded is a spectator's.
fn is_watched_only(games: &[&Game]) -> bool {
    let mut peers = games.iter().flat_map(|game| &game.peers).peekable();
    peers.peek().is_some() && peers.all(|peer| peer.protocol.is_watching && peer.local.is_none())
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

#[cfg(test)]
mod tests {
    use super::*;
    use crate::observation::SourceId;
    use crate::player::PlayerId;
    use crate::session::PeerSession;

    #[test]
    fn a_page_that_only_watches_is_said_to_and_a_player_beside_it_ends_that() {
        let watching = || {
            let mut peer = PeerSession::new(SourceId(0));
            peer.protocol.is_watching = true;
            peer
        };
        let mut player = PeerSession::new(SourceId(1));
        player.local = Some(PlayerId(0));
        let alone = Game { players: 2, peers: vec![watching()], ..Game::default() };
        let beside = Game { players: 2, peers: vec![watching(), player], ..Game::default() };
        let said =
            |games: &[&Game]| judge(games, &[], &Stress::default(), &[], CaptureAccount::default());
        let verdict = said(&[&alone]);
        assert_eq!(verdict.kind, VerdictKind::Untested);
        assert!(verdict.headline.contains("only watches"), "{}", verdict.headline);
        assert!(verdict.numbers.contains("Record a player’s page"), "{}", verdict.numbers);
        for games in [vec![&beside], vec![&alone, &beside], vec![]] {
            assert!(!said(&games).headline.contains("only watches"));
        }
    }
}
