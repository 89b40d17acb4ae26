//! APPEND and REPLACE piece by piece: a machine reads them so, since the messages in them may stream past.
//!
//! A command comes in fragments; each but the last ends with the announcement of a literal that streams, and the next begins behind
//! that literal's octets. Behind the command's head, [`AppendState::next`] reads one piece at a time:
//!
//! 1. [`AppendPiece::Message`] begins a message. If it has a [`Payload::Announced`], its octets come now, and the next piece is at the
//!    front of the next fragment.
//! 2. If it says CATENATE, [`AppendPiece::Part`]s follow, for which the same holds, and then [`AppendPiece::CatenateEnd`].
//! 3. [`AppendPiece::End`] stands at CRLF, which stays.
//!
//! After an error the state is as it was, so that a fragment which ends with a literal that cannot stream (a URL, an annotation) is
//! read again from where the last piece ended, when that literal is there.

use alloc::vec::Vec;

use crate::messages::append::{AppendData, AppendExtension, AppendMessage, CatenatePart};
use crate::syntax::reader::{Parse, Reader};
use crate::{DateTime, Flag, OneOrMore, Payload};

/// How far a command is read.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum AppendState {
    /// Behind the mailbox: the first message is next.
    Head(Messages),
    /// Inside `CATENATE (`: the first part is next.
    FirstPart(Messages),
    /// Behind a part.
    Parts(Messages),
    /// Behind the literal of `UTF8 (` in a part: the bracket that closes it is next.
    Utf8Part(Messages),
    /// Behind the literal of `UTF8 (`: the bracket that closes it is next.
    Utf8(Messages),
    /// Behind a message: another one, or the end.
    Behind(Messages),
}

/// How many messages a command has.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Messages {
    /// One: REPLACE.
    One,
    /// One or more: APPEND (RFC 3502).
    Many,
}

/// A piece of a command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AppendPiece<'a> {
    Message(AppendHead<'a>),
    Part(CatenatePart<'a>),
    CatenateEnd,
    End,
}

/// A message without its parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct AppendHead<'a> {
    pub(crate) flags: Vec<Flag<'a>>,
    pub(crate) date: Option<DateTime>,
    pub(crate) extensions: Vec<AppendExtension<'a>>,
    pub(crate) data: AppendStart<'a>,
}

/// What a message's data begins with.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) enum AppendStart<'a> {
    Literal(Payload<'a>),
    Literal8(Payload<'a>),
    Utf8(Payload<'a>),
    /// Its parts follow.
    Catenate,
    Extension(AppendExtension<'a>),
}

impl AppendState {
    /// Behind the mailbox.
    pub(crate) const fn new(messages: Messages) -> Self {
        Self::Head(messages)
    }

    /// The next piece.
    ///
    /// ```text
    /// append         = "APPEND" SP mailbox 1*append-message
    /// append-message = append-opts SP append-data
    /// ```
    pub(crate) fn next<'a>(&mut self, reader: &mut Reader<'a>) -> Parse<AppendPiece<'a>> {
        let state = match *self {
            Self::Utf8(messages) => {
                reader.close()?;
                Self::Behind(messages)
            }
            Self::Utf8Part(messages) => {
                reader.close()?;
                Self::Parts(messages)
            }
            state => state,
        };
        let (piece, next) = match state {
            Self::FirstPart(messages) => Self::part(messages, reader)?,
            Self::Parts(messages) if reader.clone().close().is_ok() => {
                reader.close()?;
                (AppendPiece::CatenateEnd, Self::Behind(messages))
            }
            Self::Parts(messages) => {
                reader.space()?;
                Self::part(messages, reader)?
            }
            Self::Behind(_) if reader.clone().end().is_ok() => (AppendPiece::End, state),
            Self::Behind(Messages::One) => return reader.expected("the end of the line"),
            Self::Head(messages) | Self::Behind(messages) | Self::Utf8(messages) | Self::Utf8Part(messages) => {
                Self::message(messages, reader)?
            }
        };
        *self = next;
        Ok(piece)
    }

    fn message<'a>(messages: Messages, reader: &mut Reader<'a>) -> Parse<(AppendPiece<'a>, Self)> {
        let head = AppendHead::read(reader)?;
        let next = match head.data {
            AppendStart::Utf8(_) => Self::Utf8(messages),
            AppendStart::Catenate => Self::FirstPart(messages),
            _ => Self::Behind(messages),
        };
        Ok((AppendPiece::Message(head), next))
    }

    fn part<'a>(messages: Messages, reader: &mut Reader<'a>) -> Parse<(AppendPiece<'a>, Self)> {
        let part = read_part(reader)?;
        let next = match part {
            CatenatePart::Utf8(_) => Self::Utf8Part(messages),
            _ => Self::Parts(messages),
        };
        Ok((AppendPiece::Part(part), next))
    }
}

