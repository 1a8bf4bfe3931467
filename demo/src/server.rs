//! The arena's server: pairs two pages for WebRTC, echoes on a side path, hands out the files.
//!
//! It binds to loopback only. The game's traffic never comes through here.

mod files;
mod rooms;
mod sockets;

use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;
use std::sync::{Arc, Mutex};

use axum::Router;
use axum::routing::get;
use tokio::net::TcpListener;

pub use rooms::{ClientId, MAX_CLIENTS, MAX_ROOMS, Rooms};
use sockets::Clients;

/// What the handlers share.
#[derive(Clone)]
struct Shared {
    clients: Arc<Mutex<Clients>>,
    root: Arc<PathBuf>,
}

/// A server that is bound but does not serve yet.
pub struct Server {
    listener: TcpListener,
    router: Router,
}

impl Server {
    /// Binds to `port` on loopback, 0 for any free one, to serve the files below `root`. Rooms
    /// without a name or a seed get theirs from `random_seed`.
    ///
    /// # Errors
    ///
    /// When the port cannot be bound.
    pub async fn bind(port: u16, root: PathBuf, random_seed: u64) -> std::io::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port)).await?;
        let shared = Shared {
            clients: Arc::new(Mutex::new(Clients::new(random_seed))),
            root: Arc::new(root),
        };
        let router = Router::new()
            .route("/signal", get(sockets::signal))
            .route("/echo", get(sockets::echo))
            .fallback(get(files::serve))
            .with_state(shared);
        Ok(Self { listener, router })
    }

    /// The address that it is bound to.
    ///
    /// # Errors
    ///
    /// When the system does not tell.
    pub fn address(&self) -> std::io::Result<SocketAddr> {
        self.listener.local_addr()
    }

    /// Serves until the process ends.
    ///
    /// # Errors
    ///
    /// When connections cannot be accepted any more.
    pub async fn serve(self) -> std::io::Result<()> {
        axum::serve(self.listener, self.router).await
    }
}
