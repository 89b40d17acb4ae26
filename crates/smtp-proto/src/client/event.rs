//! What a client machine tells its caller.

use crate::{Reply, Verb};

/// A reply, and what it answers. One for each command that was written, in order.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Event {
    /// The greeting. When it is not positive, QUIT is all that is left (RFC 5321 §3.1).
    Greeting(Reply),
    /// EHLO, or HELO behind a refused EHLO, was accepted; see [`Client::capabilities`](crate::Client::capabilities).
    Hello(Reply),
    /// To MAIL.
    Sender(Reply),
    /// To RCPT; the number counts the transaction's recipients from 0.
    Recipient(u32, Reply),
    /// To DATA.
    Data(Reply),
    /// To the message's end: the server has taken responsibility for it, or has not.
    Message(Reply),
    /// To any other command, and to HELO where it was refused.
    Reply {
        /// The command.
        command: Verb,
        /// The reply.
        reply: Reply,
    },
}
