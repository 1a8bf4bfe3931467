//! The rows of an episode as a page hands them to its server, packed with MessagePack (MUG wire
//! notes, §6.2), and the server's acknowledgement of them.

use super::super::memory::{Memory, name_of};
use super::super::msgpack;
use super::PLACE;
use super::events::{Event, Speaker};
use crate::capture::Value;
use crate::frame::{Episode, Frame};
use crate::issue::IssueLog;
use crate::observation::{ExportedRows, Fact, LateInput, PlayerColumns};
use crate::player::MAX_PLAYERS;
use crate::sorting;

/// Reads exported rows.
pub(super) fn read_rows(
    event: &Event<'_, '_>,
    speaker: &mut Speaker<'_, '_>,
    memory: &mut Memory<'_>,
    issues: &mut IssueLog,
) {
    let acknowledgement = event.acknowledgement;
    if let Some(id) = acknowledgement.filter(|_| speaker.place.is_sent()) {
        memory.channel.socket.await_export(id);
    }
    let Some(packed) = event.argument.get("data").and_then(Value::bytes) else {
        return issues.push(PLACE, "exported rows whose contents were not captured");
    };
    let Some(data) = msgpack::read(packed) else {
        return issues.push(PLACE, "exported rows that are no MessagePack");
    };
    let mut rows = of(&data);
    rows.episode = event.argument.get("episode_num").and_then(Value::as_u32).map(Episode);
    if data.members().is_none() {
        return issues.push(PLACE, "exported rows that are no object");
    }
    if rows.players.len() > MAX_PLAYERS {
        rows.players.truncate(MAX_PLAYERS);
        issues.push(PLACE, "exported rows of too many players, the rest is left out");
    }
    speaker.fact(Fact::RowsExported { rows: Box::new(rows), acknowledgement });
}

/// Reads the answer to a number; it is said only if exported rows asked for it.
pub(super) fn read_acknowledgement(
    id: u64,
    arguments: &Value<'_>,
    speaker: &mut Speaker<'_, '_>,
    memory: &mut Memory<'_>,
) {
    if speaker.place.is_sent() || !memory.channel.socket.take_export(id) {
        return;
    }
    let first = arguments.item(0);
    let is_saved = first.and_then(|answer| answer.get("saved").and_then(Value::as_bool));
    speaker.fact(Fact::ExportAcknowledged { acknowledgement: id, is_saved });
}

fn of(data: &Value<'_>) -> ExportedRows {
    let frames =
        column(data.get("t"), |value| value.as_u32()).into_iter().flatten().map(Frame).collect();
    // Every column of a player stands under the same names.
    let mut names: Vec<&str> = ["actions", "rewards", "isFocused", "wasSpeculative"]
        .into_iter()
        .filter_map(|key| data.get(key)?.members())
        .flat_map(|members| members.iter().map(|(name, _)| &**name))
        .take(4 * MAX_PLAYERS + 4)
        .collect();
    sorting::sort_by_key(&mut names, |name| *name);
    names.dedup();
    let player = |name: &str| {
        let of = |key: &str| data.get(key).and_then(|columns| columns.get(name));
        PlayerColumns {
            name: name.to_owned(),
            actions: column(of("actions"), |value| value.as_i32()),
            rewards: column(of("rewards"), |value| value.as_f64()),
            terminateds: column(of("terminateds"), |value| value.as_bool()),
            truncateds: column(of("truncateds"), |value| value.as_bool()),
            speculative: column(of("wasSpeculative"), |value| value.as_bool()),
            focused: column(of("isFocused"), |value| value.as_bool()),
        }
    };
    let late = data.get("rollbackEvents").and_then(Value::items);
    ExportedRows {
        episode: None,
        frames,
        players: names.into_iter().map(player).collect(),
        late_inputs: late.and_then(|log| log.map(|entry| late_input(&entry)).collect()),
    }
}

fn late_input(entry: &Value<'_>) -> Option<LateInput> {
    let number = |key: &str| entry.get(key).and_then(Value::as_u32);
    let action = |key: &str| entry.get(key).and_then(Value::as_i32);
    Some(LateInput {
        frame: Frame(number("frame")?),
        current: Frame(number("currentFrame")?),
        player: entry.get("playerId").and_then(name_of)?,
        predicted: action("predictedAction"),
        actual: action("actualAction"),
    })
}

fn column<T>(values: Option<&Value<'_>>, read: impl Fn(&Value<'_>) -> Option<T>) -> Vec<Option<T>> {
    let items = values.and_then(Value::items);
    items.into_iter().flatten().map(|value| read(&value)).collect()
}
