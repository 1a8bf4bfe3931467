//! Are episodes as long as was asked for?

use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Scope, Severity, evidence_of, peer_name};
use crate::frame::{Episode, Frame};
use crate::session::{Game, PeerSession, Said};

/// Holds the ends of episodes against the number of steps that the server asked for.
pub(super) struct EpisodeLength;

impl Check for EpisodeLength {
    fn code(&self) -> &'static str {
        "episode-length-wrong"
    }

    fn title(&self) -> &'static str {
        "Episodes are as long as was asked for"
    }

    fn documentation(&self) -> &'static str {
        "The server tells its pages after how many steps an episode ends. One that goes on past \
         them has a page that miscounts its steps (after rollbacks, for instance), also where both \
         pages miscount alike and agree on the end. One that ends before them is right only if the \
         game itself ended it for all players, which the last exported row says; without that row \
         it is not checkable. It needs the server's words about the game and an end message."
    }

    fn scope(&self) -> Scope {
        Scope::Game
    }

    fn run(&self, game: &Case<'_>, _episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        // Where both pages are observed, each is judged by its own words.
        let is_alone = game.peers.len() == 1;
        for peer in &game.peers {
            let lifecycle = &peer.lifecycle;
            if lifecycle.ends.is_empty() {
                outcome.add_not_checkable(1, "no end of an episode was captured");
            }
            for (episode, said) in &lifecycle.ends {
                let Some(asked) = lifecycle.asked_steps.get(episode).copied() else {
                    outcome.add_not_checkable(1, "nobody said how long an episode is to be");
                    continue;
                };
                let of = [(peer_name(peer), said.sent), (other_name(game, peer), said.received)];
                for (name, end) in of.into_iter().take(1 + usize::from(is_alone)) {
                    let place = (game, peer, *episode);
                    self.judge(place, (&name, end), Frame(asked), &mut outcome);
                }
            }
        }
        outcome
    }
}

impl EpisodeLength {
    fn judge(
        &self,
        (game, peer, episode): (&Case<'_>, &PeerSession, Episode),
        (name, end): (&str, Said<Frame>),
        asked: Frame,
        outcome: &mut CheckOutcome,
    ) {
        let Some((end, seq)) = end else {
            return outcome.add_not_checkable(1, "a side whose end message was not captured");
        };
        let is_right = match end {
            _ if end == asked => Some(true),
            _ if end > asked => Some(false),
            // The game itself may have ended it.
            _ => ended_itself(game, episode, end),
        };
        match is_right {
            Some(true) => outcome.passed += 1,
            None => outcome.add_not_checkable(
                1,
                "an early end, and no exported row says whether the game ended",
            ),
            Some(false) => {
                outcome.failed += 1;
                outcome.findings.push(Finding {
                    code: self.code(),
                    severity: Severity::Error,
                    peers: vec![name.to_owned()],
                    episode: Some(episode),
                    frames: Some((end.min(asked), end.max(asked))),
                    count: 1,
                    text: format!(
                        "{name} ended episode {episode} after {end} frames; {asked} were asked for"
                    ),
                    detail: "lifecycle · a step counter that is not the number of steps".to_owned(),
                    evidence: evidence_of(peer, [seq]),
                });
            }
        }
    }
}

// The player at the other side of the one observed page of two.
fn other_name(game: &Game, peer: &PeerSession) -> String {
    let other = game.players().find(|player| peer.local.is_some_and(|local| local != *player));
    other.map_or_else(|| "the other peer".to_owned(), |player| player.to_string())
}

// Whether the last row says that the game is over, or cut off, for all players.
fn ended_itself(game: &Game, episode: Episode, end: Frame) -> Option<bool> {
    let exports = game.peers.iter().filter_map(|peer| peer.exports.of(episode));
    let said = exports.filter_map(|export| {
        let last = export.rows.frames.iter().position(|frame| Some(*frame) == end.previous())?;
        let players = &export.rows.players;
        let all = |cells: fn(&crate::observation::PlayerColumns) -> &Vec<Option<bool>>| {
            let cells = players.iter().map(|player| cells(player).get(last).copied().flatten());
            cells.collect::<Option<Vec<bool>>>().map(|cells| cells.into_iter().all(|cell| cell))
        };
        let (over, cut) = (all(|player| &player.terminateds)?, all(|player| &player.truncateds)?);
        (!players.is_empty()).then_some(over || cut)
    });
    said.reduce(|one, other| one || other)
}
