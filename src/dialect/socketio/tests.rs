//! Whole sockets in, facts out.

mod parsers;

use super::super::{ChannelMemory, PageMemory};
use super::*;
use crate::observation::{Evidence, Observation};
use crate::time::Micros;

/// One page with its sockets.
#[derive(Default)]
struct Page {
    sockets: [ChannelMemory; 2],
    memory: PageMemory,
    facts: Vec<String>,
    issues: IssueLog,
}

impl Page {
    fn hear(&mut self, socket: usize, direction: Direction, message: &Value<'_>) {
        let place = Place {
            kind: ChannelKind::WebSocket,
            channel: socket as u32 + 1,
            direction,
            evidence: Evidence::default(),
            time: Micros(9),
            time_origin_ms: None,
        };
        let mut sink = |seen: &Observation<'_>| self.facts.push(format!("{:?}", seen.fact));
        let mut memory = Memory { channel: &mut self.sockets[socket], page: &mut self.memory };
        SocketIo.read(&place, message, &mut memory, &mut sink, &mut self.issues);
    }

    fn received(&mut self, text: &str) {
        self.hear(0, Direction::Received, &Value::String(text.into()));
    }

    fn sent(&mut self, text: &str) {
        self.hear(0, Direction::Sent, &Value::String(text.into()));
    }

    #[track_caller]
    fn check(&mut self, parts: &[&str]) {
        assert_eq!(self.issues.issues(), []);
        assert_eq!(self.facts.len(), parts.len(), "{:#?}", self.facts);
        for (fact, part) in self.facts.iter().zip(parts) {
            assert!(fact.contains(part), "{fact} lacks {part}");
        }
        self.facts.clear();
    }
}

