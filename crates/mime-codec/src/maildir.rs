//! Names of the files in a Maildir: `unique:2,FLAGS`.
//!
//! What stands in front of the colon names the message for ever; what stands behind it says what its reader did with it.
//!
//! ```
//! use mime_codec::maildir::{Flag, MaildirName, Unique};
//!
//! let unique = Unique::new(1_057_049_557, 4711, "hamburger.edu").deliveries(3).size(2048);
//! assert_eq!(unique.to_string(), "1057049557.P4711Q3.hamburger.edu,S=2048");
//!
//! let mut name = MaildirName::parse(b"1057049557.P4711Q3.hamburger.edu,S=2048:2,RS").unwrap();
//! assert!(name.has(Flag::Seen) && name.size() == Some(2048));
//! name.set(Flag::Flagged, true);
//! assert_eq!(name.to_bytes(), b"1057049557.P4711Q3.hamburger.edu,S=2048:2,FRS");
//! ```

use std::borrow::Cow;
use std::fmt;

/// What a reader did with a message; the letters are those of the file's name.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
#[non_exhaustive]
pub enum Flag {
    /// `D`: not finished yet.
    Draft,
    /// `F`: marked by its reader.
    Flagged,
    /// `P`: resent, forwarded or bounced.
    Passed,
    /// `R`: answered.
    Replied,
    /// `S`: seen.
    Seen,
    /// `T`: to be deleted.
    Trashed,
}

impl Flag {
    /// All flags, in the order in which they are written.
    pub const ALL: [Self; 6] = [
        Self::Draft,
        Self::Flagged,
        Self::Passed,
        Self::Replied,
        Self::Seen,
        Self::Trashed,
    ];

    /// Its letter.
    pub const fn letter(self) -> u8 {
        match self {
            Self::Draft => b'D',
            Self::Flagged => b'F',
            Self::Passed => b'P',
            Self::Replied => b'R',
            Self::Seen => b'S',
            Self::Trashed => b'T',
        }
    }
}

/// A file's name, taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct MaildirName<'a> {
    unique: Cow<'a, [u8]>,
    separator: u8,
    info: Info<'a>,
}

/// What stands behind the separator.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
enum Info<'a> {
    /// Nothing, as in the folder `new`.
    None,
    /// `2,` and these letters: a bit each for `A` to `Z` and `a` to `z`.
    Flags(u64),
    /// Whatever else, such as the experimental `1,`.
    Other(Cow<'a, [u8]>),
}

impl<'a> MaildirName<'a> {
    /// Takes the name of a file apart, without any folder in front of it.
    ///
    /// The separator is a colon, or a semicolon or an exclamation mark on file systems that have no colons; it is written again as
    /// it was. `None` for names that are no message's: empty ones, those that begin with a dot and those with `/` or NUL.
    pub fn parse(name: &'a [u8]) -> Option<Self> {
        if !is_file_name(name) {
            return None;
        }
        let colon = memchr::memrchr(b':', name);
        let place = colon.or_else(|| windows_separator(name));
        let Some(place) = place.filter(|&place| place > 0) else {
            return Some(Self {
                unique: Cow::Borrowed(name),
                separator: b':',
                info: Info::None,
            });
        };
        let info = &name[place + 1..];
        let flags = info.strip_prefix(b"2,").and_then(letters);
        Some(Self {
            unique: Cow::Borrowed(&name[..place]),
            separator: name[place],
            info: flags.map_or(Info::Other(Cow::Borrowed(info)), Info::Flags),
        })
    }

