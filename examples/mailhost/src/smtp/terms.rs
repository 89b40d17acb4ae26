//! What a client asks for on the envelope, as the queue keeps it.

use std::time::{Duration, SystemTime};

use smtp_proto::{CommandError, Hold, MailFrom, RcptTo, Refusal, Ret, TooLate};

use crate::store::{Addressee, ByMode, DeliverBy, Notify, Returned, Terms};

/// What MAIL asks for. What the octets of the message are is seen when they come.
///
/// # Errors
///
/// A message that would be held too long. `HOLDFOR` was measured by the machine, which knows no clock for `HOLDUNTIL`.
pub(super) fn terms(mail: &MailFrom, now: SystemTime) -> Result<Terms, Refusal> {
    let hold_until = mail.hold().map(|hold| release(&hold, now));
    if hold_until.is_some_and(|until| until > now + LONGEST_HOLD) {
        return Err(CommandError::HeldTooLong.refusal());
    }
    Ok(Terms {
        envelope_id: mail.envelope_id().map(|id| id.as_str().to_owned()),
        returned: mail.ret().map(|ret| match ret {
            Ret::Full => Returned::Full,
            Ret::Headers => Returned::Headers,
        }),
        priority: mail.priority().map_or(0, |priority| priority.value()),
        hold_until,
        deliver_by: mail.deliver_by().map(|by| DeliverBy {
            at: moment(now, by.seconds.into()),
            mode: match by.otherwise {
                TooLate::Return => ByMode::Return,
                TooLate::Notify => ByMode::Notify,
            },
            trace: by.trace,
        }),
        require_tls: mail.require_tls(),
        smtp_utf8: mail.smtp_utf8(),
        ..Terms::default()
    })
}

/// A recipient elsewhere, and what RCPT asks for.
pub(super) fn addressee(address: &str, rcpt: &RcptTo) -> Addressee {
    Addressee {
        notify: rcpt.notify().map(occasions),
        original: rcpt
            .original_recipient()
            .map(|original| format!("{};{}", original.address_type(), original.address())),
        ..Addressee::new(address)
    }
}

fn occasions(notify: smtp_proto::Notify) -> Notify {
    let of = |wanted: bool, occasion: Notify| if wanted { occasion } else { Notify::NEVER };
    of(notify.success, Notify::SUCCESS) | of(notify.failure, Notify::FAILURE) | of(notify.delay, Notify::DELAY)
}

fn release(hold: &Hold, now: SystemTime) -> SystemTime {
    match hold {
        Hold::For(seconds) => moment(now, i64::from(*seconds)),
        Hold::Until(time) => moment(SystemTime::UNIX_EPOCH, time.unix()),
    }
}

/// Whole milliseconds, as the store keeps them.
fn moment(from: SystemTime, seconds: i64) -> SystemTime {
    let distance = Duration::from_secs(seconds.unsigned_abs());
    let moment = match seconds {
        ..0 => from.checked_sub(distance),
        _ => from.checked_add(distance),
    };
    let moment = moment.unwrap_or(from);
    let since = moment.duration_since(SystemTime::UNIX_EPOCH).unwrap_or_default();
    SystemTime::UNIX_EPOCH + Duration::from_millis(since.as_millis() as u64)
}

/// For how long a message may be held.
pub(super) const LONGEST_HOLD: Duration = Duration::from_secs(30 * 24 * 3600);
