//! Makes values where they stay.

use alloc::vec::Vec;
use core::iter::once_with;

/// Pushes what `item` makes. `Vec::push` takes what is made already, for which there is a place only afterwards: to move a large value there
/// takes longer than to make it.
#[inline]
pub(crate) fn put_made<T>(items: &mut Vec<T>, item: impl FnOnce() -> T) {
    items.extend(once_with(item));
}

/// The same for one of many kinds of item, made of `value`. Each kind has a function of its own: as one, they would make the item elsewhere
/// after all.
#[inline(never)]
pub(crate) fn put<T, V>(items: &mut Vec<T>, value: V, item: impl FnOnce(V) -> T) {
    put_made(items, || item(value));
}
