//! Writing the `Received` field (RFC 5321 §4.4).

use alloc::format;
use alloc::string::{String, ToString};
use alloc::vec::Vec;
use core::fmt;
use core::net::IpAddr;

use crate::{AddrSpec, Atom, DateTime, Field, FieldName, FieldWriter, Host, MsgId, Protocol};

/// A `Received` field to be put in front of a message. Its parts are types that hold nothing but what may stand there,
/// so that nothing a peer said can add a clause, a comment or a field.
///
/// ```
/// # use rfc5322::{AddrSpec, Atom, Comment, DateTime, Host, Protocol, Received, Source, Zone};
/// let date = DateTime::parse(b"Tue, 1 Jul 2003 10:52:37 +0200")?;
/// let client = Source::tcp(Host::lossy(b"crepes.fr"), [192, 0, 2, 7].into());
/// let received = Received::new(client.resolved(Host::new("mx.crepes.fr")?), Host::new("hamburger.edu")?, date)
///     .with(Protocol::Esmtps)
///     .comment(Comment::new("TLS1.3"))
///     .id(Atom::new("4bXq1Z0kRz")?)
///     .recipient(AddrSpec::parse(b"bob@hamburger.edu")?);
/// assert_eq!(
///     received.to_field().as_str(),
///     "Received: from crepes.fr (mx.crepes.fr [192.0.2.7]) by hamburger.edu\r\n \
///      with ESMTPS (TLS1.3) id 4bXq1Z0kRz for <bob@hamburger.edu>;\r\n \
///      Tue, 01 Jul 2003 10:52:37 +0200\r\n"
/// );
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Received {
    from: Source,
    by: Host,
    via: Option<Atom>,
    with: Option<Protocol>,
    comment: Option<Comment>,
    id: Option<Id>,
    recipient: Option<AddrSpec>,
    additional: Vec<(Atom, Atom)>,
    date: DateTime,
}

impl Received {
    /// A field with the clauses that every one has: whom the message came from, who took it, and when, the latter with
    /// the local offset from UTC (RFC 5321 §4.4).
    pub const fn new(from: Source, by: Host, date: DateTime) -> Self {
        Self {
            from,
            by,
            via: None,
            with: None,
            comment: None,
            id: None,
            recipient: None,
            additional: Vec::new(),
            date,
        }
    }

    /// The VIA clause: the link, if it is none of TCP's.
    #[must_use]
    pub fn via(self, link: Atom) -> Self {
        Self {
            via: Some(link),
            ..self
        }
    }

    /// The WITH clause: the protocol.
    #[must_use]
    pub fn with(self, protocol: Protocol) -> Self {
        Self {
            with: Some(protocol),
            ..self
        }
    }

    /// A comment behind the protocol, for people: the version of TLS, say.
    #[must_use]
    pub fn comment(self, comment: Comment) -> Self {
        Self {
            comment: Some(comment),
            ..self
        }
    }

    /// The ID clause: what the message is called in this host's queue and logs.
    #[must_use]
    pub fn id(self, id: impl Into<Id>) -> Self {
        Self {
            id: Some(id.into()),
            ..self
        }
    }

    /// The FOR clause: the recipient. To be left out if there are several, as it would tell them of each other
    /// (RFC 5321 §7.2).
    #[must_use]
    pub fn recipient(self, mailbox: AddrSpec) -> Self {
        Self {
            recipient: Some(mailbox),
            ..self
        }
    }

    /// Adds a clause that is registered besides those of RFC 5321 §4.4, behind the others.
    #[must_use]
    pub fn additional(mut self, name: Atom, value: Atom) -> Self {
        self.additional.push((name, value));
        self
    }

