//! The pen that all of the grammar writes with: it spells strings as the peer can read them and marks where writing must
//! pause.

use alloc::vec::Vec;

use bytes::BufMut;

use crate::syntax::class::{is_astring_char, is_quoted_char};
use crate::syntax::scan;
use crate::{AString, Octets, Payload};

/// How strings are spelled.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Spelling {
    /// Which literals are written.
    pub literals: Literals,
    /// Whether UTF-8 may stand in quoted strings and mailbox names: behind ENABLE UTF8=ACCEPT or IMAP4rev2 (RFC 6855 §3, RFC 9051 §5.1).
    pub utf8: bool,
}

/// Which form of literal is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Literals {
    /// `{n}`, and the writer waits for the server's `+` (a client without more).
    Synchronizing,
    /// `{n+}` for each length (LITERAL+, RFC 7888 §4).
    Plus,
    /// `{n+}` up to 4096 octets, `{n}` above (LITERAL-, RFC 7888 §5).
    Minus,
    /// `{n}` without a wait (a server).
    Unacknowledged,
}

impl Spelling {
    /// What any server understands from a client.
    pub const CLIENT: Self = Self {
        literals: Literals::Synchronizing,
        utf8: false,
    };

    /// What any client understands from a server.
    pub const SERVER: Self = Self {
        literals: Literals::Unacknowledged,
        utf8: false,
    };
}

/// Where writing must pause.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Pause {
    /// Octets that are written before it.
    pub offset: usize,
    /// What must happen there.
    pub until: Until,
}

/// What a [`Pause`] waits for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Until {
    /// The server's `+` (RFC 9051 §4.3).
    GoAhead,
    /// The caller has written a literal of so many octets, which is not among the octets that were encoded.
    Body(u64),
}

/// Writes one command or response.
pub(crate) struct Writer<'b> {
    out: &'b mut dyn BufMut,
    spelling: Spelling,
    /// Octets that `out` was given.
    given: usize,
    pauses: Vec<Pause>,
    /// What `out` is given next: a call for each word would cost more than the words.
    buffer: [u8; BUFFER],
    buffered: usize,
}

impl<'b> Writer<'b> {
    pub(crate) const fn new(out: &'b mut dyn BufMut, spelling: Spelling) -> Self {
        Self {
            out,
            spelling,
            given: 0,
            pauses: Vec::new(),
            buffer: [0; BUFFER],
            buffered: 0,
        }
    }

    pub(crate) const fn spelling(&self) -> Spelling {
        self.spelling
    }

    /// Where writing must pause.
    pub(crate) fn finish(mut self) -> Vec<Pause> {
        core::mem::take(&mut self.pauses)
    }

    /// Octets as they are.
    #[inline]
    pub(crate) fn raw(&mut self, octets: &[u8]) {
        match self.room(octets.len()) {
            Some(room) => room.copy_from_slice(octets),
            None => self.raw_behind(octets),
        }
    }

    /// The next `octets` of the buffer, which are to be filled. `None` where there are not as many.
    #[inline]
    fn room(&mut self, octets: usize) -> Option<&mut [u8]> {
        let room = self.buffer.get_mut(self.buffered..)?.get_mut(..octets)?;
        self.buffered += octets;
        Some(room)
    }

    /// The same, behind what is buffered, which leaves no room for it.
    #[cold]
    fn raw_behind(&mut self, octets: &[u8]) {
        self.flush();
        match self.room(octets.len()) {
            Some(room) => room.copy_from_slice(octets),
            None => {
                self.out.put_slice(octets);
                self.given += octets.len();
            }
        }
    }

    fn flush(&mut self) {
        // Taken first: where `out` panics, there is nothing left to drop.
        let octets = core::mem::take(&mut self.buffered);
        self.out.put_slice(&self.buffer[..octets]);
        self.given += octets;
    }

    /// A keyword, a bracket, a space.
    #[inline]
    pub(crate) fn text(&mut self, text: &str) {
        self.raw(text.as_bytes());
    }

    #[inline]
    pub(crate) fn space(&mut self) {
        self.raw(b" ");
    }

    pub(crate) fn crlf(&mut self) {
        self.raw(b"\r\n");
    }

    pub(crate) fn number(&mut self, number: impl itoa::Integer) {
        self.text(itoa::Buffer::new().format(number));
    }

    /// `number64`: what exceeds its 63 bits is written as the largest.
    pub(crate) fn number64(&mut self, number: u64) {
        self.number(number.min(i64::MAX as u64));
    }

    /// `item *(SP item)`
    pub(crate) fn separated<T>(&mut self, items: impl IntoIterator<Item = T>, mut item: impl FnMut(&mut Self, T)) {
        for (i, each) in items.into_iter().enumerate() {
            if i > 0 {
                self.space();
            }
            item(self, each);
        }
    }

