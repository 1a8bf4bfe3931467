//! The only module that knows the host page and JavaScript: what the boot glue calls, and what the
//! panel may ask of it (`extension/panel.js`).

use std::cell::{Cell, RefCell};
use std::time::Duration;

use js_sys::{Function, JSON, Reflect, Uint8Array};
use wasm_bindgen::prelude::*;

use crate::address;
use crate::app;
use crate::canvas;
use crate::decode::count_decoded;
use crate::files;
use crate::html::{self, IntoNode};
use crate::leptos::prelude::*;
use crate::state::{Connection, Consent, Loaded, Status, Ui};
use crate::store;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_namespace = performance)]
    fn now() -> f64;
}

/// Redraws that are kept until somebody asks for them.
const MOST_REDRAWS: usize = 4096;

thread_local! {
    static HOST: RefCell<JsValue> = const { RefCell::new(JsValue::UNDEFINED) };
    static UI: Cell<Option<Ui>> = const { Cell::new(None) };
    static IS_TAKING_IN: Cell<bool> = const { Cell::new(false) };
    static REDRAWS: RefCell<Vec<f64>> = const { RefCell::new(Vec::new()) };
}

/// Shows the panel in the document; `host` is what the panel may ask of the browser.
#[wasm_bindgen]
pub fn mount(host: JsValue) {
    std::panic::set_hook(Box::new(|panic| {
        web_sys::console::error_1(&JsValue::from_str(&panic.to_string()));
    }));
    HOST.set(host);
    crate::leptos::run(|| {
        let ui = Ui::default();
        UI.set(Some(ui));
        html::mount_to_body(app::app(ui).into_node());
    });
}

/// Time in one task that is spent on what comes in, in milliseconds: with what is drawn an
/// animation frame stays below 50 ms.
const BUDGET_MS: f64 = 10.0;

/// What all components share; `None` before the panel is shown.
pub fn ui() -> Option<Ui> {
    UI.get()
}

/// Takes one chunk from the hook.
#[wasm_bindgen(js_name = handleChunk)]
pub fn handle_chunk(bytes: &[u8]) {
    store::queue_chunk(bytes.to_vec());
    if store::is_there() {
        take_in_soon();
    }
}

fn take_in_soon() {
    if !IS_TAKING_IN.replace(true) {
        set_timeout(take_in, Duration::ZERO);
    }
}

/// The second part of the panel is there: what waited for it has its turn, in its order.
#[wasm_bindgen(js_name = attachAnalysis)]
pub fn attach_analysis() {
    let Some(ui) = UI.get() else { return };
    store::attach();
    if let Some(cap) = kept_memory_cap() {
        store::set_memory_cap(cap);
    }
    ui.analysis.set(Loaded::There);
    ui.opening.set(None);
    ui.look_again.update(|count| *count = count.wrapping_add(1));
    take_in_soon();
    files::open_waiting(ui);
}

/// The second part of the panel cannot be loaded; `reason` is the browser's.
#[wasm_bindgen(js_name = missAnalysis)]
pub fn miss_analysis(reason: &str) {
    let Some(ui) = UI.get() else { return };
    ui.analysis.set(Loaded::Missing(reason.to_owned()));
    ui.opening.set(None);
    files::refuse_waiting(ui);
}

// A hidden page has no animation to disturb, and its timers come once a second.
fn take_in() {
    let begin = precise_now_ms();
    let is_hidden = document().hidden();
    if store::take_in(|| is_hidden || precise_now_ms() - begin < BUDGET_MS) {
        set_timeout(take_in, Duration::ZERO);
    } else {
        IS_TAKING_IN.set(false);
    }
}

/// Takes the state of the connection as JSON; what cannot be read changes nothing.
#[wasm_bindgen(js_name = handleStatus)]
pub fn handle_status(json: &str) {
    let Some(ui) = UI.get() else { return };
    let Ok(value) = JSON::parse(json) else { return };
    ui.status.set(Status {
        connection: match text(&value, "connection").as_str() {
            "recording" => Connection::Recording,
            "detached" => Connection::Detached,
            "notAllowed" => Connection::NotAllowed,
            "file" => Connection::File,
            _ => Connection::Connecting,
        },
        origin: text(&value, "origin"),
        url: text(&value, "url"),
        consent: match text(&value, "consent").as_str() {
            "asked" => Consent::Asked,
            "refused" => Consent::Refused,
            _ => Consent::NotAsked,
        },
    });
}

/// Says that so many files come that were chosen together, each through [`open_file`] or [`refuse_file`].
#[wasm_bindgen(js_name = beginFiles)]
pub fn begin_files(count: usize) {
    if let Some(ui) = UI.get() {
        files::begin(ui, count);
    }
}

/// Opens a capture file: in the place of what was captured so far, or together with the files
/// that are open. Returns whether it is being opened.
#[wasm_bindgen(js_name = openFile)]
pub fn open_file(name: &str, bytes: Vec<u8>, is_further: bool) -> bool {
    UI.get().is_some_and(|ui| files::open(ui, name, bytes, is_further))
}

