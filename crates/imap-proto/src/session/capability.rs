//! Capabilities: what a server offers (RFC 9051 §7.2.2).

use alloc::borrow::Cow;
use alloc::vec::Vec;

use bounded_static::ToStatic;

use crate::syntax::reader::{Parse, Reader};
use crate::syntax::writer::Writer;
use crate::{Atom, InvalidValue};

/// A capability, as the server names it. Names are compared without regard to case; `NAME=VALUE` has both parts.
#[derive(Clone, Debug, PartialEq, Eq, Hash, ToStatic)]
pub struct Capability<'a>(Atom<'a>);

impl<'a> Capability<'a> {
    /// ```
    /// # use imap_proto::Capability;
    /// let thread = Capability::new("THREAD=REFERENCES")?;
    /// assert_eq!((thread.name(), thread.value()), ("THREAD", Some("REFERENCES")));
    /// # Ok::<(), imap_proto::InvalidValue>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] when it is no atom.
    pub fn new(text: impl Into<Cow<'a, str>>) -> Result<Self, InvalidValue> {
        Atom::new(text).map(Self)
    }

    /// A capability of the program's own; checked when it is compiled, used in a `const`.
    pub const fn fixed(text: &'static str) -> Capability<'static> {
        Capability(Atom::fixed(text))
    }

    /// As on the wire.
    pub fn as_str(&self) -> &str {
        self.0.as_str()
    }

    /// What stands in front of `=`, or all.
    pub fn name(&self) -> &str {
        self.as_str().split_once('=').map_or(self.as_str(), |(name, _)| name)
    }

    /// What stands behind `=`.
    pub fn value(&self) -> Option<&str> {
        self.as_str().split_once('=').map(|(_, value)| value)
    }

    /// Whether it is `name`, in any case.
    pub fn is(&self, name: &str) -> bool {
        self.as_str().eq_ignore_ascii_case(name)
    }

    /// What stands behind `NAME=`, where `name` is in front of it in any case.
    pub fn value_of(&self, name: &str) -> Option<&str> {
        self.value().filter(|_| self.name().eq_ignore_ascii_case(name))
    }

    /// `capability = ("AUTH=" auth-type) / atom`
    pub(crate) fn read(reader: &mut Reader<'a>) -> Parse<Self> {
        reader.atom().map(Self)
    }

    /// `1*(SP capability)`, what follows `CAPABILITY`, `ENABLE` and `ENABLED`
    pub(crate) fn read_many(reader: &mut Reader<'a>) -> Parse<Vec<Self>> {
        reader.space()?;
        reader.separated(Self::read)
    }

    pub(crate) fn write(&self, writer: &mut Writer<'_>) {
        writer.text(self.as_str());
    }

    pub(crate) fn write_many(capabilities: &[Self], writer: &mut Writer<'_>) {
        for capability in capabilities {
            writer.space();
            capability.write(writer);
        }
    }
}

impl core::fmt::Display for Capability<'_> {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        f.write_str(self.as_str())
    }
}
