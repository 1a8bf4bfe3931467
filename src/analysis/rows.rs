//! Rows of the health view: what capture and dialects know, in the words of the views.

use crate::capture::{ChannelId, Loss, PageId};
use crate::dialect::{ChannelRecord, DialectReader, PageRecord};
use crate::issue::Issue;
use crate::summary::{ChannelRow, LossRow};

pub(super) fn channel(record: &ChannelRecord, pages: &[PageRecord]) -> ChannelRow {
    let frame = pages.get(usize::from(record.source.0)).map_or("", |page| &page.frame);
    let label = match frame {
        "" => record.label.clone(),
        frame => format!("{} ({frame})", record.label),
    };
    ChannelRow {
        kind: record.kind.name(),
        label,
        sent: record.sent,
        received: record.received,
        dialect: record.dialect(),
    }
}

pub(super) fn issue(issue: &Issue) -> (String, String, u64) {
    (issue.place.clone(), issue.text.clone(), issue.count)
}

pub(super) fn loss(page: PageId, loss: &Loss, reader: &DialectReader) -> LossRow {
    let channels = loss
        .channels
        .iter()
        .map(|(channel, events)| (channel_name(page, *channel, reader), *events));
    let place = reader.page(page).map(|page| match &*page.frame {
        "" => page.url.clone(),
        frame => format!("{} ({frame})", page.url),
    });
    LossRow {
        page: place.unwrap_or_default(),
        events: loss.events,
        channels: channels.collect(),
        from_micros: loss.from.0,
        until_micros: loss.until.0,
        reason: loss.reason.clone(),
    }
}

fn channel_name(page: PageId, channel: ChannelId, reader: &DialectReader) -> String {
    match reader.source_of(page).and_then(|source| reader.channel(source, channel)) {
        _ if channel == ChannelId::PAGE => "page".to_owned(),
        _ if channel == ChannelId::ANY => "other channels".to_owned(),
        Some(record) => format!("{} {}", record.kind.name(), record.label),
        None => format!("channel {}", channel.0),
    }
}
