//! TNEF, the format of `winmail.dat`: a message of Outlook's with its attachments, as MS-OXTNEF has it.
//!
//! ```text
//! signature 78 9F 3E 22, key (2 octets), then attributes:
//! level (1), id and type (4), length (4), data, checksum (2), all numbers little-endian
//! ```
//!
//! One pass, no recursion, nothing copied but names in UTF-16. A message inside the message is handed out as the octets that it
//! is, which are TNEF again.
//!
//! ```
//! use mime_codec::tnef::{AttachMethod, Tnef};
//!
//! let winmail = b"\x78\x9f\x3e\x22\x01\x00\
//!     \x02\x02\x90\x06\x00\x00\x00\x00\x00\x00\x00\
//!     \x02\x10\x80\x01\x00\x08\x00\x00\x00cat.txt\0\xc6\x02\
//!     \x02\x0f\x80\x06\x00\x04\x00\x00\x00Meow\x98\x01";
//! let tnef = Tnef::parse(winmail);
//! let cat = &tnef.attachments[0];
//! assert_eq!(cat.file_name().unwrap().to_text(), "cat.txt");
//! assert_eq!(cat.data, b"Meow");
//! assert_eq!(cat.method, AttachMethod::ByValue);
//! assert!(tnef.defects.is_empty());
//! ```

mod properties;
mod rtf;

use std::borrow::Cow;

pub use rtf::decompress_rtf;

use crate::faults::Faults;
use crate::{Defect, DefectKind};
use properties::{Properties, Property};

/// How many attachments are read: 10,000.
pub const MAX_ATTACHMENTS: usize = 10_000;

/// A message in TNEF. What the sender did not say is `None`.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Tnef<'a> {
    /// What kind of message it is, such as `IPM.Microsoft Mail.Note`.
    pub message_class: Option<Text<'a>>,
    /// The subject.
    pub subject: Option<Text<'a>>,
    /// The body as plain text.
    pub body: Option<Text<'a>>,
    /// The body as HTML, in the charset that it says itself.
    pub html: Option<&'a [u8]>,
    /// The body as compressed RTF, for [`decompress_rtf`].
    pub compressed_rtf: Option<&'a [u8]>,
    /// The Windows code page of [`Text::Octets`].
    pub code_page: Option<u32>,
    /// The attachments, in their order.
    pub attachments: Vec<Attachment<'a>>,
    /// The first [`MAX_LOCATED`](crate::transfer::MAX_LOCATED) defects.
    pub defects: Vec<Defect>,
    /// How many defects there are.
    pub defect_count: usize,
}

/// An attachment in TNEF.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
#[non_exhaustive]
pub struct Attachment<'a> {
    /// The short name (`attAttachTitle`).
    pub title: Option<Text<'a>>,
    /// The long name (PidTagAttachLongFilename).
    pub long_file_name: Option<Text<'a>>,
    /// The media type (PidTagAttachMimeTag).
    pub mime_tag: Option<Text<'a>>,
    /// The Content-ID without angle brackets, by which HTML refers to it (PidTagAttachContentId).
    pub content_id: Option<Text<'a>>,
    /// What the data are (PidTagAttachMethod).
    pub method: AttachMethod,
    /// The data: a file, a message in TNEF, or an OLE object.
    pub data: &'a [u8],
}

/// What the data of an attachment are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default)]
#[non_exhaustive]
pub enum AttachMethod {
    /// A file.
    #[default]
    ByValue,
    /// A message in TNEF.
    EmbeddedMessage,
    /// An OLE object.
    Ole,
    /// Something else, by its number: references to files, for most.
    Other(u32),
}

/// Text in one of the two ways of TNEF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Text<'a> {
    /// Octets in the message's [code page](Tnef::code_page).
    Octets(&'a [u8]),
    /// Text that was UTF-16; what is no character in it became U+FFFD.
    Unicode(String),
}

