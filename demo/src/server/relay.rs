//! What pages of a room say to each other through the server: the negotiation of WebRTC, messages
//! of the game where a page has no connection of its own, and whole states without a host.
//!
//! Every message names its speaker; a client that names another one is refused. Messages are
//! passed on unread.

use rollscope_runtime::signal::{
    FIRST_SPECTATOR, FromServer, FullState, MAX_HUD_CHARS, Relayed, Speaker, StateWish, ToServer,
};

use super::room::{Room, Wish};
use super::rooms::{ClientId, Outcome, Rooms, tell_others};

type Passed = Result<Vec<Outcome>, String>;

/// Passes a message on; places are the business of `rooms`.
pub(super) fn pass_on(rooms: &mut Rooms, client: ClientId, message: ToServer) -> Passed {
    let (speaker, target) = speaker_of(&message).ok_or("This message is not for other pages.")?;
    rooms.check_speaker(client, &speaker)?;
    let player = speaker.player_id;
    let name = speaker.game_id;
    let room = rooms.rooms.get_mut(&name).ok_or("This room is gone.")?;
    check_target(room, &name, player, target, &message)?;
    let to_target = |room: &Room, message: FromServer| {
        let client = target.and_then(|target| room.client_of(target));
        client.map(|client| Outcome::Send(client, message)).into_iter().collect()
    };
    Ok(match message {
        ToServer::WebrtcOffer(offer) => to_target(room, FromServer::WebrtcOffer(offer)),
        ToServer::WebrtcAnswer(answer) => to_target(room, FromServer::WebrtcAnswer(answer)),
        ToServer::WebrtcIce(candidate) => to_target(room, FromServer::WebrtcIce(candidate)),
        ToServer::PyodidePlayerAction(relayed) => relay_action(room, &relayed),
        ToServer::PyodideStateHash(relayed) => relay(room, &relayed, FromServer::PyodideStateHash),
        ToServer::PyodideFrameSync(relayed) => relay(room, &relayed, FromServer::PyodideFrameSync),
        ToServer::P2pMessage(relayed) => relay(room, &relayed, FromServer::P2pMessage),
        ToServer::PyodideRequestResync(wish) => ask_for_state(room, wish),
        ToServer::PyodideSendFullState(state) => hand_over(room, state),
        ToServer::PyodideHudUpdate(hud) if hud.hud_text.chars().count() <= MAX_HUD_CHARS => {
            tell_others(room, player, &FromServer::PyodideHudSync(hud))
        }
        ToServer::PyodideHudUpdate(_) => {
            return Err(format!("A HUD has at most {MAX_HUD_CHARS} characters."));
        }
        // What a page counted is for whoever watches it; the arena's server does nothing with it.
        ToServer::EmitMultiplayerMetrics(_) => Vec::new(),
        ToServer::MultiplayerGameComplete(_) => {
            room.seat_mut(player).into_iter().for_each(|seat| seat.is_complete = true);
            Vec::new()
        }
        // For the server's own record, and for observers.
        ToServer::P2pValidationSuccess(_)
        | ToServer::P2pValidationFailed(_)
        | ToServer::P2pConnectionLost(_)
        | ToServer::P2pReconnectionSuccess(_)
        | ToServer::JoinGame(_)
        | ToServer::LeaveGame(_)
        | ToServer::P2pConnected(_) => Vec::new(),
    })
}

fn speaker_of(message: &ToServer) -> Option<(Speaker, Option<u8>)> {
    let (game_id, player_id, target) = match message {
        ToServer::WebrtcOffer(d) | ToServer::WebrtcAnswer(d) => {
            (&d.game_id, d.player_id, Some(d.target_player))
        }
        ToServer::WebrtcIce(c) => (&c.game_id, c.player_id, Some(c.target_player)),
        ToServer::PyodidePlayerAction(r)
        | ToServer::PyodideStateHash(r)
        | ToServer::PyodideFrameSync(r)
        | ToServer::P2pMessage(r) => (&r.game_id, r.player_id, r.target_player),
        ToServer::PyodideRequestResync(wish) => (&wish.game_id, wish.player_id, None),
        ToServer::PyodideSendFullState(s) => (&s.game_id, s.player_id, Some(s.target_player)),
        ToServer::P2pValidationSuccess(told)
        | ToServer::P2pValidationFailed(told)
        | ToServer::P2pConnectionLost(told)
        | ToServer::P2pReconnectionSuccess(told)
        | ToServer::MultiplayerGameComplete(told) => (&told.game_id, told.player_id, None),
        ToServer::PyodideHudUpdate(hud) => (&hud.game_id, hud.player_id, None),
        ToServer::EmitMultiplayerMetrics(counters) => (&counters.game_id, counters.player_id, None),
        ToServer::JoinGame(_) | ToServer::LeaveGame(_) | ToServer::P2pConnected(_) => return None,
    };
    Some((Speaker { game_id: game_id.clone(), player_id }, target))
}

