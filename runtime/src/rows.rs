//! What a page hands to its server at the end of an episode, as pages of studies do: a row for every
//! frame, with what it was last stepped with and what that brought, and the page's own counters.
//!
//! The session notes what its worker answered; what becomes of it is the page's and the server's
//! business. The shapes on the wire are in `docs/peer-protocol.md`.

use std::collections::VecDeque;

use rollscope::action::Action;
use rollscope::frame::{Episode, Frame};
use rollscope::message::msgpack_of;
use rollscope::player::PlayerId;
use rollscope::time::Micros;
use rollscope::worker::Operation;
use serde::Serialize;
use serde_json::{Map, Value, json};

/// Rows kept of one episode: ten minutes at 60 frames per second. Frames after them have none.
pub const MAX_ROWS: usize = 36_000;

/// Episodes whose counters are told; older ones are let go of.
const MAX_EPISODES: usize = 256;

/// Whole numbers up to this one stand exactly in a double.
const MAX_WHOLE: f64 = 9_007_199_254_740_991.0;

/// What stands in the rows for one player, one cell per row.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct PlayerColumns {
    /// The action of each frame's last step.
    pub actions: Vec<Action>,
    /// What that step brought.
    pub rewards: Vec<f64>,
    /// Whether it ended the game for the player.
    pub terminateds: Vec<bool>,
    /// Whether the episode was cut off after it.
    pub truncateds: Vec<bool>,
}

/// The rows of one episode.
#[derive(Debug, Clone, PartialEq)]
pub struct EpisodeRows {
    /// The episode.
    pub episode: Episode,
    /// The player whose page hands them over.
    pub player: PlayerId,
    /// The frame of each row.
    pub frames: Vec<Frame>,
    /// The columns of every player, by index.
    pub players: Vec<PlayerColumns>,
}

/// A page's own counters of one episode.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct EpisodeCounters {
    /// The episode's number, counted from 1.
    pub episode_num: u32,
    /// Frames that it has.
    pub total_frames: u32,
    /// Rollbacks that the worker executed.
    pub rollback_count: u32,
    /// Frames from the deepest one's target to the frame that was about to be stepped.
    pub max_rollback_frames: u32,
    /// Frames of which another page said another hash.
    pub desync_count: u32,
}

/// What is handed over at once.
#[derive(Debug, Clone, PartialEq)]
pub struct Handover {
    /// The rows of an episode.
    pub rows: EpisodeRows,
    /// The counters of this episode and those before.
    pub counters: Vec<EpisodeCounters>,
    /// How long the page was hidden each time, in milliseconds; what has not ended is not among them.
    pub hidden_ms: Vec<f64>,
}

impl EpisodeRows {
    /// The table as MessagePack, column by column.
    #[must_use]
    pub fn to_msgpack(&self) -> Vec<u8> {
        let columns = |cells: &dyn Fn(&PlayerColumns) -> Value| -> Value {
            let named = self.players.iter().enumerate();
            named
                .map(|(player, one)| (player.to_string(), cells(one)))
                .collect::<Map<_, _>>()
                .into()
        };
        msgpack_of(&json!({
            "actions": columns(&|one| json!(one.actions)),
            "rewards": columns(&|one| one.rewards.iter().copied().map(number).collect()),
            "terminateds": columns(&|one| json!(one.terminateds)),
            "truncateds": columns(&|one| json!(one.truncateds)),
            "t": self.frames,
        }))
    }
}

impl Handover {
    /// The counters as the server is told them.
    #[must_use]
    pub fn metrics(&self) -> Value {
        let period = |millis: &f64| json!({ "durationMs": millis });
        let periods: Vec<Value> = self.hidden_ms.iter().map(period).collect();
        json!({
            "validation": { "episodes": self.counters },
            "focusLoss": { "backgroundPeriods": periods },
        })
    }
}

// A whole number takes one byte where a double takes nine.
fn number(value: f64) -> Value {
    match value.fract() == 0.0 && value.abs() <= MAX_WHOLE {
        true => json!(value as i64),
        false => json!(value),
    }
}