impl Text<'_> {
    /// The text, octets taken as UTF-8. Decode [`Text::Octets`] with the code page where that is known.
    pub fn to_text(&self) -> Cow<'_, str> {
        match self {
            Self::Octets(octets) => String::from_utf8_lossy(octets),
            Self::Unicode(text) => Cow::Borrowed(text),
        }
    }
}

impl<'a> Attachment<'a> {
    /// The long name, or else the short one. It is the sender's text and no path to write to.
    pub fn file_name(&self) -> Option<&Text<'a>> {
        self.long_file_name.as_ref().or(self.title.as_ref())
    }

    fn set_property(&mut self, property: &Property<'a>) {
        match property.id {
            ATTACH_DATA => self.data = property.object_data(),
            ATTACH_METHOD => self.method = property.number().map_or(self.method, AttachMethod::from_number),
            ATTACH_LONG_FILENAME => replace(&mut self.long_file_name, property.text()),
            ATTACH_MIME_TAG => replace(&mut self.mime_tag, property.text()),
            ATTACH_CONTENT_ID => replace(&mut self.content_id, property.text()),
            ATTACH_FILENAME | DISPLAY_NAME if self.title.is_none() => self.title = property.text(),
            _ => {}
        }
    }
}

impl AttachMethod {
    fn from_number(number: u32) -> Self {
        match number {
            1 => Self::ByValue,
            5 => Self::EmbeddedMessage,
            6 => Self::Ole,
            _ => Self::Other(number),
        }
    }
}

impl<'a> Tnef<'a> {
    /// Reads what can be read. Offsets of defects count from the start of `input`.
    pub fn parse(input: &'a [u8]) -> Self {
        let mut tnef = Self::default();
        let mut faults = Faults::default();
        if !input.starts_with(&SIGNATURE) {
            faults.record(0, DefectKind::TnefSignature);
        } else {
            tnef.attributes(input, &mut faults);
        }
        (tnef.defects, tnef.defect_count) = faults.into_parts();
        tnef
    }

    fn attributes(&mut self, input: &'a [u8], faults: &mut Faults) {
        let mut at = HEADER;
        while at < input.len() {
            let Some(attribute) = Attribute::read(input, at) else {
                return faults.record(at, DefectKind::TnefTruncated);
            };
            if !matches!(attribute.level, MESSAGE | ATTACHMENT) {
                return faults.record(at, DefectKind::TnefLevel);
            }
            match attribute.checksum {
                None => faults.record(at, DefectKind::TnefTruncated),
                Some(said) if said != checksum(attribute.data) => faults.record(at, DefectKind::TnefChecksum),
                Some(_) => {}
            }
            self.attribute(&attribute, at + ATTRIBUTE, faults);
            if self.attachments.len() > MAX_ATTACHMENTS {
                self.attachments.pop();
                return faults.record(at, DefectKind::TnefAttachments);
            }
            at += ATTRIBUTE + attribute.data.len() + 2;
        }
    }

    fn attribute(&mut self, attribute: &Attribute<'a>, offset: usize, faults: &mut Faults) {
        let text = || Some(Text::Octets(until_nul(attribute.data)));
        if attribute.level == ATTACHMENT {
            if attribute.id == ATT_ATTACH_RENDDATA || self.attachments.is_empty() {
                self.attachments.push(Attachment::default());
            }
            let Some(last) = self.attachments.last_mut() else {
                return;
            };
            match attribute.id {
                ATT_ATTACH_TITLE => last.title = text(),
                ATT_ATTACH_DATA => last.data = attribute.data,
                ATT_ATTACHMENT => Properties::new(attribute.data, offset, faults).for_each(|it| last.set_property(&it)),
                _ => {}
            }
            return;
        }
        match attribute.id {
            ATT_MESSAGE_CLASS => self.message_class = text(),
            ATT_SUBJECT => self.subject = text(),
            ATT_BODY => self.body = text(),
            ATT_OEM_CODE_PAGE => self.code_page = attribute.data.first_chunk().map(|page| u32::from_le_bytes(*page)),
            ATT_MSG_PROPS => Properties::new(attribute.data, offset, faults).for_each(|it| self.set_property(&it)),
            _ => {}
        }
    }

