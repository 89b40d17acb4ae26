//! Commands: what a client says.

use alloc::format;
use alloc::vec::Vec;

use mail_wire::octets;

use crate::apop::Digest;
use crate::auth::{self, Authenticate};
use crate::number::decimal;
use crate::{Expected, Keyword, LanguageRange, MessageNumber, Name, Password, SyntaxError, Transition};

/// A command with its arguments. Each argument went through a checked door, so that what [`encode`](Self::encode) writes
/// is one line and one command.
///
/// ```
/// # use pop3_proto::{Command, MessageNumber};
/// let two = MessageNumber::new(2).unwrap();
/// assert_eq!(Command::parse(b"top 2 10"), Ok(Command::Top(two, 10)));
/// let mut wire = Vec::new();
/// Command::Top(two, 10).encode(&mut wire);
/// assert_eq!(wire, b"TOP 2 10\r\n");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// `USER name`
    User(Name),
    /// `PASS string`
    Pass(Password),
    /// `APOP name digest`
    Apop(Name, Digest),
    /// `STAT`
    Stat,
    /// `LIST [msg]`
    List(Option<MessageNumber>),
    /// `RETR msg`
    Retr(MessageNumber),
    /// `DELE msg`
    Dele(MessageNumber),
    /// `NOOP`
    Noop,
    /// `RSET`
    Rset,
    /// `TOP msg n`: the header and `n` lines of the body.
    Top(MessageNumber, u32),
    /// `UIDL [msg]`
    Uidl(Option<MessageNumber>),
    /// `QUIT`
    Quit,
    /// `CAPA`
    Capa,
    /// `STLS`
    Stls,
    /// `AUTH [mechanism [initial-response]]`: without a mechanism, which ones there are. No RFC has that form; servers and
    /// clients have used it since before CAPA was there to tell.
    Auth(Option<Authenticate>),
    /// `UTF8`
    Utf8,
    /// `LANG [range]`: without a range, which languages there are.
    Lang(Option<LanguageRange>),
}

impl Command {
    /// Reads a command line without its CRLF (RFC 1939 §3, RFC 2449 §3).
    ///
    /// ```text
    /// command = keyword *(SP param) CRLF ;255 octets maximum
    /// keyword = 3*4VCHAR
    /// param   = 1*VCHAR
    /// ```
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] with the offset of the first octet that does not fit.
    pub fn parse(line: &[u8]) -> Result<Self, SyntaxError> {
        let (word, arguments) = Arguments::split(line);
        let keyword = Keyword::parse(word).ok_or(SyntaxError::new(0, Expected::Keyword))?;
        Self::parse_arguments(keyword, arguments)
    }

    /// Which command it is.
    pub const fn keyword(&self) -> Keyword {
        match self {
            Self::User(_) => Keyword::User,
            Self::Pass(_) => Keyword::Pass,
            Self::Apop(..) => Keyword::Apop,
            Self::Stat => Keyword::Stat,
            Self::List(_) => Keyword::List,
            Self::Retr(_) => Keyword::Retr,
            Self::Dele(_) => Keyword::Dele,
            Self::Noop => Keyword::Noop,
            Self::Rset => Keyword::Rset,
            Self::Top(..) => Keyword::Top,
            Self::Uidl(_) => Keyword::Uidl,
            Self::Quit => Keyword::Quit,
            Self::Capa => Keyword::Capa,
            Self::Stls => Keyword::Stls,
            Self::Auth(_) => Keyword::Auth,
            Self::Utf8 => Keyword::Utf8,
            Self::Lang(_) => Keyword::Lang,
        }
    }

    /// The step that it is when it is answered with `+OK`.
    pub const fn accepted(&self) -> Transition {
        match self {
            Self::Auth(None) => Transition::Listed,
            _ => Transition::Accepted(self.keyword()),
        }
    }

    /// The message that it is about.
    pub const fn message(&self) -> Option<MessageNumber> {
        match self {
            Self::List(number) | Self::Uidl(number) => *number,
            Self::Retr(number) | Self::Dele(number) | Self::Top(number, _) => Some(*number),
            _ => None,
        }
    }

    /// Appends the command and its CRLF: one line.
    pub fn encode(&self, wire: &mut Vec<u8>) {
        wire.extend_from_slice(self.keyword().as_str().as_bytes());
        match self {
            Self::User(name) => push(wire, name.as_str().as_bytes()),
            Self::Pass(password) => push(wire, password.secret().expose()),
            Self::Apop(name, digest) => {
                push(wire, name.as_str().as_bytes());
                push(wire, &digest.to_hex());
            }
            Self::List(Some(number)) | Self::Uidl(Some(number)) => push_number(wire, number.as_u32()),
            Self::Retr(number) | Self::Dele(number) => push_number(wire, number.as_u32()),
            Self::Top(number, lines) => {
                push_number(wire, number.as_u32());
                push_number(wire, *lines);
            }
            Self::Auth(Some(auth)) => {
                wire.push(b' ');
                auth.encode(wire);
            }
            Self::Lang(Some(range)) => push(wire, format!("{range}").as_bytes()),
            Self::Stat | Self::List(None) | Self::Noop | Self::Rset => {}
            Self::Uidl(None) | Self::Quit | Self::Capa | Self::Stls => {}
            Self::Auth(None) | Self::Utf8 | Self::Lang(None) => {}
        }
        wire.extend_from_slice(b"\r\n");
    }

    fn parse_arguments(keyword: Keyword, mut arguments: Arguments<'_>) -> Result<Self, SyntaxError> {
        let command = match keyword {
            // The one argument may hold spaces (RFC 1939 §7).
            Keyword::Pass => {
                let rest = arguments.rest()?;
                let password = Password::new(rest.octets.into());
                return password.map(Self::Pass).map_err(|error| error.behind(rest.offset));
            }
            Keyword::User => Self::User(arguments.required(Name::parse)?),
            Keyword::Apop => Self::Apop(arguments.required(Name::parse)?, arguments.required(Digest::parse)?),
            Keyword::List => Self::List(arguments.optional(MessageNumber::parse)?),
            Keyword::Uidl => Self::Uidl(arguments.optional(MessageNumber::parse)?),
            Keyword::Retr => Self::Retr(arguments.required(MessageNumber::parse)?),
            Keyword::Dele => Self::Dele(arguments.required(MessageNumber::parse)?),
            Keyword::Top => Self::Top(arguments.required(MessageNumber::parse)?, arguments.required(lines)?),
            Keyword::Stat => Self::Stat,
            Keyword::Noop => Self::Noop,
            Keyword::Rset => Self::Rset,
            Keyword::Quit => Self::Quit,
            Keyword::Capa => Self::Capa,
            Keyword::Stls => Self::Stls,
            Keyword::Auth => Self::Auth(match arguments.optional(auth::mechanism)? {
                None => None,
                Some(mechanism) => Some(Authenticate {
                    mechanism,
                    initial_response: arguments.optional(auth::initial_response)?,
                }),
            }),
            Keyword::Utf8 => Self::Utf8,
            Keyword::Lang => Self::Lang(arguments.optional(LanguageRange::parse)?),
        };
        arguments.end()?;
        Ok(command)
    }
}

