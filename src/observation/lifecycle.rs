//! Phases of a game as pages and their server tell them to each other.
//!
//! Dialects make them; `session` and the checks read them. They are claims of the application, not
//! findings.

/// What a page or its server said about the course of a game.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Milestone<'a> {
    /// The connection to the server stands.
    ServerConnected,
    /// The connection to the server ended.
    ServerDisconnected,
    /// The server refused the connection.
    ServerRefused {
        /// Its reason; empty if it gave none.
        reason: &'a str,
    },
    /// A scene began.
    SceneActivated {
        /// Its name.
        scene: &'a str,
    },
    /// A scene ended.
    SceneTerminated {
        /// Its name.
        scene: &'a str,
    },
    /// The page asked for a game.
    GameJoined,
    /// The game begins.
    GameStarted,
    /// The peers check the channel between them.
    ValidationRunning,
    /// The page found the channel good.
    ValidationSucceeded,
    /// The page found the channel bad, or waited too long for it.
    ValidationFailed {
        /// The page's reason.
        reason: &'a str,
    },
    /// All peers found the channel good.
    ValidationCompleted,
    /// The players are paired anew.
    Repooled {
        /// The server's reason.
        reason: &'a str,
    },
    /// Which way the channel takes.
    ConnectionFound {
        /// `direct` or `relay`, or another word of the application.
        kind: &'a str,
    },
    /// The page's own view of its connection, every other second.
    HealthReported {
        /// `healthy`, `degraded` or `reconnecting`, or another word of the application.
        status: &'a str,
    },
    /// The page lost its channel.
    ConnectionLost,
    /// The server has the game pause.
    Paused,
    /// The page has its channel again.
    Reconnected,
    /// The server has the game go on.
    Resumed,
    /// The page gave up waiting for its channel.
    ReconnectionTimedOut,
    /// The page says that it finished all episodes.
    GameCompleted,
    /// The game ended for a reason of its own.
    GameEnded {
        /// The reason, in the application's words.
        reason: &'a str,
    },
    /// A player was taken out of the game.
    PlayerExcluded {
        /// The reason, in the application's words.
        reason: &'a str,
    },
    /// The page reached a state that it does not leave.
    Terminal {
        /// The reason, in the application's words.
        reason: &'a str,
    },
}

/// What two pages tell each other to build a channel.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Signal {
    /// A description of one end.
    Offer,
    /// The other end's description.
    Answer,
    /// An address to try.
    Candidate,
}

/// A step of the handshake that finds out whether a channel between peers carries messages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum HandshakeStep {
    /// The speaker asks.
    Ping,
    /// The speaker answers.
    Pong,
    /// The speaker has found the channel good.
    Test,
}

/// How a worker came to its end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StopCause {
    /// It raised an error that nobody caught; the browser's words.
    Failed(String),
    /// The page ended it.
    Ended,
}
