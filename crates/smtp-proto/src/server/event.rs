//! What a server machine tells its application.

use alloc::boxed::Box;
use alloc::vec::Vec;

use mail_wire::{Ask, ProxyHeader, Secret};

use crate::{Attributes, Auth, ClientName, Etrn, Inquiry, MailFrom, RcptTo, Verb};

/// Something that the application decides, or should know. At most 48 octets.
///
/// End a `match` with `other => session.unhandled(other)?`: it gives each ask its safe answer.
#[derive(Debug)]
#[non_exhaustive]
pub enum Event {
    /// The client has said who it claims to be; the machine has answered.
    Hello(Box<Hello>),
    /// The client begins a transaction.
    Mail(Ask<Mail>, MailFrom),
    /// The client names a recipient.
    Recipient(Ask<Recipient>, RcptTo),
    /// The client wants to send the message. At least one recipient was accepted.
    Data(Ask<Data>),
    /// The message has arrived whole. To accept is to take responsibility for it.
    Message(Ask<Message>),
    /// LMTP: the message has arrived whole; what becomes of it for this recipient, counted from 0 in the order of those that
    /// were accepted? (RFC 2033 §4.2)
    MessageFor(Ask<Message>, u32),
    /// The client wants to know whether a mailbox exists.
    Verify(Ask<Verify>, Inquiry),
    /// The client wants to know who is on a list.
    Expand(Ask<Expand>, Inquiry),
    /// AUTH: begin the exchange of this mechanism, which is one of those that are offered.
    Authenticate(Ask<Sasl>, Box<Auth>),
    /// The client's response to the last challenge.
    SaslResponse(Ask<Sasl>, Secret),
    /// The client has given the exchange up, or broken it, and was told so.
    SaslCancelled,
    /// ETRN: work off a queue. To accept says that it has begun.
    Etrn(Ask<Turn>, Etrn),
    /// XCLIENT: from now on the client is whom the proxy says; the machine has greeted it anew, and will ask as if nothing
    /// had been said before.
    XClient(Box<Attributes>),
    /// XFORWARD: where the next message comes from; the machine has answered.
    XForward(Box<Attributes>),
    /// The proxy has said where the connection comes from; the greeting follows.
    Proxied(Box<ProxyHeader>),
    /// RSET, EHLO or HELO ended an open transaction, or a chunk was refused: its sender and recipients are void.
    Reset,
}

/// How a client introduced itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hello {
    /// [`Verb::Helo`], [`Verb::Ehlo`] or [`Verb::Lhlo`].
    pub verb: Verb,
    /// The name that it claims.
    pub client: ClientName,
}

/// What a mechanism does next.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SaslStep {
    /// A challenge; the response comes as [`Event::SaslResponse`].
    Challenge(Vec<u8>),
    /// The client is who it says. Data that a mechanism has for a success goes as a last challenge before it
    /// (RFC 4954 §4).
    Success,
}

/// The question of [`Event::Mail`].
#[derive(Debug)]
pub enum Mail {}

/// The question of [`Event::Recipient`].
#[derive(Debug)]
pub enum Recipient {}

/// The question of [`Event::Data`].
#[derive(Debug)]
pub enum Data {}

/// The question of [`Event::Message`] and [`Event::MessageFor`].
#[derive(Debug)]
pub enum Message {}

/// The question of [`Event::Verify`].
#[derive(Debug)]
pub enum Verify {}

/// The question of [`Event::Expand`].
#[derive(Debug)]
pub enum Expand {}

/// The question of [`Event::Authenticate`] and [`Event::SaslResponse`]. Yes: a [`SaslStep`].
#[derive(Debug)]
pub enum Sasl {}

/// The question of [`Event::Etrn`].
#[derive(Debug)]
pub enum Turn {}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_are_small() {
        assert!(size_of::<Event>() <= 48, "{}", size_of::<Event>());
    }

    /// docs/threats.md row 31: an idle connection holds the machine, a window of 1 KiB, and what its longest reply took.
    #[test]
    fn an_idle_machine_is_small() {
        assert!(size_of::<crate::Server>() <= 392, "{}", size_of::<crate::Server>());
    }
}
