//! Every switch of the arena does its fault: two pages play in one process as they do in browsers (the
//! session of the runtime, the game behind a worker's messages, what stands between them, bots, seeded
//! links), what crosses is captured as the hook captures it, and the check that the fault is for finds
//! it near its frame.

#![expect(
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "a test stops at its first surprise and reads one setting"
)]

#[path = "../../tests/support/convert.rs"]
mod convert;
mod pages;

use std::borrow::Cow;
use std::cell::Cell;
use std::collections::VecDeque;
use std::fmt::Write as _;

use rollscope::analysis::Analysis;
use rollscope::capture::{
    ChannelDetails, ChannelId, ChannelKind, ChannelOpened, ChannelState, ChunkBuilder, EventKind,
    Message, MessageFlags, PageId, PagePlacement, PageStarted, Value,
};
use rollscope::link::{Link, LinkProfile};
use rollscope::player::PlayerId;
use rollscope::time::Micros;
use rollscope::timeline::StateMap;
use rollscope::verify::{Finding, Severity};
use rollscope::worker::{Env, Request, Timing, execute};
use rollscope_demo::bot::Bot;
use rollscope_demo::faults::{Fault, PageFaults, Place, WorkerFaults};
use rollscope_demo::game::{Game, Outside, View};
use rollscope_demo::params::PageParams;
use rollscope_demo::server::{ClientId, KeptRows, Outcome, Rooms};
use rollscope_runtime::course::Course;
use rollscope_runtime::relay;
use rollscope_runtime::route::{Route, RouteChoice, Topology};
use rollscope_runtime::rows::Handover;
use rollscope_runtime::seam::{Passed, Seam, WorkerSeam};
use rollscope_runtime::session::Session;
use rollscope_runtime::signal::{self, Counters, EpisodeData, Join, Speaker, ToServer, Told};
use rollscope_runtime::switches::Transport;
use serde_json::{Value as Wire, json};

const WORKER: ChannelId = ChannelId(1);
const DATA_CHANNEL: ChannelId = ChannelId(2);
const SOCKET: ChannelId = ChannelId(3);
const ROOM: &str = "room";
const TIMER: ChannelId = ChannelId(4);
/// The page's timer ticks twice per frame.
const TIMER_MICROS: u64 = 8_333;
const TIME_ORIGIN_MS: f64 = 1_700_000_000_000.0;

/// The frame from which each fault is at work.
const FROM: u32 = 60;
/// A finding lies this near to it: a prediction window, a snapshot interval, and some time for a
/// chance to do it.
const NEAR_FRAMES: u32 = 75;
/// The length of episodes whose rows are looked at.
const EPISODE: &str = "episode_frames=150";
/// How long each session is played.
const MILLIS: u64 = 4_500;

// What a game may look at by mistake; nobody can play it again.
thread_local! {
    static LOOKS: Cell<f64> = const { Cell::new(0.0) };
    static CLOCK_MS: Cell<f64> = const { Cell::new(0.0) };
}

/// One page with its worker, and what was captured of it.
struct LivePage {
    side: usize,
    session: Session,
    game: Game,
    worker_faults: WorkerFaults,
    page_faults: PageFaults,
    under_way: Link<Wire>,
    // What a step that takes long has not answered yet, and until when it takes.
    held: VecDeque<Wire>,
    held_until: Micros,
    next_timer_tick: Micros,
    link: Link<Vec<u8>>,
    is_worker_alive: bool,
    route: RouteChoice,
    course: Course,
    // Whether its channel can open at all, and whether it is cut.
    may_open: bool,
    is_cut: bool,
    // What it has to tell its server.
    to_server: Vec<ToServer>,
    is_ready: bool,
    has_ended: bool,
    handed_over: u32,
    worker_free: Micros,
    bot: Bot,
    view: Option<View>,
    builder: ChunkBuilder,
}