/// Keeps the rows of the episode that is played, and the counters of all.
#[derive(Debug)]
pub(crate) struct Recorder {
    player: PlayerId,
    episode: Episode,
    // One per frame, as it was last stepped; none where it was not stepped here.
    rows: Vec<Option<Row>>,
    counters: VecDeque<EpisodeCounters>,
    hidden_ms: Vec<f64>,
    hidden_since: Option<Micros>,
    is_handed_over: bool,
}

// Actions, rewards and ends by player.
type Row = Vec<(Action, f64, bool)>;

impl Recorder {
    /// Nothing yet, for the page of a player.
    pub(crate) fn new(player: PlayerId) -> Self {
        let episode = Episode(0);
        let (rows, counters) = (Vec::new(), VecDeque::from([counters_of(episode)]));
        let (hidden_ms, hidden_since) = (Vec::new(), None);
        Self { player, episode, rows, counters, hidden_ms, hidden_since, is_handed_over: false }
    }

    /// Takes that the page was hidden or shown.
    pub(crate) fn note_hidden(&mut self, is_hidden: bool, now: Micros) {
        match (self.hidden_since, is_hidden) {
            (None, true) => self.hidden_since = Some(now),
            (Some(since), false) => {
                self.hidden_since = None;
                if self.hidden_ms.len() < MAX_EPISODES {
                    self.hidden_ms.push(now.since(since) as f64 / 1e3);
                }
            }
            _ => {}
        }
    }

    /// Begins an episode; one that is played already goes on.
    pub(crate) fn enter(&mut self, episode: Episode) {
        if self.episode == episode {
            return;
        }
        let has_counted = self.is_handed_over || !self.rows.is_empty();
        self.episode = episode;
        self.rows.clear();
        self.is_handed_over = false;
        if !has_counted {
            self.counters.pop_back();
        }
        self.counters.push_back(counters_of(episode));
        if self.counters.len() > MAX_EPISODES {
            self.counters.pop_front();
        }
    }

    /// Takes what the worker answered to a batch; what is no answer to a step says nothing.
    pub(crate) fn note(&mut self, operations: &[Operation], results: &Value) {
        let results = results.as_array().map(Vec::as_slice).unwrap_or_default();
        for (operation, result) in operations.iter().zip(results) {
            let Operation::Step { actions, frame: Some(frame) } = operation else {
                continue;
            };
            let member = |name: &str, player: &str| result.get(name)?.get(player).cloned();
            let cells = actions.iter().map(|(player, action)| {
                let reward = member("rewards", player).and_then(|reward| reward.as_f64());
                let ended = member("terminateds", player).and_then(|ended| ended.as_bool());
                (*action, reward.unwrap_or(0.0), ended.unwrap_or(false))
            });
            let place = frame.index();
            if place >= MAX_ROWS {
                continue;
            }
            if self.rows.len() <= place {
                self.rows.resize(place + 1, None);
            }
            if let Some(row) = self.rows.get_mut(place) {
                *row = Some(cells.collect());
            }
        }
    }

    /// Counts an executed rollback that reached so many frames back.
    pub(crate) fn note_rollback(&mut self, depth_frames: u32) {
        if let Some(counters) = self.counters.back_mut() {
            counters.rollback_count += 1;
            counters.max_rollback_frames = counters.max_rollback_frames.max(depth_frames);
        }
    }

    /// Counts a frame of which another page says another hash.
    pub(crate) fn note_desync(&mut self) {
        if let Some(counters) = self.counters.back_mut() {
            counters.desync_count += 1;
        }
    }

    /// What is to be handed over of the frames before `end`, once per episode; `is_cut_off` says that
    /// the episode ends there and that not the game ended it.
    pub(crate) fn hand_over(&mut self, end: Frame, is_cut_off: bool) -> Option<Handover> {
        if self.is_handed_over {
            return None;
        }
        let handed = self.before(end, is_cut_off);
        self.is_handed_over = !handed.rows.frames.is_empty();
        self.is_handed_over.then_some(handed)
    }

    /// The same of everything that was stepped so far, whatever it rests on.
    pub(crate) fn all(&mut self) -> Handover {
        self.before(Frame(self.rows.len() as u32), false)
    }

