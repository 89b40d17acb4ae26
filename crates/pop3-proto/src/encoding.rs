//! UTF-8 in POP3 (RFC 6856 §2): where a server takes it, and whether a session has it.

/// Where a server takes UTF-8 (RFC 6856 §2).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Utf8 {
    /// In messages and responses, behind the command UTF8.
    Messages,
    /// `USER`: the same, and in names and passwords at any time (RFC 6856 §2.2).
    MessagesAndNames,
}

/// What messages may be sent as (RFC 6856 §2.1).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Encoding {
    /// As RFC 1939 has it. A message with UTF-8 in its header is sent as a surrogate without, or refused with
    /// [`Refusal::needs_utf8`](crate::server::Refusal::needs_utf8).
    Ascii,
    /// The client has given UTF8: messages go out as they are.
    Utf8,
}