impl LivePage {
    /// The page of a side in a room where episodes of so many frames are asked for.
    fn new(side: usize, params: &PageParams, profile: LinkProfile, asked: Option<u32>) -> Self {
        let player = PlayerId(side as u8);
        let look = || {
            LOOKS.set((LOOKS.get() + 0.618_034) % 1.0);
            LOOKS.get()
        };
        let outside = Outside { clock_ms: || 0.0, random: look };
        let clock = || {
            CLOCK_MS.set(CLOCK_MS.get() + 10.0);
            CLOCK_MS.get()
        };
        let mut game = Game::looking(params.faults, Outside { clock_ms: clock, ..outside });
        game.configure(&json!({ "players": 2 + params.bots })).unwrap();
        let mut config = pages::Page::config(side as u8, pages::SEED);
        config.settings.max_prediction_frames = params.window_frames;
        config.options = params.switches.engine;
        let counted = |asked: u32| asked.saturating_add_signed(params.miscounted_frames);
        config.options.episode_frames = asked.map(counted);
        config.num_episodes = params.episodes;
        let join = Join {
            game_id: Some(ROOM.to_owned()),
            game_seed: Some(pages::SEED),
            max_steps: asked,
            ..Join::default()
        };
        let topology = if params.p2p_mode { Topology::Direct } else { Topology::RelayOnly };
        let mut route = RouteChoice::new(topology);
        route.handle_relay(true);
        let mut page = Self {
            side,
            session: Session::new(config),
            worker_faults: WorkerFaults::new(params.faults, game.frame()),
            page_faults: PageFaults::new(params.faults, params.bots),
            game,
            under_way: Link::new(
                0,
                LinkProfile { latency_micros: 3_000, ..LinkProfile::default() },
            ),
            held: VecDeque::new(),
            held_until: Micros(0),
            next_timer_tick: Micros(1_000_000),
            link: Link::new(1 + side as u64, profile),
            is_worker_alive: true,
            route,
            course: Course::default(),
            may_open: params.p2p_mode && !(params.relay_only && params.turn_servers.is_empty()),
            is_cut: false,
            to_server: vec![ToServer::JoinGame(join)],
            is_ready: false,
            has_ended: false,
            handed_over: 0,
            worker_free: Micros(0),
            bot: Bot::new(50 + side as u32, player),
            view: None,
            builder: ChunkBuilder::new(PageId([7 + side as u8; 8])),
        };
        page.record_start(params);
        if params.rows {
            page.session.keep_rows();
        }
        page
    }

    fn record_start(&mut self, params: &PageParams) {
        let started = EventKind::PageStarted(PageStarted {
            url: Cow::Borrowed("http://127.0.0.1/"),
            user_agent: Cow::Borrowed("test"),
            time_origin_ms: Some(TIME_ORIGIN_MS),
            placement: PagePlacement::Top,
            frame_label: None,
            hook_version: Some(1),
        });
        self.builder.push(Micros(0), ChannelId::PAGE, &started);
        let is_ordered = params.transport() == Transport::Reliable;
        let game = ChannelDetails {
            label: Some(Cow::Borrowed("game")),
            ordered: Some(is_ordered),
            max_retransmits: (!is_ordered).then_some(0),
            ..ChannelDetails::default()
        };
        let worker =
            ChannelDetails { label: Some(Cow::Borrowed("worker.js")), ..ChannelDetails::default() };
        let timer =
            ChannelDetails { label: Some(Cow::Borrowed("timer.js")), ..ChannelDetails::default() };
        for (channel, kind, details) in [
            (WORKER, ChannelKind::Worker, worker),
            (TIMER, ChannelKind::Worker, timer),
            (DATA_CHANNEL, ChannelKind::DataChannel, game),
        ] {
            let opened = EventKind::ChannelOpened(ChannelOpened { kind, details });
            self.builder.push(Micros(0), channel, &opened);
        }
        // A connection that was polled first is carried on by its name.
        let name = if params.polls_first { "&sid=a" } else { "" };
        let url = format!("ws://127.0.0.1/socket.io/?EIO=4&transport=websocket{name}");
        let details =
            ChannelDetails { url: Some(Cow::Borrowed(&url)), ..ChannelDetails::default() };
        let opened =
            EventKind::ChannelOpened(ChannelOpened { kind: ChannelKind::WebSocket, details });
        self.builder.push(Micros(0), SOCKET, &opened);
        let open = "0{\"sid\":\"a\",\"upgrades\":[],\"pingInterval\":8000,\"pingTimeout\":8000}";
        self.say(Micros(0), false, open);
        let ready = json!({"type": "ready", "protocol": "rollscope-worker", "version": 1});
        self.record(Micros(0), WORKER, false, convert::value(&ready));
    }

