//! Lists of `msg-id` (RFC 5322 §3.6.4): the values of `References`, `In-Reply-To` and `Message-ID`.

use alloc::borrow::Cow;
use alloc::vec::Vec;
use core::fmt;

use mail_wire::Escaped;

use crate::address_judge::{judge_domain, judge_part, octet_defects};
use crate::angle::{Angles, Token};
use crate::lexis::is_space;
use crate::{Defect, DefectKind, MsgId, SyntaxError};

/// The message identifiers in a field's value, and what is wrong with them. Linear.
///
/// ```text
/// in-reply-to     = "In-Reply-To:" 1*msg-id CRLF                       ; RFC 5322 §3.6.4
/// references      = "References:" 1*msg-id CRLF
/// obs-in-reply-to = "In-Reply-To" *WSP ":" *(phrase / msg-id) CRLF     ; RFC 5322 §4.5.4
/// obs-references  = "References" *WSP ":" *(phrase / msg-id) CRLF
/// ```
///
/// ```
/// # use rfc5322::{DefectKind, MsgIdList};
/// let list = MsgIdList::parse(b" <1.spoon@bistro.example>\r\n\t<2.spoon@bistro.example>, <3@x");
/// let ids: Vec<_> = list.iter().map(|id| String::from_utf8_lossy(&id.text()).into_owned()).collect();
/// assert_eq!(ids, ["1.spoon@bistro.example", "2.spoon@bistro.example", "3@x"]);
/// let kinds: Vec<_> = list.defects().iter().map(|defect| defect.kind).collect();
/// assert_eq!(kinds, [DefectKind::StrayComma, DefectKind::UnclosedAngle]);
/// ```
#[derive(Debug, Clone)]
pub struct MsgIdList<'a> {
    value: Cow<'a, [u8]>,
    ids: Vec<RawMsgId<'a>>,
}

impl<'a> MsgIdList<'a> {
    /// Reads a value as real mail has it: phrases between identifiers, which are passed over; commas; brackets that are
    /// missing; identifiers with folds inside or without an `@`. Words with an `@` and without brackets count if nothing
    /// stands in brackets.
    pub fn parse(value: &'a [u8]) -> Self {
        Self {
            value: Cow::Borrowed(value),
            ids: ids(value),
        }
    }

    /// Reads a value that follows the grammar without its obsolete forms.
    ///
    /// # Errors
    ///
    /// The first of the [`defects`](Self::defects) that [`parse`](Self::parse) finds.
    pub fn parse_strict(value: &'a [u8]) -> Result<Self, Defect> {
        let list = Self::parse(value);
        list.defects().first().copied().map_or(Ok(list), Err)
    }

    /// The identifiers, in order.
    pub fn iter(&self) -> core::slice::Iter<'_, RawMsgId<'a>> {
        self.ids.iter()
    }

    /// The first identifier.
    pub fn first(&self) -> Option<&RawMsgId<'a>> {
        self.ids.first()
    }

    /// The last identifier: in `References` the message that is answered.
    pub fn last(&self) -> Option<&RawMsgId<'a>> {
        self.ids.last()
    }

    /// What is wrong with the value, by offset; looked for when this is called. Linear, but for sorting.
    pub fn defects(&self) -> Vec<Defect> {
        let mut defects = Vec::new();
        let mut tokens = Vec::new();
        let mut angles = Angles::new(&self.value);
        while let Some(token) = angles.take(&mut defects) {
            tokens.push(token);
        }
        let words_count = !tokens.iter().any(|token| in_angle(*token, &self.value).is_some());
        let mut defect = |offset, kind| defects.push(Defect { offset, kind });
        for token in tokens {
            match token {
                Token::Comma(offset) => defect(offset, DefectKind::StrayComma),
                Token::Angle { start, end } => {
                    if let Some(kind) = judge(&self.value[start..end]) {
                        defect(start, kind);
                    }
                }
                Token::Word { start, end } if words_count && is_bare_id(&self.value[start..end]) => {
                    defect(start, DefectKind::MissingAngle);
                    if let Some(kind) = judge(&self.value[start..end]) {
                        defect(start, kind);
                    }
                }
                Token::Word { start, .. } | Token::Quoted { start, .. } => defect(start, DefectKind::ObsoletePhrase),
            }
        }
        if self.ids.is_empty() {
            defect(0, DefectKind::MissingMsgId);
        }
        octet_defects(&self.value, &mut defects);
        defects.sort_by_key(|defect| defect.offset);
        defects.dedup();
        defects
    }

    /// Copies the identifiers, so that the list can be kept.
    pub fn into_owned(self) -> MsgIdList<'static> {
        MsgIdList {
            value: Cow::Owned(self.value.into_owned()),
            ids: self.ids.into_iter().map(RawMsgId::into_owned).collect(),
        }
    }
}

