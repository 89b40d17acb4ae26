//! What a server says without being asked.

use alloc::collections::VecDeque;
use core::mem;

use crate::Data;

/// Data that no call has returned, oldest first: messages that arrived, were expunged, or changed their flags.
///
/// It holds [`News::MAX`] pieces, each within [`ClientLimits::response`](field@crate::ClientLimits::response). When more
/// come, all are dropped at once and [`News::is_lost`] says so: the caller then has to look at the mailbox again, as
/// after a new connection.
#[derive(Debug, Default)]
pub struct News {
    pieces: VecDeque<Data<'static>>,
    lost: bool,
}

impl News {
    /// Pieces that are held.
    pub const MAX: usize = 10_000;

    /// The oldest piece.
    pub fn take(&mut self) -> Option<Data<'static>> {
        self.pieces.pop_front()
    }

    /// Whether there was more than could be held since this was last asked.
    pub const fn is_lost(&mut self) -> bool {
        mem::replace(&mut self.lost, false)
    }

    /// One piece more.
    pub fn push(&mut self, data: Data<'static>) {
        if self.pieces.len() == Self::MAX {
            self.pieces.clear();
            self.lost = true;
        }
        self.pieces.push_back(data);
    }
}