/// Says that one of the files that were chosen together cannot be read, and why.
#[wasm_bindgen(js_name = refuseFile)]
pub fn refuse_file(name: &str, reason: &str) {
    if let Some(ui) = UI.get() {
        files::refuse(ui, name, reason);
    }
}

/// The report on what is shown as JSON: for programs that drive the panel, such as the tests.
#[wasm_bindgen(js_name = reportJson)]
pub fn report_json() -> String {
    store::report_json()
}

/// Everything captured as a file, for the same.
#[wasm_bindgen(js_name = captureFile)]
pub fn capture_file() -> Vec<u8> {
    store::capture_file(now_ms())
}

/// Decodes every value of a capture file and keeps none; returns how many events there were, 0 if
/// the bytes are no capture: for measurements.
#[wasm_bindgen(js_name = decodeFile)]
pub fn decode_file(bytes: &[u8]) -> u32 {
    if store::is_there() { count_decoded(bytes) } else { 0 }
}

/// Takes what stands behind the `#` of the panel's address.
#[wasm_bindgen(js_name = handleAddress)]
pub fn handle_address(hash: &str) {
    let Some(ui) = UI.get() else { return };
    ui.wanted.set(Some(address::parse(hash)));
}

/// Durations of the last redraws of canvases in milliseconds, and forgets them: for measurements.
#[wasm_bindgen(js_name = takeRedraws)]
pub fn take_redraws() -> Vec<f64> {
    REDRAWS.take()
}

/// Notes how long a redraw took.
pub fn note_redraw(ms: f64) {
    REDRAWS.with_borrow_mut(|redraws| {
        if redraws.len() < MOST_REDRAWS {
            redraws.push(ms);
        }
    });
}

/// Milliseconds of a clock that is exact and never set.
pub fn precise_now_ms() -> f64 {
    now()
}

/// Writes what is shown into the panel's address.
pub fn set_address(hash: &str) {
    call("setAddress", &[hash.into()]);
}

/// Takes the theme of the host: `light` or `dark`.
#[wasm_bindgen(js_name = setTheme)]
pub fn set_theme(theme: &str) {
    let root = document().document_element();
    if let Some(root) = root {
        // Fails only for an invalid attribute name.
        let _ = root.set_attribute("data-theme", theme);
    }
    canvas::forget_palette();
    if let Some(ui) = UI.get() {
        ui.theme.update(|theme| *theme = theme.wrapping_add(1));
    }
}

/// Whether the panel stands in the developer tools, not in a page of its own.
pub fn is_in_devtools() -> bool {
    HOST.with_borrow(|host| text(host, "mode") == "devtools")
}

/// Version of the extension; empty where there is none.
pub fn version() -> String {
    HOST.with_borrow(|host| text(host, "version"))
}

/// The memory cap that the user has set in this or an earlier panel, in bytes.
fn kept_memory_cap() -> Option<usize> {
    let cap = HOST.with_borrow(|host| field(host, "memoryCap").as_f64())?;
    (cap >= 1.0).then_some(cap as usize)
}

/// Keeps the memory cap for the next panel.
pub fn keep_memory_cap(max_bytes: usize) {
    call("keepMemoryCap", &[(max_bytes as f64).into()]);
}

/// Asks the browser for access to the observed origin.
pub fn request_origin() {
    call("requestOrigin", &[]);
}

/// Reloads the observed page.
pub fn reload_page() {
    call("reloadPage", &[]);
}

/// Takes the hook out of the observed page and its site out of the allowed ones.
pub fn forget_origin() {
    call("forgetOrigin", &[]);
}

/// Writes settings of the hook for the observed site and reloads the page; an empty text takes them away.
pub fn save_settings(json: &str) {
    call("saveSettings", &[json.into()]);
}

/// Lets the user choose a capture file, which comes back through [`open_file`].
pub fn pick_file() {
    call("pickFile", &[]);
}

/// Gives the user a file.
pub fn download(name: &str, mime: &str, bytes: &[u8]) {
    call("download", &[name.into(), mime.into(), Uint8Array::from(bytes).into()]);
}

/// Gives the user everything captured as a file.
pub fn save_capture() {
    download("session.rollscope", "application/octet-stream", &store::capture_file(now_ms()));
}

/// Milliseconds since the epoch, for the head of a capture file.
pub fn now_ms() -> f64 {
    js_sys::Date::now()
}

fn call(method: &str, arguments: &[JsValue]) {
    let result = HOST.with_borrow(|host| {
        let method = field(host, method).dyn_into::<Function>()?;
        method.apply(host, &arguments.iter().collect())
    });
    if let Err(error) = result {
        let reason = Reflect::get(&error, &"message".into()).ok().and_then(|text| text.as_string());
        let reason = reason.unwrap_or_else(|| "the browser gave no reason".to_owned());
        if let Some(ui) = UI.get() {
            ui.error.set(Some(format!("The browser refused {method}: {reason}")));
        }
    }
}

fn field(value: &JsValue, name: &str) -> JsValue {
    Reflect::get(value, &name.into()).unwrap_or(JsValue::UNDEFINED)
}

fn text(value: &JsValue, name: &str) -> String {
    field(value, name).as_string().unwrap_or_default()
}