/// What stands in brackets or, if nothing does, the words with an `@`.
fn ids(value: &[u8]) -> Vec<RawMsgId<'_>> {
    let ids = ids_among(value, |token| in_angle(token, value));
    if !ids.is_empty() {
        return ids;
    }
    ids_among(value, |token| match token {
        Token::Word { start, end } if is_bare_id(&value[start..end]) => Some((start, end)),
        _ => None,
    })
}

fn ids_among(value: &[u8], extent: impl Fn(Token) -> Option<(usize, usize)>) -> Vec<RawMsgId<'_>> {
    let mut angles = Angles::new(value);
    let mut nobody = Vec::new();
    let tokens = core::iter::from_fn(|| angles.take(&mut nobody));
    let ids = tokens.filter_map(|token| {
        let (offset, end) = extent(token)?;
        let raw = Cow::Borrowed(&value[offset..end]);
        Some(RawMsgId { raw, offset })
    });
    ids.collect()
}

/// Where an identifier in brackets begins and ends. White space alone is none.
fn in_angle(token: Token, value: &[u8]) -> Option<(usize, usize)> {
    match token {
        Token::Angle { start, end } if !value[start..end].iter().copied().all(is_space) => Some((start, end)),
        _ => None,
    }
}

fn is_bare_id(word: &[u8]) -> bool {
    word.contains(&b'@')
}

impl<'l, 'a> IntoIterator for &'l MsgIdList<'a> {
    type Item = &'l RawMsgId<'a>;
    type IntoIter = core::slice::Iter<'l, RawMsgId<'a>>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

/// A message identifier as others wrote it: any octets.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct RawMsgId<'a> {
    raw: Cow<'a, [u8]>,
    offset: usize,
}

impl RawMsgId<'_> {
    /// The octets as they stand in the field, between the angle brackets.
    pub fn raw(&self) -> &[u8] {
        &self.raw
    }

    /// Octets of the field's value before [`raw`](Self::raw).
    pub const fn offset(&self) -> usize {
        self.offset
    }

    /// The identifier: `raw` without white space. Compared octet by octet (RFC 5322 §3.6.4).
    pub fn text(&self) -> Cow<'_, [u8]> {
        if !self.raw.iter().copied().any(is_space) {
            return Cow::Borrowed(&self.raw);
        }
        Cow::Owned(self.raw.iter().copied().filter(|&octet| !is_space(octet)).collect())
    }

    /// The identifier in the form that can be written.
    ///
    /// # Errors
    ///
    /// [`SyntaxError`] if it does not follow the grammar; the offset is counted in `<text>`.
    pub fn msg_id(&self) -> Result<MsgId, SyntaxError> {
        MsgId::parse(&[b"<", &*self.text(), b">"].concat())
    }

    /// Copies the octets, so that the identifier can be kept.
    pub fn into_owned(self) -> RawMsgId<'static> {
        RawMsgId {
            raw: Cow::Owned(self.raw.into_owned()),
            offset: self.offset,
        }
    }
}

/// Shows the octets as they stand in the field, escaped.
impl fmt::Debug for RawMsgId<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RawMsgId({:?} at {})", Escaped(&self.raw), self.offset)
    }
}

/// ```text
/// msg-id       = [CFWS] "<" id-left "@" id-right ">" [CFWS]      ; RFC 5322 §3.6.4
/// obs-id-left  = local-part                                      ; RFC 5322 §4.5.4
/// obs-id-right = domain
/// ```
fn judge(raw: &[u8]) -> Option<DefectKind> {
    let malformed = Some(DefectKind::MalformedMsgId);
    let Some(at) = raw.iter().rposition(|&octet| octet == b'@') else {
        return malformed;
    };
    let (left, right) = (&raw[..at], &raw[at + 1..]);
    if left.is_empty() || right.is_empty() {
        return malformed;
    }
    match (judge_part(left, true), judge_domain(right)) {
        (None, None) if left[0] != b'"' => None,
        (None | Some(DefectKind::ObsoleteLocalPart), None | Some(DefectKind::ObsoleteDomain)) => {
            Some(DefectKind::ObsoleteMsgId)
        }
        _ => malformed,
    }
}
