//! What rooms do: pairing, coming back, refusing, relaying, without sockets.

use super::*;
use crate::server::room::GRACE_MILLIS;
use rollscope_runtime::signal::{Description, FullState, Hud, Relayed, StateWish};
use serde_json::json;

const A: ClientId = ClientId(1);
const B: ClientId = ClientId(2);
const C: ClientId = ClientId(3);
const D: ClientId = ClientId(4);

fn wish(room: &str, players: u8) -> Join {
    Join {
        game_id: Some(room.to_owned()),
        game_seed: Some(9),
        num_players: Some(players),
        ..Join::default()
    }
}

fn join(rooms: &mut Rooms, client: ClientId, room: &str, players: u8) -> Vec<Outcome> {
    rooms.handle_message(client, ToServer::JoinGame(wish(room, players)))
}

fn full(clients: &[ClientId]) -> Rooms {
    let mut rooms = Rooms::new(0);
    for client in clients {
        join(&mut rooms, *client, "ice", clients.len() as u8);
    }
    rooms
}

fn connected(player_id: u8) -> ToServer {
    ToServer::P2pConnected(Speaker { game_id: "ice".into(), player_id })
}

/// A room whose game runs.
fn playing(clients: &[ClientId]) -> Rooms {
    let mut rooms = full(clients);
    for (player, client) in clients.iter().enumerate() {
        rooms.handle_message(*client, connected(player as u8));
    }
    rooms
}

fn token_of(rooms: &Rooms, player: u8) -> String {
    rooms.rooms["ice"].seat(player).unwrap().token.clone()
}

#[track_caller]
fn place(outcomes: &[Outcome]) -> Place {
    match &outcomes[0] {
        Outcome::Send(_, FromServer::PyodidePlayerAssigned(place)) => place.clone(),
        other => panic!("{other:?}"),
    }
}

#[track_caller]
fn refusal(outcomes: &[Outcome]) -> String {
    match outcomes {
        [Outcome::Send(to, FromServer::Refused { reason }), Outcome::Close(closed)] => {
            assert_eq!(to, closed);
            reason.clone()
        }
        other => panic!("{other:?}"),
    }
}

fn action(player: u8, target: Option<u8>, frame: u32) -> ToServer {
    ToServer::PyodidePlayerAction(Relayed {
        game_id: "ice".to_owned(),
        player_id: player,
        target_player: target,
        frame_number: Some(frame),
        timestamp: 1.5,
        message: json!({"type": "input"}),
    })
}

fn receivers(outcomes: &[Outcome]) -> Vec<ClientId> {
    let to = |outcome: &Outcome| match outcome {
        Outcome::Send(client, _) => *client,
        Outcome::Close(client) => panic!("{client:?} was closed"),
    };
    outcomes.iter().map(to).collect()
}

#[test]
fn pages_are_seated_under_the_first_ones_seed_until_the_room_is_full() {
    let mut rooms = Rooms::new(0);
    let first = place(&join(&mut rooms, A, "ice", 3));
    assert_eq!((first.player_id, first.num_players, first.game_seed), (0, 3, 9));
    let seated = join(&mut rooms, B, "ice", 2);
    assert_eq!(place(&seated).num_players, 3, "the first page decides");
    assert!(
        seated.contains(&Outcome::Send(A, FromServer::WaitingRoom { players: 2, num_players: 3 }))
    );
    let last = join(&mut rooms, C, "ice", 3);
    let start =
        FromServer::StartP2pConnection { game_id: "ice".to_owned(), players: vec![0, 1, 2] };
    for client in [A, B, C] {
        assert!(last.contains(&Outcome::Send(client, start.clone())));
    }
    assert_eq!(refusal(&join(&mut rooms, D, "ice", 3)), "All 3 places of room ice are taken.");
}