/// A non-negative number of lines. More than there can be means all (RFC 1939 §7).
fn lines(octets: &[u8]) -> Result<u32, SyntaxError> {
    Ok(u32::try_from(decimal(octets, Expected::Number)?).unwrap_or(u32::MAX))
}

fn push(wire: &mut Vec<u8>, argument: &[u8]) {
    wire.push(b' ');
    wire.extend_from_slice(argument);
}

fn push_number(wire: &mut Vec<u8>, number: u32) {
    push(wire, format!("{number}").as_bytes());
}

/// What is left of a command line behind its keyword.
#[derive(Clone, Copy)]
struct Arguments<'a> {
    octets: &'a [u8],
    offset: usize,
}

impl<'a> Arguments<'a> {
    /// The keyword, and what follows it.
    fn split(line: &'a [u8]) -> (&'a [u8], Self) {
        let offset = line.iter().position(|&octet| octet == b' ').unwrap_or(line.len());
        let (word, octets) = line.split_at(offset);
        (word, Self { octets, offset })
    }

    /// Everything behind the space.
    fn rest(self) -> Result<Self, SyntaxError> {
        match self.octets {
            [b' ', octets @ ..] => Ok(Self {
                octets,
                offset: self.offset + 1,
            }),
            _ => Err(SyntaxError::new(self.offset, Expected::Argument)),
        }
    }

    fn required<T>(&mut self, parse: fn(&[u8]) -> Result<T, SyntaxError>) -> Result<T, SyntaxError> {
        let rest = self.rest()?;
        let (word, behind) = Self::split(rest.octets);
        let value = parse(word).map_err(|error| error.behind(rest.offset))?;
        *self = Self {
            octets: behind.octets,
            offset: rest.offset + behind.offset,
        };
        Ok(value)
    }

    fn optional<T>(&mut self, parse: fn(&[u8]) -> Result<T, SyntaxError>) -> Result<Option<T>, SyntaxError> {
        if self.octets.is_empty() {
            return Ok(None);
        }
        self.required(parse).map(Some)
    }

    const fn end(self) -> Result<(), SyntaxError> {
        if self.octets.is_empty() {
            return Ok(());
        }
        Err(SyntaxError::new(self.offset, Expected::End))
    }
}

/// Takes the spaces away that people type: in front, behind, and more than one between words. A password keeps its own.
pub(crate) fn tidy(line: &[u8]) -> Vec<u8> {
    let line = line.trim_ascii_start();
    if line.len() > 4 && Keyword::parse(&line[..4]) == Some(Keyword::Pass) {
        return line.to_vec();
    }
    let mut tidied = Vec::with_capacity(line.len());
    for word in line
        .split(|&octet| octets::is_wsp(octet))
        .filter(|word| !word.is_empty())
    {
        if !tidied.is_empty() {
            tidied.push(b' ');
        }
        tidied.extend_from_slice(word);
    }
    tidied
}
