//! Recorded MUG sessions, read from their traffic alone: every line and every message is read. The
//! full set stands beside the repository; without it the test says so and passes.

#![expect(
    clippy::disallowed_methods,
    clippy::unwrap_used,
    clippy::print_stderr,
    reason = "a test reads its files and stops at its first surprise"
)]

use std::collections::BTreeMap;
use std::fs;
use std::io::Read;
use std::path::Path;

use flate2::read::GzDecoder;
use rollscope::capture::{Assembler, recorder};
use rollscope::dialect::DialectReader;
use rollscope::issue::IssueLog;
use rollscope::observation::{Direction, Fact, GameConfiguration, PredictionMethod};
use rollscope::player::PlayerId;

const SESSIONS: [&str; 6] = ["H-clean", "H-nondet", "H-quiet", "W-clean", "W-nondet", "W-quiet"];

fn unpack(path: &Path) -> Vec<u8> {
    let mut bytes = Vec::new();
    GzDecoder::new(&*fs::read(path).unwrap()).read_to_end(&mut bytes).unwrap();
    bytes
}

/// Hashes that one page sent and received, by direction; a hash is its frame and value, in order.
#[derive(Default)]
struct Seen {
    sent: Vec<(u32, u64)>,
    received: Vec<(u32, u64)>,
    inputs_sent: usize,
    configuration: Told,
    /// Number of rows of each export.
    rows: Vec<usize>,
    claimed_inputs: Option<u32>,
    by_kind: BTreeMap<&'static str, usize>,
}

/// The configuration put together from its pieces.
#[derive(Default)]
struct Told {
    game: Option<String>,
    input_delay_frames: Option<u32>,
    max_steps: Option<u32>,
    prediction: Option<PredictionMethod>,
    snapshot_interval_frames: Option<u32>,
    players: Option<u8>,
    local: Option<PlayerId>,
    seed: Option<u32>,
}

impl Told {
    fn note(&mut self, told: &GameConfiguration<'_>) {
        self.game = told.game.map(str::to_owned).or(self.game.take());
        self.input_delay_frames = told.input_delay_frames.or(self.input_delay_frames);
        self.max_steps = told.max_steps.or(self.max_steps);
        self.prediction = told.prediction.or(self.prediction);
        self.snapshot_interval_frames =
            told.snapshot_interval_frames.or(self.snapshot_interval_frames);
        self.players = told.players.or(self.players);
        self.local = told.local.or(self.local);
        self.seed = told.seed.or(self.seed);
    }

    #[track_caller]
    fn check(&self, session: &str, player: usize) {
        let (delay, steps) = match session {
            "H-quiet" | "W-quiet" => (4, 500),
            "H-nondet" | "W-nondet" => (2, 800),
            _ => (2, 900),
        };
        assert_eq!((self.input_delay_frames, self.max_steps), (Some(delay), Some(steps)));
        assert_eq!(self.prediction, Some(PredictionMethod::DefaultAction));
        let interval = session.starts_with('H').then_some(5);
        assert_eq!(self.snapshot_interval_frames, interval, "{session}");
        assert_eq!((self.players, self.local), (Some(2), Some(PlayerId(player as u8))));
        assert!(self.seed.is_some() && self.game.is_some());
    }
}

