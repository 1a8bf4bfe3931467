//! What spectators hear, whom they may speak to, and that nobody waits for them.

use super::super::rooms::{ClientId, Outcome, Rooms};
use rollscope_runtime::signal::{
    FIRST_SPECTATOR, FromServer, Join, MAX_SPECTATORS, Relayed, Resume, Role, Speaker, ToServer,
};
use serde_json::json;

const A: ClientId = ClientId(1);
const B: ClientId = ClientId(2);
const VIEWER: ClientId = ClientId(7);

fn wish(role: Role) -> Join {
    let game_id = Some("ice".to_owned());
    Join { game_id, game_seed: Some(9), num_players: Some(2), role, ..Join::default() }
}

fn join(rooms: &mut Rooms, client: ClientId, role: Role) -> Vec<Outcome> {
    rooms.handle_message(client, ToServer::JoinGame(wish(role)))
}

fn begin(rooms: &mut Rooms) -> Vec<Outcome> {
    let mut outcomes = Vec::new();
    for client in [A, B] {
        join(rooms, client, Role::Player);
    }
    for (player_id, client) in [(0, A), (1, B)] {
        let speaker = Speaker { game_id: "ice".into(), player_id };
        outcomes = rooms.handle_message(client, ToServer::P2pConnected(speaker));
    }
    outcomes
}

fn said(outcomes: &[Outcome], to: ClientId) -> Vec<FromServer> {
    let of = |outcome: &Outcome| match outcome {
        Outcome::Send(client, message) if *client == to => Some(message.clone()),
        _ => None,
    };
    outcomes.iter().filter_map(of).collect()
}

#[track_caller]
fn check_let_in(outcomes: &[Outcome], feeder: ClientId, player: u8) {
    let joined = FromServer::SpectatorJoined { player_id: FIRST_SPECTATOR };
    assert!(said(outcomes, feeder).contains(&joined), "{outcomes:?}");
    match said(outcomes, VIEWER).as_slice() {
        [
            FromServer::PyodidePlayerAssigned(place),
            FromServer::StartP2pConnection { players, .. },
        ] => {
            assert_eq!((place.player_id, place.num_players, place.game_seed), (8, 2, 9));
            assert_eq!((players.as_slice(), place.token.as_str()), (&[player][..], ""));
        }
        other => panic!("{other:?}"),
    }
}

fn message(player_id: u8, target_player: Option<u8>) -> Relayed {
    let game_id = "ice".to_owned();
    let message = json!({"type": "watched"});
    Relayed { game_id, player_id, target_player, frame_number: None, timestamp: 1.5, message }
}

#[test]
fn a_spectator_is_let_in_in_mid_game_and_changes_no_place() {
    let mut rooms = Rooms::new(0);
    begin(&mut rooms);
    let outcomes = join(&mut rooms, VIEWER, Role::Spectator);
    check_let_in(&outcomes, A, 0);
    assert_eq!(rooms.rooms["ice"].taken(), 2);
    let left = rooms.handle_lost(VIEWER, 5);
    let gone = FromServer::SpectatorLeft { player_id: FIRST_SPECTATOR };
    assert_eq!(left, [Outcome::Send(A, gone)], "no player is told that somebody is away");
}

#[test]
fn a_spectator_may_come_first_and_decides_nothing() {
    let mut rooms = Rooms::new(0);
    let mut early = wish(Role::Spectator);
    (early.num_players, early.game_seed) = (Some(5), Some(1));
    let waits = rooms.handle_message(VIEWER, ToServer::JoinGame(early));
    let waiting = FromServer::WaitingRoom { players: 0, num_players: 5 };
    assert_eq!(waits, [Outcome::Send(VIEWER, waiting)]);
    let ready = begin(&mut rooms);
    check_let_in(&ready, A, 0);
    assert_eq!(rooms.rooms["ice"].players(), 2, "the first player decides");
    let left = rooms.handle_lost(VIEWER, 5);
    assert_eq!(left.len(), 1);
    for client in [A, B] {
        rooms.handle_message(
            client,
            ToServer::LeaveGame(Speaker {
                game_id: "ice".into(),
                player_id: u8::from(client == B),
            }),
        );
    }
    assert!(rooms.is_empty());
}