#[test]
fn the_game_begins_when_every_page_reaches_the_others() {
    let mut rooms = full(&[A, B]);
    assert_eq!(rooms.handle_message(A, connected(0)), []);
    assert_eq!(rooms.handle_message(A, connected(0)), []);
    let ready = FromServer::GameReady { game_id: "ice".to_owned() };
    let begun = rooms.handle_message(B, connected(1));
    assert_eq!(begun, [Outcome::Send(A, ready.clone()), Outcome::Send(B, ready)]);
    assert_eq!(rooms.handle_message(B, connected(1)), [], "only once");
}

#[test]
fn a_page_that_lies_about_its_id_is_refused() {
    let mut rooms = full(&[A, B, C]);
    let reason = refusal(&rooms.handle_message(A, action(1, None, 3)));
    assert_eq!(reason, "This page is player 0 of room ice, not player 1 of room ice.");
    assert_eq!(rooms.handle_message(D, action(0, None, 3)), [], "a stranger says nothing");
    let other_room = Speaker { game_id: "fire".into(), player_id: 0 };
    refusal(&rooms.handle_message(A, ToServer::LeaveGame(other_room)));
    refusal(&rooms.handle_message(A, action(0, Some(7), 3)));
    refusal(&rooms.handle_message(A, action(0, Some(0), 3)));
    let wrong =
        Resume { player_id: 1, token: "0".repeat(32), is_playing: true, has_lost_game: false };
    let join = Join { resume: Some(wrong), ..wish("ice", 3) };
    let reason = refusal(&rooms.handle_message(D, ToServer::JoinGame(join)));
    assert_eq!(reason, "Place 1 of room ice is another page's.");
}

#[test]
fn messages_go_to_whom_they_are_for() {
    let mut rooms = full(&[A, B, C]);
    assert_eq!(receivers(&rooms.handle_message(A, action(0, None, 1))), [B, C]);
    assert_eq!(receivers(&rooms.handle_message(B, action(1, Some(2), 1))), [C]);
    let offer = Description {
        game_id: "ice".to_owned(),
        player_id: 0,
        target_player: 2,
        connection: 1,
        sdp: "v=0".to_owned(),
    };
    let sent = rooms.handle_message(A, ToServer::WebrtcOffer(offer.clone()));
    assert_eq!(sent, [Outcome::Send(C, FromServer::WebrtcOffer(offer))]);
    let hud = |text: &str| {
        ToServer::PyodideHudUpdate(Hud {
            game_id: "ice".into(),
            player_id: 1,
            hud_text: text.to_owned(),
        })
    };
    assert_eq!(receivers(&rooms.handle_message(B, hud("Round 2"))), [A, C]);
    refusal(&rooms.handle_message(B, hud(&"x".repeat(301))));
}

#[test]
fn inputs_wait_for_a_page_that_lost_its_connection() {
    let mut rooms = playing(&[A, B]);
    let (player_id, token) = (1, token_of(&rooms, 1));
    let lost = rooms.handle_lost(B, 1_000);
    assert_eq!(lost, [Outcome::Send(A, FromServer::PlayerDisconnected { player_id: 1 })]);
    for frame in 0..3 {
        assert_eq!(rooms.handle_message(A, action(0, None, frame)), []);
    }
    assert_eq!(rooms.handle_time(1_000 + GRACE_MILLIS - 1), []);
    let resume =
        Some(Resume { player_id, token: token.clone(), is_playing: true, has_lost_game: false });
    let back = ToServer::JoinGame(Join { resume, ..wish("ice", 2) });
    let outcomes = rooms.handle_message(C, back);
    assert_eq!(place(&outcomes).token, token);
    let frames: Vec<_> = outcomes
        .iter()
        .filter_map(|outcome| match outcome {
            Outcome::Send(C, FromServer::PyodideOtherPlayerAction(action)) => action.frame_number,
            _ => None,
        })
        .collect();
    assert_eq!(frames, [0, 1, 2]);
    let told = Outcome::Send(A, FromServer::PlayerReconnected { player_id: 1 });
    assert_eq!(outcomes.last(), Some(&told));
    assert_eq!(receivers(&rooms.handle_message(A, action(0, None, 3))), [C]);
}

