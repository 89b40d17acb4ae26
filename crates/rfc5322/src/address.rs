//! `address`: a mailbox or a group of mailboxes (RFC 5322 §3.4), as it stands in a field that others wrote.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

use mail_wire::Escaped;
use mail_wire::octets::{is_atext, is_utf8_non_ascii};

use crate::address_list::{Entry, Mailboxes, Span, Spans};
use crate::lexis::{is_space, pass_comment, pass_quoted, remove_quoting};
use crate::{AddrSpec, CommentText, Comments, Phrase, SyntaxError};

/// An element of an [`AddressList`](crate::AddressList).
///
/// ```text
/// address = mailbox / group     ; RFC 5322 §3.4
/// ```
#[derive(Debug, Clone, Copy)]
pub enum Address<'a> {
    /// A mailbox.
    Mailbox(Mailbox<'a>),
    /// A group of mailboxes with a name.
    Group(Group<'a>),
}

/// A mailbox: an address, perhaps with a display name and comments. Borrowed from the list's octets.
///
/// ```text
/// mailbox    = name-addr / addr-spec                           ; RFC 5322 §3.4
/// name-addr  = [display-name] angle-addr
/// angle-addr = [CFWS] "<" addr-spec ">" [CFWS] / obs-angle-addr
/// ```
///
/// ```
/// # use rfc5322::AddressList;
/// let list = AddressList::parse(br#"Bob (the cook) <"bob . x"@hamburger.edu>, alice @ crepes.fr (Alice)"#);
/// let [bob, alice] = list.mailboxes().collect::<Vec<_>>()[..] else { unreachable!() };
/// assert_eq!(bob.name().unwrap().unquoted(), b"Bob");
/// assert_eq!(bob.to_string(), r#""bob . x"@hamburger.edu"#);
/// assert_eq!(bob.comments().next().unwrap().raw, b"the cook");
/// assert_eq!(alice.to_string(), "alice@crepes.fr");
/// assert_eq!(alice.name(), None);
/// assert_eq!(alice.comments().next().unwrap().raw, b"Alice");
/// ```
#[derive(Clone, Copy)]
pub struct Mailbox<'a> {
    value: &'a [u8],
    spans: Spans,
}

impl<'a> Mailbox<'a> {
    pub(crate) const fn new(value: &'a [u8], spans: Spans) -> Self {
        Self { value, spans }
    }

