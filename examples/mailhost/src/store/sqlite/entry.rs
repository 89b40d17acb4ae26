//! Rows of the queue, and the numbers that stand in them for words.

use mime_codec::report::{StatusCode, Typed};
use sqlx::Row;
use sqlx::sqlite::{SqliteConnection, SqliteRow};

use super::failure::Failure;
use crate::store::millis::from_millis;
use crate::store::{
    ByMode, Claim, ContentKind, DeliverBy, Diagnosis, EntryState, Notify, QueueEntry, QueueId, Recipient,
    RecipientStatus, Returned, Terms, Warned,
};

/// The recipients of an entry.
pub(super) async fn recipients(db: &mut SqliteConnection, id: i64) -> Result<Vec<Recipient>, Failure> {
    let sql = "SELECT * FROM recipient WHERE entry = ?1 ORDER BY number";
    let rows = sqlx::query(sql).bind(id).fetch_all(db).await?;
    Ok(rows.iter().map(recipient).collect::<Result<_, _>>()?)
}

/// An entry, of its row and its recipients.
pub(super) fn read(row: &SqliteRow, recipients: Vec<Recipient>) -> Result<QueueEntry, Failure> {
    let id: i64 = row.try_get("id")?;
    let state = match (row.try_get("held")?, row.try_get("leased")?) {
        (_, true) => EntryState::Active,
        (true, false) => EntryState::Held,
        (false, false) => EntryState::Waiting,
    };
    Ok(QueueEntry {
        claim: Claim {
            id: QueueId(id as u64),
            attempt: row.try_get("attempts")?,
        },
        next_hop: row.try_get("next_hop")?,
        reverse_path: row.try_get("reverse_path")?,
        terms: terms(row)?,
        recipients,
        arrival: from_millis(row.try_get("arrival")?),
        due: from_millis(row.try_get("due")?),
        state,
        warned: warned(row.try_get("warned")?),
        last_error: row.try_get("last_error")?,
        size: row.try_get::<i64, _>("size")? as u64,
    })
}

fn terms(row: &SqliteRow) -> Result<Terms, sqlx::Error> {
    let deliver_by: Option<i64> = row.try_get("deliver_by")?;
    let (mode, trace): (Option<i64>, bool) = (row.try_get("by_mode")?, row.try_get("by_trace")?);
    Ok(Terms {
        envelope_id: row.try_get("envelope_id")?,
        returned: returned(row.try_get("returned")?),
        priority: row.try_get("priority")?,
        hold_until: row.try_get::<Option<i64>, _>("hold_until")?.map(from_millis),
        deliver_by: deliver_by.map(|at| DeliverBy {
            at: from_millis(at),
            mode: if mode == Some(2) { ByMode::Return } else { ByMode::Notify },
            trace,
        }),
        require_tls: row.try_get("require_tls")?,
        content: kind(row.try_get("content_kind")?),
        smtp_utf8: row.try_get("smtp_utf8")?,
    })
}

fn recipient(row: &SqliteRow) -> Result<Recipient, sqlx::Error> {
    let (code, text): (Option<i64>, Option<String>) = (row.try_get("code")?, row.try_get("diagnostic")?);
    let diagnosis = match (code.and_then(code_of), text) {
        (Some(code), Some(text)) => Some(Diagnosis {
            code,
            text: Typed::parse(&text),
            remote: row.try_get("remote")?,
        }),
        _ => None,
    };
    Ok(Recipient {
        forward_path: row.try_get("forward_path")?,
        notify: row.try_get::<Option<u8>, _>("notify")?.map(Notify::from_bits),
        original: row.try_get("original")?,
        status: status(row.try_get("state")?),
        diagnosis,
    })
}

// A number that nobody wrote is read as the word that loses no mail.

pub(super) const fn status_number(status: RecipientStatus) -> i64 {
    match status {
        RecipientStatus::Pending => 0,
        RecipientStatus::Delivered => 1,
        RecipientStatus::Relayed => 2,
        RecipientStatus::Failed => 3,
        RecipientStatus::Expired => 4,
    }
}

const fn status(number: i64) -> RecipientStatus {
    match number {
        1 => RecipientStatus::Delivered,
        2 => RecipientStatus::Relayed,
        3 => RecipientStatus::Failed,
        4 => RecipientStatus::Expired,
        _ => RecipientStatus::Pending,
    }
}

pub(super) const fn returned_number(returned: Option<Returned>) -> i64 {
    match returned {
        None => 0,
        Some(Returned::Full) => 1,
        Some(Returned::Headers) => 2,
    }
}

const fn returned(number: i64) -> Option<Returned> {
    match number {
        1 => Some(Returned::Full),
        2 => Some(Returned::Headers),
        _ => None,
    }
}

pub(super) const fn mode_number(mode: ByMode) -> i64 {
    match mode {
        ByMode::Notify => 1,
        ByMode::Return => 2,
    }
}

pub(super) const fn kind_number(kind: ContentKind) -> i64 {
    match kind {
        ContentKind::SevenBit => 0,
        ContentKind::EightBit => 1,
        ContentKind::Binary => 2,
    }
}

const fn kind(number: i64) -> ContentKind {
    match number {
        0 => ContentKind::SevenBit,
        2 => ContentKind::Binary,
        _ => ContentKind::EightBit,
    }
}

pub(super) const fn warned_number(warned: Warned) -> i64 {
    match warned {
        Warned::Never => 0,
        Warned::OfDelay => 1,
        Warned::OfDeadline => 2,
    }
}

const fn warned(number: i64) -> Warned {
    match number {
        1 => Warned::OfDelay,
        2 => Warned::OfDeadline,
        _ => Warned::Never,
    }
}

/// `5.1.10` as 5001010.
pub(super) const fn code_number(code: StatusCode) -> i64 {
    code.class() as i64 * 1_000_000 + code.subject() as i64 * 1000 + code.detail() as i64
}

fn code_of(number: i64) -> Option<StatusCode> {
    let number = u32::try_from(number).ok()?;
    let class = u8::try_from(number / 1_000_000).ok()?;
    StatusCode::new(class, (number / 1000 % 1000) as u16, (number % 1000) as u16)
}
