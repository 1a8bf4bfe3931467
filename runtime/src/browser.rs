//! The browser's side of the runtime: everything that touches workers, data channels, sockets and
//! clocks, and nothing that decides.
//!
//! [`GameSession`] is what a page uses; [`worker_main`] is what its worker runs.

mod api;
mod clock;
mod game_session;
mod game_worker;
mod kept_place;
mod peer_link;
mod rtc;
mod script_env;
mod signal_client;
mod state_hash;
mod sync_test_client;
mod timer;
mod visibility;
mod worker_client;
mod worker_entry;

pub use api::{OptionsObject, Session, SessionPage};
pub use clock::epoch_millis;
pub use game_session::{GameConfig, GameSession, PageGame, RouteStats, Stats, Status};
pub use game_worker::GameWorker;
pub use rtc::RtcOptions;
pub use script_env::{ScriptEnv, ScriptObject, sync_test};
pub use state_hash::hash_state;
pub use sync_test_client::sync_test_worker;
pub use worker_entry::{Loader, serve_environment, serve_loader, worker_main, worker_main_with};

use wasm_bindgen::prelude::*;

/// A listener that lives as long as this value.
type Listener<E> = Closure<dyn FnMut(E)>;

/// The message of a JavaScript error, for people.
fn words(error: &JsValue) -> String {
    let message = js_sys::Reflect::get(error, &JsValue::from_str("message")).ok();
    message
        .and_then(|message| message.as_string())
        .filter(|message| !message.is_empty())
        .unwrap_or_else(|| "no reason given".to_owned())
}