    fn record(&mut self, time: Micros, channel: ChannelId, is_sent: bool, value: Value<'_>) {
        let message = Message { flags: MessageFlags::default(), value };
        let kind = match is_sent {
            true => EventKind::MessageSent(message),
            false => EventKind::MessageReceived(message),
        };
        self.builder.push(time, channel, &kind);
    }

    /// A message between the pages, on their channel or on the server's socket.
    fn record_message(&mut self, time: Micros, is_sent: bool, wire: &[u8]) {
        if self.route.current() != Route::Relay {
            return self.record(time, DATA_CHANNEL, is_sent, Value::ArrayBuffer(wire));
        }
        let (own, other) = (self.side as u8, 1 - self.side as u8);
        let (from, to) = if is_sent { (own, other) } else { (other, own) };
        let event = relay::event_of(wire, ROOM, from, to, time.as_millis()).unwrap();
        let (mut name, argument) = signal::to_event(&event).unwrap();
        if !is_sent {
            name = name.replace("pyodide_player_action", "pyodide_other_player_action");
        }
        let text = format!("42{}", json!([name, argument]));
        self.record(time, SOCKET, is_sent, Value::String(Cow::Borrowed(&text)));
    }

    fn record_state(&mut self, now: Micros, state: &'static str) {
        let details = json!({"state": state});
        let details = convert::value(&details);
        let changed = ChannelState { state: Cow::Borrowed(state), details };
        self.builder.push(now, WORKER, &EventKind::ChannelState(changed));
        self.is_worker_alive = false;
    }

    fn pass(&mut self, now: Micros, passed: Vec<Passed>) {
        for one in passed {
            match one {
                Passed::Request(wire) => {
                    self.record(now, WORKER, true, convert::value(&wire));
                    self.under_way.send(now, wire);
                }
                Passed::Reply(reply) => self.session.handle_reply(reply),
                Passed::Message(_, message) => self.link.send(now, message),
                Passed::EndWorker => self.record_state(now, "terminated"),
                Passed::Hidden(is_hidden) => self.session.set_hidden(is_hidden),
                Passed::CutP2p(is_cut) => self.is_cut = is_cut,
                Passed::Leave => {
                    let (game_id, player_id) = (ROOM.to_owned(), self.side as u8);
                    self.to_server.push(ToServer::LeaveGame(Speaker { game_id, player_id }));
                    self.session.stop();
                    self.has_ended = true;
                }
                Passed::Handover(_) => unreachable!("rows go their own way"),
            }
        }
    }

    /// The worker answers a request, as `worker_entry` does.
    fn answer(&mut self, now: Micros, wire: Wire) {
        let id = wire["id"].as_u64().unwrap();
        let before_ms = CLOCK_MS.get();
        let mut reply = match serde_json::from_value::<Request>(wire) {
            Ok(request) => execute(&mut self.game, &request),
            Err(error) => {
                let error = json!({"message": error.to_string()});
                serde_json::from_value(json!({"type": "error", "id": id, "error": error})).unwrap()
            }
        };
        // The worker takes up one request after the other, within its three milliseconds.
        let started = self.worker_free.max(Micros(now.0 - 2_000));
        self.worker_free = started.plus(200);
        let on_clock = |time: Micros| TIME_ORIGIN_MS + time.as_millis();
        reply.timing =
            Some(Timing { started_ms: on_clock(started), finished_ms: on_clock(self.worker_free) });
        // A look at the clock takes no time; many of them in one step do.
        let spent_ms = CLOCK_MS.get() - before_ms;
        if spent_ms > 100.0 {
            self.held_until = now.plus((spent_ms * 1_000.0) as u64);
        }
        match self.worker_faults.handle_reply(serde_json::to_value(reply).unwrap()) {
            Ok(said) => {
                self.held.extend(said);
                self.hand_out(now);
            }
            Err(message) => {
                self.record_state(now, "error");
                self.session.fail(&message);
            }
        }
    }

    // What the worker has answered reaches its page.
    fn hand_out(&mut self, now: Micros) {
        while now >= self.held_until
            && let Some(wire) = self.held.pop_front()
        {
            self.record(now, WORKER, false, convert::value(&wire));
            let passed = self.page_faults.handle_reply(wire);
            self.pass(now, passed);
        }
    }

