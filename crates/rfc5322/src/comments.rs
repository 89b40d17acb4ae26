//! `comment` (RFC 5322 §3.2.2) in a field that others wrote.

use alloc::borrow::Cow;
use core::fmt;

use mail_wire::Escaped;

use crate::lexis::{pass_comment, pass_quoted, remove_quoting};

/// The comments in part of a field's value, in order; those inside of comments belong to the outer one.
///
/// ```
/// # use rfc5322::Comments;
/// let comments: Vec<_> = Comments::new(br"bob (one (two)) \( (three", 0).map(|comment| comment.raw).collect();
/// assert_eq!(comments, [&b"one (two)"[..], b"three"]);
/// ```
#[derive(Debug, Clone)]
pub struct Comments<'a> {
    raw: &'a [u8],
    offset: usize,
    position: usize,
}

impl<'a> Comments<'a> {
    /// The comments in `raw`, which has `offset` octets of the field's value before it.
    pub const fn new(raw: &'a [u8], offset: usize) -> Self {
        Self {
            raw,
            offset,
            position: 0,
        }
    }
}

impl<'a> Iterator for Comments<'a> {
    type Item = CommentText<'a>;

    fn next(&mut self) -> Option<Self::Item> {
        while let Some(&octet) = self.raw.get(self.position) {
            match octet {
                b'(' => {
                    let start = self.position + 1;
                    let (end, closed) = pass_comment(self.raw, self.position);
                    self.position = end;
                    return Some(CommentText {
                        raw: &self.raw[start..end - usize::from(closed)],
                        offset: self.offset + start,
                    });
                }
                b'"' => self.position = pass_quoted(self.raw, self.position).0,
                b'\\' => self.position += 2,
                _ => self.position += 1,
            }
        }
        None
    }
}

/// The text of a comment.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct CommentText<'a> {
    /// The octets as they stand in the field, without the outer parentheses.
    pub raw: &'a [u8],
    /// Octets of the field's value before `raw`.
    pub offset: usize,
}

impl<'a> CommentText<'a> {
    /// The text without backslashes and folds. Comments inside keep their parentheses; encoded words stay encoded.
    pub fn unquoted(&self) -> Cow<'a, [u8]> {
        remove_quoting(self.raw)
    }
}

/// Shows the octets as they stand in the field, escaped.
impl fmt::Debug for CommentText<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CommentText")
            .field("raw", &Escaped(self.raw))
            .field("offset", &self.offset)
            .finish()
    }
}
