//! What a user may do with a mailbox (RFC 4314 §2).

use core::fmt;

use bounded_static::ToStatic;

use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{InvalidValue, SyntaxError};

/// A right: one letter or digit (RFC 4314 §2).
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ToStatic)]
pub struct Right(u8);

/// A set of rights.
///
/// ```
/// # use imap_proto::{Right, Rights};
/// let rights = Rights::new("swrl")?;
/// assert!(rights.contains(Right::READ) && !rights.contains(Right::ADMINISTER));
/// assert_eq!(rights.to_string(), "lrsw");
/// # Ok::<(), imap_proto::InvalidValue>(())
/// ```
#[derive(Clone, Copy, Default, PartialEq, Eq, Hash, ToStatic)]
pub struct Rights(u64);

impl Right {
    /// `l`: the mailbox is visible to LIST and LSUB, and can be subscribed.
    pub const LOOKUP: Self = Self(b'l');
    /// `r`: SELECT, STATUS and COPY from it.
    pub const READ: Self = Self(b'r');
    /// `s`: `\Seen` is kept across sessions.
    pub const SEEN: Self = Self(b's');
    /// `w`: other flags than `\Seen` and `\Deleted` can be changed.
    pub const WRITE: Self = Self(b'w');
    /// `i`: APPEND and COPY into it.
    pub const INSERT: Self = Self(b'i');
    /// `p`: mail can be sent to its submission address.
    pub const POST: Self = Self(b'p');
    /// `k`: mailboxes can be created in it, or moved into it.
    pub const CREATE: Self = Self(b'k');
    /// `x`: it can be deleted or renamed.
    pub const DELETE_MAILBOX: Self = Self(b'x');
    /// `t`: `\Deleted` can be changed.
    pub const DELETE_MESSAGES: Self = Self(b't');
    /// `e`: EXPUNGE.
    pub const EXPUNGE: Self = Self(b'e');
    /// `a`: the rights can be seen and changed.
    pub const ADMINISTER: Self = Self(b'a');
    /// `n`: shared annotations can be written (RFC 5257 §4.10).
    pub const ANNOTATE: Self = Self(b'n');

    /// # Errors
    ///
    /// [`InvalidValue`] when it is no lower-case letter or digit.
    pub const fn new(letter: u8) -> Result<Self, InvalidValue> {
        match letter {
            b'a'..=b'z' | b'0'..=b'9' => Ok(Self(letter)),
            _ => Err(InvalidValue::new(0, RIGHTS)),
        }
    }

    /// The letter or digit.
    pub const fn letter(self) -> u8 {
        self.0
    }

    const fn bit(self) -> u64 {
        1 << match self.0 {
            digit @ b'0'..=b'9' => digit - b'0' + 26,
            letter => letter - b'a',
        }
    }
}

impl Rights {
    /// No right.
    pub const NONE: Self = Self(0);

    /// Rights by their letters, in any order.
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] when one is no lower-case letter or digit.
    pub fn new(letters: &str) -> Result<Self, InvalidValue> {
        Self::from_letters(letters.as_bytes()).map_err(|offset| InvalidValue::new(offset, RIGHTS))
    }

    /// Those, or where the first is that is none.
    fn from_letters(letters: &[u8]) -> Result<Self, usize> {
        let mut rights = Self::NONE;
        for (offset, &letter) in letters.iter().enumerate() {
            let right = Right::new(letter).map_err(|_| offset)?;
            rights = rights.with(right);
        }
        Ok(rights)
    }

    /// With one more.
    #[must_use]
    pub const fn with(self, right: Right) -> Self {
        Self(self.0 | right.bit())
    }

    /// Without it.
    #[must_use]
    pub const fn without(self, right: Right) -> Self {
        Self(self.0 & !right.bit())
    }

    /// Whether it is among them.
    pub const fn contains(self, right: Right) -> bool {
        self.0 & right.bit() != 0
    }

    /// Whether all of `other` are among them.
    pub const fn contains_all(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    /// Those that are in either.
    #[must_use]
    pub const fn union(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// Those that are not in `other`.
    #[must_use]
    pub const fn difference(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    /// Whether there is none.
    pub const fn is_empty(self) -> bool {
        self.0 == 0
    }

    /// All of them, in the order of RFC 4314 §2.1, then other letters and digits.
    pub fn iter(self) -> impl Iterator<Item = Right> {
        ORDER
            .iter()
            .copied()
            .map(Right)
            .filter(move |right| self.contains(*right))
    }

    /// `rights = astring ; only lowercase ASCII letters and digits are allowed.`
    pub(crate) fn read(reader: &mut Reader<'_>) -> Parse<Self> {
        let start = reader.offset();
        let letters = reader.astring()?;
        Self::from_letters(letters.as_bytes()).map_err(|_| SyntaxError::new(start, RIGHTS))
    }

    pub(crate) fn write(self, writer: &mut Writer<'_>) {
        if self.is_empty() {
            return writer.text("\"\"");
        }
        self.write_letters(writer);
    }

    /// Without quotes where there is none.
    pub(crate) fn write_letters(self, writer: &mut Writer<'_>) {
        for right in self.iter() {
            writer.raw(&[right.0]);
        }
    }
}

impl FromIterator<Right> for Rights {
    fn from_iter<T: IntoIterator<Item = Right>>(rights: T) -> Self {
        rights.into_iter().fold(Self::NONE, Self::with)
    }
}

impl fmt::Display for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.iter().try_for_each(|right| write!(f, "{}", char::from(right.0)))
    }
}

impl fmt::Debug for Rights {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

impl fmt::Debug for Right {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", char::from(self.0))
    }
}

const ORDER: &[u8; 36] = b"lrswipkxteabcdfghjmnoquvyz0123456789";
const RIGHTS: &str = "rights: lower-case letters and digits";

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;
    use alloc::vec::Vec;

    #[test]
    fn each_letter_and_digit_is_a_right_of_its_own() {
        let mut all = Rights::NONE;
        for letter in 0..=255u8 {
            let Ok(right) = Right::new(letter) else { continue };
            assert!(!all.contains(right), "{right:?}");
            all = all.with(right);
            assert_eq!(Rights::NONE.with(right).to_string().as_bytes(), [letter]);
            assert_eq!(Rights::NONE.with(right).without(right), Rights::NONE);
        }
        let mut letters: Vec<_> = all.iter().map(Right::letter).collect();
        letters.sort_unstable();
        assert_eq!(letters, b"0123456789abcdefghijklmnopqrstuvwxyz");
    }

    #[test]
    fn sets_are_sets() {
        let rights = |letters| Rights::new(letters).unwrap();
        assert_eq!(rights("aal"), rights("la"));
        assert_eq!(rights("lr").union(rights("rs")), rights("lrs"));
        assert_eq!(rights("lrs").difference(rights("rw")), rights("ls"));
        assert!(rights("lrs").contains_all(rights("sl")) && !rights("l").contains_all(rights("lr")));
        assert_eq!(Rights::new("lR").unwrap_err().offset, 1);
        assert_eq!(rights("rl").iter().collect::<Rights>(), rights("lr"));
    }
}