    /// What the page tells its server of its game, as in a browser.
    fn tell_course(&mut self, now: Micros) {
        if self.has_ended {
            return;
        }
        let (game_id, player_id) = (ROOM.to_owned(), self.side as u8);
        let frame_number = self.session.current().map(|frame| frame.0);
        let told = Told { game_id, player_id, frame_number, ..Told::default() };
        if self.route.choose(now) != Route::None && !self.is_ready {
            self.is_ready = true;
            let (game_id, player_id) = (told.game_id.clone(), told.player_id);
            self.to_server.push(ToServer::P2pConnected(Speaker { game_id, player_id }));
        }
        self.to_server.extend(self.course.note(now, &self.route, told.clone()));
        if self.session.is_over() {
            self.has_ended = true;
            self.to_server.push(ToServer::MultiplayerGameComplete(told));
        }
    }

    fn advance(&mut self, now: Micros) {
        self.tell_course(now);
        if now >= self.next_timer_tick {
            self.next_timer_tick = self.next_timer_tick.plus(TIMER_MICROS);
            let tick = json!({"type": "tick", "timestamp": now.as_millis()});
            self.record(now, TIMER, false, convert::value(&tick));
        }
        self.hand_out(now);
        while let Some(wire) = self.under_way.poll(now) {
            if self.is_worker_alive {
                self.answer(now, wire);
            }
        }
        if let Some(state) = self.session.poll_render_state() {
            self.view = serde_json::from_value(state).ok().or(self.view.take());
        }
        let (bot, view) = (&mut self.bot, self.view.as_ref());
        self.session.advance(now, &mut |frame| bot.action(frame, view));
        while let Some(request) = self.session.poll_request() {
            let passed = self.page_faults.handle_request(request);
            self.pass(now, passed);
        }
        while let Some((to, message)) = self.session.poll_message() {
            let passed = self.page_faults.handle_sent(to, message);
            self.pass(now, passed);
        }
    }

    /// What the session has for the server goes there, as in a browser's page, and is answered.
    fn hand_over(&mut self, now: Micros, server: &mut Server) {
        let wants_rows = self.page_faults.wants_rows();
        let mut handed: Vec<Handover> = Vec::new();
        if wants_rows {
            handed.extend(self.session.rows_so_far());
        }
        handed.extend(std::iter::from_fn(|| self.session.poll_handover()));
        for handed in handed {
            for passed in self.page_faults.handle_handover(handed) {
                let Passed::Handover(handed) = passed else { unreachable!("nothing but rows") };
                self.tell_rows(now, &handed, server);
            }
        }
    }

    fn tell_rows(&mut self, now: Micros, handed: &Handover, server: &mut Server) {
        let whose = EpisodeData {
            game_id: ROOM.to_owned(),
            player_id: handed.rows.player.0,
            episode_num: handed.rows.episode.0,
        };
        let mut argument = json!(whose);
        argument["data"] = json!({"_placeholder": true, "num": 0});
        let number = self.handed_over;
        self.handed_over += 1;
        let rows = handed.rows.to_msgpack();
        let event = json!([signal::EPISODE_DATA, argument]);
        self.say(now, true, &format!("451-{number}{event}"));
        self.record(now, SOCKET, true, Value::ArrayBuffer(&rows));
        let (game_id, player_id) = (ROOM.to_owned(), self.side as u8);
        let counters = Counters { game_id, player_id, metrics: handed.metrics() };
        let (name, argument) =
            signal::to_event(&ToServer::EmitMultiplayerMetrics(counters)).unwrap();
        self.say(now, true, &format!("42{}", json!([name, argument])));
        let client = ClientId(self.side as u64);
        let saved = server.kept.take(&server.rooms, client, whose, rows.into());
        self.say(now, false, &format!("43{number}{}", json!([saved])));
    }

    fn say(&mut self, now: Micros, is_sent: bool, text: &str) {
        self.record(now, SOCKET, is_sent, Value::String(Cow::Borrowed(text)));
    }

    fn hear(&mut self, now: Micros, wire: &[u8]) {
        self.route.handle_heard(now);
        self.record_message(now, false, wire);
        self.page_faults.handle_received(wire);
        self.session.handle_message(now, PlayerId(1 - self.side as u8), wire);
    }
}

/// The server: its rooms, and the rows that it keeps.
struct Server {
    rooms: Rooms,
    kept: KeptRows,
}

