//! Faults by whose they are, and the one function that turns a client's fault into the server's reply.

use alloc::format;

use mail_wire::{LineFault, ProxyFault};

use crate::phase::OutOfSequence;
use crate::{Refusal, ReplyText};

/// Octets that the grammar does not allow.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("octet {offset}: expected {expected}")]
pub struct SyntaxError {
    /// Octets from the start of the line, or of the value, to the first that is wrong.
    pub offset: usize,
    /// What would have been right there.
    pub expected: Expected,
}

impl SyntaxError {
    pub(crate) const fn new(offset: usize, expected: Expected) -> Self {
        Self { offset, expected }
    }

    pub(crate) const fn too_long(offset: usize, limit: usize) -> Self {
        Self::new(offset, Expected::AtMost(limit))
    }

    pub(crate) const fn shifted(self, octets: usize) -> Self {
        Self::new(self.offset + octets, self.expected)
    }
}

/// What the grammar wanted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Expected {
    /// A command that exists.
    #[error("a command")]
    Command,
    /// A command that is still in use (not TURN, SEND, SOML, SAML).
    #[error("a command that is in use")]
    CommandInUse,
    /// This octet.
    #[error("'{}'", char::from(*.0))]
    Octet(u8),
    /// A space.
    #[error("a space")]
    Space,
    /// `FROM:`
    #[error("FROM:")]
    From,
    /// `TO:`
    #[error("TO:")]
    To,
    /// Nothing more.
    #[error("the end of the line")]
    EndOfLine,
    /// An argument.
    #[error("an argument")]
    Argument,
    /// Printable US-ASCII.
    #[error("printable US-ASCII")]
    PrintableAscii,
    /// A domain name.
    #[error("a domain name")]
    Domain,
    /// An address literal.
    #[error("an address literal")]
    AddressLiteral,
    /// The part in front of the `@`.
    #[error("a local part")]
    LocalPart,
    /// The inside or the end of a quoted string.
    #[error("a quoted string")]
    QuotedString,
    /// No more octets than this in the part that begins here.
    #[error("at most {0} octets")]
    AtMost(usize),
    /// The name of a parameter or an extension.
    #[error("a keyword")]
    Keyword,
    /// The value of a parameter.
    #[error("a value")]
    ParameterValue,
    /// A size in octets.
    #[error("SIZE= with 1 to 20 digits")]
    Size,
    /// A body type.
    #[error("BODY= with 7BIT, 8BITMIME or BINARYMIME")]
    BodyType,
    /// The name of a SASL mechanism.
    #[error("the name of a SASL mechanism")]
    Mechanism,
    /// Base64.
    #[error("base64")]
    Base64,
    /// A number of octets that fits into 64 bits.
    #[error("a size in octets")]
    ChunkSize,
    /// `LAST`
    #[error("LAST")]
    Last,
    /// A URI with its scheme.
    #[error("an absolute URI")]
    Uri,
    /// xtext (RFC 3461 §4).
    #[error("xtext")]
    Xtext,
    /// No value behind a keyword that has none.
    #[error("no value")]
    NoValue,
    /// `FULL` or `HDRS` (RFC 3461 §4.3).
    #[error("RET= with FULL or HDRS")]
    Ret,
    /// `NEVER`, or a list (RFC 3461 §4.1).
    #[error("NOTIFY= with NEVER, or some of SUCCESS, FAILURE, DELAY")]
    Notify,
    /// A type of address and a semicolon (RFC 3461 §4.2).
    #[error("a type of address")]
    AddressType,
    /// An address in an encoding of RFC 6533.
    #[error("an address in the encoding of type utf-8")]
    Utf8Address,
    /// A time, and what to do behind it (RFC 2852 §4).
    #[error("BY= with seconds and N or R")]
    DeliverBy,
    /// Seconds (RFC 4865 §4).
    #[error("HOLDFOR= with seconds")]
    HoldFor,
    /// A date and time (RFC 3339 §5.6).
    #[error("a date and time")]
    Timestamp,
    /// A priority (RFC 6710 §5.1).
    #[error("MT-PRIORITY= with -9 to 9")]
    Priority,
    /// Classes of solicitation (RFC 3865 §2.2).
    #[error("SOLICIT= with keywords")]
    Solicitation,
    /// US-ASCII, where SMTPUTF8 was not asked for (RFC 6531 §3.5).
    #[error("US-ASCII, without SMTPUTF8")]
    Ascii,
    /// UTF-8.
    #[error("UTF-8")]
    Utf8,
    /// A parameter that was not given before.
    #[error("each parameter once")]
    ParameterOnce,
    /// A line of a reply.
    #[error("a line of a reply")]
    ReplyLine,
    /// Three digits, the first 2 to 5, the second 0 to 5.
    #[error("a reply code")]
    ReplyCode,
    /// The code of the reply's first line.
    #[error("the code of the first line")]
    SameReplyCode,
    /// A 4yz or 5yz code.
    #[error("a code that refuses")]
    RefusingCode,
    /// An enhanced code of the reply's class.
    #[error("an enhanced code of the reply's class")]
    EnhancedCode,
    /// What the text of a reply may hold.
    #[error("text of a reply")]
    ReplyText,
}

