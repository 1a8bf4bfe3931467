//! The arena's server: pairs pages for WebRTC, carries what they say to each other where they have
//! no connection of their own, keeps the rows of their episodes, echoes on a side path, hands out the
//! files.
//!
//! It binds to loopback only, and knows nothing of what a game's messages mean.

mod files;
mod limits;
mod metered;
mod relay;
mod reloads;
mod room;
mod rooms;
mod rows;
mod sockets;
mod spectators;
mod terms;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;

use metered::MeteredListener;
pub use room::GRACE_MILLIS;
pub use rooms::{ClientId, MAX_CLIENTS, MAX_ROOMS, Outcome, Rooms};
pub use rows::KeptRows;
pub use sockets::PING_TIMEOUT;
use sockets::{Clients, SharedClients};

/// What the file handler knows.
#[derive(Clone)]
struct Shared {
    root: Arc<PathBuf>,
    clients: SharedClients,
}

/// A server that is bound but does not serve yet.
pub struct Server {
    listener: MeteredListener,
    clients: SharedClients,
    router: Router,
}

impl Server {
    /// Binds to `port` on loopback, 0 for any free one, to serve the files below `root`. Rooms
    /// without a name or a seed get theirs from `random_seed`. A page has `ping_timeout` to answer.
    ///
    /// # Errors
    ///
    /// When the port cannot be bound.
    pub async fn bind(
        port: u16,
        root: PathBuf,
        random_seed: u64,
        ping_timeout: Duration,
    ) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let clients = Arc::new(Mutex::new(Clients::new(random_seed)));
        let router = Router::new()
            .route("/echo", get(sockets::echo))
            .route("/rows/{room}/{player}/{episode}", get(sockets::rows))
            .fallback(get(files::serve))
            .with_state(Shared { root: Arc::new(root), clients: Arc::clone(&clients) })
            .layer(sockets::layer(Arc::clone(&clients), ping_timeout))
            .layer(axum::middleware::from_fn(sockets::refuse_polling));
        Ok(Self { listener: MeteredListener(listener), clients, router })
    }

    /// The address that it is bound to.
    ///
    /// # Errors
    ///
    /// When the system does not tell.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.0.local_addr()
    }

    /// Serves until the process ends.
    ///
    /// # Errors
    ///
    /// When connections cannot be accepted any more.
    pub async fn serve(self) -> std::io::Result<()> {
        tokio::spawn(sockets::keep_house(self.clients));
        axum::serve(self.listener, self.router).await
    }
}