impl Server {
    /// Takes what a page has to tell, and tells all what follows of it.
    fn hear(&mut self, now: Micros, pages: &mut [LivePage; 2], side: usize) {
        let text = |message: Option<(String, Wire)>| format!("42{}", json!(message.unwrap()));
        for word in std::mem::take(&mut pages[side].to_server) {
            pages[side].say(now, true, &text(signal::to_event(&word)));
            for outcome in self.rooms.handle_message(ClientId(side as u64), word) {
                let Outcome::Send(ClientId(to), said) = outcome else {
                    unreachable!("nobody is refused")
                };
                pages[to as usize].say(now, false, &text(signal::to_event(&said)));
            }
        }
    }
}

/// Two pages play; their captures.
fn play(queries: [&str; 2], profiles: [LinkProfile; 2]) -> [Vec<u8>; 2] {
    play_for(MILLIS, queries, profiles).0
}

/// Two pages play for so long and are stopped; their captures, and the server's rows.
fn play_for(
    millis: u64,
    queries: [&str; 2],
    profiles: [LinkProfile; 2],
) -> ([Vec<u8>; 2], KeptRows) {
    let mut server = Server { rooms: Rooms::new(1), kept: KeptRows::default() };
    let params = queries.map(|query| PageParams::parse(query).unwrap());
    // The room's first page decides, if it asks for a length.
    let asked = |side: usize| params[side].switches.engine.episode_frames;
    let mut pages = [0, 1].map(|side: usize| {
        LivePage::new(side, &params[side], profiles[side], asked(0).or(asked(side)))
    });
    let mut was_open = false;
    for now in (1_000_000..1_000_000 + millis * 1_000).step_by(4_000).map(Micros) {
        let is_open = pages.iter().all(|page| page.may_open && !page.is_cut);
        if is_open != was_open {
            was_open = is_open;
            for page in &mut pages {
                if is_open { page.route.handle_opened(now) } else { page.route.handle_closed() }
            }
        }
        for side in [0, 1] {
            while let Some(wire) = pages[1 - side].link.poll(now) {
                if pages[1 - side].route.current() == Route::None {
                    continue;
                }
                pages[1 - side].record_message(now, true, &wire);
                pages[side].hear(now, &wire);
            }
            pages[side].advance(now);
            server.hear(now, &mut pages, side);
            pages[side].hand_over(now, &mut server);
        }
    }
    // A tick that is under way ends first.
    for now in (0..10).map(|step| Micros(1_000_000 + (millis + step) * 1_000)) {
        for page in &mut pages {
            page.session.stop();
            page.advance(now);
            page.hand_over(now, &mut server);
        }
    }
    (pages.map(|mut page| page.builder.finish()), server.kept)
}

fn findings(captures: &[&Vec<u8>]) -> Vec<Finding> {
    let mut analysis = Analysis::new();
    captures.iter().for_each(|capture| analysis.handle_chunk(capture));
    analysis.flush();
    analysis.check().checks.into_iter().flat_map(|check| check.outcome.findings).collect()
}

fn link(latency_micros: u64, jitter_micros: u64, loss: f64) -> LinkProfile {
    LinkProfile { latency_micros, jitter_micros, loss, duplication: 0.0 }
}

/// The links of the faulty and of the other page. Most faults need late inputs of the other page,
/// some that the own words come at once.
fn links(fault: Fault) -> [LinkProfile; 2] {
    let far = link(130_000, 40_000, 0.02);
    match fault {
        Fault::HashOfPredicted => [link(1_000, 0, 0.0), far],
        Fault::SkipPlayer => [far, link(4_000, 0, 0.0)],
        // Each answer is answered when it comes.
        Fault::ReadyStorm => [link(20_000, 10_000, 0.02), link(20_000, 10_000, 0.02)],
        _ => [link(20_000, 10_000, 0.02), far],
    }
}

