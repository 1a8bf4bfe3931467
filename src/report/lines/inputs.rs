//! Lines of inputs.

use super::{LineSink, Seat, Table};
use crate::frame::Frame;

/// One line per stepped frame and player.
pub(super) struct Inputs;

impl Table for Inputs {
    fn name(&self) -> &'static str {
        "inputs"
    }

    fn documentation(&self) -> &'static str {
        "frame; player: index of the player; action: what the frame was last stepped with for the \
         player; is_local: whether the player plays at this page; is_predicted: whether the action \
         is a guess; announced and announced_seq: the own action as it was sent first; \
         stepped_at_micros and confirmed_at_micros: when the frame was first stepped, and when the \
         inputs of all players were held"
    }

    fn write(&self, at: &Seat<'_>, sink: &mut LineSink<'_>) {
        for (_, record) in at.episodes() {
            for frame in (0..record.frames.len() as u32).map(Frame) {
                let Some(inputs) = record.known_inputs(frame) else { continue };
                for player in at.game.players() {
                    let Some(action) = inputs.action(player) else { continue };
                    let is_local = at.records.local.map(|local| local == player);
                    let own = record.announcements.own(frame).filter(|_| is_local == Some(true));
                    let mut line = at.line(Some(record.number.0));
                    line.push("frame", frame);
                    line.push("player", player);
                    line.push("action", action);
                    line.push("is_local", is_local);
                    let is_guess = inputs.predicted.contains(player);
                    line.push("is_predicted", record.is_rebuilt(frame).then_some(is_guess));
                    line.push("announced", own.map(|(action, _)| action));
                    line.push("announced_seq", own.map(|(_, seq)| seq));
                    line.push("stepped_at_micros", record.frames.stepped_at(frame));
                    line.push("confirmed_at_micros", record.frames.confirmed_at(frame));
                    sink(&line);
                }
            }
        }
    }
}
