//! How fast an hour of play is decoded and reconstructed, and in how much memory: both peers'
//! recordings of one session, repeated on one page each until they fill an hour. `cargo xtask bench
//! reconstruct` runs it. With a path behind the minutes the hour is written there as one capture file:
//! `cargo xtask bench panel` opens it.

#![expect(
    clippy::disallowed_methods,
    clippy::print_stdout,
    reason = "a measuring program reads files and clocks and prints what it found"
)]

use std::error::Error;
use std::fs;
use std::io::{BufWriter, Read, Write};
use std::path::Path;
use std::time::Instant;

use flate2::read::GzDecoder;
use rollscope::analysis::Analysis;
use rollscope::capture::{
    Assembler, ChannelId, ChunkBuilder, EventKind, FileHeader, FileWriter, PageId, recorder,
};
use rollscope::issue::IssueLog;
use rollscope::report::{Line, TABLES};
use rollscope::time::Micros;

/// How long is played unless something else is said, in minutes.
const MINUTES: u64 = 60;

/// Time after which the hook gives a chunk away, in microseconds.
const FLUSH_MICROS: u64 = 100_000;

/// Events after which a chunk is given away earlier.
const FLUSH_EVENTS: u32 = 500;

type Result<T> = std::result::Result<T, Box<dyn Error>>;

fn main() -> Result<()> {
    let folder =
        std::env::args().nth(1).ok_or("usage: reconstruct_speed FOLDER [MINUTES [PATH]]")?;
    let minutes = std::env::args().nth(2).map_or(Ok(MINUTES), |text| text.parse::<u64>())?;
    let mut players = Vec::new();
    for player in ["player1", "player2"] {
        players.push(recorded(&Path::new(&folder).join(format!("{player}.jsonl.gz")))?);
    }
    if let Some(path) = std::env::args().nth(3) {
        return write(&players, minutes, Path::new(&path));
    }
    // Chunks stay in their file: what is measured is what is known of them.
    let mut analysis = Analysis::new();
    analysis.set_memory_cap(0);
    let held = bytes_held(&mut || {
        play(&players, minutes, &mut |chunk| analysis.handle_chunk(chunk));
    });
    let mut counts = TABLES.iter().map(|table| {
        let mut lines = 0_u64;
        analysis.lines(*table, &mut |_| lines += 1);
        lines
    });
    let (rollbacks, frames) = (counts.next().unwrap_or(0), counts.next().unwrap_or(0));
    let mut saved = 0_u64;
    for table in TABLES.iter().filter(|table| table.name() == "round-trips") {
        analysis.lines(*table, &mut |line| saved += states_in(line));
    }
    drop(analysis);
    // Timed without the counting of allocations, which costs time of its own.
    let mut analysis = Analysis::new();
    analysis.set_memory_cap(0);
    let hour = play(&players, minutes, &mut |chunk| analysis.handle_chunk(chunk));
    let (mut assembler, mut issues) = (Assembler::default(), IssueLog::default());
    let decoded = play(&players, minutes, &mut |chunk| {
        assembler.handle_chunk(chunk, &mut issues, &mut |_| {});
    });
    println!(
        "{} {} {} {rollbacks} {frames} {:.3} {:.3} {:.3} {} {saved} {:.3}",
        hour.events,
        hour.bytes,
        hour.repeats,
        hour.seconds,
        hour.cpu_seconds,
        decoded.cpu_seconds,
        held,
        cpu_seconds(),
    );
    Ok(())
}

/// Writes everything that is played as one capture file.
fn write(players: &[Recording], minutes: u64, path: &Path) -> Result<()> {
    let header = FileHeader { created_by: "bench panel".to_owned(), created_at_ms: 0.0 };
    let (mut writer, begin) = FileWriter::start(&header);
    let mut file = BufWriter::new(fs::File::create(path)?);
    file.write_all(&begin)?;
    let mut outcome = Ok(());
    play(players, minutes, &mut |chunk| {
        if outcome.is_ok() {
            outcome = writer
                .chunk(chunk)
                .map_err(Into::into)
                .and_then(|bytes: Vec<u8>| file.write_all(&bytes).map_err(Box::<dyn Error>::from));
        }
    });
    outcome?;
    file.write_all(&writer.end())?;
    file.flush()?;
    Ok(())
}

