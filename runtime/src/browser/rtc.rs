//! One WebRTC connection to one other page, with one unreliable data channel.
//!
//! Steps of the negotiation come in from the signalling client and go out through it; bytes of the
//! game go both ways. Who offers, when a connection is repaired or made anew, and what goes over
//! the relay instead is decided by `peer_link`.

use std::cell::RefCell;
use std::rc::Rc;

use js_sys::{ArrayBuffer, Uint8Array};
use wasm_bindgen::prelude::*;
use wasm_bindgen_futures::{JsFuture, spawn_local};
use web_sys::{
    Event, MessageEvent, RtcConfiguration, RtcDataChannel, RtcDataChannelEvent, RtcDataChannelInit,
    RtcDataChannelState, RtcDataChannelType, RtcIceCandidateInit, RtcIceTransportPolicy,
    RtcOfferOptions, RtcPeerConnection, RtcPeerConnectionIceEvent, RtcPeerConnectionState,
    RtcSdpType, RtcSessionDescriptionInit,
};

use super::Listener;
use crate::options::TurnServer;
use crate::switches::Transport;

/// Label of the data channel.
const LABEL: &str = "game";

/// Candidates kept until the other page's description has come.
const MAX_EARLY_CANDIDATES: usize = 64;

/// Bytes that may wait in the channel: half a second of six players. What comes on top is not
/// sent; inputs are repeated anyway.
const MAX_BUFFERED_BYTES: u32 = 64 * 1024;

/// How connections are made.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct RtcOptions {
    /// STUN servers, and TURN servers that need no credential: `stun:host:port`.
    pub ice_servers: Vec<String>,
    /// TURN servers.
    pub turn_servers: Vec<TurnServer>,
    /// Use paths through a TURN server only.
    pub relay_only: bool,
    /// How the channel carries messages; the page that offers decides.
    pub transport: Transport,
}

/// One step of a negotiation.
pub(super) enum Negotiation {
    /// The description of the page that offers.
    Offer(String),
    /// The description of the other page.
    Answer(String),
    /// A way to reach the speaker.
    Candidate { candidate: String, sdp_mid: Option<String>, sdp_m_line_index: Option<u16> },
}

/// What the connection says.
pub(super) enum RtcEvent {
    /// Something for the other page, through the signalling server.
    Negotiate(Negotiation),
    /// The channel is open.
    Opened,
    /// A message came.
    Received(Vec<u8>),
    /// A path was found, for the first time or again.
    Connected,
    /// The path is lost; another one may be found.
    Disconnected,
    /// No path was found.
    Failed,
    /// The connection is gone, or could not be made.
    Closed,
}

type Handler = Rc<dyn Fn(RtcEvent)>;

/// One connection to the other page.
pub(super) struct RtcManager {
    inner: Rc<Inner>,
    _on_candidate: Listener<RtcPeerConnectionIceEvent>,
    _on_state: Listener<Event>,
    _on_channel: Listener<RtcDataChannelEvent>,
}

struct Inner {
    connection: RtcPeerConnection,
    handle: Handler,
    channel: RefCell<Option<Channel>>,
    // Candidates that came before the description that they belong to; none once it has come.
    early: RefCell<Option<Vec<RtcIceCandidateInit>>>,
}

struct Channel {
    channel: RtcDataChannel,
    _on_open: Listener<Event>,
    _on_close: Listener<Event>,
    _on_message: Listener<MessageEvent>,
}

impl RtcManager {
    /// A connection whose side opens the channel and makes the offer (`initiate`), or waits.
    pub(super) fn initiate(options: &RtcOptions, handle: Handler) -> Result<Self, JsValue> {
        let manager = Self::wait(options, handle)?;
        let promises = RtcDataChannelInit::new();
        if options.transport == Transport::Unreliable {
            promises.set_ordered(false);
            promises.set_max_retransmits(0);
        }
        let connection = &manager.inner.connection;
        let channel = connection.create_data_channel_with_data_channel_dict(LABEL, &promises);
        adopt(&manager.inner, channel);
        manager.offer(false);
        Ok(manager)
    }

    /// Looks for new paths of this connection.
    pub(super) fn restart_ice(&self) {
        self.offer(true);
    }

    fn offer(&self, is_restart: bool) {
        let inner = Rc::clone(&self.inner);
        spawn_local(async move {
            let made = offer(&inner, is_restart).await;
            inner.report(&made);
        });
    }