    /// The display name, undecoded. One that stands in a comment behind the address, as it did before there were display
    /// names, is found among the [`comments`](Self::comments).
    pub fn name(&self) -> Option<Phrase<'a>> {
        let name = self.spans.name;
        (!name.is_empty()).then(|| Phrase::new(name.of(self.value), name.start as usize))
    }

    /// The part before the last `@`, in its shortest form: without comments, white space around dots and needless
    /// quotes; quoted where it holds what has to be quoted, so that it can be put in front of an `@` again. Empty if the
    /// address is missing.
    pub fn local_part(&self) -> Cow<'a, [u8]> {
        local_part(self.spans.local.of(self.value))
    }

    /// The part behind the last `@`, without comments and white space; a literal in its brackets. Empty if it is missing.
    pub fn domain(&self) -> Cow<'a, [u8]> {
        domain_meant(self.spans.domain.of(self.value))
    }

    /// The domain as text, `None` if it is not UTF-8.
    pub fn domain_text(&self) -> Option<Cow<'a, str>> {
        match self.domain() {
            Cow::Borrowed(domain) => core::str::from_utf8(domain).ok().map(Cow::Borrowed),
            Cow::Owned(domain) => alloc::string::String::from_utf8(domain).ok().map(Cow::Owned),
        }
    }

    /// Local part and domain with an `@` between; the local part alone if the domain is missing.
    pub fn address(&self) -> Cow<'a, [u8]> {
        let Spans { local, domain, .. } = self.spans;
        if local.end + 1 == domain.start && is_plain(local.of(self.value)) && is_plain(domain.of(self.value)) {
            return Cow::Borrowed(&self.value[local.start as usize..domain.end as usize]);
        }
        let mut address = self.local_part();
        if !domain.is_empty() {
            let address = address.to_mut();
            address.push(b'@');
            address.extend_from_slice(&self.domain());
        }
        address
    }

    /// The address for the wire.
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] if it is none there, the offset counted in [`address`](Self::address): it lacks a part, or is not
    /// ASCII.
    pub fn addr_spec(&self) -> Result<AddrSpec, SyntaxError> {
        AddrSpec::parse(&self.address())
    }

    /// The comments, in order, those in front of and behind the address included.
    pub const fn comments(&self) -> Comments<'a> {
        Comments::new(self.raw(), self.offset())
    }

    /// The comment behind an address that stands in no angle brackets: where names stood before there were display
    /// names, `bob@hamburger.edu (Bob)`.
    ///
    /// ```
    /// # use rfc5322::AddressList;
    /// let name = |value: &'static [u8]| {
    ///     let list = AddressList::parse(value);
    ///     list.first().unwrap().name_comment().map(|comment| comment.raw.to_owned())
    /// };
    /// assert_eq!(name(b"bob@hamburger.edu (Bob)").unwrap(), b"Bob");
    /// assert_eq!(name(b"<bob@hamburger.edu> (Bob)"), None);
    /// ```
    pub fn name_comment(&self) -> Option<CommentText<'a>> {
        let Spans { raw, local, domain, .. } = self.spans;
        let start = local.end.max(domain.end);
        let behind = Span {
            start,
            end: raw.end.max(start),
        };
        let text = behind.of(self.value);
        let first = text.iter().find(|&&octet| !is_space(octet));
        let comment = (first == Some(&b'(')).then(|| Comments::new(text, start as usize).next());
        comment.flatten()
    }

    /// The obsolete source route `@a,@b` in front of the address, which is to be ignored (RFC 5322 §4.4).
    pub fn route(&self) -> Option<&'a [u8]> {
        let route = self.spans.route;
        (!route.is_empty()).then(|| route.of(self.value))
    }

    /// The octets as they stand in the field, comments included.
    pub const fn raw(&self) -> &'a [u8] {
        self.spans.raw.of(self.value)
    }

    /// Octets of the field's value before the mailbox.
    pub const fn offset(&self) -> usize {
        self.spans.raw.start as usize
    }

    /// Whether both are the same mailbox: the domains are equal but for the case of ASCII letters, and the local parts
    /// are equal once needless quotes are taken off (RFC 5321 §4.1.2), with their case, whose meaning only the host of
    /// the mailbox knows (RFC 5321 §2.4). Names and comments do not count.
    pub fn is_same_mailbox(&self, other: &Mailbox<'_>) -> bool {
        self.local_part() == other.local_part() && self.domain().eq_ignore_ascii_case(&other.domain())
    }
}

/// Shows the address alone; what is not UTF-8 as U+FFFD, control characters escaped.
impl fmt::Display for Mailbox<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        show(&self.address(), f)
    }
}

/// Shows the octets as they stand in the field, escaped.
impl fmt::Debug for Mailbox<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Mailbox({:?} at {})", Escaped(self.raw()), self.offset())
    }
}

/// A group of mailboxes. Also stands in `From` and `Sender` (RFC 6854), often without members.
///
/// ```text
/// group      = display-name ":" [group-list] ";" [CFWS]     ; RFC 5322 §3.4
/// group-list = mailbox-list / CFWS / obs-group-list
/// ```
#[derive(Clone, Copy)]
pub struct Group<'a> {
    value: &'a [u8],
    spans: Spans,
    members: &'a [Entry],
}

impl<'a> Group<'a> {
    pub(crate) const fn new(value: &'a [u8], spans: Spans, members: &'a [Entry]) -> Self {
        Self { value, spans, members }
    }

    /// The name, undecoded. Empty if it is missing.
    pub const fn name(&self) -> Phrase<'a> {
        let name = self.spans.name;
        Phrase::new(name.of(self.value), name.start as usize)
    }

    /// The members, in order. Those of a group inside are members of the outer one.
    pub fn members(&self) -> Mailboxes<'a> {
        Mailboxes::new(self.value, self.members)
    }

    /// The octets as they stand in the field, from the name to the semicolon.
    pub const fn raw(&self) -> &'a [u8] {
        self.spans.raw.of(self.value)
    }

    /// Octets of the field's value before the group.
    pub const fn offset(&self) -> usize {
        self.spans.raw.start as usize
    }

    /// The comments, in order, those of the members included.
    pub const fn comments(&self) -> Comments<'a> {
        Comments::new(self.raw(), self.offset())
    }
}