/// Saves of a state among the operations of one round trip.
fn states_in(line: &Line) -> u64 {
    let operations = line.fields().iter().filter(|(name, _)| *name == "operations");
    let names = operations.filter_map(|(_, value)| value.as_array()).flatten();
    names.filter(|name| name.as_str() == Some("getState")).count() as u64
}

/// Bytes that were allocated and not given back.
#[cfg(not(target_arch = "wasm32"))]
fn bytes_held(run: &mut dyn FnMut()) -> i64 {
    allocation_counter::measure(run).bytes_current
}

/// Nobody counts there.
#[cfg(target_arch = "wasm32")]
fn bytes_held(run: &mut dyn FnMut()) -> i64 {
    run();
    0
}

/// What was played.
#[derive(Debug, Clone, Copy, Default)]
struct Hour {
    events: u64,
    bytes: u64,
    repeats: u64,
    seconds: f64,
    cpu_seconds: f64,
}

/// One recording as chunks, and how long it lasts.
struct Recording {
    chunks: Vec<Vec<u8>>,
    length_micros: u64,
    channels: u32,
}

fn recorded(path: &Path) -> Result<Recording> {
    let packed = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    let mut bytes = Vec::new();
    GzDecoder::new(&*packed).read_to_end(&mut bytes)?;
    let (mut chunks, mut issues) = (Vec::new(), IssueLog::default());
    recorder::import(&bytes, &mut issues, &mut |chunk| chunks.push(chunk.to_vec()));
    let (mut length_micros, mut channels) = (0, 0);
    let mut assembler = Assembler::default();
    for chunk in &chunks {
        assembler.handle_chunk(chunk, &mut issues, &mut |event| {
            length_micros = event.time.0.max(length_micros);
            channels = event.channel.0.max(channels);
        });
    }
    Ok(Recording { chunks, length_micros, channels })
}

// Peers one after the other, as two files are opened; only what `take` does is timed.
fn play(players: &[Recording], minutes: u64, take: &mut dyn FnMut(&[u8])) -> Hour {
    let mut hour = Hour::default();
    for (player, recording) in players.iter().enumerate() {
        let mut builder = ChunkBuilder::new(PageId([player as u8 + 1; 8]));
        let (mut offset, mut since, mut repeat) = (0, 0, 0);
        while offset < minutes * 60_000_000 {
            let (mut assembler, mut issues) = (Assembler::default(), IssueLog::default());
            for chunk in &recording.chunks {
                assembler.handle_chunk(chunk, &mut issues, &mut |event| {
                    if repeat > 0 && matches!(event.kind, EventKind::PageStarted(_)) {
                        return;
                    }
                    let time = Micros(event.time.0 + offset);
                    if time.0 >= since + FLUSH_MICROS || builder.event_count() >= FLUSH_EVENTS {
                        since = time.0;
                        give(&mut builder, take, &mut hour);
                    }
                    // Channels of a later repetition are new ones.
                    let channel = match event.channel {
                        ChannelId::PAGE => ChannelId::PAGE,
                        ChannelId(number) => ChannelId(number + recording.channels * repeat),
                    };
                    builder.push(time, channel, &event.kind);
                    hour.events += 1;
                });
            }
            offset += recording.length_micros + FLUSH_MICROS;
            repeat += 1;
        }
        give(&mut builder, take, &mut hour);
        hour.repeats = u64::from(repeat);
    }
    hour
}

fn give(builder: &mut ChunkBuilder, take: &mut dyn FnMut(&[u8]), hour: &mut Hour) {
    let chunk = builder.finish();
    hour.bytes += chunk.len() as u64;
    let (start, cpu) = (Instant::now(), cpu_seconds());
    take(&chunk);
    hour.seconds += start.elapsed().as_secs_f64();
    hour.cpu_seconds += cpu_seconds() - cpu;
}

// Time that the system gave this thread; other programs' share does not count.
fn cpu_seconds() -> f64 {
    let text = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanos = text.split(' ').next().and_then(|first| first.parse::<f64>().ok());
    nanos.unwrap_or(0.0) / 1e9
}