/// Players speak to players and to the spectators that they feed; a spectator speaks to the page
/// that feeds it, of the connection and of what it lacks.
fn check_target(
    room: &Room,
    name: &str,
    speaker: u8,
    target: Option<u8>,
    message: &ToServer,
) -> Result<(), String> {
    if let Some(viewer) = room.spectator(speaker) {
        let is_for_spectators = matches!(
            message,
            ToServer::WebrtcOffer(_)
                | ToServer::WebrtcAnswer(_)
                | ToServer::WebrtcIce(_)
                | ToServer::P2pMessage(_)
        );
        let is_feeder = target.is_some() && target == viewer.feeder;
        let may_say = is_for_spectators && is_feeder;
        return may_say.then_some(()).ok_or_else(|| {
            format!("A spectator of room {name} speaks only to the page that feeds it.")
        });
    }
    let is_other = |target| target < room.players() && target != speaker;
    match target {
        // It may have gone a moment ago: what is said to it is dropped.
        Some(target) if target >= FIRST_SPECTATOR => Ok(()),
        Some(target) if !is_other(target) => {
            Err(format!("There is no other player {target} in room {name}."))
        }
        _ => Ok(()),
    }
}

fn is_for(relayed: &Relayed, player: u8) -> bool {
    player != relayed.player_id && relayed.target_player.is_none_or(|target| target == player)
}

fn relay(room: &Room, relayed: &Relayed, wrap: fn(Relayed) -> FromServer) -> Vec<Outcome> {
    let spectator = relayed.target_player.and_then(|target| room.spectator(target));
    let spectator = spectator.filter(|viewer| viewer.feeder == Some(relayed.player_id));
    let clients = room.clients().filter(|(player, _)| is_for(relayed, *player));
    let clients = clients.chain(spectator.map(|viewer| (viewer.id, viewer.client)));
    clients.map(|(_, client)| Outcome::Send(client, wrap(relayed.clone()))).collect()
}

/// Inputs for a page without connection wait for it.
fn relay_action(room: &mut Room, relayed: &Relayed) -> Vec<Outcome> {
    let outcomes = relay(room, relayed, FromServer::PyodideOtherPlayerAction);
    for player in (0..room.players()).filter(|player| is_for(relayed, *player)) {
        if let Some(seat) = room.seat_mut(player).filter(|seat| seat.client.is_none()) {
            seat.keep(FromServer::PyodideOtherPlayerAction(relayed.clone()));
        }
    }
    outcomes
}

/// Asks the page with the lowest index that is there and is not the one in need.
fn ask_for_state(room: &mut Room, wish: StateWish) -> Vec<Outcome> {
    room.wishes.retain(|open| open.player != wish.player_id);
    ask(room, wish, None)
}

fn ask(room: &mut Room, wish: StateWish, not: Option<u8>) -> Vec<Outcome> {
    let mut others = room.others(wish.player_id).filter(|(player, _)| Some(*player) != not);
    let Some((asked, client)) = others.next() else {
        return Vec::new();
    };
    drop(others);
    room.wishes.push(Wish { player: wish.player_id, frame: wish.frame_number, asked });
    vec![Outcome::Send(client, FromServer::PyodideRequestFullState(wish))]
}

/// Passes on what `gone` was asked for to the next page that is there.
pub(super) fn ask_again(room: &mut Room, name: &str, gone: u8) -> Vec<Outcome> {
    let unanswered: Vec<Wish> =
        room.wishes.extract_if(.., |wish| wish.asked == gone || wish.player == gone).collect();
    let again = unanswered.into_iter().filter(|wish| wish.player != gone);
    again
        .flat_map(|Wish { player, frame, .. }| {
            let game_id = name.to_owned();
            let wish = StateWish { game_id, player_id: player, frame_number: frame };
            ask(room, wish, Some(gone))
        })
        .collect()
}

/// A state is taken from the page that was asked for it, once.
fn hand_over(room: &mut Room, state: FullState) -> Vec<Outcome> {
    let is_answer =
        |wish: &Wish| wish.asked == state.player_id && wish.player == state.target_player;
    let Some(place) = room.wishes.iter().position(is_answer) else {
        return Vec::new();
    };
    room.wishes.remove(place);
    let client = room.seat(state.target_player).and_then(|seat| seat.client);
    let message = FromServer::PyodideApplyFullState(state);
    client.map(|client| Outcome::Send(client, message)).into_iter().collect()
}
