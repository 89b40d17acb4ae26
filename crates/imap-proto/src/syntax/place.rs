//! Makes values where they stay.

use alloc::vec::Vec;
use core::iter::once_with;

/// Pushes what `item` makes of `value`. `Vec::push` takes what is made already, for which there is a place only afterwards: to move a large
/// value there takes longer than to make it.
#[inline(never)]
pub(crate) fn put<T, V>(items: &mut Vec<T>, value: V, item: impl FnOnce(V) -> T) {
    items.extend(once_with(|| item(value)));
}
