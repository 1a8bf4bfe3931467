//! Connections that may only bring so many bytes per time: whoever brings more is cut off before
//! anything of it is kept. The library below Socket.IO takes messages of 64 MiB.

use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::task::{Context, Poll};
use std::time::Instant;

use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};
use tokio::net::{TcpListener, TcpStream};

use super::limits::Bucket;

/// Accepts connections and meters them.
pub(super) struct MeteredListener(pub(super) TcpListener);

/// A connection with its bucket.
pub(super) struct Metered {
    stream: TcpStream,
    bucket: Bucket,
    opened: Instant,
}

impl axum::serve::Listener for MeteredListener {
    type Io = Metered;
    type Addr = SocketAddr;

    async fn accept(&mut self) -> (Metered, SocketAddr) {
        let (stream, address) = axum::serve::Listener::accept(&mut self.0).await;
        // Games wait for small messages; a failure only makes them later.
        let _ = stream.set_nodelay(true);
        (Metered { stream, bucket: Bucket::of_bytes(0), opened: Instant::now() }, address)
    }

    fn local_addr(&self) -> io::Result<SocketAddr> {
        self.0.local_addr()
    }
}

impl AsyncRead for Metered {
    fn poll_read(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        buffer: &mut ReadBuf<'_>,
    ) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        let read = Pin::new(&mut self.stream).poll_read(context, buffer);
        let now_millis = self.opened.elapsed().as_millis() as u64;
        let bytes = buffer.filled().len() - before;
        if bytes > 0 && !self.bucket.take(now_millis, bytes) {
            return Poll::Ready(Err(io::Error::other("more bytes than any game has to say")));
        }
        read
    }
}

impl AsyncWrite for Metered {
    fn poll_write(
        mut self: Pin<&mut Self>,
        context: &mut Context<'_>,
        bytes: &[u8],
    ) -> Poll<io::Result<usize>> {
        Pin::new(&mut self.stream).poll_write(context, bytes)
    }

    fn poll_flush(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(context)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(context)
    }
}
