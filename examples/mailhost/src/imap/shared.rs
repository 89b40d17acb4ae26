//! What all IMAP sessions of a door have in common: above all, what is offered.

use std::sync::Arc;

use imap_proto::server::{Compress, Config, Noop, Offers, Plaintext, StartTls};
use imap_proto::{AString, Capability, Id, Text};

use crate::explain;
use crate::host::{Host, Wire};
use crate::service::Service;

/// The configuration of a door's sessions.
pub(crate) struct Shared {
    pub(super) config: Arc<Config>,
    pub(super) service: Service,
}

impl Shared {
    pub(crate) fn new(host: &Host, wire: &Wire) -> Self {
        let greeting = format!("{} IMAP server ready", host.settings.hostname);
        let mechanisms = match wire.trusted {
            true => host.authentication.in_plaintext(),
            false => Vec::new(),
        };
        let mechanism = |name: &mail_wire::MechanismName| Capability::new(format!("AUTH={name}")).ok();
        let under_tls = host.authentication.under_tls();
        // Before TLS the machine hides them, unless plaintext is allowed.
        let offered = match wire.service.begins_with_tls() || wire.tls.is_some() {
            true => under_tls,
            false => mechanisms,
        };
        let config = Config {
            greeting: Text::new(greeting).expect("a host's name is plain text"),
            offers: Offers {
                always: ALWAYS.iter().copied().map(Capability::fixed).collect(),
                before_login: offered.iter().filter_map(mechanism).collect(),
                after_login: AFTER_LOGIN
                    .iter()
                    .copied()
                    .map(Capability::fixed)
                    .chain(Capability::new(format!(
                        "APPENDLIMIT={}",
                        host.settings.max_message_size
                    )))
                    .collect(),
            },
            starttls: match wire.tls.is_some() && !wire.service.begins_with_tls() {
                true => StartTls::Offered,
                false => StartTls::NotOffered,
            },
            compress: Compress::Offered,
            // What is new is told as behind each command.
            noop: Noop::HandedOut,
            plaintext: match wire.trusted {
                true => Plaintext::Allowed,
                false => Plaintext::Refused,
            },
            identity: identity(),
            timeouts: host.settings.imap_timeouts,
            explain: host.settings.explain.then_some(explain::imap),
            limits: imap_proto::ServerLimits {
                message: host.settings.max_message_size,
                ..imap_proto::ServerLimits::default()
            },
            ..Config::default()
        };
        Self {
            config: Arc::new(config),
            service: wire.service,
        }
    }
}

fn identity() -> Id<'static> {
    let field = |text: &'static str| AString::try_from(text).expect("plain text");
    let fields = [("name", "mailhost"), ("version", env!("CARGO_PKG_VERSION"))];
    let fields = fields.map(|(name, value)| (field(name), Some(field(value))));
    Id::new(fields.into()).expect("two short fields")
}

/// What clients may use before they say who they are, or must know of by then: imaplib does not ask again.
const ALWAYS: &[&str] = &["IMAP4rev1", "IMAP4rev2", "SASL-IR", "LITERAL+", "ID", "ENABLE"];

/// What they may use then.
const AFTER_LOGIN: &[&str] = &[
    "IDLE",
    "NAMESPACE",
    "UIDPLUS",
    "MOVE",
    "UNSELECT",
    "CHILDREN",
    "LIST-EXTENDED",
    "LIST-STATUS",
    "SPECIAL-USE",
    "CREATE-SPECIAL-USE",
    "STATUS=SIZE",
    "CONDSTORE",
    "QRESYNC",
    "BINARY",
    "SAVEDATE",
    "OBJECTID",
    "PREVIEW",
    "UTF8=ACCEPT",
    "UIDONLY",
    "UNAUTHENTICATE",
    "PARTIAL",
    "ESEARCH",
    "SEARCHRES",
    "WITHIN",
    "SORT",
    "SORT=DISPLAY",
    "ESORT",
    "THREAD=ORDEREDSUBJECT",
    "THREAD=REFERENCES",
    "CONTEXT=SEARCH",
    "CONTEXT=SORT",
    "MULTISEARCH",
    "NOTIFY",
    "INPROGRESS",
    "I18NLEVEL=1",
    "MULTIAPPEND",
    "CATENATE",
    "REPLACE",
    "ACL",
    "RIGHTS=texk",
    "LIST-MYRIGHTS",
    "QUOTA",
    "QUOTASET",
    "QUOTA=RES-STORAGE",
    "QUOTA=RES-MESSAGE",
    "QUOTA=RES-MAILBOX",
    "METADATA",
    "LIST-METADATA",
    "URLAUTH",
    "URLAUTH=BINARY",
];
