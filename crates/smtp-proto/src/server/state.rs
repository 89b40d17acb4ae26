//! What a server machine does next, and what it keeps of a transaction.

use alloc::boxed::Box;
use alloc::collections::BTreeSet;

use super::Hello;
use super::body::{Body, Drain};
use super::chunk::Chunk;
use crate::Refusal;

/// What the machine does next.
#[derive(Debug)]
pub(super) enum State {
    /// The proxy's header comes first.
    ProxyHeader,
    /// The greeting is not written yet; it is this refusal, if there is one.
    Opening(Option<Box<Refusal>>),
    /// A command line is awaited.
    Command,
    /// The client has introduced itself; the application does not know yet.
    Introduced(Box<Hello>),
    /// The application owes an answer.
    Asked,
    /// A line of an AUTH exchange is awaited.
    Exchange,
    /// A message arrives with DATA.
    Body(Body),
    /// A chunk of a message arrives with BDAT.
    Chunk(Chunk),
    /// It is complete, and the application has not closed it.
    BodyEnd,
    /// It is complete and closed; the application is to be asked, in LMTP for the recipient of this number.
    BodyClosed(u32),
    /// It is void, and the application has not closed it.
    BodyAborted(Drain),
    /// The rest of a void message is read away.
    Draining(Drain),
    /// STARTTLS was accepted: nothing is read until TLS is in place.
    Upgrading,
    /// The last reply is written out.
    Closing,
}

/// How the client has introduced itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Dialect {
    /// HELO, or not at all: no parameters.
    Basic,
    /// EHLO or LHLO.
    Extended,
}

/// What is counted against the limits.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Tally {
    pub(super) errors: u32,
    pub(super) idle_commands: u32,
    pub(super) transactions: u32,
}

/// What is known of the open transaction.
#[derive(Debug, Default)]
pub(super) struct Transaction {
    /// Recipients that were accepted.
    pub(super) recipients: u32,
    /// MAIL said SMTPUTF8.
    pub(super) smtp_utf8: bool,
    /// MAIL said BODY=BINARYMIME.
    pub(super) binary: bool,
    /// Hashes of the recipients' domains, when they are limited: a collision lets one domain too many pass.
    pub(super) domains: BTreeSet<u64>,
    /// The domain of the recipient that is asked about.
    pub(super) asked_domain: u64,
    /// Octets of the chunks so far.
    pub(super) octets: u64,
    /// The last octet of the chunks so far was CR.
    pub(super) after_cr: bool,
}

/// What the program wants.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Wish {
    GoOn,
    Stop,
}

/// What the peer may say, and who vouches for the client.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Trust {
    pub(super) xclient: Rights,
    pub(super) xforward: bool,
    /// XCLIENT named a login: the proxy has authenticated the client.
    pub(super) vouched: bool,
}

/// Whether XCLIENT may be said.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) enum Rights {
    /// Never.
    #[default]
    None,
    /// Once.
    Once,
    /// It was.
    Used,
}

/// Why a void message is void, in the words of its reply.
#[derive(Debug)]
pub(super) enum Why {
    Fault(crate::CommandError),
    Refused(Box<Refusal>),
}
