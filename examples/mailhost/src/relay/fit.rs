//! Whether a message can go to a server as it is: what was promised to its sender against what the server offers.

use std::time::SystemTime;

use mime_codec::report::{StatusCode, Typed};
use smtp_proto::client::Content;
use smtp_proto::{BodyType, Capabilities, ParameterList};

use crate::store::{ByMode, ContentKind, DeliverBy, Diagnosis, QueueEntry, Recipient, Returned};

/// How a message goes to a server.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fit {
    /// What MAIL says beside what follows from the content.
    pub(super) parameters: ParameterList,
    /// What is known of the message, but for its size.
    pub(super) content: Content,
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
        return Err(lacks(
            (6, 7),
            "the server takes no addresses and header fields in UTF-8",
        ));
    }
    // RFC 8689 §4.2.1
    if terms.require_tls && !is_secured {
        return Err(lacks((7, 10), "the way is not secured as REQUIRETLS demands"));
    }
    if terms.require_tls && !offered.offers("REQUIRETLS") {
        return Err(lacks((7, 30), "the server does not promise what REQUIRETLS demands"));
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
                return Err(lacks(
                    (3, 3),
                    "the server promises no delivery by the sender's deadline",
                ));
            }
            _ => {}
        }
    }
    if terms.priority != 0 && offered.offers("MT-PRIORITY") {
        push("MT-PRIORITY", Some(terms.priority.to_string()));
    }
    if terms.require_tls {
        push("REQUIRETLS", None);
    }
    let reports = offered.offers("DSN");
    if reports {
        if let Some(returned) = terms.returned {
            push("RET", Some(ret(returned).to_owned()));
        }
        if let Some(id) = &terms.envelope_id {
            push("ENVID", Some(xtext(id)));
        }
    }
    let (body, is_converted) = body(terms.content, offered);
    let content = Content::unknown().with_body(body);
    Ok(Fit {
        parameters,
        content: if terms.smtp_utf8 {
            content.with_international_header()
        } else {
            content
        },
        is_converted,
        reports,
    })
}

/// What RCPT says about a recipient to a server that takes over the reports (RFC 3461 §5.2.1).
pub(super) fn recipient_parameters(recipient: &Recipient) -> ParameterList {
    let mut parameters = ParameterList::new();
    // A value that cannot be written is as one that was not given.
    if let Some(notify) = recipient.notify {
        let _ = parameters.push("NOTIFY", Some(&notify.to_string()));
    }
    let original = recipient
        .original
        .as_deref()
        .and_then(|original| original.split_once(';'));
    if let Some((kind, address)) = original {
        let _ = parameters.push("ORCPT", Some(&format!("{kind};{}", xtext(address))));
    }
    parameters
}

/// What octets go over the wire, and whether they have to be made such first.
fn body(kind: ContentKind, offered: &Capabilities) -> (BodyType, bool) {
    let takes_binary = offered.offers("BINARYMIME") && offered.offers("CHUNKING");
    match kind {
        ContentKind::SevenBit => (BodyType::SevenBit, false),
        ContentKind::EightBit if offered.eight_bit_mime() => (BodyType::EightBitMime, false),
        ContentKind::Binary if takes_binary => (BodyType::BinaryMime, false),
        ContentKind::EightBit | ContentKind::Binary => (BodyType::SevenBit, true),
    }
}

const fn ret(returned: Returned) -> &'static str {
    match returned {
        Returned::Full => "FULL",
        Returned::Headers => "HDRS",
    }
}

