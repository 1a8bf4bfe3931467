//! The page's end of the signalling socket: messages of [`crate::signal`] in and out.

use wasm_bindgen::prelude::*;
use web_sys::{Event, MessageEvent, WebSocket};

use super::Listener;
use crate::signal::{FromServer, ToServer};

/// What the socket says.
pub(super) enum SignalEvent {
    /// The socket is open.
    Opened,
    /// The server says something.
    Said(FromServer),
    /// The socket is closed, or never opened.
    Closed,
}

/// A socket to the signalling server.
pub(super) struct SignalClient {
    socket: WebSocket,
    _on_message: Listener<MessageEvent>,
    _on_open: Listener<Event>,
    _on_close: Listener<Event>,
}

impl SignalClient {
    pub(super) fn connect(
        url: &str,
        handle: impl Fn(SignalEvent) + Clone + 'static,
    ) -> Result<Self, JsValue> {
        let socket = WebSocket::new(url)?;
        let (opened, said, closed) = (handle.clone(), handle.clone(), handle);
        let on_open = Closure::new(move |_: Event| opened(SignalEvent::Opened));
        let on_message = Closure::new(move |event: MessageEvent| {
            let text = event.data().as_string().unwrap_or_default();
            // A server of a later version may say more; what is not known here is passed over.
            if let Ok(message) = serde_json::from_str(&text) {
                said(SignalEvent::Said(message));
            }
        });
        let on_close = Closure::new(move |_: Event| closed(SignalEvent::Closed));
        socket.set_onopen(Some(on_open.as_ref().unchecked_ref()));
        socket.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
        socket.set_onclose(Some(on_close.as_ref().unchecked_ref()));
        Ok(Self { socket, _on_message: on_message, _on_open: on_open, _on_close: on_close })
    }

    /// Sends a message; on a socket that is not open it goes nowhere, and `Closed` tells of that.
    pub(super) fn send(&self, message: &ToServer) {
        if self.socket.ready_state() == WebSocket::OPEN
            && let Ok(text) = serde_json::to_string(message)
        {
            let _ = self.socket.send_with_str(&text);
        }
    }
}

impl Drop for SignalClient {
    fn drop(&mut self) {
        self.socket.set_onopen(None);
        self.socket.set_onmessage(None);
        self.socket.set_onclose(None);
        let _ = self.socket.close();
    }
}