/// What a page hears that comes back after so many inputs, in a room whose first page asked for
/// this threshold.
fn back_after(inputs: u32, threshold: Option<u16>) -> Vec<Outcome> {
    let mut rooms = Rooms::new(0);
    for (client, queue_resync_threshold) in [(A, threshold), (B, Some(7))] {
        let join = Join { queue_resync_threshold, ..wish("ice", 2) };
        rooms.handle_message(client, ToServer::JoinGame(join));
    }
    for (player, client) in [A, B].into_iter().enumerate() {
        rooms.handle_message(client, connected(player as u8));
    }
    let (player_id, token) = (1, token_of(&rooms, 1));
    rooms.handle_lost(B, 0);
    for frame in 0..inputs {
        rooms.handle_message(A, action(0, None, frame));
    }
    let resume = Some(Resume { player_id, token, is_playing: true, has_lost_game: false });
    rooms.handle_message(C, ToServer::JoinGame(Join { resume, ..wish("ice", 2) }))
}

#[test]
fn a_queue_past_its_threshold_asks_for_a_whole_state() {
    let thresholds = [(None, 50), (Some(1), 1), (Some(80), 80), (Some(250), 250)];
    for (threshold, most) in thresholds {
        let kept = back_after(most, threshold);
        assert_eq!(kept.len(), most as usize + 2, "all of {most} inputs waited");
        let outcomes = back_after(most + 5, threshold);
        let dropped = u64::from(most) + 5;
        assert_eq!(outcomes[1], Outcome::Send(C, FromServer::ResyncRequired { dropped }));
        assert_eq!(outcomes.len(), 3, "no input of before the gap is delivered");
    }
}

#[test]
fn a_threshold_out_of_its_range_is_refused() {
    for threshold in [0, 251, u16::MAX] {
        let mut rooms = Rooms::new(0);
        let join = Join { queue_resync_threshold: Some(threshold), ..wish("ice", 2) };
        let outcomes = rooms.handle_message(A, ToServer::JoinGame(join));
        let reason = format!("queue_resync_threshold is from 1 to 250, not {threshold}.");
        assert_eq!(outcomes, refuse(A, reason));
        assert!(rooms.is_empty());
    }
}

#[test]
fn a_page_that_stays_away_has_left() {
    let mut rooms = playing(&[A, B]);
    rooms.handle_lost(B, 0);
    let left = rooms.handle_time(GRACE_MILLIS);
    assert_eq!(left, [Outcome::Send(A, FromServer::PlayerLeft { player_id: 1 })]);
    // The game is over; its name is free for a new one.
    assert_eq!(place(&join(&mut rooms, C, "ice", 2)).player_id, 0);
    assert_eq!(rooms.handle_message(A, action(0, None, 1)), []);
    rooms.handle_lost(C, 0);
    assert!(rooms.is_empty());
}

#[test]
fn a_page_without_its_token_begins_a_new_game_under_the_old_name() {
    let mut rooms = playing(&[A, B]);
    rooms.handle_lost(A, 0);
    let joined = join(&mut rooms, C, "ice", 2);
    assert_eq!(joined[0], Outcome::Send(B, FromServer::PlayerLeft { player_id: 0 }));
    assert_eq!(place(&joined[1..]).player_id, 0);
    assert_eq!(rooms.handle_message(B, action(1, None, 7)), [], "the old game is over");
    rooms.handle_lost(B, 0);
    let start = FromServer::StartP2pConnection { game_id: "ice".to_owned(), players: vec![0, 1] };
    assert!(join(&mut rooms, D, "ice", 2).contains(&Outcome::Send(C, start)));
}

