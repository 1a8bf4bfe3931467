//! Builds the selection pane of one frame.

use super::selection::{PeerColumn, SelectionRow, SelectionView};
use crate::fixed::Fixed;
use crate::frame::Frame;
use crate::observation::Evidence;
use crate::player::PlayerId;
use crate::session::{EpisodeRecord, FrameFlags, Game, RollbackState};

impl SelectionView {
    /// Everything known of one frame of an episode.
    #[must_use]
    pub fn of(game: &Game, episode: usize, frame: Frame) -> Self {
        type Fact = fn(&EpisodeRecord, Frame) -> Option<String>;
        const FACTS: &[(&str, Fact)] = &[
            ("stepped", stepped),
            ("actions", actions),
            ("was", was),
            ("now", now),
            ("confirmed", confirmed),
            ("ran again", |record, frame| {
                record.frames.stepped_at(frame)?;
                record.known_inputs(frame)?;
                Some(format!("{} ×", record.frames.resimulated(frame)))
            }),
            ("rollbacks", rollbacks),
            ("lag", |record, frame| {
                let lag = record.frames.depths(frame).lag?;
                Some(if lag == 1 { "1 frame".to_owned() } else { format!("{lag} frames") })
            }),
        ];
        let players: Vec<PlayerId> = game.players().collect();
        let record_of = |player: PlayerId| game.observed(player)?.episodes.get(episode);
        let mut rows = vec![
            SelectionRow {
                label: "state hash",
                values: players
                    .iter()
                    .map(|player| {
                        let hash = game.reported_hash(episode, *player, frame);
                        hash.map(|hash| format!("{hash:016x}"))
                    })
                    .collect(),
            },
            SelectionRow { label: "compared", values: compared(game, episode, &players, frame) },
        ];
        rows.extend(FACTS.iter().map(|(label, fact)| SelectionRow {
            label,
            values: players.iter().map(|p| record_of(*p).and_then(|r| fact(r, frame))).collect(),
        }));
        Self {
            frame,
            peers: players.iter().map(|p| PeerColumn { name: p.to_string() }).collect(),
            rows,
            evidence: evidence(game, episode, frame),
        }
    }
}

fn compared(
    game: &Game,
    episode: usize,
    players: &[PlayerId],
    frame: Frame,
) -> Vec<Option<String>> {
    let hashes: Vec<Option<u64>> =
        players.iter().map(|player| game.reported_hash(episode, *player, frame)).collect();
    let known: Vec<u64> = hashes.iter().copied().flatten().collect();
    let text = match known.split_first() {
        Some((first, rest)) if !rest.is_empty() => {
            Some(if rest.iter().all(|other| other == first) { "equal" } else { "differ" })
        }
        _ => None,
    };
    hashes.iter().map(|hash| hash.and(text).map(str::to_owned)).collect()
}

fn stepped(record: &EpisodeRecord, frame: Frame) -> Option<String> {
    let start = record.frames.stepped_at(Frame::ZERO)?;
    let micros = record.frames.stepped_at(frame)?.since(start);
    Some(format!("+{:.2} s", Fixed(micros as f64 / 1e6)))
}

fn actions(record: &EpisodeRecord, frame: Frame) -> Option<String> {
    let inputs = record.known_inputs(frame)?;
    let texts = inputs.actions().iter().enumerate();
    let texts: Vec<String> = texts.map(|(player, action)| format!("{player}:{action}")).collect();
    Some(texts.join(" "))
}

fn was(record: &EpisodeRecord, frame: Frame) -> Option<String> {
    record.frames.stepped_at(frame)?;
    let is_guess = record.frames.flags(frame).has(FrameFlags::SHOWN_PREDICTED);
    record.is_rebuilt(frame).then(|| if is_guess { "predicted" } else { "real" }.to_owned())
}

fn now(record: &EpisodeRecord, frame: Frame) -> Option<String> {
    record.frames.stepped_at(frame)?;
    let is_predicted = record.is_predicted(frame)?;
    Some(if is_predicted { "predicted" } else { "confirmed" }.to_owned())
}

fn confirmed(record: &EpisodeRecord, frame: Frame) -> Option<String> {
    let (stepped, confirmed) =
        (record.frames.stepped_at(frame)?, record.frames.confirmed_at(frame)?);
    Some(format!("+{} ms", Fixed(confirmed.since(stepped) as f64 / 1000.0)))
}

fn rollbacks(record: &EpisodeRecord, frame: Frame) -> Option<String> {
    let here = record
        .rollbacks
        .iter()
        .filter(|r| r.current == frame && r.state == RollbackState::Executed);
    let depths: Vec<String> = here
        .map(|r| r.depth_frames().map_or_else(|| "depth ?".into(), |d| format!("depth {d}")))
        .collect();
    record.frames.stepped_at(frame)?;
    Some(if depths.is_empty() { "0".to_owned() } else { depths.join(", ") })
}

fn evidence(game: &Game, episode: usize, frame: Frame) -> Vec<(String, String, Option<Evidence>)> {
    let mut evidence = Vec::new();
    for peer in &game.peers {
        let name = peer.local.map_or_else(|| "P?".to_owned(), |player| player.to_string());
        let Some(record) = peer.episodes.get(episode) else {
            continue;
        };
        let event = |seq: u32| Some(Evidence { source: peer.source, seq });
        if let Some(slot) = record.hashes.slot(frame) {
            for (player, report) in slot.reports() {
                let way = if Some(player) == peer.local { "sends" } else { "receives" };
                let text = format!("state hash #{}", report.seq);
                evidence.push((format!("{name} {way}"), text, event(report.seq)));
            }
            if slot.text_digest.is_some() {
                let same = match (slot.recomputed, slot.computed) {
                    (Some(ours), Some(theirs)) if ours == theirs => "equal to the worker's",
                    (Some(_), Some(_)) => "not the worker's",
                    (Some(_), None) => "the worker gave none",
                    (None, _) => "not possible",
                };
                evidence.push(("recomputed".to_owned(), same.to_owned(), None));
                let text = format!("reply #{}", slot.state_seq);
                evidence.push((format!("{name} state"), text, event(slot.state_seq)));
            }
        }
        for rollback in record.rollbacks.iter().filter(|rollback| rollback.current == frame) {
            let what = if rollback.round_trip.is_some() { "batch" } else { "by rule at" };
            let text = format!("{what} #{}", rollback.seq);
            evidence.push((format!("{name} rolls back"), text, event(rollback.seq)));
            if let Some(seq) = rollback.cause_seq {
                evidence.push(("because of".to_owned(), format!("input #{seq}"), event(seq)));
            }
        }
    }
    evidence
}