    /// A message without flags.
    pub fn new(unique: &Unique) -> MaildirName<'static> {
        MaildirName {
            unique: Cow::Owned(unique.to_string().into_bytes()),
            separator: b':',
            info: Info::None,
        }
    }

    /// The same without a borrow.
    pub fn into_owned(self) -> MaildirName<'static> {
        MaildirName {
            unique: Cow::Owned(self.unique.into_owned()),
            separator: self.separator,
            info: match self.info {
                Info::None => Info::None,
                Info::Flags(flags) => Info::Flags(flags),
                Info::Other(info) => Info::Other(Cow::Owned(info.into_owned())),
            },
        }
    }

    /// What names the message: everything in front of the separator.
    pub fn unique(&self) -> &[u8] {
        &self.unique
    }

    /// Whether a flag is set.
    pub fn has(&self, flag: Flag) -> bool {
        self.has_letter(flag.letter())
    }

    /// Whether a letter is there. Lower-case letters stand for keywords, each program's own (Dovecot's, for one).
    pub fn has_letter(&self, letter: u8) -> bool {
        matches!(self.info, Info::Flags(flags) if bit(letter).is_some_and(|bit| flags & bit != 0))
    }

    /// The flags that are set, in the order of their letters.
    pub fn flags(&self) -> impl Iterator<Item = Flag> + '_ {
        Flag::ALL.into_iter().filter(|flag| self.has(*flag))
    }

    /// Sets or removes a flag; all other letters stay. Info that is none of flags (`1,`) is replaced when a flag is set.
    pub fn set(&mut self, flag: Flag, on: bool) {
        self.set_letter(flag.letter(), on);
    }

    /// Sets or removes any letter. Octets that are no ASCII letters are ignored.
    pub fn set_letter(&mut self, letter: u8, on: bool) {
        let Some(bit) = bit(letter) else {
            return;
        };
        self.info = match (&self.info, on) {
            (Info::Flags(flags), true) => Info::Flags(flags | bit),
            (Info::Flags(flags), false) => Info::Flags(flags & !bit),
            (_, true) => Info::Flags(bit),
            (_, false) => return,
        };
    }

    /// Info that does not begin with `2,`, such as the experimental `1,`.
    pub fn other_info(&self) -> Option<&[u8]> {
        match &self.info {
            Info::Other(info) => Some(info),
            _ => None,
        }
    }

    /// The size in octets of the file, if its name tells (`,S=`, of Maildir++).
    pub fn size(&self) -> Option<u64> {
        self.number(b"S=")
    }

    /// The size in octets with CRLF line ends, if its name tells (`,W=`, of Maildir++).
    pub fn crlf_size(&self) -> Option<u64> {
        self.number(b"W=")
    }

    fn number(&self, key: &[u8]) -> Option<u64> {
        let mut fields = self.unique.split(|&octet| octet == b',').skip(1);
        let digits = fields.find_map(|field| field.strip_prefix(key))?;
        if !digits.iter().all(u8::is_ascii_digit) {
            return None;
        }
        std::str::from_utf8(digits).ok()?.parse().ok()
    }

    /// The name to give to the file, with its letters in the order of ASCII. In the folder `cur` a name has `:2,` even without
    /// flags, which [`flagged`](Self::flagged) gives it.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut name = self.unique.to_vec();
        match &self.info {
            Info::None => {}
            Info::Flags(flags) => {
                name.extend_from_slice(&[self.separator, b'2', b',']);
                name.extend(
                    (0..64)
                        .filter(|place| flags >> place & 1 == 1)
                        .map(|place| b'A' + place),
                );
            }
            Info::Other(info) => {
                name.push(self.separator);
                name.extend_from_slice(info);
            }
        }
        name
    }

    /// The same name with flags, none of them set yet, as in the folder `cur`. What has flags keeps them.
    #[must_use]
    pub fn flagged(mut self) -> Self {
        if self.info == Info::None {
            self.info = Info::Flags(0);
        }
        self
    }
}

/// What makes a name unique: the time, the process, its deliveries, the host.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct Unique {
    seconds: u64,
    microseconds: Option<u32>,
    process: u32,
    deliveries: Option<u64>,
    host: String,
    size: Option<u64>,
    crlf_size: Option<u64>,
}

impl Unique {
    /// A name from seconds since 1970, the number of the process and the host's name. Two deliveries of one process in one second
    /// need [`deliveries`](Self::deliveries).
    pub fn new(seconds: u64, process: u32, host: &str) -> Self {
        Self {
            seconds,
            microseconds: None,
            process,
            deliveries: None,
            host: host.to_owned(),
            size: None,
            crlf_size: None,
        }
    }

    /// Microseconds of the time, below 1,000,000.
    #[must_use]
    pub fn microseconds(mut self, microseconds: u32) -> Self {
        self.microseconds = Some(microseconds);
        self
    }

    /// How many deliveries the process has made before.
    #[must_use]
    pub fn deliveries(mut self, deliveries: u64) -> Self {
        self.deliveries = Some(deliveries);
        self
    }

    /// The file's size in octets.
    #[must_use]
    pub fn size(mut self, octets: u64) -> Self {
        self.size = Some(octets);
        self
    }

    /// The size with CRLF line ends.
    #[must_use]
    pub fn crlf_size(mut self, octets: u64) -> Self {
        self.crlf_size = Some(octets);
        self
    }
}

