//! Which lanes there are, what the user chose of them, and which fit: the most important first.

use rollscope::sorting;
use rollscope::timeline::{PeerLane, TimelineView};

/// A lane of the timeline.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum LaneKind {
    /// Frames of a peer; always shown.
    Frames,
    /// Rollbacks of a peer.
    Rollbacks,
    /// Inputs between two peers.
    Inputs,
    /// A queue depth of a peer, by its place.
    Queue(usize),
    /// Requests to the worker of a peer.
    Worker,
    /// Frame advantage of all peers.
    Advantage,
    /// Confirmation lag of all peers.
    Lag,
    /// Network round-trip time of all peers.
    RoundTrip,
    /// Hidden and slow spans of all pages.
    Page,
}

impl LaneKind {
    /// Those that can be hidden and pinned, as the menu lists them.
    pub const CHOICES: [Self; 11] = [
        Self::Rollbacks,
        Self::Inputs,
        Self::Queue(0),
        Self::Queue(1),
        Self::Queue(2),
        Self::Queue(3),
        Self::Worker,
        Self::Advantage,
        Self::Lag,
        Self::RoundTrip,
        Self::Page,
    ];

    /// Name in the gutter and in the menu.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Frames => "frames",
            Self::Rollbacks => "rollbacks",
            Self::Inputs => "inputs",
            Self::Queue(0) => "predicted",
            Self::Queue(1) => "pending",
            Self::Queue(2) => "receive",
            Self::Queue(_) => "send",
            Self::Worker => "worker",
            Self::Advantage => "advantage",
            Self::Lag => "conf. lag",
            Self::RoundTrip => "round trip",
            Self::Page => "visible, tasks",
        }
    }

    /// What it shows, with its unit.
    #[must_use]
    pub const fn meaning(self) -> &'static str {
        match self {
            Self::Frames => "What each frame was shown as and what it became",
            Self::Rollbacks => {
                "From where a wrong guess was found back to the first incorrect frame"
            }
            Self::Inputs => "Messages with inputs from the sender's frame to the receiver's",
            Self::Queue(0) => "Frames simulated with a guess that is not settled",
            Self::Queue(1) => "Inputs that proved a guess wrong since the last step",
            Self::Queue(2) => "Inputs of other players held for frames not yet simulated",
            Self::Queue(_) => "Own announced inputs that the other peer has not acknowledged",
            Self::Worker => "Requests to the worker: wait, execution, reply",
            Self::Advantage => "Frames ahead of the other peer, as its messages tell",
            Self::Lag => "Frames simulated past the confirmed frame",
            Self::RoundTrip => "Ping to pong over the network, in milliseconds",
            Self::Page => "Hidden page, and seconds with tasks or animation frames over 50 ms",
        }
    }

    /// Order in which lanes get their place when there is too little; 0 first.
    const fn rank(self) -> u8 {
        match self {
            Self::Frames => 0,
            Self::Rollbacks => 1,
            Self::Inputs => 2,
            Self::Queue(0) => 3,
            Self::Worker => 4,
            Self::Advantage => 5,
            Self::Lag => 6,
            Self::RoundTrip => 7,
            Self::Queue(_) => 8,
            Self::Page => 9,
        }
    }

    /// Least and most height, and how eagerly it takes what is left.
    const fn heights(self, tall: Tall) -> (f64, f64, f64) {
        match (self, tall) {
            (Self::Frames, Tall::Yes) => (22.0, 22.0, 0.0),
            (Self::Frames, Tall::No) => (16.0, 16.0, 0.0),
            (Self::Rollbacks, Tall::Yes) => (36.0, 240.0, 1.0),
            (Self::Rollbacks, Tall::No) => (24.0, 60.0, 1.0),
            (Self::Inputs, Tall::Yes) => (36.0, 200.0, 1.0),
            (Self::Inputs, Tall::No) => (20.0, 40.0, 0.8),
            (Self::Queue(_), Tall::Yes) => (17.0, 34.0, 0.1),
            (Self::Queue(_), Tall::No) => (16.0, 20.0, 0.1),
            (Self::Worker, Tall::Yes) => (40.0, 72.0, 0.25),
            (Self::Worker, Tall::No) => (26.0, 36.0, 0.3),
            (Self::Page, Tall::Yes) => (24.0, 24.0, 0.0),
            (Self::Page, Tall::No) => (16.0, 16.0, 0.0),
            (_, Tall::Yes) => (38.0, 80.0, 0.35),
            (_, Tall::No) => (18.0, 30.0, 0.2),
        }
    }
}

