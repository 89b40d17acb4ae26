//! What ENABLE (RFC 5161) has switched on, and how data changes by it.

use alloc::vec::Vec;

use crate::{Capability, Code, Data, Flag, Reading, Spelling, Status};

/// Extensions that change what goes over the wire.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Enabled {
    /// `IMAP4rev2` (RFC 9051).
    pub rev2: bool,
    /// `UTF8=ACCEPT` (RFC 6855).
    pub utf8: bool,
    /// `CONDSTORE` (RFC 7162), also by a command that implies it.
    pub condstore: bool,
    /// `QRESYNC` (RFC 7162).
    pub qresync: bool,
    /// `UIDONLY` (RFC 9586).
    pub uid_only: bool,
}

impl Enabled {
    /// Switches on what `asked` names and the server offers; returns what it was.
    pub(crate) fn enable(
        &mut self,
        asked: &[Capability<'_>],
        offers: impl Fn(&Capability<'_>) -> bool,
    ) -> Vec<Capability<'static>> {
        use bounded_static::ToBoundedStatic as _;
        let mut enabled = Vec::new();
        for capability in asked {
            if offers(capability) && self.switch_on(capability) {
                enabled.push(capability.to_static());
            }
        }
        enabled
    }

    /// `false` where it is no extension that can be enabled.
    pub(crate) fn switch_on(&mut self, capability: &Capability<'_>) -> bool {
        if capability.is("IMAP4rev2") {
            self.rev2 = true;
        } else if capability.is("UTF8=ACCEPT") || capability.is("UTF8=ONLY") {
            self.utf8 = true;
        } else if capability.is("CONDSTORE") {
            self.condstore = true;
        } else if capability.is("QRESYNC") {
            // RFC 7162 §3.2.3
            (self.qresync, self.condstore) = (true, true);
        } else if capability.is("UIDONLY") {
            self.uid_only = true;
        } else {
            return capability.is("METADATA") || capability.is("METADATA-SERVER") || capability.is("JMAPACCESS");
        }
        true
    }

    /// Whether a FETCH response that is not what a FETCH has asked for has a UID item (RFC 9051 §7.5.2, RFC 7162 §3.2.4). With UIDONLY
    /// there is no need: the response's number is that.
    pub const fn tells_uids(&self) -> bool {
        (self.rev2 || self.qresync) && !self.uid_only
    }

    /// Whether strings and mailbox names are UTF-8.
    pub const fn is_utf8(&self) -> bool {
        self.rev2 || self.utf8
    }

    pub(crate) const fn reading(&self, configured: Reading) -> Reading {
        Reading {
            utf8: self.is_utf8(),
            ..configured
        }
    }

    pub(crate) const fn spelling(&self, configured: Spelling) -> Spelling {
        Spelling {
            utf8: self.is_utf8(),
            ..configured
        }
    }

    /// `data` as a client that has enabled IMAP4rev2 wants it (RFC 9051 §E): no RECENT, no `\Recent`, no UNSEEN code. `None`: it is
    /// not sent at all.
    pub(crate) fn adapt(&self, mut data: Data<'static>) -> Option<Data<'static>> {
        if !self.rev2 {
            return Some(data);
        }
        match &mut data {
            Data::Recent(_) => return None,
            Data::Status(Status {
                code: Some(Code::Unseen(_)),
                ..
            }) => return None,
            Data::Status(Status {
                code: Some(Code::PermanentFlags(flags)),
                ..
            })
            | Data::Flags(flags) => forget_recent(flags),
            Data::Fetch(fetch) => fetch.for_each_flags(forget_recent),
            _ => {}
        }
        Some(data)
    }
}

fn forget_recent(flags: &mut Vec<Flag<'static>>) {
    flags.retain(|flag| *flag != Flag::Recent);
}