/// ```text
/// xtext   = *( xchar / hexchar )                          ; RFC 3461 §4
/// xchar   = any ASCII CHAR between "!" and "~" inclusive, except for "+" and "="
/// hexchar = "+" 2(%x30-39 / %x41-46)
/// ```
fn xtext(text: &str) -> String {
    let mut encoded = String::with_capacity(text.len());
    for octet in text.bytes() {
        match octet {
            b'+' | b'=' => encoded.push_str(&format!("+{octet:02X}")),
            b'!'..=b'~' => encoded.push(char::from(octet)),
            octet => encoded.push_str(&format!("+{octet:02X}")),
        }
    }
    encoded
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

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use smtp_proto::Reply;

    use super::*;
    use crate::relay::testing::entry;
    use crate::store::Notify;

    fn offer(extensions: &[&str]) -> Capabilities {
        let mut reply = "250-crepes.fr\r\n".to_owned();
        extensions
            .iter()
            .for_each(|line| reply.push_str(&format!("250-{line}\r\n")));
        reply.push_str("250 HELP\r\n");
        Capabilities::from_reply(&Reply::parse(reply.as_bytes()).unwrap())
    }

    fn fits(entry: &QueueEntry, extensions: &[&str], is_secured: bool) -> Result<Fit, String> {
        let now = entry.arrival + Duration::from_secs(60);
        let fit = fit(entry, "mx.crepes.fr", &offer(extensions), is_secured, now);
        fit.map_err(|diagnosis| diagnosis.code.to_string())
    }

    fn parameters(entry: &QueueEntry, extensions: &[&str]) -> String {
        fits(entry, extensions, true).unwrap().parameters.to_string()
    }

    #[test]
    fn octets_fit_or_are_converted() {
        use ContentKind::{Binary, EightBit, SevenBit};
        let mut entry = entry(&["alice@crepes.fr"]);
        for (kind, extensions, body, is_converted) in [
            (SevenBit, &[][..], BodyType::SevenBit, false),
            (EightBit, &["8BITMIME"], BodyType::EightBitMime, false),
            (EightBit, &[], BodyType::SevenBit, true),
            (Binary, &["BINARYMIME", "CHUNKING"], BodyType::BinaryMime, false),
            (Binary, &["8BITMIME", "CHUNKING"], BodyType::SevenBit, true),
            (Binary, &["8BITMIME", "BINARYMIME"], BodyType::SevenBit, true),
        ] {
            entry.terms.content = kind;
            let fit = fits(&entry, extensions, false).unwrap();
            assert_eq!(
                (fit.content.body(), fit.is_converted),
                (Some(body), is_converted),
                "{kind:?} {extensions:?}"
            );
        }
    }

    #[test]
    fn what_the_server_lacks_is_told_with_its_code() {
        let mut entry = entry(&["alice@crepes.fr"]);
        entry.terms.smtp_utf8 = true;
        assert_eq!(fits(&entry, &["8BITMIME"], true), Err("5.6.7".to_owned()));
        assert!(fits(&entry, &["SMTPUTF8"], true).unwrap().content.is_international());
        entry.terms.smtp_utf8 = false;
        entry.terms.require_tls = true;
        assert_eq!(fits(&entry, &["REQUIRETLS"], false), Err("5.7.10".to_owned()));
        assert_eq!(fits(&entry, &[], true), Err("5.7.30".to_owned()));
        assert_eq!(parameters(&entry, &["REQUIRETLS"]), "REQUIRETLS");
        entry.terms.require_tls = false;
        entry.size = 1001;
        assert_eq!(fits(&entry, &["SIZE 1000"], false), Err("5.3.4".to_owned()));
        assert!(fits(&entry, &["SIZE 0"], false).is_ok() && fits(&entry, &["SIZE 1001"], false).is_ok());
    }

    #[test]
    fn deadlines_go_along_or_do_not() {
        let mut entry = entry(&["alice@crepes.fr"]);
        let mut by = DeliverBy {
            at: entry.arrival + Duration::from_secs(180),
            mode: ByMode::Notify,
            trace: true,
        };
        entry.terms.deliver_by = Some(by);
        assert_eq!(parameters(&entry, &["DELIVERBY"]), "BY=120;NT");
        assert_eq!(
            parameters(&entry, &[]),
            "",
            "it goes on, and its sender hears when it is late"
        );
        by.mode = ByMode::Return;
        by.trace = false;
        entry.terms.deliver_by = Some(by);
        assert_eq!(parameters(&entry, &["DELIVERBY 30"]), "BY=120;R");
        assert_eq!(fits(&entry, &[], true), Err("5.3.3".to_owned()));
        by.at = entry.arrival;
        entry.terms.deliver_by = Some(by);
        assert_eq!(fits(&entry, &["DELIVERBY"], true), Err("5.4.7".to_owned()));
    }

    #[test]
    fn wishes_about_reports_go_to_who_understands_them() {
        let mut entry = entry(&["alice@crepes.fr"]);
        entry.terms.envelope_id = Some("a+b=c d".into());
        entry.terms.returned = Some(Returned::Headers);
        entry.terms.priority = -3;
        assert_eq!(parameters(&entry, &["DSN"]), "RET=HDRS ENVID=a+2Bb+3Dc+20d");
        assert_eq!(parameters(&entry, &["MT-PRIORITY MIXER"]), "MT-PRIORITY=-3");
        let recipient = &mut entry.recipients[0];
        assert!(recipient_parameters(recipient).is_empty());
        recipient.notify = Some(Notify::SUCCESS | Notify::DELAY);
        recipient.original = Some("rfc822;Alice+x@crepes.fr".into());
        let expected = "NOTIFY=SUCCESS,DELAY ORCPT=rfc822;Alice+2Bx@crepes.fr";
        assert_eq!(recipient_parameters(recipient).to_string(), expected);
        recipient.notify = Some(Notify::NEVER);
        recipient.original = None;
        assert_eq!(recipient_parameters(recipient).to_string(), "NOTIFY=NEVER");
    }
}
