//! What a client machine tells its caller.

use mail_wire::Secret;

use super::NotTried;
use crate::{Reply, Verb};

/// A reply, and what it answers. One for each command that was written, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The greeting. When it is not positive, QUIT is all that is left (RFC 5321 §3.1).
    Greeting(Reply),
    /// EHLO or LHLO, or HELO behind a refused EHLO, was accepted; see [`Client::capabilities`](crate::Client::capabilities).
    Hello(Reply),
    /// To AUTH, or to a response: the server's challenge, decoded. [`respond`](crate::Client::respond) or
    /// [`cancel`](crate::Client::cancel).
    Challenge(Secret),
    /// AUTH has succeeded. A mechanism by which the server proves itself, too, is to be asked whether it did.
    Authenticated(Reply),
    /// To MAIL.
    Sender(Reply),
    /// To RCPT; the number counts the transaction's recipients from 0.
    Recipient(u32, Reply),
    /// No RCPT was sent for this recipient.
    NotTried(u32, NotTried),
    /// A recipient was refused, and all or none were to have the message: it is not sent.
    Withdrawn,
    /// To DATA.
    Data(Reply),
    /// To a part of the message that is not the last. When it is a refusal, no more is sent.
    Chunk(Reply),
    /// To the message's end: the server has taken responsibility for it, or has not.
    Message(Reply),
    /// To the message's end, for this recipient (RFC 2033 §4.2). In LMTP they come instead of [`Message`](Self::Message),
    /// one for each recipient that was accepted.
    Delivery(u32, Reply),
    /// To any other command, and to HELO and AUTH where they were refused.
    Reply {
        /// The command.
        command: Verb,
        /// The reply.
        reply: Reply,
    },
}