/// Plays a fault of the first page; what is found in the captures that are to show it.
fn played(fault: Fault) -> Vec<Finding> {
    let name = fault.name();
    let faulty = match fault {
        // It is known for a page that never once rolled back.
        Fault::NoRollbacks => format!("fault={name}&from=0"),
        // The end of an episode is when rows are handed over.
        _ if fault.is_of_rows() => format!("fault={name}&from={FROM}&{EPISODE}"),
        _ => format!("fault={name}&from={FROM}"),
    };
    let other = match fault.place() {
        Place::BothGames => format!("fault={name}&from=never"),
        // One page without a connection leaves the other one without it, too.
        _ if fault == Fault::RelayedInputs => "p2p=off".to_owned(),
        // The faulty page's episode has as many frames, if it counted them right.
        _ if fault == Fault::EndsLate => faulty.clone(),
        _ if fault == Fault::EndsDiffer => format!("episode_frames={}", FROM + 60),
        Place::BothRows => format!("rows=on&{EPISODE}"),
        Place::Rows => EPISODE.to_owned(),
        _ => String::new(),
    };
    // Without a channel a game begins after four seconds.
    let millis = if fault == Fault::FailedPairing { MILLIS + 4_000 } else { MILLIS };
    let ([here, there], _) = play_for(millis, [&faulty, &other], links(fault));
    match fault {
        Fault::AnnounceTwice
        | Fault::LeakedInputs
        | Fault::InputHole
        | Fault::BrokenOff
        | Fault::UnansweredRequest => findings(&[&there]),
        Fault::HashLeavesOut | Fault::BotDiffers | Fault::ExportRewards => {
            findings(&[&here, &there])
        }
        _ => findings(&[&here]),
    }
}

/// Frames of the first finding of the fault's check, and what else was found.
fn problem_of(fault: Fault) -> Option<String> {
    let all = played(fault);
    let found: Vec<&Finding> = all.iter().filter(|one| one.code == fault.code()).collect();
    let first = found.iter().filter_map(|one| one.frames).map(|frames| frames.0.0).min();
    let is_near = match fault {
        // These are faults of the beginning, or of the whole.
        Fault::InputBelowDelay
        | Fault::StartsDiffer
        | Fault::FailedPairing
        | Fault::NoRollbacks
        | Fault::OrderedChannel
        | Fault::RelayedInputs => true,
        // The ping that comes at last is the late one.
        Fault::LatePings => first.is_some_and(|first| (FROM + 60..FROM + 130).contains(&first)),
        _ => first.is_none_or(|first| first.abs_diff(FROM) <= NEAR_FRAMES),
    };
    let count = |found: &[Finding]| -> u32 {
        found.iter().filter(|one| one.code == fault.code()).map(|one| one.count).sum()
    };
    let is_more = fault != Fault::LoneRestore
        || count(&all) > count(&findings(&[&play(["", ""], links(fault))[0]]));
    if !found.is_empty() && is_near && is_more {
        return None;
    }
    let mut text = format!("{}: {} first at {first:?};", fault.name(), fault.code());
    for one in all.iter().filter(|one| one.severity != Severity::Notice) {
        write!(text, " {} {:?}: {};", one.code, one.frames, one.text).unwrap();
    }
    Some(text)
}

fn check(place: impl Fn(Place) -> bool) {
    let asked = std::env::var("ROLLSCOPE_FAULTS").unwrap_or_default();
    let is_asked =
        |fault: &Fault| asked.is_empty() || asked.split(',').any(|one| one == fault.name());
    let faults: Vec<Fault> =
        Fault::ALL.iter().copied().filter(|fault| place(fault.place())).collect();
    assert!(!faults.is_empty());
    let problems: Vec<String> =
        faults.into_iter().filter(is_asked).filter_map(problem_of).collect();
    assert!(problems.is_empty(), "{}", problems.join("\n"));
}

#[test]
fn faults_of_what_the_page_asks_are_found() {
    check(|place| place == Place::Requests);
}

#[test]
fn faults_of_what_the_page_says_are_found() {
    check(|place| place == Place::Messages);
}

#[test]
fn faults_of_the_page_itself_are_found() {
    check(|place| place == Place::Itself);
}

#[test]
fn faults_of_the_worker_and_of_the_game_are_found() {
    check(|place| matches!(place, Place::Worker | Place::Game | Place::BothGames));
}

#[test]
fn faults_of_what_the_page_hands_over_are_found() {
    check(|place| matches!(place, Place::Rows | Place::BothRows));
}

/// The checks that need rows or counters.
const OF_ROWS: [&str; 6] = [
    "export-rows",
    "export-actions",
    "export-rewards",
    "export-unsaved",
    "export-mismatch",
    "telemetry-mismatch",
];