/// Whether there is height for large lanes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Tall {
    /// There is.
    Yes,
    /// There is not.
    No,
}

/// Side of the frames lane that the rollbacks of a peer are on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Side {
    /// Above the frames.
    Above,
    /// Below the frames.
    Below,
}

/// A lane with the peers that it is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Lane {
    /// What it shows.
    pub kind: LaneKind,
    /// Its peer; of inputs the upper one; of lanes of all peers the first.
    pub peer: usize,
    /// Of rollbacks, which side of the frames they are on.
    pub side: Side,
}

/// What the user chose of the lanes.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Choices {
    /// Lanes that are shown first, whatever the height.
    pub pinned: Vec<LaneKind>,
    /// Lanes that are not shown.
    pub hidden: Vec<LaneKind>,
    /// Peers of whom only the frames are shown.
    pub collapsed: Vec<usize>,
}

impl Choices {
    /// Puts into `list` what is not in it, and takes out what is.
    pub fn toggle<T: PartialEq>(list: &mut Vec<T>, item: T) {
        match list.iter().position(|known| *known == item) {
            Some(place) => {
                list.remove(place);
            }
            None => list.push(item),
        }
    }
}

/// Every lane that there is something to say on, from top to bottom.
#[must_use]
pub fn lanes(view: &TimelineView, choices: &Choices) -> Vec<Lane> {
    let mut lanes = Vec::new();
    let count = view.lanes.len();
    for (peer, lane) in view.lanes.iter().enumerate() {
        let is_full = lane.is_observed && !choices.collapsed.contains(&peer);
        // Two peers mirror; of more each has its rollbacks above.
        let side = if count == 2 && peer == 1 { Side::Below } else { Side::Above };
        let queues = (0..lane.queues.len()).filter(|_| is_full).map(LaneKind::Queue);
        let before = queues.chain(is_full.then_some(LaneKind::Rollbacks));
        let mut stack: Vec<LaneKind> = before.chain([LaneKind::Frames]).collect();
        if side == Side::Below {
            stack = [LaneKind::Frames]
                .into_iter()
                .chain(is_full.then_some(LaneKind::Rollbacks))
                .collect();
            stack.extend((0..lane.queues.len()).filter(|_| is_full).map(LaneKind::Queue));
        }
        lanes.extend(stack.into_iter().map(|kind| Lane { kind, peer, side }));
        let has_inputs =
            lane.is_observed || view.lanes.get(peer + 1).is_some_and(|l| l.is_observed);
        if peer + 1 < count && has_inputs {
            lanes.push(Lane { kind: LaneKind::Inputs, peer, side });
        }
    }
    let has_worker = |lane: &PeerLane| lane.longest_micros > 0;
    for (peer, _) in view.lanes.iter().enumerate().filter(|(_, lane)| has_worker(lane)) {
        if !choices.collapsed.contains(&peer) {
            lanes.push(Lane { kind: LaneKind::Worker, peer, side: Side::Above });
        }
    }
    let any = |of: fn(&PeerLane) -> bool| view.lanes.iter().any(of);
    let shared = [
        (LaneKind::Advantage, any(|lane| lane.is_observed)),
        (LaneKind::Lag, any(|lane| lane.is_observed)),
        (LaneKind::RoundTrip, any(|lane| !lane.pings.is_empty())),
        (LaneKind::Page, any(|lane| lane.has_page)),
    ];
    let shared = shared.into_iter().filter(|(_, there)| *there);
    lanes.extend(shared.map(|(kind, _)| Lane { kind, peer: 0, side: Side::Above }));
    lanes.retain(|lane| !choices.hidden.contains(&lane.kind));
    lanes
}