    /// A connection that waits for the other side's offer.
    pub(super) fn wait(options: &RtcOptions, handle: Handler) -> Result<Self, JsValue> {
        let connection = RtcPeerConnection::new_with_configuration(&configuration(options)?)?;
        let inner = Rc::new(Inner {
            connection: connection.clone(),
            handle,
            channel: RefCell::new(None),
            early: RefCell::new(Some(Vec::new())),
        });
        let on_candidate = {
            let handle = Rc::clone(&inner.handle);
            Closure::new(move |event: RtcPeerConnectionIceEvent| {
                if let Some(candidate) = event.candidate() {
                    handle(RtcEvent::Negotiate(Negotiation::Candidate {
                        candidate: candidate.candidate(),
                        sdp_mid: candidate.sdp_mid(),
                        sdp_m_line_index: candidate.sdp_m_line_index(),
                    }));
                }
            })
        };
        let on_state = {
            let (handle, connection) = (Rc::clone(&inner.handle), connection.clone());
            Closure::new(move |_: Event| {
                handle(match connection.connection_state() {
                    RtcPeerConnectionState::Connected => RtcEvent::Connected,
                    RtcPeerConnectionState::Disconnected => RtcEvent::Disconnected,
                    RtcPeerConnectionState::Failed => RtcEvent::Failed,
                    RtcPeerConnectionState::Closed => RtcEvent::Closed,
                    _ => return,
                });
            })
        };
        let on_channel = {
            let weak = Rc::downgrade(&inner);
            Closure::new(move |event: RtcDataChannelEvent| {
                if let Some(inner) = weak.upgrade() {
                    adopt(&inner, event.channel());
                }
            })
        };
        connection.set_onicecandidate(Some(on_candidate.as_ref().unchecked_ref()));
        connection.set_onconnectionstatechange(Some(on_state.as_ref().unchecked_ref()));
        connection.set_ondatachannel(Some(on_channel.as_ref().unchecked_ref()));
        Ok(Self {
            inner,
            _on_candidate: on_candidate,
            _on_state: on_state,
            _on_channel: on_channel,
        })
    }

    /// Takes a step of the negotiation from the other page.
    pub(super) fn handle(&self, step: Negotiation) {
        let inner = Rc::clone(&self.inner);
        spawn_local(async move {
            match step {
                Negotiation::Offer(sdp) => {
                    let made = answer(&inner, &sdp).await;
                    inner.report(&made);
                }
                Negotiation::Answer(sdp) => {
                    let made = describe_remote(&inner, RtcSdpType::Answer, &sdp).await;
                    inner.report(&made);
                }
                Negotiation::Candidate { candidate, sdp_mid, sdp_m_line_index } => {
                    let init = RtcIceCandidateInit::new(&candidate);
                    init.set_sdp_mid(sdp_mid.as_deref());
                    init.set_sdp_m_line_index(sdp_m_line_index);
                    add_candidate(&inner, init).await;
                }
            }
        });
    }

    /// Whether bytes can be sent.
    pub(super) fn is_open(&self) -> bool {
        let channel = self.inner.channel.borrow();
        channel.as_ref().is_some_and(|c| c.channel.ready_state() == RtcDataChannelState::Open)
    }

    /// Sends bytes. `false` when the channel takes none right now; the other peer gets them later,
    /// because inputs are repeated until they are acknowledged.
    pub(super) fn send(&self, bytes: &[u8]) -> bool {
        let channel = self.inner.channel.borrow();
        let has_room = |channel: &Channel| channel.channel.buffered_amount() < MAX_BUFFERED_BYTES;
        self.is_open()
            && channel.as_ref().is_some_and(|channel| {
                has_room(channel) && channel.channel.send_with_u8_array(bytes).is_ok()
            })
    }
}

impl Drop for RtcManager {
    fn drop(&mut self) {
        let connection = &self.inner.connection;
        connection.set_onicecandidate(None);
        connection.set_onconnectionstatechange(None);
        connection.set_ondatachannel(None);
        if let Some(Channel { channel, .. }) = &*self.inner.channel.borrow() {
            channel.set_onopen(None);
            channel.set_onclose(None);
            channel.set_onmessage(None);
        }
        connection.close();
    }
}

impl Inner {
    // A step that fails leaves a connection that never opens: it is made anew after a while.
    fn report(&self, made: &Result<(), JsValue>) {
        if made.is_err() {
            (self.handle)(RtcEvent::Failed);
        }
    }
}

