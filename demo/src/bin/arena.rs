//! `arena`: serves the game's page and pairs two of them. Command line in, one line with the
//! address out; everything else is in `rollscope_demo::server`.

#[cfg(target_arch = "wasm32")]
fn main() {}

#[cfg(not(target_arch = "wasm32"))]
fn main() -> anyhow::Result<()> {
    arena::run()
}

#[cfg(not(target_arch = "wasm32"))]
mod arena {
    use std::hash::{BuildHasher, RandomState};
    use std::io::Write;
    use std::path::PathBuf;
    use std::time::Duration;

    use anyhow::Context;
    use clap::Parser;
    use rollscope_demo::server::{PING_TIMEOUT, Server};

    /// Serves the Rollscope arena, a game with rollback netcode for two to eight, on this machine.
    ///
    /// Open the printed address in two tabs, or with /?room=NAME in both. Pages take these
    /// parameters: room, players, bots (players whom every page works out by itself), queue_resync_threshold (inputs that wait for a page that is away), bot (a seed: the page plays by itself), seed (of the game),
    /// latency_ms, jitter_ms, loss (a share, 0.05 is 5 %) for what the page sends, input_delay
    /// (frames), role (player, spectator), prediction (repeat_last, default_action, frequency), env
    /// (wasm, python), p2p (on, off), stun (HOST:PORT), turn (USER:PASSWORD@HOST:PORT), relay_only
    /// (on, off), episodes, episode_frames, pause_hidden (on, off),
    /// rows (on, off: whether the server is handed the rows of episodes), fault, from; and the optimisations form
    /// (binary, json, msgpack), resync (off, full, delta), hash_rate (every_snapshot, adaptive, predictive),
    /// send_interval (ticks), frame_sync (on, off), send_order (priority, made), bytes_per_tick,
    /// transport (unreliable, reliable), timestep (fixed, since_last), clock (high, date).
    ///
    /// Example: /?room=ice&bot=1&latency_ms=80&jitter_ms=30&loss=0.05
    #[derive(Parser)]
    #[command(name = "arena", version)]
    struct Arguments {
        /// Port on 127.0.0.1; 0 takes any free one
        #[arg(long, default_value_t = 0)]
        port: u16,
        /// Folder of the built page
        #[arg(long, default_value = "dist/arena")]
        root: PathBuf,
        /// Milliseconds in which a page must answer a ping, or it has gone; more where the machine is busy with other things
        #[arg(long, default_value_t = PING_TIMEOUT.as_millis() as u64)]
        ping_timeout_ms: u64,
    }

    pub(super) fn run() -> anyhow::Result<()> {
        let Arguments { port, root, ping_timeout_ms } = Arguments::parse();
        // The hasher's keys are the standard library's only source of true randomness; rooms need
        // names that do not repeat from one start to the next.
        let random_seed = RandomState::new().hash_one(port);
        let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
        runtime.block_on(async {
            let server =
                Server::bind(port, root, random_seed, Duration::from_millis(ping_timeout_ms))
                    .await
                    .with_context(|| format!("cannot listen on 127.0.0.1:{port}"))?;
            let address = server.address()?;
            writeln!(std::io::stdout(), "listening on http://{address}")?;
            server.serve().await.context("the server cannot go on")
        })
    }
}
