//! The page's end of the Socket.IO connection: events of [`crate::signal`] in and out, over the
//! client library that the page brings along. It comes back by itself when the server does.

use js_sys::Function;
use wasm_bindgen::prelude::*;

use crate::signal::{
    EPISODE_DATA, EpisodeData, FROM_SERVER, FromServer, MAX_MESSAGE_BYTES, Saved, ToServer,
    from_event, to_event,
};

#[wasm_bindgen]
extern "C" {
    /// A socket of `socket.io-client`.
    #[derive(Clone)]
    type Socket;

    #[wasm_bindgen(method, structural)]
    fn on(this: &Socket, event: &str, listener: &Function);
    #[wasm_bindgen(method, structural)]
    fn emit(this: &Socket, event: &str, argument: &JsValue);
    #[wasm_bindgen(method, structural, js_name = emit)]
    fn ask(this: &Socket, event: &str, argument: &JsValue, answered: &JsValue);
    #[wasm_bindgen(method, structural)]
    fn off(this: &Socket);
    #[wasm_bindgen(method, structural)]
    fn disconnect(this: &Socket);
    #[wasm_bindgen(method, structural)]
    fn connect(this: &Socket);
    #[wasm_bindgen(method, structural, getter)]
    fn connected(this: &Socket) -> bool;
}

/// What the connection says.
pub(super) enum SignalEvent {
    /// It is open, for the first time or again.
    Opened,
    /// The server says something.
    Said(Box<FromServer>),
    /// It is closed, or was not opened; it will be tried again.
    Closed,
}

/// A connection to the server.
pub(super) struct SignalClient {
    socket: Socket,
    _listeners: Vec<Closure<dyn FnMut(JsValue)>>,
}

/// Options of the connection: websocket only, and quick to come back.
const OPTIONS: &str = r#"{"transports":["websocket"],"upgrade":false,"forceNew":true,
    "reconnectionDelay":250,"reconnectionDelayMax":2000,"randomizationFactor":0.2,"timeout":5000}"#;

/// The same of a connection that polls first, which its server has named to it.
const POLLING: &str = r#"{"transports":["polling","websocket"],"query":{"polls_first":"1"},"forceNew":true,
    "reconnectionDelay":250,"reconnectionDelayMax":2000,"randomizationFactor":0.2,"timeout":5000}"#;

impl SignalClient {
    /// Connects by `io`, the function of `socket.io-client`, to `url`.
    pub(super) fn connect(
        io: &Function,
        (url, polls_first): (&str, bool),
        handle: impl Fn(SignalEvent) + Clone + 'static,
    ) -> Result<Self, JsValue> {
        let options = js_sys::JSON::parse(if polls_first { POLLING } else { OPTIONS })?;
        let socket: Socket =
            io.call2(&JsValue::UNDEFINED, &JsValue::from_str(url), &options)?.unchecked_into();
        let mut listeners = Vec::new();
        let mut listen = |event: &str, listener: Closure<dyn FnMut(JsValue)>| {
            socket.on(event, listener.as_ref().unchecked_ref());
            listeners.push(listener);
        };
        let opened = handle.clone();
        listen("connect", Closure::new(move |_| opened(SignalEvent::Opened)));
        for event in ["disconnect", "connect_error"] {
            let closed = handle.clone();
            listen(event, Closure::new(move |_| closed(SignalEvent::Closed)));
        }
        for name in FROM_SERVER {
            let said = handle.clone();
            listen(
                name,
                Closure::new(move |argument: JsValue| {
                    // A server of a later version may say more; what is not known is passed over.
                    if let Some(message) = read(name, &argument) {
                        said(SignalEvent::Said(Box::new(message)));
                    }
                }),
            );
        }
        Ok(Self { socket, _listeners: listeners })
    }

    pub(super) fn is_open(&self) -> bool {
        self.socket.connected()
    }

    /// Sends a message; on a connection that is not open it goes nowhere.
    pub(super) fn send(&self, message: &ToServer) {
        if self.is_open()
            && let Some((name, argument)) = to_event(message)
            && let Ok(argument) = js_sys::JSON::parse(&argument.to_string())
        {
            self.socket.emit(&name, &argument);
        }
    }

    /// Hands rows over; `answered` hears whether the server keeps them, if it says so at all.
    pub(super) fn send_rows(
        &self,
        whose: &EpisodeData,
        rows: &[u8],
        answered: impl FnOnce(bool) + 'static,
    ) -> Result<(), JsValue> {
        let text = serde_json::to_string(whose).map_err(|error| error.to_string())?;
        let argument = js_sys::JSON::parse(&text)?;
        let rows = js_sys::Uint8Array::from(rows);
        js_sys::Reflect::set(&argument, &JsValue::from_str("data"), &rows)?;
        let answered = Closure::once_into_js(move |answer: JsValue| {
            let text = js_sys::JSON::stringify(&answer).ok().and_then(|text| text.as_string());
            let saved: Option<Saved> = text.and_then(|text| serde_json::from_str(&text).ok());
            answered(saved.is_some_and(|saved| saved.saved));
        });
        self.socket.ask(EPISODE_DATA, &argument, &answered);
        Ok(())
    }
}

impl Drop for SignalClient {
    fn drop(&mut self) {
        self.socket.off();
        self.socket.disconnect();
    }
}

fn read(name: &str, argument: &JsValue) -> Option<FromServer> {
    let text = js_sys::JSON::stringify(argument).ok()?.as_string()?;
    let is_short = text.len() <= 2 * MAX_MESSAGE_BYTES;
    from_event(name, serde_json::from_str(&text).ok().filter(|_| is_short)?).ok()
}