    /// `"(" [item *(SP item)] ")"`
    pub(crate) fn list<T>(&mut self, items: impl IntoIterator<Item = T>, item: impl FnMut(&mut Self, T)) {
        self.raw(b"(");
        self.separated(items, item);
        self.raw(b")");
    }

    /// `astring`: an atom where that can be, except for `NIL`, and for what begins with `]`: where it follows a space, lenient readers
    /// take it for an end.
    pub(crate) fn astring(&mut self, string: &AString<'_>) {
        let octets = string.as_bytes();
        let is_atom =
            octets.first().is_some_and(|&first| first != b']') && octets.iter().all(|&octet| is_astring_char(octet));
        if is_atom && !octets.eq_ignore_ascii_case(b"NIL") {
            return self.raw(octets);
        }
        self.string(octets);
    }

    /// `string`: quoted where that can be.
    pub(crate) fn string(&mut self, octets: &[u8]) {
        if octets.len() <= LONGEST_QUOTED && scan::plain(octets) == octets.len() {
            self.raw(b"\"");
            self.raw(octets);
            return self.raw(b"\"");
        }
        if self.can_quote(octets) {
            return self.quoted(octets);
        }
        self.literal(octets);
    }

    /// `nstring`
    #[inline]
    pub(crate) fn nstring(&mut self, octets: Option<&Octets<'_>>) {
        match octets {
            Some(octets) => self.string(octets.as_bytes()),
            None => self.text("NIL"),
        }
    }

    fn can_quote(&self, octets: &[u8]) -> bool {
        let quotable = |&octet: &u8| is_quoted_char(octet) || matches!(octet, b'"' | b'\\') || octet >= 0x80;
        octets.len() <= LONGEST_QUOTED
            && octets.iter().all(quotable)
            && (octets.is_ascii() || self.spelling.utf8 && core::str::from_utf8(octets).is_ok())
    }

    /// `quoted`, of octets that need no literal.
    pub(crate) fn quoted(&mut self, octets: &[u8]) {
        self.raw(b"\"");
        for piece in octets.split_inclusive(|&octet| matches!(octet, b'"' | b'\\')) {
            match piece {
                [plain @ .., special @ (b'"' | b'\\')] => {
                    self.raw(plain);
                    self.raw(&[b'\\', *special]);
                }
                plain => self.raw(plain),
            }
        }
        self.raw(b"\"");
    }

    /// `literal`, or literal8 where there is a NUL.
    pub(crate) fn literal(&mut self, octets: &[u8]) {
        if memchr::memchr(0, octets).is_some() {
            self.raw(b"~");
        }
        self.same_literal(octets);
    }

    /// `literal`, even where there is a NUL: for what is written as it came.
    pub(crate) fn same_literal(&mut self, octets: &[u8]) {
        self.literal_head(octets.len() as u64);
        self.raw(octets);
    }

    /// `literal8 = "~{" number64 ["+"] "}" CRLF *OCTET` (RFC 3516 §7)
    pub(crate) fn literal8(&mut self, octets: &[u8]) {
        self.raw(b"~");
        self.literal_head(octets.len() as u64);
        self.raw(octets);
    }

    /// A literal whose octets may be written by the caller.
    pub(crate) fn payload(&mut self, payload: &Payload<'_>) {
        match payload {
            Payload::Held(octets) => self.literal(octets),
            Payload::Announced(len) => self.announced(*len),
        }
    }

    /// The same as literal8.
    pub(crate) fn payload8(&mut self, payload: &Payload<'_>) {
        match payload {
            Payload::Held(octets) => self.literal8(octets),
            Payload::Announced(len) => {
                self.raw(b"~");
                self.announced(*len);
            }
        }
    }

    fn announced(&mut self, len: u64) {
        self.literal_head(len);
        self.pause(Until::Body(len));
    }

    fn literal_head(&mut self, len: u64) {
        let waits = match self.spelling.literals {
            Literals::Synchronizing => true,
            Literals::Minus => len > LITERAL_MINUS,
            Literals::Plus | Literals::Unacknowledged => false,
        };
        self.raw(b"{");
        self.number(len);
        if !waits && self.spelling.literals != Literals::Unacknowledged {
            self.raw(b"+");
        }
        self.raw(b"}\r\n");
        if waits {
            self.pause(Until::GoAhead);
        }
    }

    fn pause(&mut self, until: Until) {
        let offset = self.given + self.buffered;
        self.pauses.push(Pause { offset, until });
    }
}

impl Drop for Writer<'_> {
    fn drop(&mut self) {
        self.flush();
    }
}

/// Octets that are given at once.
const BUFFER: usize = 512;

/// Octets of the longest literal that LITERAL- lets go without a wait (RFC 7888 §5).
const LITERAL_MINUS: u64 = 4096;

/// Longer strings are literals, which no reader has to scan for their end.
const LONGEST_QUOTED: usize = 1024;
