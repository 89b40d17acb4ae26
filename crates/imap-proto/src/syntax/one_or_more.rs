//! Lists that the grammar wants one element of, at least.

use alloc::vec::Vec;
use core::ops::Deref;

use bounded_static::{IntoBoundedStatic, ToBoundedStatic};

use crate::InvalidValue;

/// One item or more, in order: what `1*` and `item *(SP item)` are in the grammar. It reads like a slice.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub struct OneOrMore<T>(Vec<T>);

impl<T> OneOrMore<T> {
    /// ```
    /// # use imap_proto::OneOrMore;
    /// assert_eq!(OneOrMore::new(vec![1, 2])?.len(), 2);
    /// assert!(OneOrMore::<u8>::new(vec![]).is_err());
    /// # Ok::<(), imap_proto::InvalidValue>(())
    /// ```
    ///
    /// # Errors
    ///
    /// [`InvalidValue`] when there is no item.
    pub fn new(items: Vec<T>) -> Result<Self, InvalidValue> {
        if items.is_empty() {
            return Err(InvalidValue::new(0, "a list of one item or more"));
        }
        Ok(Self(items))
    }

    /// For items that the grammar has counted.
    pub(crate) const fn checked(items: Vec<T>) -> Self {
        Self(items)
    }

    /// Adds an item at the end.
    pub fn push(&mut self, item: T) {
        self.0.push(item);
    }

    /// The items.
    pub fn into_vec(self) -> Vec<T> {
        self.0
    }
}

impl<T> From<T> for OneOrMore<T> {
    fn from(item: T) -> Self {
        Self(alloc::vec![item])
    }
}

impl<T> TryFrom<Vec<T>> for OneOrMore<T> {
    type Error = InvalidValue;

    fn try_from(items: Vec<T>) -> Result<Self, InvalidValue> {
        Self::new(items)
    }
}

impl<T, const N: usize> TryFrom<[T; N]> for OneOrMore<T> {
    type Error = InvalidValue;

    fn try_from(items: [T; N]) -> Result<Self, InvalidValue> {
        Self::new(items.into())
    }
}

impl<T> Deref for OneOrMore<T> {
    type Target = [T];

    fn deref(&self) -> &[T] {
        &self.0
    }
}

impl<'v, T> IntoIterator for &'v OneOrMore<T> {
    type Item = &'v T;
    type IntoIter = core::slice::Iter<'v, T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.iter()
    }
}

impl<T> IntoIterator for OneOrMore<T> {
    type Item = T;
    type IntoIter = alloc::vec::IntoIter<T>;

    fn into_iter(self) -> Self::IntoIter {
        self.0.into_iter()
    }
}

impl<T: ToBoundedStatic> ToBoundedStatic for OneOrMore<T> {
    type Static = OneOrMore<T::Static>;

    fn to_static(&self) -> Self::Static {
        OneOrMore(self.0.iter().map(ToBoundedStatic::to_static).collect())
    }
}

impl<T: IntoBoundedStatic> IntoBoundedStatic for OneOrMore<T> {
    type Static = OneOrMore<T::Static>;

    fn into_static(self) -> Self::Static {
        OneOrMore(self.0.into_iter().map(IntoBoundedStatic::into_static).collect())
    }
}
