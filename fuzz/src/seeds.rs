//! Seeds: messages as the applications send them, each small; changes begin with them.

use rollscope::capture::{
    ChannelDetails, ChannelId, ChannelKind, ChannelOpened, ChunkBuilder, EventKind, FileHeader,
    FileWriter, Message, MessageFlags, PageId, PagePlacement, PageStarted, Value,
};
use rollscope::time::Micros;

/// Binary messages between MUG's peers.
pub const P2P_BINARY: &[&[u8]] = &[
    &[1, 0, 1, 0, 0, 0, 4, 2, 0, 0, 0, 0, 3, 1, 0, 0, 0, 4, 0],
    &[1, 0, 0, 0, 0, 0, 5, 3, 0, 0, 0, 0, 3, 1, 0, 0, 0, 4, 0, 0, 0, 0, 5, 2],
    &[2, 64, 94, 221, 47, 26, 159, 190, 119],
    &[3, 64, 94, 221, 47, 26, 159, 190, 119],
    &[4],
    &[5, 0, 0, 3, 132, 0, 0, 0, 0],
    &[6, 0, 0, 0, 1, b'0', b'a', b'1', b'b', b'2', b'c', b'3', b'd'],
    &[7, 0, 0, 0, 5, 1, 2, 3, 4, 5, 6, 7, 8],
    &[0x10, 64, 94, 221, 47, 26, 159, 190, 119],
    &[0x11, 64, 94, 221, 47, 26, 159, 190, 119],
    &[0x12, 0, 0, 0, 3, 0, 0, 0, 9],
    &[0x13, 0, 1, 0, 1, 0, 0, 0, 3, 2],
    &[0x14, 1, 0, 0, 0, 7],
];

/// Texts between peers of the older design.
pub const P2P_JSON: &[&str] = &[
    r#"{"type":"input","frame":12,"playerId":"b","action":3,"timestamp":1.5}"#,
    r#"{"type":"input","frame":13,"playerId":1,"action":0,"timestamp":2}"#,
    r#"{"type":"state_hash","frame":30,"hash":"0cc175b9c0f1b6a831c399e269772661"}"#,
    r#"{"type":"state_sync","frame":31,"state":{"t":1},"rngState":{}}"#,
    r#"{"type":"ping","timestamp":2.5}"#,
    r#"{"type":"pong","timestamp":9,"echoTimestamp":2.5}"#,
];