/// The lanes that fit into `height`, with their heights, and how many do not.
#[must_use]
pub fn fitting(
    lanes: &[Lane],
    choices: &Choices,
    height: f64,
    tall: Tall,
) -> (Vec<(Lane, f64)>, usize) {
    let rank = |(place, lane): &(usize, &Lane)| {
        let pinned = choices.pinned.contains(&lane.kind) && lane.kind != LaneKind::Frames;
        // A later peer's lanes come after an earlier one's of the same kind.
        let further = lane.kind == LaneKind::Worker && lane.peer > 0;
        let rank = if pinned { 1 } else { lane.kind.rank() * 2 + if further { 3 } else { 0 } };
        (rank, *place)
    };
    let mut order: Vec<(usize, &Lane)> = lanes.iter().enumerate().collect();
    sorting::sort_by_key(&mut order, rank);
    let mut left = height;
    let mut chosen: Vec<usize> = Vec::new();
    for (place, lane) in order {
        let (least, ..) = lane.kind.heights(tall);
        let needed = least + gap(lane.kind, tall);
        if needed <= left || lane.kind == LaneKind::Frames {
            left -= needed;
            chosen.push(place);
        }
    }
    chosen.sort_unstable();
    let mut rows: Vec<(Lane, f64)> = chosen
        .iter()
        .filter_map(|place| lanes.get(*place))
        .map(|lane| (*lane, lane.kind.heights(tall).0))
        .collect();
    // What is left goes to those that can use it; those that are full give up their share.
    for _ in 0..4 {
        let can_grow = |(lane, h): &(Lane, f64)| *h + 0.5 < lane.kind.heights(tall).1;
        let weights: f64 =
            rows.iter().filter(|row| can_grow(row)).map(|(l, _)| l.kind.heights(tall).2).sum();
        if weights <= 0.0 || left < 1.0 {
            break;
        }
        let share = left / weights;
        for row in rows.iter_mut().filter(|row| can_grow(row)) {
            let (_, most, weight) = row.0.kind.heights(tall);
            let grown = (row.1 + share * weight).min(most);
            left -= grown - row.1;
            row.1 = grown;
        }
    }
    let missing = lanes.len() - rows.len();
    (rows, missing)
}

/// Free height below a lane.
#[must_use]
pub const fn gap(kind: LaneKind, tall: Tall) -> f64 {
    match (kind, tall) {
        // The lines of resimulated frames stand below the frames.
        (LaneKind::Frames, Tall::Yes) => 9.0,
        (LaneKind::Frames, Tall::No) => 7.0,
        (LaneKind::Rollbacks | LaneKind::Queue(_), _) => 0.0,
        (LaneKind::Inputs, Tall::Yes) => 3.0,
        (LaneKind::Inputs, Tall::No) => 1.0,
        (_, Tall::Yes) => 6.0,
        (_, Tall::No) => 2.0,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rollscope::timeline::QueueLane;

    fn view(peers: usize) -> TimelineView {
        let lane = |peer: usize| PeerLane {
            name: format!("P{}", peer + 1),
            is_observed: true,
            queues: vec![QueueLane::default(); 4],
            longest_micros: 1,
            pings: vec![(0.0, 1)],
            has_page: true,
            ..PeerLane::default()
        };
        TimelineView { lanes: (0..peers).map(lane).collect(), ..TimelineView::default() }
    }

    fn kinds(rows: &[(Lane, f64)]) -> Vec<LaneKind> {
        rows.iter().map(|(lane, _)| lane.kind).collect()
    }

    #[test]
    fn a_short_panel_shows_what_matters_and_says_how_much_is_left_out() {
        let choices = Choices::default();
        let all = lanes(&view(2), &choices);
        let (rows, missing) = fitting(&all, &choices, 190.0, Tall::No);
        let shown = kinds(&rows);
        for kind in [LaneKind::Frames, LaneKind::Rollbacks, LaneKind::Inputs] {
            assert!(shown.contains(&kind), "{shown:?}");
        }
        assert!(!shown.contains(&LaneKind::Page));
        assert_eq!(missing, all.len() - rows.len());
        assert!(missing > 0);
    }

    #[test]
    fn a_pinned_lane_is_shown_and_a_hidden_one_is_not() {
        let choices = Choices {
            pinned: vec![LaneKind::RoundTrip],
            hidden: vec![LaneKind::Inputs],
            ..Choices::default()
        };
        let all = lanes(&view(2), &choices);
        let (rows, _) = fitting(&all, &choices, 110.0, Tall::No);
        assert!(kinds(&rows).contains(&LaneKind::RoundTrip));
        assert!(!kinds(&rows).contains(&LaneKind::Inputs));
    }

    #[test]
    fn a_collapsed_peer_keeps_its_frames_only() {
        let choices = Choices { collapsed: vec![1], ..Choices::default() };
        let of_second = |lane: &&Lane| lane.peer == 1;
        let all = lanes(&view(2), &choices);
        let second: Vec<LaneKind> = all.iter().filter(of_second).map(|lane| lane.kind).collect();
        assert_eq!(second, [LaneKind::Frames]);
    }

    #[test]
    fn eight_peers_all_have_their_frames_in_a_short_panel() {
        let choices = Choices::default();
        let all = lanes(&view(8), &choices);
        let (rows, _) = fitting(&all, &choices, 190.0, Tall::No);
        assert_eq!(kinds(&rows).iter().filter(|kind| **kind == LaneKind::Frames).count(), 8);
    }
}
