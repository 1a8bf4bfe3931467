//! What an engine may do differently without its peers' knowledge: the optimisations of the seeds
//! and the bounds of a session. What peers must know stands in `SessionSettings`.

/// What happens when a peer's state hash differs from ours.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum ResyncRule {
    /// It is logged and the session plays on.
    #[default]
    Off,
    /// The peer that asks gets the whole state.
    Full,
    /// It gets what differs from the newest state that both had in common (seed 001, A1).
    Delta,
}

/// How often hashes of confirmed states are said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum HashRate {
    /// For every snapshot.
    #[default]
    EverySnapshot,
    /// Every 30 frames; for every snapshot during five seconds after a desync (seed 001, B1).
    Adaptive,
    /// As `Adaptive`, and also after signs that one may come (seed 001, B3): a wait at the end of
    /// the prediction window, a deep rollback, a conflict, a peer that fell silent.
    Predictive,
}

/// In which order messages go out while more wait than may be sent.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum SendOrder {
    /// Inputs first, hashes and acknowledgements next, states last (seed 001, E2).
    #[default]
    ByPriority,
    /// As they were made.
    AsMade,
}

/// Options of one peer's engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct EngineOptions {
    /// What happens after a desync.
    pub resync: ResyncRule,
    /// How often hashes are said.
    pub hash_rate: HashRate,
    /// Ticks between two messages of inputs; each one holds all that is not acknowledged (seed
    /// 001, A3). 0 counts as 1.
    pub send_interval_ticks: u32,
    /// Ticks between two frame syncs; 0 sends none, and then no advice on the pace is known (seed
    /// 001, D2).
    pub frame_sync_interval_ticks: u32,
    /// The order of what is sent.
    pub send_order: SendOrder,
    /// Bytes that may be sent per tick on average; `None` sets no limit.
    pub bytes_per_tick: Option<u32>,
    /// Frames of an episode where the number is fixed; else the game says when it ends.
    pub episode_frames: Option<u32>,
    /// Places for spectators.
    pub spectators: u8,
}

impl Default for EngineOptions {
    fn default() -> Self {
        Self {
            resync: ResyncRule::default(),
            hash_rate: HashRate::default(),
            send_interval_ticks: 1,
            frame_sync_interval_ticks: 10,
            send_order: SendOrder::default(),
            bytes_per_tick: None,
            episode_frames: None,
            spectators: 0,
        }
    }
}