impl<'a> AppendHead<'a> {
    /// ```text
    /// append-opts = [SP flag-list] [SP date-time] *(SP append-ext)
    /// append-ext  = append-ext-name SP append-ext-value
    /// append-data = literal / literal8 / append-data-ext
    /// ```
    /// Data of an extension is spelled as `append-ext` is; it is the last one before the next message or the end.
    fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.space()?;
        let mut flags = Vec::new();
        if reader.peek() == Some(b'(') {
            flags = Flag::read_list(reader)?;
            reader.space()?;
        }
        let mut date = None;
        if reader.peek() == Some(b'"') {
            date = Some(DateTime::read(reader)?);
            reader.space()?;
        }
        let mut extensions = Vec::new();
        loop {
            if let Some(data) = AppendStart::read(reader)? {
                return Ok(Self {
                    flags,
                    date,
                    extensions,
                    data,
                });
            }
            let extension = AppendExtension::read(reader)?;
            if begins_extension_or_data(reader) {
                reader.space()?;
                extensions.push(extension);
                continue;
            }
            let data = AppendStart::Extension(extension);
            return Ok(Self {
                flags,
                date,
                extensions,
                data,
            });
        }
    }
}

/// Whether the message goes on behind an extension: what begins another one is its flags or its date.
fn begins_extension_or_data(reader: &Reader<'_>) -> bool {
    let mut ahead = reader.clone();
    ahead.accept_space() && !matches!(ahead.peek(), None | Some(b'\r' | b'(' | b'"'))
}

impl<'a> AppendStart<'a> {
    /// ```text
    /// append-data  =  literal / literal8 / append-data-ext
    /// append-data  =/ "CATENATE" SP "(" cat-part *(SP cat-part) ")"
    /// append-data  =/ utf8-literal
    /// utf8-literal =  "UTF8" SP "(" literal8 ")"
    /// ```
    fn read(reader: &mut Reader<'a>) -> Parse<Option<Self>> {
        match reader.peek() {
            Some(b'{') => return reader.payload().map(Self::Literal).map(Some),
            Some(b'~') => return reader.payload().map(Self::Literal8).map(Some),
            _ => {}
        }
        let start = reader.offset();
        match reader.keyword().as_slice() {
            b"CATENATE" => {
                reader.space()?;
                reader.open()?;
                Ok(Some(Self::Catenate))
            }
            b"UTF8" => read_utf8(reader).map(Self::Utf8).map(Some),
            _ => {
                reader.rewind(start);
                Ok(None)
            }
        }
    }
}

/// `SP "(" literal8`, without the bracket that closes it.
fn read_utf8<'a>(reader: &mut Reader<'a>) -> Parse<Payload<'a>> {
    reader.space()?;
    reader.open()?;
    if reader.peek() != Some(b'~') {
        return reader.expected("a literal8");
    }
    reader.payload()
}

/// ```text
/// cat-part     =  text-literal / url
/// text-literal =  "TEXT" SP literal
/// url          =  "URL" SP astring
/// cat-part     =/ utf8-literal
/// ```
fn read_part<'a>(reader: &mut Reader<'a>) -> Parse<CatenatePart<'a>> {
    let start = reader.offset();
    match reader.keyword().as_slice() {
        b"URL" => {
            reader.space()?;
            reader.astring().map(CatenatePart::Url)
        }
        b"TEXT" => {
            reader.space()?;
            reader.payload().map(CatenatePart::Text)
        }
        b"UTF8" => read_utf8(reader).map(CatenatePart::Utf8),
        _ => {
            reader.rewind(start);
            reader.expected("TEXT, URL or UTF8")
        }
    }
}

/// All messages of a command whose literals are in place.
pub(crate) fn read_messages<'a>(messages: Messages, reader: &mut Reader<'a>) -> Parse<OneOrMore<AppendMessage<'a>>> {
    let mut state = AppendState::new(messages);
    let mut whole = Vec::new();
    let mut open: Option<(AppendHead<'a>, Vec<CatenatePart<'a>>)> = None;
    loop {
        match state.next(reader)? {
            AppendPiece::Message(head) if head.data == AppendStart::Catenate => open = Some((head, Vec::new())),
            AppendPiece::Message(head) => whole.push(head.with_parts(Vec::new())),
            AppendPiece::Part(part) => {
                if let Some((_, parts)) = &mut open {
                    parts.push(part);
                }
            }
            AppendPiece::CatenateEnd => whole.extend(open.take().map(|(head, parts)| head.with_parts(parts))),
            AppendPiece::End => return Ok(OneOrMore::checked(whole)),
        }
    }
}

impl<'a> AppendHead<'a> {
    /// The message; `parts` are those of CATENATE.
    fn with_parts(self, parts: Vec<CatenatePart<'a>>) -> AppendMessage<'a> {
        let data = match self.data {
            AppendStart::Literal(payload) => AppendData::Literal(payload),
            AppendStart::Literal8(payload) => AppendData::Literal8(payload),
            AppendStart::Utf8(payload) => AppendData::Utf8(payload),
            AppendStart::Catenate => AppendData::Catenate(OneOrMore::checked(parts)),
            AppendStart::Extension(extension) => AppendData::Extension(extension),
        };
        AppendMessage {
            flags: self.flags,
            date: self.date,
            extensions: self.extensions,
            data,
        }
    }
}
