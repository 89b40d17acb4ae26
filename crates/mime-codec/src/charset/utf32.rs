//! UTF-32, which `encoding_rs` leaves out.

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum ByteOrder {
    /// Told by the mark at the start; big-endian without one.
    Unknown,
    Big,
    Little,
}

#[derive(Debug, Clone)]
pub(super) struct Utf32 {
    order: ByteOrder,
    held: [u8; 4],
    length: usize,
}

impl Utf32 {
    pub(super) const fn new(order: ByteOrder) -> Self {
        Self {
            order,
            held: [0; 4],
            length: 0,
        }
    }

    /// Reads one octet. Answers how many characters were replaced by U+FFFD.
    pub(super) fn octet(&mut self, octet: u8, out: &mut String) -> usize {
        self.held[self.length] = octet;
        self.length += 1;
        if self.length < self.held.len() {
            return 0;
        }
        self.length = 0;
        if self.order == ByteOrder::Unknown {
            let is_little = self.held == [0xFF, 0xFE, 0, 0];
            self.order = if is_little { ByteOrder::Little } else { ByteOrder::Big };
            if is_little || self.held == [0, 0, 0xFE, 0xFF] {
                return 0;
            }
        }
        let number = match self.order {
            ByteOrder::Little => u32::from_le_bytes(self.held),
            ByteOrder::Big | ByteOrder::Unknown => u32::from_be_bytes(self.held),
        };
        let character = char::from_u32(number);
        out.push(character.unwrap_or(char::REPLACEMENT_CHARACTER));
        usize::from(character.is_none())
    }

    pub(super) fn finish(&mut self, out: &mut String) -> usize {
        if std::mem::take(&mut self.length) == 0 {
            return 0;
        }
        out.push(char::REPLACEMENT_CHARACTER);
        1
    }
}