    fn set_property(&mut self, property: &Property<'a>) {
        match property.id {
            MESSAGE_CLASS if self.message_class.is_none() => self.message_class = property.text(),
            SUBJECT => replace(&mut self.subject, property.text()),
            BODY => replace(&mut self.body, property.text()),
            BODY_HTML => replace(&mut self.html, property.octets()),
            RTF_COMPRESSED => replace(&mut self.compressed_rtf, property.octets()),
            _ => {}
        }
    }
}

/// An attribute, as far as it is there.
struct Attribute<'a> {
    level: u8,
    /// The lower half of the identifier; the upper half is a type that says nothing new.
    id: u16,
    data: &'a [u8],
    /// `None` when the octets end before it.
    checksum: Option<u16>,
}

impl<'a> Attribute<'a> {
    fn read(input: &'a [u8], at: usize) -> Option<Self> {
        let [level, id, id_high, _, _, length @ ..] = *input.get(at..)?.first_chunk::<ATTRIBUTE>()?;
        let rest = &input[at + ATTRIBUTE..];
        let length = usize::try_from(u32::from_le_bytes(length)).unwrap_or(usize::MAX);
        let data = &rest[..rest.len().min(length)];
        let checksum = rest[data.len()..].first_chunk().map(|sum| u16::from_le_bytes(*sum));
        Some(Self {
            level,
            id: u16::from_le_bytes([id, id_high]),
            data,
            checksum: checksum.filter(|_| data.len() == length),
        })
    }
}

/// The sum of the octets.
fn checksum(data: &[u8]) -> u16 {
    data.iter()
        .fold(0, |sum: u16, &octet| sum.wrapping_add(u16::from(octet)))
}

/// Texts end in NUL.
fn until_nul(text: &[u8]) -> &[u8] {
    let end = memchr::memchr(0, text).unwrap_or(text.len());
    &text[..end]
}

/// What is there wins over what is not.
fn replace<T>(value: &mut Option<T>, new: Option<T>) {
    if new.is_some() {
        *value = new;
    }
}

const SIGNATURE: [u8; 4] = 0x223e_9f78_u32.to_le_bytes();
/// Octets of signature and key.
const HEADER: usize = 6;
/// Octets of an attribute in front of its data.
const ATTRIBUTE: usize = 9;

const MESSAGE: u8 = 1;
const ATTACHMENT: u8 = 2;

const ATT_SUBJECT: u16 = 0x8004;
const ATT_MESSAGE_CLASS: u16 = 0x8008;
const ATT_BODY: u16 = 0x800c;
const ATT_ATTACH_DATA: u16 = 0x800f;
const ATT_ATTACH_TITLE: u16 = 0x8010;
const ATT_ATTACH_RENDDATA: u16 = 0x9002;
const ATT_MSG_PROPS: u16 = 0x9003;
const ATT_ATTACHMENT: u16 = 0x9005;
const ATT_OEM_CODE_PAGE: u16 = 0x9007;

const MESSAGE_CLASS: u16 = 0x001a;
const SUBJECT: u16 = 0x0037;
const BODY: u16 = 0x1000;
const RTF_COMPRESSED: u16 = 0x1009;
const BODY_HTML: u16 = 0x1013;
const DISPLAY_NAME: u16 = 0x3001;
const ATTACH_DATA: u16 = 0x3701;
const ATTACH_FILENAME: u16 = 0x3704;
const ATTACH_METHOD: u16 = 0x3705;
const ATTACH_LONG_FILENAME: u16 = 0x3707;
const ATTACH_MIME_TAG: u16 = 0x370e;
const ATTACH_CONTENT_ID: u16 = 0x3712;