fn read(bytes: &[u8]) -> Seen {
    let (mut seen, mut issues) = (Seen::default(), IssueLog::default());
    let (mut assembler, mut reader) = (Assembler::default(), DialectReader::default());
    let (mut import_issues, mut dialect_issues) = (IssueLog::default(), IssueLog::default());
    recorder::import(bytes, &mut import_issues, &mut |chunk| {
        assembler.handle_chunk(chunk, &mut issues, &mut |event| {
            let mut sink = |observation: &rollscope::observation::Observation<'_>| {
                let kind = match &observation.fact {
                    Fact::FrameHashReported { direction, frame, hash } => {
                        match direction {
                            Direction::Sent => seen.sent.push((frame.0, *hash)),
                            Direction::Received => seen.received.push((frame.0, *hash)),
                        }
                        "hash"
                    }
                    Fact::FrameInputsAnnounced { direction: Direction::Sent, .. } => {
                        seen.inputs_sent += 1;
                        "inputs"
                    }
                    Fact::EpisodeEnded { .. } => "end",
                    Fact::EpisodeReady { .. } => "ready",
                    Fact::PongReceived { .. } => "pong",
                    Fact::Configured(told) => {
                        seen.configuration.note(told);
                        "configuration"
                    }
                    Fact::Signalled { .. } => "signal",
                    Fact::MilestoneReached { .. } => "milestone",
                    Fact::RowsExported { rows, .. } => {
                        seen.rows.push(rows.frames.len());
                        for player in &rows.players {
                            assert_eq!(player.actions.len(), rows.frames.len());
                            assert!(player.actions.iter().all(Option::is_some));
                        }
                        "rows"
                    }
                    Fact::ExportAcknowledged { is_saved, .. } => {
                        assert_eq!(*is_saved, Some(true));
                        "acknowledgement"
                    }
                    Fact::MetricsExported(metrics) => {
                        seen.claimed_inputs = metrics.sent_to_peer;
                        "metrics"
                    }
                    _ => "other",
                };
                *seen.by_kind.entry(kind).or_default() += 1;
            };
            reader.handle_event(&event, &mut sink, &mut dialect_issues);
        });
    });
    for log in [&import_issues, &issues, &dialect_issues] {
        assert_eq!(log.issues(), []);
    }
    seen
}

#[test]
fn recorded_sessions_are_read_without_an_issue_and_agree_with_their_other_side() {
    let root = Path::new("../shared/captures");
    if !root.is_dir() {
        eprintln!("skipped: {} is not there", root.display());
        return;
    }
    for session in SESSIONS {
        let sides = ["player1", "player2"].map(|player| {
            let folder = root.join(session);
            let seen = read(&unpack(&folder.join(format!("{player}.jsonl.gz"))));
            // The application's own log of the hashes that it made for confirmed frames.
            let truth = unpack(&folder.join(format!("{player}.truth.jsonl.gz")));
            let logged = String::from_utf8(truth).unwrap();
            let logged = logged
                .lines()
                .map(|line| serde_json::from_str::<serde_json::Value>(line).unwrap())
                .filter_map(|line| {
                    let is_hash = line.to_string().contains("confirmed_hash");
                    let value = |key: &str| find(&line, key).cloned();
                    let hash = value("hash")?;
                    let hash = u64::from_str_radix(hash.as_str()?, 16).ok()?;
                    is_hash.then_some((value("frame")?.as_u64()? as u32, hash))
                })
                .collect::<Vec<_>>();
            assert!(!logged.is_empty(), "{session} {player} logs no hashes");
            for sent in &seen.sent {
                assert!(logged.contains(sent), "{session} {player}: {sent:?} was never made");
            }
            let kinds =
                ["inputs", "hash", "end", "ready", "pong", "signal", "milestone", "metrics"];
            for kind in
                kinds.into_iter().chain(session.starts_with('H').then_some("acknowledgement"))
            {
                assert!(seen.by_kind.contains_key(kind), "{session} {player}: no {kind}");
            }
            assert_eq!(seen.claimed_inputs, Some(seen.inputs_sent as u32), "{session} {player}");
            let episodes = if session.ends_with("clean") { 2 } else { 1 };
            assert_eq!(seen.rows.len(), episodes, "{session} {player}");
            assert!(
                seen.rows.iter().all(|rows| *rows >= 500),
                "{session} {player}: {:?}",
                seen.rows
            );
            seen
        });
        for (player, side) in sides.iter().enumerate() {
            side.configuration.check(session, player);
        }
        let [one, two] = &sides;
        // What came in was sent by the other side.
        for (receiver, sender) in [(one, two), (two, one)] {
            for hash in &receiver.received {
                assert!(sender.sent.contains(hash), "{session}: {hash:?} was not sent");
            }
            assert!(receiver.received.len() * 2 > sender.sent.len(), "{session}: most came in");
            assert!(receiver.inputs_sent >= 500);
        }
    }
}

fn find<'v>(value: &'v serde_json::Value, key: &str) -> Option<&'v serde_json::Value> {
    let object = value.as_object()?;
    object.get(key).or_else(|| object.values().find_map(|inner| find(inner, key)))
}