#[test]
fn a_room_that_waits_keeps_no_place() {
    let mut rooms = Rooms::new(0);
    join(&mut rooms, A, "ice", 3);
    join(&mut rooms, B, "ice", 3);
    let waiting = FromServer::WaitingRoom { players: 1, num_players: 3 };
    assert_eq!(rooms.handle_lost(A, 0), [Outcome::Send(B, waiting)]);
    assert_eq!(place(&join(&mut rooms, C, "ice", 3)).player_id, 0);
    // The same before the pages reach each other: the others wait again.
    let mut rooms = full(&[A, B]);
    rooms.handle_message(A, connected(0));
    let waiting = FromServer::WaitingRoom { players: 1, num_players: 2 };
    assert_eq!(rooms.handle_lost(B, 0), [Outcome::Send(A, waiting)]);
    join(&mut rooms, C, "ice", 2);
    assert_eq!(rooms.handle_message(C, connected(1)), [], "what A said before counts no longer");
}

#[test]
fn after_a_restart_pages_have_their_places_back() {
    let mut rooms = Rooms::new(1);
    let back = |player_id: u8, token: &str| {
        let resume = Some(Resume {
            player_id,
            token: token.to_owned(),
            is_playing: true,
            has_lost_game: false,
        });
        ToServer::JoinGame(Join { resume, ..wish("ice", 2) })
    };
    let first = place(&rooms.handle_message(B, back(1, "b")));
    assert_eq!((first.player_id, first.game_seed, first.token.as_str()), (1, 9, "b"));
    refusal(&rooms.handle_message(D, back(1, "d")));
    assert_eq!(place(&rooms.handle_message(A, back(0, "a"))).player_id, 0);
    assert_eq!(receivers(&rooms.handle_message(A, action(0, None, 40))), [B]);
    refusal(&rooms.handle_message(C, back(2, "c")));
}

#[test]
fn a_state_is_asked_of_any_page_that_is_there_and_taken_from_the_one_that_was_asked() {
    let mut rooms = playing(&[A, B, C]);
    let wish = StateWish { game_id: "ice".to_owned(), player_id: 0, frame_number: 30 };
    let asked = rooms.handle_message(A, ToServer::PyodideRequestResync(wish.clone()));
    assert_eq!(asked, [Outcome::Send(B, FromServer::PyodideRequestFullState(wish.clone()))]);
    // The page that was asked goes away: the next one is asked.
    let lost = rooms.handle_lost(B, 0);
    assert_eq!(lost[0], Outcome::Send(C, FromServer::PyodideRequestFullState(wish)));
    let state = |player_id: u8| FullState {
        game_id: "ice".to_owned(),
        player_id,
        target_player: 0,
        frame_number: 30,
        state: "{}".to_owned(),
    };
    let sent = rooms.handle_message(C, ToServer::PyodideSendFullState(state(2)));
    assert_eq!(sent, [Outcome::Send(A, FromServer::PyodideApplyFullState(state(2)))]);
    let again = rooms.handle_message(C, ToServer::PyodideSendFullState(state(2)));
    assert_eq!(again, [], "nobody asked twice");
}

#[test]
fn names_and_numbers_of_rooms_are_bounded() {
    let mut rooms = Rooms::new(0);
    refusal(&join(&mut rooms, A, "no room", 2));
    refusal(&join(&mut rooms, A, "ice", 9));
    refusal(&join(&mut rooms, A, "ice", 1));
    for number in 0..MAX_ROOMS as u64 {
        join(&mut rooms, ClientId(100 + number), &format!("r{number}"), 2);
    }
    assert_eq!(rooms.len(), MAX_ROOMS);
    refusal(&join(&mut rooms, A, "one-more", 2));
    assert_eq!(place(&join(&mut rooms, B, "r7", 2)).player_id, 1);
}

#[test]
fn a_page_without_a_room_gets_a_fresh_one() {
    let mut rooms = Rooms::new(3);
    let first = place(&rooms.handle_message(A, ToServer::JoinGame(Join::default())));
    let second = place(&rooms.handle_message(B, ToServer::JoinGame(Join::default())));
    assert_ne!(first.game_id, second.game_id);
    assert_ne!(first.token, second.token);
    assert!(is_room_name(&first.game_id));
}
