//! Names of searches that the server keeps (RFC 5466).

use alloc::borrow::Cow;

use bounded_static::ToStatic;

use crate::syntax::class::is_atom_char;
use crate::syntax::reader::{Parse, Reader};
use crate::{Atom, InvalidValue};

/// `filter-name = 1*<any ATOM-CHAR except "/">` (RFC 5466 §4); compared without regard to case, as the entries that hold filters are.
#[derive(Clone, Debug, PartialEq, Eq, Hash, ToStatic)]
pub struct FilterName<'a>(Atom<'a>);

impl<'a> FilterName<'a> {
    /// # Errors
    ///
    /// [`InvalidValue`] when it is no atom, or has a `/`.
    pub fn new(name: impl Into<Cow<'a, str>>) -> Result<Self, InvalidValue> {
        let atom = Atom::new(name)?;
        match atom.as_str().find('/') {
            Some(offset) => Err(InvalidValue::new(offset, "a filter's name")),
            None => Ok(Self(atom)),
        }
    }

    /// The name.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// `filter-name`
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        let run = reader.run1(|octet| is_atom_char(octet) && octet != b'/', "a filter's name")?;
        Ok(Self(Atom::checked(run)))
    }
}
