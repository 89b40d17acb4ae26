//! Whether a message can go to a server as it is: what was promised to its sender against what the server offers.

use std::time::SystemTime;

use mime_codec::report::{StatusCode, Typed};
use smtp_proto::{BodyType, Capabilities, ParameterList};

use crate::store::{ByMode, ContentKind, DeliverBy, Diagnosis, QueueEntry};

/// How a message goes to a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fit {
    /// What MAIL says beside the path, the size and the body.
    pub(super) parameters: ParameterList,
    /// What MAIL says about the body.
    pub(super) body: Option<BodyType>,
    /// Whether eight-bit bodies have to be encoded first (RFC 6152 §3).
    pub(super) is_converted: bool,
    /// Whether the server takes over the reports (RFC 3461 §5.2.1).
    pub(super) reports: bool,
}

/// How `entry` goes to a server that offers `offered`.
///
/// # Errors
///
/// What the server lacks: the message returns to its sender.
pub(super) fn fit(
    entry: &QueueEntry,
    host: &str,
    offered: &Capabilities,
    is_secured: bool,
    now: SystemTime,
) -> Result<Fit, Diagnosis> {
    let terms = &entry.terms;
    let lacks = |code: (u16, u16), what: &str| {
        let code = StatusCode::new(5, code.0, code.1).expect("a code of the registry");
        Diagnosis::remote(code, host, Typed::new("x-mailhost", what))
    };
    if terms.smtp_utf8 && !offered.offers("SMTPUTF8") {
        return Err(lacks((6, 7), "the server takes no addresses and header fields in UTF-8"));
    }
    if terms.require_tls && !(is_secured && offered.offers("REQUIRETLS")) {
        return Err(lacks((7, 30), "the way is not secured as REQUIRETLS demands"));
    }
    if let Some(limit) = offered.size_limit().filter(|&limit| limit > 0 && entry.size > limit) {
        let text = format!("the message has {} octets, the server takes {limit}", entry.size);
        return Err(lacks((3, 4), &text));
    }
    let mut parameters = ParameterList::new();
    let mut push = |keyword: &str, value: Option<String>| {
        // A value that cannot be written is as one that was not given: all of these are wishes.
        let _ = parameters.push(keyword, value.as_deref());
    };
    if let Some(by) = terms.deliver_by {
        match time_left(by, now) {
            Some(seconds) if offered.offers("DELIVERBY") => push("BY", Some(by_value(by, seconds))),
            None if by.mode == ByMode::Return => return Err(lacks((4, 7), "the sender's deadline has passed")),
            _ if by.mode == ByMode::Return => {
                return Err(lacks((3, 3), "the server promises no delivery by the sender's deadline"));
            }
            _ => {}
        }
    }
    if terms.priority != 0 && offered.offers("MT-PRIORITY") {
        push("MT-PRIORITY", Some(terms.priority.to_string()));
    }
    if terms.smtp_utf8 {
        push("SMTPUTF8", None);
    }
    if terms.require_tls {
        push("REQUIRETLS", None);
    }
    let is_eight_bit = terms.content != ContentKind::SevenBit;
    let is_converted = terms.content == ContentKind::Binary || is_eight_bit && !offered.eight_bit_mime();
    Ok(Fit {
        parameters,
        body: (is_eight_bit && !is_converted).then_some(BodyType::EightBitMime),
        is_converted,
        reports: false,
    })
}

/// Whole seconds until the deadline; `None` when it has passed.
fn time_left(by: DeliverBy, now: SystemTime) -> Option<u64> {
    let left = by.at.duration_since(now).ok()?.as_secs();
    (left > 0).then_some(left)
}

fn by_value(by: DeliverBy, seconds: u64) -> String {
    let mode = match by.mode {
        ByMode::Return => "R",
        ByMode::Notify => "N",
    };
    let trace = if by.trace { "T" } else { "" };
    format!("{seconds};{mode}{trace}")
}
