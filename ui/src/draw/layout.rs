//! Where each lane of the timeline stands: peers mirror, the first above, the others below.

use super::arcs::Side;
use super::picture::Area;

/// Height of the axis.
pub const AXIS_HEIGHT: f64 = 22.0;
/// Canvas height from which every queue is shown.
pub const TALL: f64 = 380.0;

/// The lanes of one peer.
#[derive(Debug, Clone, PartialEq)]
pub struct PeerPlaces {
    /// Frames lane.
    pub frames: Area,
    /// Rollbacks.
    pub arcs: Area,
    /// Which side of the frames the rollbacks are on.
    pub side: Side,
    /// Queue lanes with the index of the queue.
    pub queues: Vec<(usize, Area)>,
}

/// The lanes of a timeline.
#[derive(Debug, Clone, PartialEq, Default)]
pub struct Layout {
    /// Width of the names at the left.
    pub gutter: f64,
    /// Right edge of the plot.
    pub right: f64,
    /// One per peer.
    pub peers: Vec<PeerPlaces>,
    /// Lower end of the last lane.
    pub bottom: f64,
}

/// Width of the names at the left: the longest name and the longest value side by side.
pub const GUTTER: f64 = 126.0;

/// Height of the highest arcs: beyond it they say no more.
const ARCS_MOST: f64 = 280.0;

/// Lays out one entry of `peers` each: the number of its queues, or `None` for a peer whose own
/// traffic is not observed, which has a frames lane and nothing else.
#[must_use]
pub fn layout(width: f64, height: f64, peers: &[Option<usize>]) -> Layout {
    let tall = height >= TALL;
    let (frames, gap, queue_least) = if tall { (22.0, 22.0, 18.0) } else { (16.0, 14.0, 15.0) };
    let most = peers.iter().copied().flatten().max().unwrap_or(0);
    let shown = if tall { most } else { most.min(1) };
    let fixed = AXIS_HEIGHT + 6.0 + peers.len() as f64 * (frames + gap);
    let observed = peers.iter().flatten().count().max(1) as f64;
    // A peer that has the view for itself may take more of it.
    let ease = if observed > 1.0 { 1.0 } else { 1.5 };
    let room = (height - fixed).max(0.0) / observed;
    let most_queue = f64::max(40.0 * ease, queue_least);
    let queue = (room * 0.38 / (shown.max(1) as f64)).clamp(queue_least, most_queue);
    // The arcs take what is left.
    let arcs = (room - queue * shown as f64).clamp(20.0, ARCS_MOST);
    let gutter = GUTTER;
    let right = width - 8.0;
    let lane = |y: f64, h: f64| Area::new(gutter, y, right - gutter, h);
    let mut y = AXIS_HEIGHT + 4.0;
    let mut places = Vec::new();
    for (peer, queues) in peers.iter().enumerate() {
        let count = queues.map_or(0, |queues| queues.min(shown));
        let arcs = if queues.is_some() { arcs } else { 0.0 };
        let stack = |from: f64| -> Vec<(usize, Area)> {
            (0..count).map(|place| (place, lane(from + queue * place as f64, queue))).collect()
        };
        let queues_height = queue * count as f64;
        let (queues, arcs_y, frames_y, side) = if peer == 0 {
            (stack(y), y + queues_height, y + queues_height + arcs, Side::Above)
        } else {
            (stack(y + frames + 8.0 + arcs), y + frames + 8.0, y, Side::Below)
        };
        places.push(PeerPlaces {
            frames: lane(frames_y, frames),
            arcs: lane(arcs_y, arcs),
            side,
            queues,
        });
        y += queues_height + arcs + frames + gap;
    }
    Layout { gutter, right, peers: places, bottom: (y - gap + 10.0).min(height) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lanes_do_not_overlap_and_fit_a_short_panel() {
        let both: &[Option<usize>] = &[Some(4), Some(4)];
        let one: &[Option<usize>] = &[None, Some(4)];
        for (height, peers) in [(220.0, both), (694.0, both), (694.0, one), (900.0, &[Some(4); 3])]
        {
            let layout = layout(780.0, height, peers);
            let mut areas: Vec<Area> = layout
                .peers
                .iter()
                .flat_map(|peer| {
                    let queues = peer.queues.iter().map(|(_, area)| *area);
                    queues.chain([peer.frames, peer.arcs]).collect::<Vec<_>>()
                })
                .collect();
            areas.retain(|area| area.h > 0.0);
            areas.sort_by(|a, b| a.y.total_cmp(&b.y));
            for pair in areas.windows(2) {
                assert!(pair[0].bottom() <= pair[1].y + 0.01, "{pair:?}");
            }
            assert!(areas.last().is_some_and(|area| area.bottom() <= height), "{areas:?}");
        }
    }

    #[test]
    fn peers_mirror() {
        let layout = layout(780.0, 600.0, &[Some(4), Some(4)]);
        assert!(layout.peers[0].arcs.bottom() <= layout.peers[0].frames.y);
        assert!(layout.peers[1].arcs.y >= layout.peers[1].frames.bottom());
    }
}
