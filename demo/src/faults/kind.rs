//! The one list of kinds of faults: what each does, the check that it is for, and where in a live page
//! it sits.
//!
//! The arena's switches (`?fault=…`) are its names, and the truth matrix plants its kinds in memory:
//! `tests/support` takes this file in as it is, so it knows nothing of the arena or the runtime. The
//! table of switches in `docs/truth.md` is made of it.

/// Where in a live page a fault is carried out.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Place {
    /// In the game itself, as the worker in Rust runs it.
    Game,
    /// In the game, with a part of the state, or a bot, that only pages with this switch have: both
    /// pages of a session need it, one of them with `from=never`.
    BothGames,
    /// In what the worker answers.
    Worker,
    /// In what the page asks its worker, and in what it makes of the answers.
    Requests,
    /// In what the page says to the others.
    Messages,
    /// In the page itself: how it is set up, whether it can be seen.
    Itself,
    /// In what the page hands to its server.
    Rows,
    /// In what the page hands to its server, where the other page hands over its rows as well.
    BothRows,
}

macro_rules! faults {
    ($($(#[doc = $what:literal])+ $name:ident $code:literal $place:expr;)+) => {
        /// A kind of fault.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Fault {
            /// Nothing is wrong.
            None,
            $($(#[doc = $what])+ $name,)+
        }

        impl Fault {
            /// Every kind but [`Fault::None`].
            pub const ALL: &'static [Self] = &[$(Self::$name),+];

            /// What it does, in one sentence.
            #[must_use]
            pub const fn what(self) -> &'static str {
                match self {
                    Self::None => "",
                    $(Self::$name => concat!($($what),+),)+
                }
            }

            /// The code of the check that it is for.
            #[must_use]
            pub const fn code(self) -> &'static str {
                match self {
                    Self::None => "",
                    $(Self::$name => $code,)+
                }
            }

            /// Where in a live page it is carried out.
            #[must_use]
            pub const fn place(self) -> Place {
                match self {
                    Self::None => Place::Itself,
                    $(Self::$name => $place,)+
                }
            }
        }
    };
}

faults! {
    /// Leaves a rollback undone.
    DropRollback "rollback-missed" Place::Requests;
    /// Restores another state than the saved one.
    WrongSnapshot "snapshot-altered" Place::Requests;
    /// Replays one frame with another action.
    ReplayOtherAction "rollback-content" Place::Requests;
    /// Leaves the last frame out of a replay.
    ReplayTooShort "rollback-content" Place::Requests;
    /// The worker leaves a result out.
    DropResult "batch-contract" Place::Worker;
    /// The worker swaps two results.
    SwapResults "batch-contract" Place::Worker;
    /// Reports the hash of another state.
    ReportOtherHash "hash-of-other-state" Place::Messages;
    /// The worker computes hashes by another rule.
    HashByOtherRule "hash-not-of-state" Place::Worker;
    /// The worker computes every hash of the state one step earlier.
    StaleHash "hash-not-of-state" Place::Game;
    /// Steps add what the other page's do not.
    Nondeterminism "state-hash-mismatch" Place::Game;
    /// Steps of twenty frames do, then all is as before.
    NoiseForAWhile "state-hash-mismatch" Place::Game;
    /// Steps depend on how many were stepped at all, which no state holds.
    HiddenCounter "state-hash-mismatch" Place::Game;
    /// Steps draw from a generator that nobody seeds and no state holds.
    UnseededRandom "nondeterministic-step" Place::Game;
    /// Steps read a clock, so that a replay comes out otherwise.
    WallClock "nondeterministic-step" Place::Game;
    /// The worker leaves a part of the state out when it restores one.
    LossyRestore "state-not-restored" Place::Game;
    /// Announces another action than it simulates, after the true one; the other page shows it.
    AnnounceTwice "input-conflict" Place::Messages;
    /// The worker fails.
    WorkerFails "worker-stopped" Place::Worker;
    /// The page ends its worker and goes on asking it.
    WorkerEnded "worker-stopped" Place::Requests;
    /// Restores a snapshot once more by a request without steps.
    LoneRestore "round-trips-saved" Place::Requests;
    /// The worker answers a request that was never made.
    OrphanReply "batch-contract" Place::Worker;
    /// A first step leaves out an input of the other player that is held.
    SkipPlayer "input-ignored" Place::Requests;
    /// A replay uses the actions that the frames were stepped with before.
    ReplayOldInputs "rollback-content" Place::Requests;
    /// A rollback starts from a snapshot after the wrong frame.
    TooShallow "rollback-content" Place::Requests;
    /// A rollback without a wrong guess.
    Spurious "rollback-spurious" Place::Requests;
    /// No rollback is ever done.
    NoRollbacks "rollback-disabled" Place::Requests;
    /// Reports the hash of a frame whose inputs are still guessed.
    HashOfPredicted "hash-before-confirmed" Place::Messages;
    /// Reports for every frame the hash of the snapshot before it.
    HashOfOtherFrame "hash-of-other-state" Place::Messages;
    /// Reports no hash any more.
    NoHashes "verification-blind" Place::Messages;
    /// Inputs of another episode go out before this one begins; the other page shows it.
    LeakedInputs "input-bleed" Place::Messages;
    /// One input is never announced; the other page shows it.
    InputHole "input-hole" Place::Messages;
    /// One own input is never announced, seen from the page itself.
    Unannounced "inputs-unannounced" Place::Messages;
    /// The frames below the input delay are stepped with another action.
    InputBelowDelay "input-below-delay" Place::Requests;
    /// A frame is stepped with another own action than the page announces.
    OwnOtherwise "input-announced-otherwise" Place::Requests;
    /// A batch fails and the page steps on.
    StepAfterFailure "step-after-failure" Place::Game;
    /// A batch fails and the page's loop ends.
    LoopDies "loop-dead" Place::Game;
    /// A live step runs inside a rollback's batch.
    InterruptedBatch "batch-interrupted" Place::Worker;
    /// The page hands its worker code to run.
    RunPython "arbitrary-code" Place::Requests;
    /// Saved states hold a number that JSON does not have.
    NotJson "state-not-portable" Place::Worker;
    /// Every tick sends an introduction.
    EchoStorm "echo-storm" Place::Messages;
    /// A rollback comes one frame too late.
    LateRollback "rollback-late" Place::Requests;
    /// For half a second every wrong guess passes for a right one.
    ClearedGuesses "rollback-missed" Place::Requests;
    /// Reading the state changes it.
    ChangesUnasked "state-changed-unasked" Place::Game;
    /// A live step is posted while a rollback is open, and the worker names no times.
    UntimedOverlap "requests-overlap" Place::Worker;
    /// The hash leaves out a part of the state, and that part differs.
    HashLeavesOut "hash-leaves-out" Place::BothGames;
    /// The step counter beside a restored state is one too high.
    StepDrift "step-counter-drift" Place::BothGames;
    /// The sums of rewards beside a restored state lack something.
    RewardLoss "reward-sum-wrong" Place::BothGames;
    /// A restored whole number is rounded as JavaScript rounds it.
    RoundedInteger "state-not-portable" Place::BothGames;
    /// A step has a text for an action.
    TextAction "action-unsendable" Place::Requests;
    /// Inputs travel on a channel that keeps the order and repeats what was lost.
    OrderedChannel "input-channel-waits" Place::Messages;
    /// The page says its newest hash again with every message of inputs.
    ChattySync "sync-chatty" Place::Messages;
    /// The worker posts a line of a log in every tick.
    LogsEachFrame "logging-in-hot-path" Place::Worker;
    /// The page asks for pictures faster than its worker draws them.
    QueueGrows "queue-grows" Place::Worker;
    /// A whole state repairs one that differs, although a difference would do.
    WholeState "whole-state-asked" Place::BothGames;
    /// The peers find the end of the episode at different frames.
    EndsDiffer "episode-ends-differ" Place::Itself;
    /// Both peers end the episode later than the server asked for.
    EndsLate "episode-length-wrong" Place::Itself;
    /// The peers begin from different states, as their first words of them say.
    StartsDiffer "episode-starts-differ" Place::Requests;
    /// The page goes into the background and returns.
    Background "page-in-background" Place::Itself;
    /// The page leaves out a time in the background when it reports them.
    BackgroundForgotten "background-misreported" Place::Rows;
    /// Inputs that a page asks for do not come; the other page shows it.
    UnansweredRequest "input-request-unanswered" Place::Messages;
    /// Ready messages are answered with ready messages.
    ReadyStorm "echo-storm" Place::Messages;
    /// A row is missing in the page's export.
    ExportGap "export-rows" Place::Rows;
    /// A row stands twice in it.
    ExportTwice "export-rows" Place::Rows;
    /// A row holds another action than was played.
    ExportGuess "export-actions" Place::Rows;
    /// The rows are handed over before all inputs are there.
    ExportEarly "export-actions" Place::Rows;
    /// The server says that it did not save them: they are handed over in another page's name.
    ExportUnsaved "export-unsaved" Place::Rows;
    /// A row holds another reward than the other page's.
    ExportRewards "export-mismatch" Place::BothRows;
    /// A row holds another reward than its step brought, seen from the page itself.
    ExportOtherReward "export-rewards" Place::Rows;
    /// Rows are numbered one too high from a frame on.
    ExportShifted "export-rows" Place::Rows;
    /// The page counts one rollback too many.
    WrongCounters "telemetry-mismatch" Place::Rows;
    /// The page's socket took over from polling.
    PolledFirst "polling-transport" Place::Itself;
    /// The page finds no channel at first.
    FailedPairing "paired-anew" Place::Itself;
    /// The page loses its channel and gets it back.
    LostChannel "connection-interrupted" Place::Itself;
    /// A player leaves before the game is over; the other page shows it.
    BrokenOff "game-broken-off" Place::Itself;
    /// Some inputs go through the server.
    RelayedInputs "inputs-relayed" Place::Messages;
    /// The page's pings stop for a second and a half.
    LatePings "page-throttled" Place::Messages;
    /// Ticks of the timer are lost because a step takes too long.
    LostTick "ticks-lost" Place::Game;
    /// A bot acts on one page as it does not on the other.
    BotDiffers "bot-actions-differ" Place::BothGames;
}

impl Fault {
    /// Its name in an address: that of the variant in small letters, with dashes.
    #[must_use]
    pub fn name(self) -> String {
        let mut name = String::new();
        for letter in format!("{self:?}").chars() {
            if letter.is_ascii_uppercase() && !name.is_empty() {
                name.push('-');
            }
            name.push(letter.to_ascii_lowercase());
        }
        name
    }

    /// Whether it is a fault of what a page hands to its server.
    #[must_use]
    pub const fn is_of_rows(self) -> bool {
        matches!(self.place(), Place::Rows | Place::BothRows)
    }
}