    /// The field as it is written: folded between its clauses, in lines of 78 octets where they allow it.
    ///
    /// ```text
    /// Time-stamp-line = "Received:" FWS Stamp <CRLF>                               ; RFC 5321 §4.4
    /// Stamp           = From-domain By-domain Opt-info [CFWS] ";" FWS date-time
    /// Opt-info        = [Via] [With] [ID] [For] [Additional-Registered-Clauses]
    /// ```
    pub fn to_field(&self) -> Field {
        let comment = self
            .comment
            .as_ref()
            .map(|comment| format!(" {comment}"))
            .unwrap_or_default();
        let with = match &self.with {
            Some(protocol) => Some(format!("with {protocol}{comment}")),
            None => self.comment.as_ref().map(ToString::to_string),
        };
        let clauses = [
            Some(format!("from {}", self.from)),
            Some(format!("by {}", self.by)),
            self.via.as_ref().map(|link| format!("via {link}")),
            with,
            self.id.as_ref().map(|id| format!("id {id}")),
            self.recipient.as_ref().map(|mailbox| format!("for <{mailbox}>")),
        ];
        let mut writer = FieldWriter::utf8(&FieldName::RECEIVED);
        let additional = self.additional.iter().map(|(name, value)| format!("{name} {value}"));
        let mut clauses = clauses.into_iter().flatten().chain(additional).peekable();
        while let Some(mut clause) = clauses.next() {
            if clauses.peek().is_none() {
                clause.push(';');
            }
            write(&mut writer, &clause);
        }
        write(&mut writer, &self.date.to_string());
        writer.finish()
    }
}

/// Where a message came from.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Source {
    /// A client on a network.
    Tcp {
        /// What it called itself in HELO, EHLO or LHLO.
        helo: Host,
        /// The name that its address resolves to, if it was looked up.
        name: Option<Host>,
        /// The address of its end of the connection.
        address: IpAddr,
    },
    /// A client without an address, on a local socket or in the same process.
    Local {
        /// What it called itself.
        helo: Host,
    },
}

impl Source {
    /// A client on a network, by its greeting and its address.
    pub const fn tcp(helo: Host, address: IpAddr) -> Self {
        Self::Tcp {
            helo,
            name: None,
            address,
        }
    }

    /// A client without an address.
    pub const fn local(helo: Host) -> Self {
        Self::Local { helo }
    }

    /// Adds the name that the client's address resolves to.
    #[must_use]
    pub fn resolved(self, name: Host) -> Self {
        match self {
            Self::Tcp { helo, address, .. } => Self::Tcp {
                helo,
                name: Some(name),
                address,
            },
            local @ Self::Local { .. } => local,
        }
    }
}

/// ```text
/// Extended-Domain = Domain / ( Domain FWS "(" TCP-info ")" ) /
///                   ( address-literal FWS "(" TCP-info ")" )       ; RFC 5321 §4.4
/// TCP-info        = address-literal / ( Domain FWS address-literal )
/// ```
impl fmt::Display for Source {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Local { helo } => write!(f, "{helo}"),
            Self::Tcp { helo, name, address } => {
                let literal = Host::literal(*address);
                match name {
                    Some(name) => write!(f, "{helo} ({name} {literal})"),
                    None => write!(f, "{helo} ({literal})"),
                }
            }
        }
    }
}

/// The ID clause of a `Received` field: `Atom / msg-id` (RFC 5321 §4.4).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Id {
    /// An identifier of the host's own.
    Atom(Atom),
    /// A message identifier.
    MsgId(MsgId),
}

impl From<Atom> for Id {
    fn from(id: Atom) -> Self {
        Self::Atom(id)
    }
}

impl From<MsgId> for Id {
    fn from(id: MsgId) -> Self {
        Self::MsgId(id)
    }
}

impl fmt::Display for Id {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Atom(id) => id.fmt(f),
            Self::MsgId(id) => id.fmt(f),
        }
    }
}

/// A comment in a structured field (RFC 5322 §3.2.2), made of any text.
///
/// ```
/// # use rfc5322::Comment;
/// assert_eq!(Comment::new("no (client)\r\ncertificate").to_string(), r"(no \(client\)  certificate)");
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Comment(String);

impl Comment {
    /// The most characters of the text that are kept: 256.
    pub const MAX: usize = 256;

    /// Takes text for people: parentheses and backslashes are quoted, a control character becomes a space, a character
    /// outside ASCII becomes `?`, what is beyond [`MAX`](Self::MAX) characters is cut off.
    pub fn new(text: &str) -> Self {
        let mut safe = String::new();
        for c in text.chars().take(Self::MAX) {
            match c {
                '(' | ')' | '\\' => safe.extend(['\\', c]),
                c if c.is_control() => safe.push(' '),
                c if c.is_ascii() => safe.push(c),
                _ => safe.push('?'),
            }
        }
        Self(safe)
    }
}

/// Writes the comment in its parentheses.
impl fmt::Display for Comment {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "({})", self.0)
    }
}

fn write(writer: &mut FieldWriter, clause: &str) {
    writer
        .group(clause)
        .expect("tokens of at most MAX_TOKEN octets of printable characters and spaces always fit");
}