/// A limit that was passed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Limit {
    /// Octets of a message.
    #[error("message larger than {0} octets")]
    Message(u64),
    /// Recipients of a message.
    #[error("more than {0} recipients")]
    Recipients(u32),
    /// Different domains among the recipients of a message.
    #[error("more than {0} domains of recipients")]
    RecipientDomains(u32),
    /// Transactions of a connection.
    #[error("more than {0} transactions")]
    Transactions(u32),
    /// Faulty commands.
    #[error("more than {0} faulty commands")]
    Errors(u32),
    /// Commands without mail.
    #[error("more than {0} commands without a message")]
    IdleCommands(u32),
    /// Octets of a message that was refused already.
    #[error("more than {0} octets behind the refusal of a message")]
    Drained(u64),
    /// Octets of a reply.
    #[error("reply longer than {0} octets")]
    Reply(usize),
}

/// Why a server machine does not carry out a command, or take in a message, by itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum CommandError {
    /// The line is no line.
    #[error(transparent)]
    Line(#[from] LineFault),
    /// The line is no command.
    #[error(transparent)]
    Syntax(#[from] SyntaxError),
    /// The command is not allowed now.
    #[error(transparent)]
    Sequence(#[from] OutOfSequence),
    /// Too much.
    #[error(transparent)]
    Limit(#[from] Limit),
    /// A parameter of an extension that was not offered.
    #[error("parameter not offered")]
    Parameter,
    /// A command that this server does not offer.
    #[error("command not offered")]
    NotOffered,
    /// DATA, and no recipient was accepted.
    #[error("no valid recipients")]
    NoRecipients,
    /// BDAT whose octets nobody can count.
    #[error(transparent)]
    Chunk(SyntaxError),
    /// DATA behind BODY=BINARYMIME (RFC 3030 §3).
    #[error("a binary message cannot come with DATA")]
    BinaryNeedsChunks,
    /// An address in MAIL that needs SMTPUTF8 (RFC 6531 §3.5).
    #[error("non-ASCII sender without SMTPUTF8")]
    NonAsciiSender,
    /// `BY=` that is over already, of a message that is to be returned then (RFC 2852 §4).
    #[error("no time to deliver")]
    NoTime,
    /// `BY=` with `R` and less time than the server needs, in seconds (RFC 2852 §4).
    #[error("less than {0} s to deliver")]
    TooSoon(u32),
    /// `HOLDFOR=` or `HOLDUNTIL=` beyond what the server holds messages for (RFC 4865 §4).
    #[error("held too long")]
    HeldTooLong,
    /// `*` in an AUTH exchange.
    #[error("authentication cancelled")]
    AuthCancelled,
    /// A line of an AUTH exchange that is no base64.
    #[error("malformed response in an authentication exchange")]
    AuthJunk,
    /// A line of an AUTH exchange that is too long.
    #[error("too long a response in an authentication exchange")]
    AuthTooLong,
    /// MAIL before AUTH, where that is required.
    #[error("authentication required")]
    AuthRequired,
    /// A command before STARTTLS, where that is required.
    #[error("TLS required")]
    TlsRequired,
    /// Octets behind STARTTLS.
    #[error("octets behind STARTTLS")]
    Injection,
    /// XCLIENT or XFORWARD of a peer that is none of ours.
    #[error("only proxies of ours may say this")]
    NotTrusted,
    /// A proxy that does not say where its connection comes from.
    #[error(transparent)]
    Proxy(#[from] ProxyFault),
    /// A bare CR or LF in a message.
    #[error("bare CR or LF in the message")]
    BareLineEnd,
    /// The client was too slow.
    #[error("timeout")]
    Timeout,
    /// The server stops. Nobody's fault.
    #[error("shutting down")]
    ShuttingDown,
}

impl CommandError {
    /// The reply: the one place where a fault becomes a code and words.
    pub fn refusal(&self) -> Refusal {
        match *self {
            Self::Line(fault) => line_fault(fault),
            Self::Syntax(error) => syntax(error),
            Self::Sequence(_) => Refusal::known(503, 5, 1, "Bad sequence of commands"),
            Self::Limit(limit) => over_limit(limit),
            Self::Parameter => Refusal::known(555, 5, 4, "Parameter not recognized or not implemented"),
            Self::NotOffered => Refusal::not_implemented(),
            Self::NoRecipients => Refusal::known(554, 5, 1, "No valid recipients"),
            Self::Chunk(error) => Refusal::with(521, 5, 4, ReplyText::lossy(&format!("Closing connection: {error}"))),
            Self::BinaryNeedsChunks => Refusal::known(503, 5, 1, "BODY=BINARYMIME needs BDAT"),
            Self::NonAsciiSender => Refusal::known(550, 6, 7, "Non-ASCII address without SMTPUTF8"),
            Self::NoTime => Refusal::known(501, 5, 4, "BY= with R needs a time that is to come"),
            Self::TooSoon(minimum) => {
                let text = format!("BY= with R needs {minimum} seconds at least");
                Refusal::with(501, 5, 4, ReplyText::lossy(&text))
            }
            Self::HeldTooLong => Refusal::known(501, 5, 4, "Cannot hold a message for so long"),
            Self::AuthCancelled => Refusal::known(501, 7, 0, "Authentication cancelled"),
            Self::AuthJunk => Refusal::known(501, 5, 2, "Cannot decode response: base64 expected"),
            Self::AuthTooLong => Refusal::known(500, 5, 6, "Authentication exchange line is too long"),
            Self::AuthRequired => Refusal::authentication_required(),
            Self::TlsRequired => Refusal::start_tls_first(),
            Self::Injection => Refusal::known(421, 7, 0, "Closing connection: octets behind STARTTLS"),
            Self::NotTrusted => Refusal::known(550, 7, 0, "Not allowed from here"),
            Self::Proxy(_) => Refusal::known(421, 5, 0, "Closing connection: PROXY header expected"),
            Self::BareLineEnd => Refusal::known(550, 6, 0, "Message refused: bare CR or LF in it, lines end with CRLF"),
            Self::Timeout => Refusal::known(421, 4, 2, "Timeout, closing connection"),
            Self::ShuttingDown => Refusal::known(421, 3, 2, "Service shutting down, closing connection"),
        }
    }
}

fn line_fault(fault: LineFault) -> Refusal {
    match fault {
        LineFault::BareLf => Refusal::known(500, 5, 2, "Line refused: bare LF, lines end with CRLF"),
        LineFault::BareCr => Refusal::known(500, 5, 2, "Line refused: bare CR, lines end with CRLF"),
        other => Refusal::with(500, 5, 2, ReplyText::lossy(&format!("Line refused: {other}"))),
    }
}

fn syntax(error: SyntaxError) -> Refusal {
    match error.expected {
        Expected::Command => Refusal::known(500, 5, 1, "Command not recognized"),
        Expected::CommandInUse => Refusal::not_implemented(),
        Expected::Ascii => Refusal::known(553, 6, 7, "Non-ASCII address without SMTPUTF8"),
        _ => Refusal::with(501, 5, 4, ReplyText::lossy(&format!("Syntax error at {error}"))),
    }
}

/// Each limit by its name and value: the one who hit it should know by how much.
fn over_limit(limit: Limit) -> Refusal {
    let text = |action: &str| ReplyText::lossy(&format!("{action}: {limit}"));
    match limit {
        Limit::Message(_) => Refusal::with(552, 3, 4, text("Message refused")),
        Limit::Recipients(_) | Limit::RecipientDomains(_) => Refusal::with(452, 5, 3, text("Recipient refused")),
        _ => Refusal::with(421, 7, 0, text("Closing connection")),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::phase::{Action, Phase};
    use crate::reply::write_lines;
    use crate::{Class, Reply};
    use alloc::string::ToString;
    use alloc::vec;
    use alloc::vec::Vec;

    fn refusals() -> Vec<Refusal> {
        let sequence = Phase::Ready.after(Action::Data).unwrap_err();
        let faults = [
            CommandError::Line(LineFault::BareLf),
            CommandError::Line(LineFault::BareCr),
            CommandError::Line(LineFault::TooLong { limit: 512 }),
            CommandError::Syntax(SyntaxError::new(3, Expected::Command)),
            CommandError::Syntax(SyntaxError::new(3, Expected::CommandInUse)),
            CommandError::Syntax(SyntaxError::new(usize::MAX, Expected::Octet(b'\r'))),
            CommandError::Sequence(sequence),
            CommandError::Limit(Limit::Message(u64::MAX)),
            CommandError::Limit(Limit::Recipients(7)),
            CommandError::Limit(Limit::Errors(7)),
            CommandError::Limit(Limit::IdleCommands(7)),
            CommandError::Limit(Limit::Drained(7)),
            CommandError::Limit(Limit::Reply(7)),
            CommandError::Limit(Limit::RecipientDomains(7)),
            CommandError::Limit(Limit::Transactions(7)),
            CommandError::Chunk(SyntaxError::new(5, Expected::ChunkSize)),
            CommandError::BinaryNeedsChunks,
            CommandError::NonAsciiSender,
            CommandError::NoTime,
            CommandError::TooSoon(u32::MAX),
            CommandError::HeldTooLong,
            CommandError::AuthCancelled,
            CommandError::AuthJunk,
            CommandError::AuthTooLong,
            CommandError::AuthRequired,
            CommandError::TlsRequired,
            CommandError::Injection,
            CommandError::NotTrusted,
            CommandError::Proxy(ProxyFault::Missing),
            CommandError::Parameter,
            CommandError::NotOffered,
            CommandError::NoRecipients,
            CommandError::BareLineEnd,
            CommandError::Timeout,
            CommandError::ShuttingDown,
        ];
        let known = [
            Refusal::no_such_user(),
            Refusal::relaying_denied(),
            Refusal::denied(),
            Refusal::try_later(),
            Refusal::mailbox_full(),
            Refusal::too_many_recipients(),
            Refusal::storage_full(),
            Refusal::message_too_large(),
            Refusal::mail_loop(),
            Refusal::no_service(),
            Refusal::not_implemented(),
            Refusal::host_takes_no_mail(),
            Refusal::recipient_null_mx(),
            Refusal::sender_null_mx(),
            Refusal::authentication_required(),
            Refusal::bad_credentials(),
            Refusal::mechanism_too_weak(),
            Refusal::encryption_required(),
            Refusal::password_transition(),
            Refusal::authentication_unavailable(),
            Refusal::no_such_mechanism(),
            Refusal::start_tls_first(),
        ];
        faults.iter().map(CommandError::refusal).chain(known).collect()
    }

    #[test]
    fn every_refusal_is_a_valid_reply_that_refuses() {
        for refusal in refusals() {
            let mut wire = vec![];
            let text = refusal.text().as_str();
            write_lines(&mut wire, refusal.code(), Some(refusal.enhanced()), text.as_bytes());
            let reply = Reply::parse(&wire).expect("a reply");
            assert!(reply.code().class() >= Class::Transient, "{refusal}");
            assert_eq!(reply.enhanced(), Some(refusal.enhanced()), "{refusal}");
            assert!(wire.len() <= 512, "{refusal}");
            assert_eq!(reply.to_string(), refusal.to_string());
        }
    }

    #[test]
    fn limits_are_named_with_their_value() {
        let refusal = CommandError::Line(LineFault::TooLong { limit: 555 }).refusal();
        assert_eq!(
            refusal.to_string(),
            "500 5.5.2 Line refused: line longer than 555 octets"
        );
        let refusal = CommandError::from(SyntaxError::new(8, Expected::Octet(b'<'))).refusal();
        assert_eq!(refusal.to_string(), "501 5.5.4 Syntax error at octet 8: expected '<'");
    }
}
