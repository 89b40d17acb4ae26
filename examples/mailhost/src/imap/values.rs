//! The store's types as the protocol has them, and back.

use core::num::NonZeroU32;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use imap_proto::server::Refusal;
use imap_proto::{Code, DateTime, MailboxAttribute};

use super::failure::Failure;
use crate::store::{Changed, Flag, Flags, Keyword, MessageInfo, ObjectId, SpecialUse, UidValidity};

/// `\Seen $Forwarded`
pub(super) fn flags(flags: &Flags) -> Vec<imap_proto::Flag<'static>> {
    let keywords = keyword_flags(flags.keywords());
    flags.system().map(system_flag).chain(keywords).collect()
}

/// `$Forwarded`
pub(super) fn keyword_flags(keywords: &[Keyword]) -> Vec<imap_proto::Flag<'static>> {
    let flags = keywords
        .iter()
        .map(|keyword| imap_proto::Flag::new(keyword.as_str().to_owned()));
    flags.filter_map(Result::ok).collect()
}

/// The name of a flag that each message can have.
pub(super) const fn system_flag(flag: Flag) -> imap_proto::Flag<'static> {
    match flag {
        Flag::Answered => imap_proto::Flag::Answered,
        Flag::Flagged => imap_proto::Flag::Flagged,
        Flag::Deleted => imap_proto::Flag::Deleted,
        Flag::Draft => imap_proto::Flag::Draft,
        Flag::Seen => imap_proto::Flag::Seen,
    }
}

/// Flags that a client gives to a message.
pub(super) fn stored_flags(asked: &[imap_proto::Flag<'_>]) -> Result<Flags, Failure> {
    let mut flags = Flags::new();
    for flag in asked {
        match flag {
            imap_proto::Flag::Answered => flags.insert(Flag::Answered),
            imap_proto::Flag::Flagged => flags.insert(Flag::Flagged),
            imap_proto::Flag::Deleted => flags.insert(Flag::Deleted),
            imap_proto::Flag::Draft => flags.insert(Flag::Draft),
            imap_proto::Flag::Seen => flags.insert(Flag::Seen),
            imap_proto::Flag::Keyword(name) => {
                let keyword = Keyword::new(name.as_str());
                let keyword = keyword.map_err(|_| Refusal::fixed("no such keyword").with_code(Code::Limit))?;
                if !flags.add_keyword(keyword) {
                    return Err(Failure::no("too many keywords", Code::Limit));
                }
            }
            // RFC 9051 §2.3.2: clients cannot change it.
            imap_proto::Flag::Recent => return Err(Failure::bad("\\Recent is the server's to give")),
            _ => return Err(Failure::no("no such flag here", Code::Cannot)),
        }
    }
    Ok(flags)
}

/// What a mailbox was made for, as LIST tells it.
pub(super) const fn special_use(special_use: SpecialUse) -> MailboxAttribute<'static> {
    use imap_proto::SpecialUse as Use;
    MailboxAttribute::SpecialUse(match special_use {
        SpecialUse::All => Use::All,
        SpecialUse::Archive => Use::Archive,
        SpecialUse::Drafts => Use::Drafts,
        SpecialUse::Flagged => Use::Flagged,
        SpecialUse::Junk => Use::Junk,
        SpecialUse::Sent => Use::Sent,
        SpecialUse::Trash => Use::Trash,
    })
}

/// What a client makes a mailbox for, where that is possible here.
pub(super) fn stored_use(asked: imap_proto::SpecialUse) -> Option<SpecialUse> {
    let is_it = |ours: &SpecialUse| special_use(*ours) == MailboxAttribute::SpecialUse(asked);
    SpecialUse::ALL.into_iter().find(is_it)
}

/// A change of flags as the view has it.
pub(super) fn message_change(changed: &Changed) -> imap_mailbox::MessageChange {
    imap_mailbox::MessageChange {
        uid: changed.uid,
        mod_sequence: changed.mod_seq.0,
        flags: flags(&changed.flags),
        recent: false,
    }
}

/// A moment, in UTC.
pub(super) fn date_time(time: SystemTime) -> DateTime {
    let seconds = match time.duration_since(UNIX_EPOCH) {
        Ok(since) => i64::try_from(since.as_secs()).unwrap_or(i64::MAX),
        Err(before) => i64::try_from(before.duration().as_secs()).map_or(i64::MIN, |seconds| -seconds),
    };
    // There is no way to write what lies beyond.
    let utc = DateTime::from_unix_seconds(seconds.clamp(FIRST_SECOND, LAST_SECOND));
    utc.expect("each second between is a time")
}

/// A message's internal date, in the zone in which a client has given it: SEARCH compares days as they are written
/// (RFC 9051 §6.4.4).
pub(super) fn internal_date(message: &MessageInfo) -> DateTime {
    let utc = date_time(message.internal_date);
    utc.in_zone(message.zone).unwrap_or(utc)
}

/// A moment that a client names.
pub(super) fn system_time(time: DateTime) -> SystemTime {
    let seconds = time.unix_seconds();
    match u64::try_from(seconds) {
        Ok(seconds) => UNIX_EPOCH + Duration::from_secs(seconds),
        Err(_) => UNIX_EPOCH - Duration::from_secs(seconds.unsigned_abs()),
    }
}

/// UIDVALIDITY; no mailbox has 0.
pub(super) fn validity(validity: UidValidity) -> NonZeroU32 {
    NonZeroU32::new(validity.0).unwrap_or(NonZeroU32::MIN)
}

/// As RFC 8474 §4 wants it: letters, digits, `_` and `-`.
pub(super) fn object_id(kind: char, id: ObjectId) -> imap_proto::ObjectId<'static> {
    imap_proto::ObjectId::new(format!("{kind}{:x}", id.0)).expect("a letter and digits")
}

/// 0000-03-01T00:00:00Z
const FIRST_SECOND: i64 = -62_162_035_200;

/// 9999-12-31T23:59:59Z
const LAST_SECOND: i64 = 253_402_300_799;
