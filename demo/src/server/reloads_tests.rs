//! Pages that come back without their game, without sockets.

use super::*;
use crate::server::room::GRACE_MILLIS;
use rollscope_runtime::signal::{Join, Place, Relayed, Speaker, ToServer};
use serde_json::json;

const A: ClientId = ClientId(1);
const B: ClientId = ClientId(2);
const C: ClientId = ClientId(3);
const D: ClientId = ClientId(4);

fn wish(resume: Option<Resume>) -> ToServer {
    let game_id = Some("ice".to_owned());
    ToServer::JoinGame(Join { game_id, num_players: Some(2), resume, ..Join::default() })
}

fn anew(player_id: u8, token: &str) -> ToServer {
    let token = token.to_owned();
    wish(Some(Resume { player_id, token, is_playing: true, has_lost_game: true }))
}

fn connected(player_id: u8) -> ToServer {
    ToServer::P2pConnected(Speaker { game_id: "ice".to_owned(), player_id })
}

fn place(outcomes: &[Outcome]) -> Place {
    let place = outcomes.iter().find_map(|outcome| match outcome {
        Outcome::Send(_, FromServer::PyodidePlayerAssigned(place)) => Some(place.clone()),
        _ => None,
    });
    place.unwrap()
}

/// A running game of A and B, and their tokens.
fn playing() -> (Rooms, [String; 2]) {
    let mut rooms = Rooms::new(0);
    let tokens = [A, B].map(|client| place(&rooms.handle_message(client, wish(None))).token);
    rooms.handle_message(A, connected(0));
    rooms.handle_message(B, connected(1));
    (rooms, tokens)
}

#[test]
fn a_page_that_was_loaded_anew_has_its_place_back_and_the_others_hear_of_it() {
    let (mut rooms, [_, token]) = playing();
    rooms.handle_lost(B, 0);
    let relayed = Relayed {
        game_id: "ice".to_owned(),
        player_id: 0,
        target_player: Some(1),
        frame_number: Some(9),
        timestamp: 0.0,
        message: json!({}),
    };
    rooms.handle_message(A, ToServer::PyodidePlayerAction(relayed));
    let outcomes = rooms.handle_message(C, anew(1, &token));
    let given = place(&outcomes);
    assert_eq!((given.player_id, given.is_running, given.token), (1, true, token.clone()));
    let reloaded = FromServer::PlayerReloaded { player_id: 1, reloads: 1 };
    assert_eq!(outcomes.last(), Some(&Outcome::Send(A, reloaded)));
    let game_id = "ice".to_owned();
    assert!(outcomes.contains(&Outcome::Send(C, FromServer::GameReady { game_id })));
    assert_eq!(outcomes.len(), 4, "what waited for the old page is of no use: {outcomes:?}");
    // Once more, before the server knows that the page before is gone.
    let outcomes = rooms.handle_message(D, anew(1, &token));
    assert_eq!(outcomes[0], Outcome::Close(C));
    let again = FromServer::PlayerReloaded { player_id: 1, reloads: 2 };
    assert_eq!(outcomes.last(), Some(&Outcome::Send(A, again)));
    assert_eq!(rooms.handle_message(C, connected(1)), [], "the page before has no place any more");
}

#[test]
fn a_page_that_was_away_hears_who_was_loaded_anew_meanwhile() {
    let mut rooms = Rooms::new(0);
    let join = |resume| {
        let game_id = Some("ice".to_owned());
        ToServer::JoinGame(Join { game_id, num_players: Some(3), resume, ..Join::default() })
    };
    let tokens = [A, B, C].map(|client| place(&rooms.handle_message(client, join(None))).token);
    for (player, client) in [A, B, C].into_iter().enumerate() {
        rooms.handle_message(client, connected(player as u8));
    }
    rooms.handle_lost(A, 0);
    rooms.handle_message(D, anew(1, &tokens[1]));
    let token = tokens[0].clone();
    let back = Resume { player_id: 0, token, is_playing: true, has_lost_game: false };
    let outcomes = rooms.handle_message(ClientId(9), join(Some(back)));
    assert!(!place(&outcomes).is_running);
    let told = FromServer::PlayerReloaded { player_id: 1, reloads: 1 };
    assert!(outcomes.contains(&Outcome::Send(ClientId(9), told)));
}

#[test]
fn a_game_that_nobody_knows_any_more_is_over() {
    let (mut rooms, tokens) = playing();
    rooms.handle_message(C, anew(1, &tokens[1]));
    // The other page is loaded anew before the first one has taken the game from it.
    let outcomes = rooms.handle_message(D, anew(0, &tokens[0]));
    let over = [Outcome::Close(A), Outcome::Send(C, FromServer::PlayerLeft { player_id: 0 })];
    assert_eq!(outcomes[..2], over, "the page before is cut off, the other one is told");
    assert!(!place(&outcomes).is_running, "{outcomes:?}");
    assert_eq!(place(&rooms.handle_message(C, wish(None))).player_id, 1, "they begin a new one");
    // After it has, it can give the game back.
    let (mut rooms, tokens) = playing();
    rooms.handle_message(C, anew(1, &tokens[1]));
    rooms.handle_message(C, connected(1));
    assert!(place(&rooms.handle_message(D, anew(0, &tokens[0]))).is_running);
}

#[test]
fn without_its_token_or_too_late_a_page_gets_nothing_of_the_game() {
    let (mut rooms, _) = playing();
    let outcomes = rooms.handle_message(C, anew(1, "guessed"));
    let is_refused = |outcome: &Outcome| matches!(outcome, Outcome::Send(C, FromServer::Refused { reason }) if reason.contains("All 2 places"));
    assert!(outcomes.iter().any(is_refused), "{outcomes:?}");
    let (mut rooms, [_, token]) = playing();
    rooms.handle_lost(B, 0);
    rooms.handle_time(GRACE_MILLIS);
    assert!(!place(&rooms.handle_message(C, anew(1, &token))).is_running);
}