/// Texts of matchmaking probes.
pub const P2P_PROBE: &[&str] =
    &[r#"{"type":"ping","seq":1,"ts":5.5}"#, r#"{"type":"pong","seq":1,"ts":5.5}"#];

/// Texts of sockets; binary frames come between them.
pub const SOCKETIO: &[&str] = &[
    r#"42["activate_scene",{"scene_id":"s","input_delay":3,"fps":30,"max_steps":900,"num_episodes":2,"action_population_method":"default_action","default_action":0,"snapshot_interval":5}]"#,
    r#"42["pyodide_player_assigned",{"player_id":0,"game_id":"g","game_seed":7,"num_players":2}]"#,
    r#"42["pyodide_game_ready",{"game_id":"g","players":[0,1],"player_subjects":{"0":"x"}}]"#,
    r#"42["start_game",{"scene_metadata":{"fps":30},"game_id":"g"}]"#,
    r#"42["pyodide_player_action",{"game_id":"g","player_id":"1","action":3,"frame_number":7}]"#,
    r#"42["p2p_pause",{"game_id":"g","pause_frame":31,"detecting_player":0}]"#,
    r#"42["webrtc_signal",{"type":"offer","payload":{"sdp":"v=0"}}]"#,
    r#"42["p2p_state_sync",{"frame_number":20,"state_hash":"0123456789abcdef"}]"#,
    r#"451-7["emit_episode_data",{"data":{"_placeholder":true,"num":0},"episode_num":1}]"#,
    r#"42["emit_multiplayer_metrics",{"metrics":{"gameId":"g","inputDelivery":{"sentViaP2P":9},"validation":{"episodes":[{"episodeNum":1,"totalFrames":9}],"allHashes":[{"episode":1,"frame":5,"hash":"ab"}]}}}]"#,
    r#"437[{"status":"ok","saved":true}]"#,
    r#"0{"sid":"x","pingInterval":8000}"#,
    r#"40{"sid":"y"}"#,
    r#"44{"message":"no"}"#,
    "41",
    "2",
    "3",
];

/// Exported rows in MessagePack.
pub const MSGPACK: &[&[u8]] = &[&[
    0x83, 0xa7, b'a', b'c', b't', b'i', b'o', b'n', b's', 0x81, 0xa1, b'0', 0x92, 3, 0xc0, 0xa1,
    b't', 0x92, 4, 5, 0xae, b'r', b'o', b'l', b'l', b'b', b'a', b'c', b'k', b'E', b'v', b'e', b'n',
    b't', b's', 0x91, 0x83, 0xa5, b'f', b'r', b'a', b'm', b'e', 1, 0xac, b'c', b'u', b'r', b'r',
    b'e', b'n', b't', b'F', b'r', b'a', b'm', b'e', 2, 0xa8, b'p', b'l', b'a', b'y', b'e', b'r',
    b'I', b'd', 0xa1, b'1',
]];

/// Requests to MUG's worker and to this project's own, as JSON.
pub const WORKER_SENT: &[&str] = &[
    r#"{"type":"step","id":3,"payload":{"actions":{"0":1,"1":0}}}"#,
    r#"{"type":"setState","id":4,"payload":{"stateJson":"{\"env_state\":{\"t\":5},\"step_num\":5}"}}"#,
    r#"{"type":"batch","id":5,"payload":{"operations":[{"op":"getState","params":{}},{"op":"computeHash","params":{}},{"op":"step","params":{"actions":{"0":1,"1":2}}},{"op":"getState","params":{}}]}}"#,
    r#"{"type":"reset","id":6,"payload":{"seed":7}}"#,
    r#"{"type":"computeHash","id":7,"payload":{"stateJson":"{\"t\":5}"}}"#,
    r#"{"type":"getState","id":8,"payload":{}}"#,
];

/// Replies of MUG's worker, as JSON.
pub const WORKER_RECEIVED: &[&str] = &[
    r#"{"type":"result","id":3,"result":{"obs":{},"rewards":{"0":1},"terminateds":{},"truncateds":{},"infos":{},"render_state":null}}"#,
    r#"{"type":"result","id":4,"result":{"ok":true}}"#,
    r#"{"type":"result","id":5,"result":["{\"env_state\":{\"t\":5}}",{"hash":"0123456789abcdef"},{"rewards":{}},"{}"]}"#,
    r#"{"type":"result","id":8,"result":"{\"env_state\":{\"t\":5}}"}"#,
    r#"{"type":"error","id":5,"error":{"message":"x","stack":null,"failedIndex":1,"partialResults":[1]}}"#,
    r#"{"type":"progress","stage":"loading","message":"x","timestamp":1}"#,
    r#"{"type":"ready","timestamp":1}"#,
];

/// Commands to a page's timer worker, as JSON.
pub const TIMER_SENT: &[&str] = &[
    r#"{"command":"start","interval":33.333333333333336}"#,
    r#"{"command":"setInterval","interval":16}"#,
    r#"{"command":"stop"}"#,
];

/// Ticks of a page's timer worker, as JSON.
pub const TIMER_RECEIVED: &[&str] =
    &[r#"{"type":"tick","timestamp":1234.5}"#, r#"{"type":"tick","timestamp":0}"#];

/// Requests to this project's own worker, as JSON.
pub const NATIVE_SENT: &[&str] = &[
    r#"{"type":"batch","id":1,"payload":{"operations":[{"op":"setState","params":{"frame":5,"stateJson":"{}"}},{"op":"step","params":{"frame":5,"actions":{"0":1,"1":0}}},{"op":"getState","params":{"frame":6}},{"op":"computeHash","params":{}}]}}"#,
];

/// Replies of this project's own worker, as JSON.
pub const NATIVE_RECEIVED: &[&str] = &[
    r#"{"type":"result","protocol":"rollscope-worker","id":1,"result":[{"ok":true},{"rewards":[0,1]},{"stateJson":"{\"t\":6}"},{"hash":"0123456789abcdef"}],"timing":{"startedMs":1000.5,"finishedMs":1001}}"#,
    r#"{"type":"ready","protocol":"rollscope-worker"}"#,
];

/// Calls of Python on the page's own thread, as JSON.
pub const PYTHON_SENT: &[&str] = &[
    r#"{"id":1,"method":"runPythonAsync","code":"_replay_frames = [{\"frame\":10,\"actions\":{\"1\":3,\"0\":2}}]\npass"}"#,
    r#"{"id":2,"method":"runPythonAsync","code":"_snapshot = json.loads('''{\"env_state\":{},\"step_num\":10}''')\n_before_state = 1"}"#,
    r#"{"id":3,"method":"runPythonAsync","code":"{int(k) if k.isnumeric() or isinstance(k, int) else k: v for k, v in {'0': 1, '1': 4}.items()}"}"#,
    r#"{"id":4,"method":"runPythonAsync","code":"json.dumps(_snapshot)"}"#,
    r#"{"id":5,"method":"runPython","code":"_state_to_hash = json.loads('''{}''')"}"#,
];

/// Results of Python, as JSON.
pub const PYTHON_RECEIVED: &[&str] = &[
    r#"{"id":1,"result":"{\"num_steps\":1,\"replay_log\":[{}]}"}"#,
    r#"{"id":2,"result":{"match":true}}"#,
    r#"{"id":4,"result":"{\"env_state\":{}}"}"#,
    r#"{"id":5,"result":"44136fa355b3678a"}"#,
    r#"{"id":3,"error":{"name":"E","message":"x"}}"#,
];

/// Lines of a recording.
pub const RECORDING: &[&str] = &[
    r#"{"t":1,"n":0,"ch":"dc:1","dir":"create","meta":{"label":"game","how":"remote","ordered":false,"maxRetransmits":0}}"#,
    r#"{"t":2,"n":1,"ch":"dc:1","dir":"in","b64":"EEA="}"#,
    r#"{"t":2.5,"n":2,"ch":"worker:1","dir":"create","meta":{"url":"w.js"}}"#,
    r#"{"t":3,"n":3,"ch":"worker:1","dir":"out","data":{"a":{"$ta":"Float32Array","v":[1.5]},"b":{"$undef":1},"c":{"$num":"-0"},"e":{"$map":[["k",1]]},"f":{"$ab":"AQI="}}}"#,
    r#"{"t":4,"n":4,"ch":"dc:1","dir":"close","meta":{"terminate":1}}"#,
];

/// One small chunk of the hook with a little of everything.
#[must_use]
pub fn chunk() -> Vec<u8> {
    let mut builder = ChunkBuilder::new(PageId([1, 2, 3, 4, 5, 6, 7, 8]));
    let started = PageStarted {
        url: "http://localhost/".into(),
        user_agent: "x".into(),
        time_origin_ms: Some(1.0),
        placement: PagePlacement::Top,
        hook_version: Some(1),
        frame_label: None,
    };
    builder.push(Micros(1), ChannelId::PAGE, &EventKind::PageStarted(started));
    let details = ChannelDetails { label: Some("game".into()), ..ChannelDetails::default() };
    let opened = ChannelOpened { kind: ChannelKind::DataChannel, details };
    builder.push(Micros(2), ChannelId(1), &EventKind::ChannelOpened(opened));
    let values = [
        Value::ArrayBuffer(&[2, 64, 94, 221, 47, 26, 159, 190, 119]),
        Value::Object(vec![
            ("a".into(), Value::Array(vec![Value::Integer(-1), Value::Number(0.5), Value::Null])),
            ("b".into(), Value::String("text".into())),
            ("m".into(), Value::Map(vec![(Value::Bool(true), Value::Undefined)])),
        ]),
        Value::BigInteger("123456789012345678901234567890"),
    ];
    for value in values {
        let message = Message { flags: MessageFlags::default(), value };
        builder.push(Micros(3), ChannelId(1), &EventKind::MessageReceived(message));
    }
    builder.finish()
}

/// A capture file that holds a chunk as its only one.
#[must_use]
pub fn file(chunk: &[u8]) -> Vec<u8> {
    let header = FileHeader { created_by: "fuzz".to_owned(), created_at_ms: 0.0 };
    let (mut writer, mut bytes) = FileWriter::start(&header);
    if let Ok(record) = writer.chunk(chunk) {
        bytes.extend(record);
    }
    bytes.extend(writer.end());
    bytes
}
