//! What the panel takes of Leptos: signals and effects, names of events, and what asks the window.
//!
//! Taken from its parts: the whole would bring along how pages talk to their server, which the panel has
//! none of, and which a browser would load.

pub use tachys::html::event as ev;

/// What most files need.
pub mod prelude {
    pub use leptos_dom::helpers::*;
    pub use reactive_graph::computed::{ArcMemo, Memo};
    pub use reactive_graph::effect::{Effect, RenderEffect};
    pub use reactive_graph::graph::untrack;
    pub use reactive_graph::owner::{Owner, StoredValue, on_cleanup};
    pub use reactive_graph::prelude::*;
    pub use reactive_graph::signal::RwSignal;
}

/// Begins with signals and effects, for as long as the page lives; `build` makes what they move.
pub fn run(build: impl FnOnce()) {
    // An error says that somebody has begun before, which is as good.
    let _ = any_spawner::Executor::init_wasm_bindgen();
    let owner = prelude::Owner::new();
    owner.with(build);
    // Nothing ends it but the page.
    std::mem::forget(owner);
}