fn configuration(options: &RtcOptions) -> Result<RtcConfiguration, JsValue> {
    let configuration = RtcConfiguration::new();
    let plain = options.ice_servers.iter().map(|urls| serde_json::json!({ "urls": urls }));
    let servers: Vec<_> =
        plain.chain(options.turn_servers.iter().map(|turn| serde_json::json!(turn))).collect();
    configuration.set_ice_servers(&js_sys::JSON::parse(&serde_json::json!(servers).to_string())?);
    if options.relay_only {
        configuration.set_ice_transport_policy(RtcIceTransportPolicy::Relay);
    }
    Ok(configuration)
}

/// Listens to the channel; only the first one with our label is used.
fn adopt(inner: &Rc<Inner>, channel: RtcDataChannel) {
    if channel.label() != LABEL || inner.channel.borrow().is_some() {
        return;
    }
    channel.set_binary_type(RtcDataChannelType::Arraybuffer);
    let handle = Rc::clone(&inner.handle);
    let on_open = Closure::new(move |_: Event| handle(RtcEvent::Opened));
    let handle = Rc::clone(&inner.handle);
    let on_close = Closure::new(move |_: Event| handle(RtcEvent::Closed));
    let handle = Rc::clone(&inner.handle);
    let on_message = Closure::new(move |event: MessageEvent| {
        // A text is no message of ours; an empty message counts as unreadable all the same.
        let bytes = event.data().dyn_into::<ArrayBuffer>().map(|buffer| Uint8Array::new(&buffer));
        handle(RtcEvent::Received(bytes.map_or_else(|_| Vec::new(), |bytes| bytes.to_vec())));
    });
    channel.set_onopen(Some(on_open.as_ref().unchecked_ref()));
    channel.set_onclose(Some(on_close.as_ref().unchecked_ref()));
    channel.set_onmessage(Some(on_message.as_ref().unchecked_ref()));
    // A remote channel can arrive already open; its event is then over.
    let is_open = channel.ready_state() == RtcDataChannelState::Open;
    let adopted =
        Channel { channel, _on_open: on_open, _on_close: on_close, _on_message: on_message };
    *inner.channel.borrow_mut() = Some(adopted);
    if is_open {
        (inner.handle)(RtcEvent::Opened);
    }
}

async fn offer(inner: &Inner, is_restart: bool) -> Result<(), JsValue> {
    let options = RtcOfferOptions::new();
    options.set_ice_restart(is_restart);
    let made = inner.connection.create_offer_with_rtc_offer_options(&options);
    let made = JsFuture::from(made).await?;
    let sdp = set_local(inner, RtcSdpType::Offer, &made).await?;
    (inner.handle)(RtcEvent::Negotiate(Negotiation::Offer(sdp)));
    Ok(())
}

async fn answer(inner: &Inner, sdp: &str) -> Result<(), JsValue> {
    describe_remote(inner, RtcSdpType::Offer, sdp).await?;
    let made = JsFuture::from(inner.connection.create_answer()).await?;
    let sdp = set_local(inner, RtcSdpType::Answer, &made).await?;
    (inner.handle)(RtcEvent::Negotiate(Negotiation::Answer(sdp)));
    Ok(())
}

async fn set_local(inner: &Inner, kind: RtcSdpType, made: &JsValue) -> Result<String, JsValue> {
    let sdp = js_sys::Reflect::get(made, &JsValue::from_str("sdp"))?;
    let sdp = sdp.as_string().unwrap_or_default();
    let description = RtcSessionDescriptionInit::new(kind);
    description.set_sdp(&sdp);
    JsFuture::from(inner.connection.set_local_description(&description)).await?;
    Ok(sdp)
}

async fn describe_remote(inner: &Inner, kind: RtcSdpType, sdp: &str) -> Result<(), JsValue> {
    let description = RtcSessionDescriptionInit::new(kind);
    description.set_sdp(sdp);
    JsFuture::from(inner.connection.set_remote_description(&description)).await?;
    let early = inner.early.borrow_mut().take();
    for candidate in early.unwrap_or_default() {
        add_candidate(inner, candidate).await;
    }
    Ok(())
}

async fn add_candidate(inner: &Inner, candidate: RtcIceCandidateInit) {
    if let Some(early) = &mut *inner.early.borrow_mut() {
        if early.len() < MAX_EARLY_CANDIDATES {
            early.push(candidate);
        }
        return;
    }
    let connection = &inner.connection;
    let added = connection.add_ice_candidate_with_opt_rtc_ice_candidate_init(Some(&candidate));
    // A candidate of a kind that this browser does not know is no loss while another one works.
    let _ = JsFuture::from(added).await;
}