#[test]
fn rows_of_pages_without_faults_are_right_whenever_they_are_handed_over() {
    // At the end of each of two episodes, and where pages are stopped in the middle of one.
    for query in ["rows=on&episodes=2&episode_frames=100", "rows=on"] {
        let profiles = links(Fault::None);
        let (with, kept) = play_for(MILLIS, [query, query], profiles);
        let off = format!("{query}&fault=export-gap,wrong-counters&from=never");
        let (again, _) = play_for(MILLIS, [&off, query], profiles);
        assert!(with == again, "a switch that is off changes a byte of what is handed over");
        let sides = [vec![&with[0]], vec![&with[1]], vec![&with[0], &with[1]]];
        for captures in sides {
            let mut analysis = Analysis::new();
            captures.iter().for_each(|capture| analysis.handle_chunk(capture));
            analysis.flush();
            for check in analysis.check().checks {
                let is_of_rows = OF_ROWS.contains(&check.code);
                let may_find = |one: &&Finding| one.severity == Severity::Notice && !is_of_rows;
                let found = check.outcome.findings.iter().find(|one| !may_find(one));
                assert!(found.is_none(), "{query}: {found:?}");
                let needs_both = check.code == "export-mismatch" && captures.len() < 2;
                let is_held = check.outcome.passed > 0;
                assert!(
                    !is_of_rows || is_held || needs_both,
                    "{query}: {} says nothing",
                    check.code
                );
            }
        }
        assert!(
            [0, 1]
                .iter()
                .all(|player| kept.get(ROOM, *player, 0).is_some_and(|rows| rows.len() > 500))
        );
        assert_eq!(kept.get(ROOM, 0, 1).is_some(), query.contains("episodes"));
    }
}

#[test]
fn pages_whose_faults_never_begin_play_as_pages_without() {
    // A part of the state that only one page has would differ, fault or not.
    let is_asked = |fault: &&Fault| fault.place() != Place::BothGames;
    let names: Vec<String> = Fault::ALL.iter().filter(is_asked).map(|one| one.name()).collect();
    let asked = format!("fault={}&from=never", names.join(","));
    let with = play([&asked, ""], links(Fault::None));
    assert!(with == play(["", ""], links(Fault::None)), "a switch that is off changes a byte");
    for captures in [vec![&with[0]], vec![&with[1]], vec![&with[0], &with[1]]] {
        let found = findings(&captures);
        let of_weight: Vec<&Finding> =
            found.iter().filter(|one| one.severity != Severity::Notice).collect();
        assert!(of_weight.is_empty(), "{of_weight:?}");
        // Every page could save round trips; the switch wastes one more.
        let shows = |fault: &&Fault| **fault != Fault::LoneRestore;
        for fault in Fault::ALL.iter().filter(shows) {
            let is_there = found.iter().any(|one| one.code == fault.code());
            assert!(!is_there, "{} without {}", fault.code(), fault.name());
        }
    }
}

#[test]
fn every_check_has_a_kind_of_fault_but_those_that_the_docs_name() {
    let codes: Vec<&str> = Analysis::new().check().checks.iter().map(|one| one.code).collect();
    let has_kind = |code: &&&str| Fault::ALL.iter().any(|fault| fault.code() == **code);
    let without: Vec<&str> = codes.iter().filter(|code| !has_kind(code)).copied().collect();
    assert_eq!(without, ["state-difference", "input-mismatch", "fast-forwarded"]);
}

#[test]
fn what_only_two_captures_show_is_found_in_both() {
    let faulty = format!("fault=own-otherwise&from={FROM}");
    let captures = play([&faulty, ""], links(Fault::None));
    let found = findings(&[&captures[0], &captures[1]]);
    let mismatch = found.iter().find(|one| one.code == "input-mismatch").unwrap();
    let (first, last) = mismatch.frames.unwrap();
    assert_eq!((first.0, last.0, mismatch.peers.as_slice()), (FROM, FROM, &["P1".to_owned()][..]));
    let difference = found.iter().find(|one| one.code == "state-difference").unwrap();
    let (first, _) = difference.frames.unwrap();
    assert!((FROM..FROM + 10).contains(&first.0), "{difference:?}");
}

