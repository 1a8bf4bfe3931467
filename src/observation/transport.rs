//! How messages travel, where what is checked depends on it.

/// A channel that carries something of the game.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Transport {
    /// A data channel carried inputs.
    Inputs {
        /// Whether it keeps the order; `None` where the capture does not say it.
        is_ordered: Option<bool>,
        /// Whether it repeats lost messages until they arrive; `None` likewise.
        is_reliable: Option<bool>,
    },
    /// A socket of the page's server spoke.
    Server {
        /// Whether its session began by polling; `None` where the address does not say it.
        began_by_polling: Option<bool>,
    },
}

/// Who wrote a line into a log.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Logger {
    /// The page, and sent it to its server.
    Page,
    /// A worker, and posted it to its page.
    Worker,
}