#[test]
fn the_configuration_is_told_piece_by_piece() {
    let mut page = Page::default();
    page.received(concat!(
        r#"42["activate_scene",{"scene_id":"s","scene_type":"GymScene","input_delay":3,"fps":30,"#,
        r#""max_steps":900,"num_episodes":2,"action_population_method":"default_action","#,
        r#""default_action":4,"snapshot_interval":5}]"#,
    ));
    page.check(&[
        "input_delay_frames: Some(3), frames_per_second: Some(30), max_steps: Some(900), \
         episodes: Some(2), prediction: Some(DefaultAction), default_action: Some(Action(4)), \
         snapshot_interval_frames: Some(5), players: None, local: None, seed: None",
        "SceneActivated { scene: \"s\" }",
    ]);
    page.received(
        r#"42["pyodide_player_assigned",{"player_id":9,"game_id":"g","game_seed":4294967295,"num_players":2}]"#,
    );
    page.check(&["game: Some(\"g\")"]);
    page.received(
        r#"42["pyodide_game_ready",{"game_id":"g","players":[9,10],"server_authoritative":false}]"#,
    );
    // "10" stands before "9".
    page.check(&["players: Some(2), local: Some(PlayerId(1)), seed: None, is_server_authoritative: Some(false)"]);
    page.received(r#"42["activate_scene",{"scene_id":"end","scene_type":"EndScene"}]"#);
    page.check(&["SceneActivated { scene: \"end\" }"]);
}

#[test]
fn a_configuration_that_cannot_be_read_is_an_issue_and_no_guess() {
    let mut page = Page::default();
    page.received(r#"42["start_game",{"scene_metadata":{"input_delay":-1,"action_population_method":"oracle","default_action":"left"}}]"#);
    page.received(r#"42["pyodide_player_assigned",{"player_id":null,"num_players":900}]"#);
    page.received(r#"42["pyodide_game_ready",{"players":[1,2,3,4,5,6,7,8,9]}]"#);
    assert_eq!(page.facts.len(), 1, "{:?}", page.facts);
    assert!(page.facts[0].contains("GameStarted"));
    assert_eq!(page.issues.total(), 4, "{:?}", page.issues);
}

#[test]
fn inputs_through_the_server_need_the_list_of_players() {
    let mut page = Page::default();
    let input = r#"42["pyodide_player_action",{"game_id":"g","player_id":"b","action":3,"frame_number":7,"timestamp":1,"sync_epoch":0}]"#;
    page.sent(input);
    assert_eq!((page.facts.len(), page.issues.total()), (0, 1));
    page.issues = IssueLog::default();
    page.received(r#"42["pyodide_game_ready",{"game_id":"g","players":["b","a"]}]"#);
    page.facts.clear();
    page.sent(input);
    page.received(
        r#"42["pyodide_other_player_action",{"player_id":"a","action":0,"frame_number":6}]"#,
    );
    page.check(&[
        "InputRelayed { direction: Sent, player: PlayerId(1), frame: Frame(7), action: Action(3) }",
        "InputRelayed { direction: Received, player: PlayerId(0), frame: Frame(6), action: Action(0) }",
    ]);
}

#[test]
fn exported_rows_wait_for_their_bytes_and_their_acknowledgement() {
    let mut page = Page::default();
    let data =
        [&[0x82, 0xa7][..], b"actions", &[0x81, 0xa1, b'0', 0x92, 3, 0xc0, 0xa1, b't', 0x92, 4, 5]]
            .concat();
    page.sent(
        r#"451-7["emit_episode_data",{"data":{"_placeholder":true,"num":0},"episode_num":1}]"#,
    );
    // A probe of life of the layer below may come between.
    page.sent("3");
    page.check(&[]);
    page.hear(0, Direction::Sent, &Value::ArrayBuffer(&data));
    page.check(&["episode: Some(Episode(1)), frames: [Frame(4), Frame(5)], players: [PlayerColumns { name: \"0\", actions: [Some(3), None]"]);
    page.received(r#"438[{"status":"ok"}]"#);
    page.received(r#"437[{"status":"ok","saved":true}]"#);
    page.received(r#"437[{"status":"ok","saved":true}]"#);
    page.check(&["ExportAcknowledged { acknowledgement: 7, is_saved: Some(true) }"]);
}

#[test]
fn sockets_and_directions_of_a_page_stay_apart() {
    let mut page = Page::default();
    let text = r#"451-["emit_remote_game_data",{"data":{"_placeholder":true,"num":0}}]"#;
    page.sent(text);
    page.hear(1, Direction::Sent, &Value::ArrayBuffer(&[1]));
    page.hear(0, Direction::Received, &Value::ArrayBuffer(&[1]));
    assert_eq!(page.issues.total(), 2);
    page.hear(0, Direction::Sent, &Value::ArrayBuffer(&[1]));
    assert_eq!(page.issues.total(), 2);
}

#[test]
fn phases_and_signalling_are_told_with_reason_and_frame() {
    let mut page = Page::default();
    page.received(r#"40{"sid":"x"}"#);
    page.sent("40");
    page.received(r#"44{"message":"no"}"#);
    page.sent(r#"42["webrtc_signal",{"type":"offer","payload":{}}]"#);
    page.received(r#"42["p2p_pause",{"game_id":"g","pause_frame":31,"detecting_player":0}]"#);
    page.received(r#"42["p2p_game_ended",{"reason":"partner_disconnected"}]"#);
    page.received("41");
    page.received("1");
    page.check(&[
        "ServerConnected",
        "ServerRefused { reason: \"no\" }",
        "Signalled { direction: Sent, signal: Offer }",
        "Paused, frame: Some(Frame(31))",
        "GameEnded { reason: \"partner_disconnected\" }",
        "ServerDisconnected",
        "ServerDisconnected",
    ]);
}

#[test]
fn hashes_and_states_of_the_relayed_design_are_told() {
    let mut page = Page::default();
    page.sent(r#"42["pyodide_state_hash",{"frame_number":20,"hash":"ab"}]"#);
    page.sent(r#"42["pyodide_request_resync",{"game_id":"g","frame_number":40}]"#);
    page.received(r#"42["server_authoritative_state",{"state":{"frame_number":9}}]"#);
    page.check(&[
        "HashMentioned { direction: Sent, is_relayed: true, frame: Frame(20), hash: \"ab\" }",
        "StateRequested { direction: Sent, frame: Some(Frame(40)), base: None }",
        "StateTransferred { direction: Received, frame: Some(Frame(9)) }",
    ]);
}

#[test]
fn unknown_broken_and_interrupted_messages_are_counted_with_a_sample() {
    let mut page = Page::default();
    page.received(r#"42["surprise",{}]"#);
    page.received(r#"42["activate_scene",{"fps":"#);
    page.received("42{}");
    page.received("42[1]");
    page.received("9");
    page.received("4x");
    page.received(r#"459999-["e",{}]"#);
    page.received(r#"451-["e",{}]"#);
    page.received(r#"42["ping",{}]"#);
    page.hear(0, Direction::Received, &Value::ArrayBuffer(&[1]));
    page.hear(0, Direction::Received, &Value::Null);
    page.sent(r#"42["emit_episode_data",{}]"#);
    page.sent(r#"42["emit_multiplayer_metrics",{}]"#);
    assert_eq!(page.facts, [] as [String; 0]);
    assert_eq!(page.issues.total(), 12, "{:#?}", page.issues);
    assert!(page.issues.issues()[0].text.contains("surprise"));
}

#[test]
fn sockets_of_other_protocols_are_not_claimed() {
    let place = |direction| Place {
        kind: ChannelKind::WebSocket,
        channel: 1,
        direction,
        evidence: Evidence::default(),
        time: Micros(9),
        time_origin_ms: None,
    };
    let is =
        |direction, text: &str| SocketIo.recognises(&place(direction), &Value::String(text.into()));
    let open = r#"0{"sid":"x","upgrades":[],"pingInterval":25000,"pingTimeout":20000}"#;
    assert!(is(Direction::Received, open));
    assert!(is(Direction::Sent, r#"42["ping",{}]"#));
    assert!(is(Direction::Received, r#"42/room,3["say","x"]"#));
    assert!(!is(Direction::Sent, open));
    for text in ["", "2", "40", "hello", "42", r#"{"type":"x"}"#, "420", "0{}"] {
        assert!(!is(Direction::Received, text), "{text}");
    }
}