/// The name. In the host's, `/` becomes `\057` and `:` becomes `\072`, and so do the other octets that would be read as something
/// else: control characters, spaces, `,`, `;`, `!` and `\`.
impl fmt::Display for Unique {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}.", self.seconds)?;
        if let Some(microseconds) = self.microseconds {
            write!(f, "M{microseconds}")?;
        }
        write!(f, "P{}", self.process)?;
        if let Some(deliveries) = self.deliveries {
            write!(f, "Q{deliveries}")?;
        }
        f.write_str(".")?;
        for character in self.host.chars() {
            match character {
                '/' | ':' | ',' | ';' | '!' | '\\' | '\0'..=' ' | '\x7f' => {
                    write!(f, "\\{:03o}", u32::from(character))?;
                }
                _ => write!(f, "{character}")?,
            }
        }
        if let Some(size) = self.size {
            write!(f, ",S={size}")?;
        }
        if let Some(size) = self.crlf_size {
            write!(f, ",W={size}")?;
        }
        Ok(())
    }
}

fn is_file_name(name: &[u8]) -> bool {
    !name.is_empty() && !name.starts_with(b".") && !name.contains(&b'/') && !name.contains(&0)
}

/// `;2,` or `!2,`: without the colon only these say that something is no part of the unique name.
fn windows_separator(name: &[u8]) -> Option<usize> {
    let is_separator = |place: &[u8]| matches!(place, [b';' | b'!', b'1' | b'2', b',']);
    name.windows(3).rposition(is_separator)
}

/// The letters as bits; `None` if there is anything else.
fn letters(letters: &[u8]) -> Option<u64> {
    letters.iter().try_fold(0, |flags, &letter| Some(flags | bit(letter)?))
}

fn bit(letter: u8) -> Option<u64> {
    letter.is_ascii_alphabetic().then(|| 1 << (letter - b'A'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_written_as_they_were() {
        for name in [
            "1.P1.a",
            "1.P1.a:2,",
            "1.P1.a:2,DFPRST",
            "1.P1.a:2,Sab",
            "1.P1.a;2,S",
            "1.P1.a!2,S",
            "1.P1.a:1,whatever",
            "1.P1.a:3,x",
            "1.P1.a:2,S?",
            "1.P1.a:",
            "1.P1.a;x",
            ":2,S",
            "cur:2,x:2,S",
        ] {
            let parsed = MaildirName::parse(name.as_bytes()).unwrap();
            assert_eq!(String::from_utf8(parsed.to_bytes()).unwrap(), name);
            assert_eq!(parsed.clone().into_owned(), parsed);
        }
        assert_eq!(MaildirName::parse(b"a:2,TSRab").unwrap().to_bytes(), b"a:2,RSTab");
        assert_eq!(MaildirName::parse(b"a:2,SS").unwrap().to_bytes(), b"a:2,S");
    }

    /// docs/threats.md row 21
    #[test]
    fn what_is_no_name() {
        for name in [&b""[..], b".", b"..", b".hidden", b"a/b", b"a\0:2,S"] {
            assert_eq!(MaildirName::parse(name), None);
        }
    }

    #[test]
    fn flags_come_and_go() {
        let mut name = MaildirName::parse(b"1.P1.a,S=12,W=14;2,Sx").unwrap();
        assert_eq!((name.size(), name.crlf_size()), (Some(12), Some(14)));
        name.set(Flag::Seen, false);
        name.set(Flag::Trashed, true);
        name.set(Flag::Draft, true);
        name.set_letter(b'?', true);
        assert_eq!(name.to_bytes(), b"1.P1.a,S=12,W=14;2,DTx");
        assert_eq!(name.flags().collect::<Vec<_>>(), [Flag::Draft, Flag::Trashed]);
        assert!(name.has_letter(b'x') && !name.has_letter(b'['));
        let mut other = MaildirName::parse(b"a:1,x").unwrap();
        assert_eq!(other.other_info(), Some(&b"1,x"[..]));
        other.set(Flag::Seen, false);
        assert_eq!(other.to_bytes(), b"a:1,x");
        other.set(Flag::Seen, true);
        assert_eq!(other.to_bytes(), b"a:2,S");
        assert_eq!(MaildirName::parse(b"a,S=+1").unwrap().size(), None);
        assert_eq!(MaildirName::parse(b"a").unwrap().flagged().to_bytes(), b"a:2,");
    }

    #[test]
    fn unique_names_are_one_file() {
        let unique = Unique::new(1, 2, "a/b:c,S=9;2,S\n")
            .microseconds(7)
            .size(5)
            .crlf_size(6);
        assert_eq!(
            unique.to_string(),
            "1.M7P2.a\\057b\\072c\\054S=9\\0732\\054S\\012,S=5,W=6"
        );
        let name = MaildirName::new(&unique);
        assert_eq!(name.size(), Some(5));
        let written = name.flagged().to_bytes();
        assert_eq!(
            MaildirName::parse(&written).unwrap().unique(),
            unique.to_string().as_bytes()
        );
    }
}
