//! Do the page's own counters say what happened?

use super::boundary::end_of;
use super::case::Case;
use super::finding::{Check, CheckOutcome, Finding, Severity, evidence_of, peer_name};
use crate::action::Action;
use crate::frame::Frame;
use crate::observation::LateInput;
use crate::player::PlayerId;
use crate::session::{EpisodeRecord, Export, LateArrival, PeerSession, RollbackState};

/// Holds the application's counters against the reconstruction.
pub(super) struct Telemetry;

impl Check for Telemetry {
    fn code(&self) -> &'static str {
        "telemetry-mismatch"
    }

    fn title(&self) -> &'static str {
        "The page's own counters agree with its traffic"
    }

    fn documentation(&self) -> &'static str {
        "What a page reports of itself is held against what its traffic shows: rollbacks, the deepest \
         one, the confirmed frame, frames whose hashes differ, and the late inputs that it logged beside \
         its rows, each with its frame, the frame that was about to be stepped, guess and action. A \
         difference does not spoil the session, but whoever uses the page's counters is misled; a page \
         that saw fewer differing hashes than there are calls a desync in sync. Some counters count \
         something else than their name says. It needs the page's counters or rows in the capture."
    }

    fn run(&self, game: &Case<'_>, episode: usize) -> CheckOutcome {
        let mut outcome = CheckOutcome::default();
        for peer in &game.peers {
            let Some(record) = peer.episodes.get(episode) else {
                continue;
            };
            let (mut wrong, mut seqs) = (Vec::new(), Vec::new());
            if let Some(export) = peer.exports.of(record.number) {
                match late_inputs(record, export) {
                    Ok(None) => outcome.passed += 1,
                    Ok(Some(what)) => {
                        wrong.push(what);
                        seqs.push(export.seq);
                    }
                    Err(why) => outcome.add_not_checkable(1, why),
                }
            }
            match counters(game, episode, record, peer) {
                Ok((pairs, seq)) => {
                    let before = wrong.len();
                    hold(&pairs, &mut wrong, &mut outcome);
                    seqs.extend((wrong.len() > before).then_some(seq));
                }
                Err(why) => outcome.add_not_checkable(1, why),
            }
            outcome.failed += wrong.len() as u32;
            if !wrong.is_empty() {
                outcome.findings.push(Finding {
                    code: self.code(),
                    severity: Severity::Notice,
                    peers: vec![peer_name(peer)],
                    episode: Some(record.number),
                    frames: None,
                    count: wrong.len() as u32,
                    text: format!("{} counted: {}", peer_name(peer), wrong.join("; ")),
                    detail: "accounting · the page's own counters against its traffic".to_owned(),
                    evidence: evidence_of(peer, seqs),
                });
            }
        }
        outcome
    }
}

/// Name, what the page says, what its traffic shows.
type Pair = (&'static str, Option<u32>, Option<u32>);

fn counters(
    game: &Case<'_>,
    episode: usize,
    record: &EpisodeRecord,
    peer: &PeerSession,
) -> Result<([Pair; 4], u32), &'static str> {
    let (metrics, seq) =
        peer.exports.metrics.as_ref().ok_or("no counters of the page were captured")?;
    let claims = metrics.episodes.iter().find(|one| one.episode == record.number);
    let claims = claims.ok_or("the page's counters leave the episode out")?;
    let seen = Seen::of(game, episode, record);
    let pairs = [
        ("rollbacks", claims.rollbacks, seen.rollbacks),
        ("frames of the deepest rollback", claims.deepest_frames, seen.deepest),
        ("confirmed frame", claims.confirmed.map(|frame| frame.0), seen.confirmed),
        ("frames with differing hashes", claims.desyncs, Some(seen.different)),
    ];
    Ok((pairs, *seq))
}

fn hold(pairs: &[Pair], wrong: &mut Vec<String>, outcome: &mut CheckOutcome) {
    for (name, claimed, seen) in pairs {
        let (Some(claimed), Some(seen)) = (claimed, seen) else {
            outcome.add_not_checkable(1, "a counter that one of both does not tell");
            continue;
        };
        if claimed == seen {
            outcome.passed += 1;
        } else {
            wrong.push(format!("{name} {claimed}, seen {seen}"));
        }
    }
}

/// Holds the late inputs that the page logged beside its rows against those that came: what differs
/// first, nothing if none does, or why nobody can tell.
fn late_inputs(record: &EpisodeRecord, export: &Export) -> Result<Option<String>, &'static str> {
    let logged = export.rows.late_inputs.as_ref();
    let logged = logged.ok_or("the page's log of late inputs of the episode alone is not known")?;
    if !record.is_rebuilt(Frame::ZERO) {
        return Err("the episode was not seen from its beginning");
    }
    let came = record.late_arrivals.get(..export.known.late_arrivals).unwrap_or_default();
    let is_same = |(logged, came): &(&LateInput, &LateArrival)| {
        let told = |logged: Option<i32>, action: Action| {
            logged.is_none_or(|logged| u32::try_from(logged) == Ok(action.0))
        };
        let mut players = (0_u8..).map(PlayerId).zip(&export.rows.players);
        let player = players.find(|(_, columns)| columns.name == logged.player);
        player.is_none_or(|(player, _)| player == came.wrong.player)
            && (logged.frame, logged.current) == (came.wrong.frame, came.current)
            && told(logged.predicted, came.wrong.predicted)
            && told(logged.actual, came.wrong.actual)
    };
    let same = logged.iter().zip(came).take_while(is_same).count();
    if same == logged.len() && same == came.len() {
        return Ok(None);
    }
    let first = logged.get(same).map(|one| one.frame);
    let first = first.or_else(|| came.get(same).map(|one| one.wrong.frame)).unwrap_or_default();
    let (logged, came) = (logged.len(), came.len());
    Ok(Some(format!("late inputs {logged}, seen {came}, the first that differs at frame {first}")))
}

/// What the traffic shows of the same things.
struct Seen {
    rollbacks: Option<u32>,
    deepest: Option<u32>,
    confirmed: Option<u32>,
    different: u32,
}

impl Seen {
    fn of(game: &Case<'_>, episode: usize, record: &EpisodeRecord) -> Self {
        let executed = record.rollbacks.iter();
        let executed = executed.filter(|one| one.state == RollbackState::Executed);
        let depths = executed.clone().filter_map(|one| one.depth_frames());
        let is_known = record.is_replayable();
        let confirmed = record.confirmed_frame().map(|frame| frame.0);
        Self {
            rollbacks: is_known.then(|| executed.count() as u32),
            deepest: is_known.then(|| depths.max().unwrap_or(0)),
            // What was confirmed past the end need not be counted.
            confirmed: confirmed.filter(|_| end_of(game, episode).0 == u32::MAX),
            different: game.comparison(episode).different(),
        }
    }
}