    fn before(&mut self, end: Frame, is_cut_off: bool) -> Handover {
        if let Some(counters) = self.counters.back_mut() {
            counters.total_frames = end.0;
        }
        let mut rows = EpisodeRows {
            episode: self.episode,
            player: self.player,
            frames: Vec::new(),
            players: Vec::new(),
        };
        let stepped = self.rows.iter().enumerate().take(end.index());
        for (frame, row) in stepped.filter_map(|(frame, row)| Some((frame, row.as_ref()?))) {
            rows.frames.push(Frame(frame as u32));
            rows.players.resize_with(row.len().max(rows.players.len()), PlayerColumns::default);
            let is_last = is_cut_off && frame + 1 == end.index();
            for (columns, (action, reward, ended)) in rows.players.iter_mut().zip(row) {
                columns.actions.push(*action);
                columns.rewards.push(*reward);
                columns.terminateds.push(*ended);
                columns.truncateds.push(is_last && !ended);
            }
        }
        let hidden_ms = self.hidden_ms.clone();
        Handover { rows, counters: self.counters.iter().copied().collect(), hidden_ms }
    }
}

fn counters_of(episode: Episode) -> EpisodeCounters {
    EpisodeCounters { episode_num: episode.0.saturating_add(1), ..EpisodeCounters::default() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(frame: u32, action: u32) -> Operation {
        let actions = [("0".to_owned(), Action(action)), ("1".to_owned(), Action(0))];
        Operation::Step { actions: actions.into_iter().collect(), frame: Some(Frame(frame)) }
    }

    fn result(reward: f64) -> Value {
        json!({"rewards": {"0": reward, "1": 0.0}, "terminateds": {"0": false, "1": false}})
    }

    #[test]
    fn the_last_step_of_a_frame_counts_and_an_episode_is_handed_over_once() {
        let mut recorder = Recorder::new(PlayerId(1));
        recorder.note(&[step(0, 1), step(1, 1)], &json!([result(0.5), result(1.0)]));
        recorder.note(&[step(1, 2), step(2, 2)], &json!([result(2.0), result(3.0)]));
        recorder.note_rollback(4);
        recorder.note_rollback(2);
        let handed = recorder.hand_over(Frame(2), true).unwrap();
        assert_eq!(handed.rows.frames, [Frame(0), Frame(1)]);
        let first = &handed.rows.players[0];
        assert_eq!((first.actions[1], first.rewards.clone()), (Action(2), vec![0.5, 2.0]));
        assert_eq!(first.truncateds, [false, true]);
        let counters = handed.counters[0];
        assert_eq!((counters.rollback_count, counters.max_rollback_frames), (2, 4));
        assert_eq!(recorder.hand_over(Frame(2), true), None);
        recorder.enter(Episode(1));
        recorder.note(&[step(0, 3)], &json!([result(0.0)]));
        let next = recorder.hand_over(Frame(1), false).unwrap();
        assert_eq!((next.rows.episode, next.rows.frames.len()), (Episode(1), 1));
        assert_eq!((next.counters.len(), next.counters[1].episode_num), (2, 2));
    }

    #[test]
    fn frames_that_were_not_stepped_here_have_no_row_and_memory_has_a_bound() {
        let mut recorder = Recorder::new(PlayerId(0));
        recorder.note(&[step(3, 1)], &json!([result(0.0)]));
        recorder.note(&[step(MAX_ROWS as u32, 1)], &json!([result(0.0)]));
        recorder.note(&[step(4, 1)], &json!("no results"));
        assert_eq!(recorder.all().rows.frames, [Frame(3)]);
        assert_eq!(recorder.hand_over(Frame(2), false), None, "there is nothing");
    }

    #[test]
    fn the_table_is_small_on_the_wire() {
        let mut recorder = Recorder::new(PlayerId(0));
        for frame in 0..600 {
            recorder.note(&[step(frame, 9)], &json!([result(0.0)]));
        }
        let bytes = recorder.all().rows.to_msgpack();
        assert!((600 * 9..600 * 12).contains(&bytes.len()), "{} bytes", bytes.len());
    }
}