#[test]
fn the_state_view_begins_where_the_first_differing_hash_is() {
    for name in ["too-shallow", "lossy-restore", "hidden-counter", "own-otherwise"] {
        let captures = play([&format!("fault={name}&from={FROM}"), ""], links(Fault::None));
        let found = findings(&[&captures[0], &captures[1]]);
        let by_hash = found.iter().find(|one| one.code == "state-hash-mismatch").unwrap();
        let mut analysis = Analysis::new();
        captures.iter().for_each(|capture| analysis.handle_chunk(capture));
        analysis.flush();
        let mut map = StateMap::default();
        analysis.map_states(&mut map, (0, 1));
        assert!(map.is_complete());
        let (first, of_hash) = (map.first().unwrap().frame, by_hash.frames.unwrap().0);
        assert!(first <= of_hash, "{name}: states from {first}, hashes from {of_hash}");
    }
}

#[test]
fn pages_that_play_to_the_end_hold_what_they_say_of_their_game() {
    let captures = play(["episode_frames=150", ""], links(Fault::None));
    for capture in &captures {
        let mut analysis = Analysis::new();
        analysis.handle_chunk(capture);
        analysis.flush();
        let checks = analysis.check().checks;
        for code in [
            "episode-starts-differ",
            "episode-ends-differ",
            "episode-length-wrong",
            "game-broken-off",
            "paired-anew",
            "polling-transport",
            "ticks-lost",
        ] {
            let check = checks.iter().find(|check| check.code == code).unwrap();
            let outcome = &check.outcome;
            assert!(outcome.passed > 0 && outcome.failed == 0, "{code}: {outcome:?}");
        }
    }
}

#[test]
fn bots_that_every_page_works_out_by_itself_act_alike() {
    let captures = play(["bots=1", "bots=1"], links(Fault::None));
    let mut analysis = Analysis::new();
    captures.iter().for_each(|capture| analysis.handle_chunk(capture));
    analysis.flush();
    for check in analysis.check().checks {
        let outcome = check.outcome;
        assert!(outcome.findings.iter().all(|one| one.severity == Severity::Notice), "{outcome:?}");
        if check.code == "bot-actions-differ" {
            assert!(outcome.passed > 150 && outcome.failed == 0, "{outcome:?}");
        }
    }
}

#[test]
fn a_state_of_the_other_page_repairs_what_a_passing_fault_did() {
    let faulty = format!("fault=noise-for-a-while&from={FROM}&resync=delta");
    let captures = play([&faulty, "resync=delta"], links(Fault::None));
    let found = findings(&[&captures[0], &captures[1]]);
    let mismatch = found.iter().find(|one| one.code == "state-hash-mismatch").unwrap();
    let (first, last) = mismatch.frames.unwrap();
    assert!(first.0 >= FROM && last.0 < FROM + NEAR_FRAMES, "{mismatch:?}");
}

/// The table of `docs/truth.md` that is made of the list of kinds.
#[test]
fn the_table_of_switches_is_what_the_list_says() {
    let path = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/truth.md");
    let page = std::fs::read_to_string(&path).unwrap();
    let (begin, end) = ("<!-- bench:switches -->\n", "<!-- /bench:switches -->");
    let (before, rest) = page.split_once(begin).unwrap();
    let (known, after) = rest.split_once(end).unwrap();
    let mut table = String::from(
        "\n| `fault=` | what a page with it does | check | where |\n|---|---|---|---|\n",
    );
    for fault in Fault::ALL {
        let (name, what, code) = (fault.name(), fault.what().trim(), fault.code());
        let place = match fault.place() {
            Place::Game => "the game",
            Place::BothGames => "the game; the other page needs it with `from=never`",
            Place::Worker => "the worker's answers",
            Place::Requests => "what the page asks its worker",
            Place::Messages => "what the page says to the other",
            Place::Itself => "the page itself",
            Place::Rows => "what the page hands to its server",
            Place::BothRows => "what the page hands to its server; the other page needs `rows=on`",
        };
        writeln!(table, "| `{name}` | {what} | `{code}` | {place} |").unwrap();
    }
    let made = format!("{table}\n");
    if std::env::var_os("UPDATE_FIXTURES").is_some() {
        std::fs::write(&path, format!("{before}{begin}{made}{end}{after}")).unwrap();
    } else {
        assert!(
            made == known,
            "docs/truth.md is not what the list says: run with UPDATE_FIXTURES=1"
        );
    }
}
