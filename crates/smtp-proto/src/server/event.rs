//! What a server machine tells its application.

use alloc::boxed::Box;

use mail_wire::Ask;

use crate::{Argument, ClientName, MailFrom, RcptTo, Verb};

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
    /// The client wants to know whether a mailbox exists.
    Verify(Ask<Verify>, Argument),
    /// The client wants to know who is on a list.
    Expand(Ask<Expand>, Argument),
    /// RSET, EHLO or HELO ended an open transaction: its sender and recipients are void.
    Reset,
}

/// How a client introduced itself.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Hello {
    /// [`Verb::Helo`] or [`Verb::Ehlo`].
    pub verb: Verb,
    /// The name that it claims.
    pub client: ClientName,
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

/// The question of [`Event::Message`].
#[derive(Debug)]
pub enum Message {}

/// The question of [`Event::Verify`].
#[derive(Debug)]
pub enum Verify {}

/// The question of [`Event::Expand`].
#[derive(Debug)]
pub enum Expand {}

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
        assert!(size_of::<crate::Server>() <= 320, "{}", size_of::<crate::Server>());
    }
}