/// Shows the octets as they stand in the field, escaped.
impl fmt::Debug for Group<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Group({:?} at {})", Escaped(self.raw()), self.offset())
    }
}

fn show(octets: &[u8], f: &mut fmt::Formatter<'_>) -> fmt::Result {
    for c in alloc::string::String::from_utf8_lossy(octets).chars() {
        match c {
            c if c.is_control() => write!(f, "{}", c.escape_default())?,
            c => fmt::Write::write_char(f, c)?,
        }
    }
    Ok(())
}

/// Octets of parts that need neither be quoted nor be taken apart.
pub(crate) const fn is_plain_octet(octet: u8) -> bool {
    is_atext(octet) || octet == b'.' || is_utf8_non_ascii(octet)
}

const PLAIN: [bool; 256] = {
    let mut plain = [false; 256];
    let mut octet = 0;
    while octet < 256 {
        plain[octet] = is_plain_octet(octet as u8);
        octet += 1;
    }
    plain
};

/// Whether there are such octets alone, and labels on both sides of each dot.
pub(crate) fn is_plain(part: &[u8]) -> bool {
    let mut before = b'.';
    for &octet in part {
        if !PLAIN[usize::from(octet)] || (octet == b'.' && before == b'.') {
            return false;
        }
        before = octet;
    }
    before != b'.'
}

/// The meaning of a local part, written as a dot-atom if it is one, as a quoted string otherwise.
pub(crate) fn local_part(raw: &[u8]) -> Cow<'_, [u8]> {
    if is_plain(raw) || raw.is_empty() {
        return Cow::Borrowed(raw);
    }
    let meant = words_of_local_part(raw);
    if is_plain(&meant) {
        return Cow::Owned(meant);
    }
    let mut quoted = Vec::with_capacity(meant.len() + 2);
    quoted.push(b'"');
    for octet in meant {
        if matches!(octet, b'"' | b'\\') {
            quoted.push(b'\\');
        }
        quoted.push(octet);
    }
    quoted.push(b'"');
    if quoted == raw {
        Cow::Borrowed(raw)
    } else {
        Cow::Owned(quoted)
    }
}

/// The words of a local part without quotes, comments and white space; one space stays between two words that have no
/// dot between them.
fn words_of_local_part(raw: &[u8]) -> Vec<u8> {
    let mut meant = Vec::with_capacity(raw.len());
    let mut spaced = false;
    let mut position = 0;
    while let Some(&octet) = raw.get(position) {
        let start = position;
        position += 1;
        let word = match octet {
            b'(' => {
                position = pass_comment(raw, start).0;
                spaced = true;
                continue;
            }
            octet if is_space(octet) => {
                spaced = true;
                continue;
            }
            b'"' => {
                let (end, closed) = pass_quoted(raw, start);
                position = end;
                remove_quoting(&raw[start + 1..end - usize::from(closed)])
            }
            b'\\' if position < raw.len() => {
                position += 1;
                Cow::Borrowed(&raw[start + 1..position])
            }
            _ => Cow::Borrowed(&raw[start..position]),
        };
        if spaced && !meant.is_empty() && octet != b'.' && meant.last() != Some(&b'.') {
            meant.push(b' ');
        }
        spaced = false;
        meant.extend_from_slice(&word);
    }
    meant
}

/// The meaning of a domain: without comments, white space and backslashes.
pub(crate) fn domain_meant(raw: &[u8]) -> Cow<'_, [u8]> {
    if !raw
        .iter()
        .any(|&octet| is_space(octet) || matches!(octet, b'(' | b'\\'))
    {
        return Cow::Borrowed(raw);
    }
    let in_literal = raw.first() == Some(&b'[');
    let mut meant = Vec::with_capacity(raw.len());
    let mut position = 0;
    while let Some(&octet) = raw.get(position) {
        match octet {
            b'(' if !in_literal => {
                position = pass_comment(raw, position).0;
                continue;
            }
            octet if is_space(octet) || octet == b'\\' => {}
            _ => meant.push(octet),
        }
        position += 1;
    }
    Cow::Owned(meant)
}