#[test]
fn spectators_and_players_hear_each_other_only_where_one_feeds_the_other() {
    let mut rooms = Rooms::new(0);
    begin(&mut rooms);
    join(&mut rooms, VIEWER, Role::Spectator);
    let mut pass = |client, player, target| {
        rooms.handle_message(client, ToServer::P2pMessage(message(player, target)))
    };
    assert_eq!(said(&pass(A, 0, Some(8)), VIEWER).len(), 1);
    assert_eq!(said(&pass(VIEWER, 8, Some(0)), A).len(), 1);
    assert_eq!(said(&pass(A, 0, None), VIEWER), [], "players speak to players");
    assert_eq!(pass(B, 1, Some(8)), [], "it is fed by another page");
    assert_eq!(pass(A, 0, Some(9)), [], "there is none any more");
    // Each of these is refused and cut off.
    for forbidden in [
        ToServer::P2pMessage(message(8, Some(1))),
        ToServer::P2pMessage(message(8, None)),
        ToServer::PyodidePlayerAction(message(8, Some(0))),
    ] {
        join(&mut rooms, VIEWER, Role::Spectator);
        let outcomes = rooms.handle_message(VIEWER, forbidden);
        let words = "A spectator of room ice speaks only to the page that feeds it.";
        assert!(said(&outcomes, VIEWER).contains(&FromServer::Refused { reason: words.into() }));
        rooms.handle_lost(VIEWER, 9);
    }
}

#[test]
fn a_game_that_is_over_is_over_for_those_who_watch() {
    let mut rooms = Rooms::new(0);
    begin(&mut rooms);
    join(&mut rooms, VIEWER, Role::Spectator);
    let leave = Speaker { game_id: "ice".into(), player_id: 1 };
    let outcomes = rooms.handle_message(B, ToServer::LeaveGame(leave));
    for client in [A, VIEWER] {
        assert_eq!(said(&outcomes, client), [FromServer::PlayerLeft { player_id: 1 }]);
    }
}

#[test]
fn a_page_that_comes_back_feeds_anew_and_so_does_a_server_that_was_started_anew() {
    let mut rooms = Rooms::new(0);
    begin(&mut rooms);
    join(&mut rooms, VIEWER, Role::Spectator);
    let token = rooms.rooms["ice"].seat(0).unwrap().token.clone();
    rooms.handle_lost(A, 0);
    let resume = Some(Resume { player_id: 0, token, is_playing: true, has_lost_game: false });
    let back = ToServer::JoinGame(Join { resume, ..wish(Role::Player) });
    let again = ClientId(3);
    check_let_in(&rooms.handle_message(again, back.clone()), again, 0);
    // A new server knows neither; the spectator may be the first to come back.
    let mut rooms = Rooms::new(1);
    let waits = join(&mut rooms, VIEWER, Role::Spectator);
    assert!(matches!(said(&waits, VIEWER)[..], [FromServer::WaitingRoom { .. }]));
    check_let_in(&rooms.handle_message(again, back), again, 0);
}

#[test]
fn a_room_has_so_many_spectators_and_no_more() {
    let mut rooms = Rooms::new(0);
    begin(&mut rooms);
    for number in 0..u64::from(MAX_SPECTATORS) {
        let outcomes = join(&mut rooms, ClientId(20 + number), Role::Spectator);
        assert_eq!(outcomes.len(), 3, "{outcomes:?}");
    }
    let outcomes = join(&mut rooms, VIEWER, Role::Spectator);
    let reason = "Room ice has 8 spectators already.".to_owned();
    assert_eq!(said(&outcomes, VIEWER), [FromServer::Refused { reason }]);
}
