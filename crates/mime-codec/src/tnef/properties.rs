//! Lists of MAPI properties.
//!
//! ```text
//! number (4), then properties: type (2), id (2), [name, for ids from 8000 on], value
//! value = as many octets as the type has, padded to 4
//!       / number of values (4), then for each: length (4), octets, padded to 4
//! ```

use super::{Text, until_nul};
use crate::DefectKind;
use crate::faults::Faults;

/// A property with its first value.
pub(super) struct Property<'a> {
    pub(super) id: u16,
    kind: u16,
    value: &'a [u8],
}

impl<'a> Property<'a> {
    pub(super) fn number(&self) -> Option<u32> {
        let number = *self.value.first_chunk()?;
        (self.kind == LONG).then(|| u32::from_le_bytes(number))
    }

    pub(super) fn text(&self) -> Option<Text<'a>> {
        match self.kind {
            STRING => Some(Text::Octets(until_nul(self.value))),
            UNICODE => {
                let units = self
                    .value
                    .chunks_exact(2)
                    .map(|unit| u16::from_le_bytes([unit[0], unit[1]]));
                let characters = char::decode_utf16(units.take_while(|&unit| unit != 0));
                let text = characters.map(|character| character.unwrap_or(char::REPLACEMENT_CHARACTER));
                Some(Text::Unicode(text.collect()))
            }
            _ => None,
        }
    }

    pub(super) fn octets(&self) -> Option<&'a [u8]> {
        matches!(self.kind, BINARY | STRING).then_some(self.value)
    }

    /// Data, without the interface identifier that stands in front of an object.
    pub(super) fn object_data(&self) -> &'a [u8] {
        match self.kind {
            OBJECT => self.value.get(GUID..).unwrap_or_default(),
            _ => self.value,
        }
    }
}

/// Reads a list from its start.
pub(super) struct Properties<'a, 'f> {
    data: &'a [u8],
    at: usize,
    left: u32,
    offset: usize,
    faults: &'f mut Faults,
}

impl<'a, 'f> Properties<'a, 'f> {
    /// The list in `data`, which begins `offset` octets behind the start of the message.
    pub(super) fn new(data: &'a [u8], offset: usize, faults: &'f mut Faults) -> Self {
        let mut list = Self {
            data,
            at: 0,
            left: 0,
            offset,
            faults,
        };
        match list.long() {
            Some(left) => list.left = left,
            None => list.faults.record(offset, DefectKind::TnefProperty),
        }
        list
    }

    fn property(&mut self) -> Option<Property<'a>> {
        let tag = self.long()?;
        let [kind_low, kind_high, id @ ..] = tag.to_le_bytes();
        let kind = u16::from_le_bytes([kind_low, kind_high]);
        let id = u16::from_le_bytes(id);
        if id >= FIRST_NAMED {
            self.name()?;
        }
        let value = self.values(kind)?;
        Some(Property {
            id,
            kind: kind & !MULTIPLE,
            value,
        })
    }

    /// A name, which is passed over: a set of names, then a number or text.
    fn name(&mut self) -> Option<()> {
        self.take(GUID)?;
        match self.long()? {
            0 => self.long().map(|_| ()),
            _ => self.counted().map(|_| ()),
        }
    }

    /// All values are passed, the first is kept.
    fn values(&mut self, kind: u16) -> Option<&'a [u8]> {
        let fixed = width(kind & !MULTIPLE)?;
        let count = match (kind & MULTIPLE, fixed) {
            (0, Some(_)) => 1,
            _ => self.long()?,
        };
        let mut first: Option<&'a [u8]> = None;
        for _ in 0..count {
            // Values of no octets are not counted one by one.
            let value = match fixed {
                Some(0) => break,
                Some(width) => self.take(width)?,
                None => self.counted()?,
            };
            first = first.or(Some(value));
        }
        Some(first.unwrap_or_default())
    }

    fn counted(&mut self) -> Option<&'a [u8]> {
        let length = usize::try_from(self.long()?).ok()?;
        let value = self.take(length)?;
        // Padding may be missing at the very end.
        self.at = (self.at.next_multiple_of(4)).min(self.data.len());
        Some(value)
    }

    fn long(&mut self) -> Option<u32> {
        let octets = self.take(4)?;
        Some(u32::from_le_bytes(*octets.first_chunk()?))
    }

    fn take(&mut self, octets: usize) -> Option<&'a [u8]> {
        let taken = self.data.get(self.at..)?.get(..octets)?;
        self.at += octets;
        Some(taken)
    }
}

impl<'a> Iterator for Properties<'a, '_> {
    type Item = Property<'a>;

    fn next(&mut self) -> Option<Property<'a>> {
        self.left = self.left.checked_sub(1)?;
        let start = self.at;
        let property = self.property();
        if property.is_none() {
            self.left = 0;
            self.faults.record(self.offset + start, DefectKind::TnefProperty);
        }
        property
    }
}

/// The octets of a value of this type, padding included: `Some(None)` if the value tells them itself, `None` for unknown types.
fn width(kind: u16) -> Option<Option<usize>> {
    match kind {
        NULL => Some(Some(0)),
        SHORT | LONG | FLOAT | ERROR | BOOLEAN => Some(Some(4)),
        DOUBLE | CURRENCY | APPLICATION_TIME | LONG_LONG | TIME => Some(Some(8)),
        CLASS_ID => Some(Some(16)),
        OBJECT | STRING | UNICODE | BINARY => Some(None),
        _ => None,
    }
}

const MULTIPLE: u16 = 0x1000;
const FIRST_NAMED: u16 = 0x8000;
const GUID: usize = 16;

const NULL: u16 = 0x0001;
const SHORT: u16 = 0x0002;
const LONG: u16 = 0x0003;
const FLOAT: u16 = 0x0004;
const DOUBLE: u16 = 0x0005;
const CURRENCY: u16 = 0x0006;
const APPLICATION_TIME: u16 = 0x0007;
const ERROR: u16 = 0x000a;
const BOOLEAN: u16 = 0x000b;
const OBJECT: u16 = 0x000d;
const LONG_LONG: u16 = 0x0014;
const STRING: u16 = 0x001e;
const UNICODE: u16 = 0x001f;
const TIME: u16 = 0x0040;
const CLASS_ID: u16 = 0x0048;
const BINARY: u16 = 0x0102;
