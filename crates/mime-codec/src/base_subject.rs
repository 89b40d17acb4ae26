//! The base subject (RFC 5256 §2.1): what a thread is about, without what replies and forwards add.

/// The base subject of a decoded subject.
///
/// ```
/// use mime_codec::{base_subject, decode_text};
///
/// let subject = decode_text(b" Re: [kitchen] Fwd[2]: =?utf-8?Q?Cr=C3=AApes?=  today (fwd)").text;
/// let base = base_subject(&subject);
/// assert_eq!(base.text, "Crêpes today");
/// assert!(base.is_reply_or_forward);
/// assert!(!base_subject("Crêpes today").is_reply_or_forward);
/// ```
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BaseSubject {
    /// The text. To sort and to thread, compare it in the collation `i;unicode-casemap` (RFC 5256 §2.1).
    pub text: String,
    /// Whether something was removed that replies and forwards add, which threading by references asks for (RFC 5256 §3).
    pub is_reply_or_forward: bool,
}

/// Extracts the base subject from a subject whose encoded words are decoded. Linear, without recursion.
///
/// ```text
/// subject         = *subj-leader [subj-middle] *subj-trailer     ; RFC 5256 §5
/// subj-refwd      = ("re" / ("fw" ["d"])) *WSP [subj-blob] ":"
/// subj-blob       = "[" *BLOBCHAR "]" *WSP
/// subj-fwd        = subj-fwd-hdr subject subj-fwd-trl
/// subj-fwd-hdr    = "[fwd:"
/// subj-fwd-trl    = "]"
/// subj-leader     = (*subj-blob subj-refwd) / WSP
/// subj-trailer    = "(fwd)" / WSP
/// ```
pub fn base_subject(subject: &str) -> BaseSubject {
    // Step 1.
    let spaced = one_space(subject);
    let mut rest = spaced.as_str();
    let mut is_reply_or_forward = false;
    loop {
        // Step 2.
        while let Some(shorter) = trailer(rest) {
            is_reply_or_forward |= !shorter.1;
            rest = shorter.0;
        }
        // Steps 3 to 5.
        rest = leaders(rest, &mut is_reply_or_forward);
        // Step 6.
        let Some(inner) = forwarded(rest) else { break };
        is_reply_or_forward = true;
        rest = inner;
    }
    BaseSubject {
        text: rest.to_owned(),
        is_reply_or_forward,
    }
}

/// Tabs and line ends become spaces, runs of spaces become one.
fn one_space(subject: &str) -> String {
    let mut spaced = String::with_capacity(subject.len());
    for c in subject.chars() {
        let is_space = matches!(c, ' ' | '\t' | '\r' | '\n');
        if !is_space {
            spaced.push(c);
        } else if !spaced.ends_with(' ') {
            spaced.push(' ');
        }
    }
    spaced
}

/// Without one trailer, and whether that was white space.
fn trailer(subject: &str) -> Option<(&str, bool)> {
    if let Some(shorter) = subject.strip_suffix(' ') {
        return Some((shorter, true));
    }
    Some((strip_suffix(subject, "(fwd)")?, false))
}

/// Without all that steps 3 and 4 remove at the start, again and again.
fn leaders<'s>(subject: &'s str, is_reply_or_forward: &mut bool) -> &'s str {
    let mut rest = subject;
    loop {
        rest = rest.trim_start_matches(' ');
        // Blobs count as a leader only in front of what a reply adds, and else as blobs of which something is left.
        let mut ahead = rest;
        let last = loop {
            if let Some(behind) = refwd(ahead) {
                *is_reply_or_forward = true;
                break Some(behind);
            }
            let Some(behind) = blob(ahead) else { break None };
            if behind.is_empty() {
                break None;
            }
            ahead = behind;
        };
        match last {
            Some(behind) => rest = behind,
            // All blobs go that leave something, for what is behind the last one is no leader.
            None => return ahead.trim_start_matches(' '),
        }
    }
}

/// Behind `Re:`, `Fwd [3]:` and the like.
fn refwd(subject: &str) -> Option<&str> {
    let word = ["re", "fwd", "fw"]
        .into_iter()
        .find_map(|word| strip_prefix(subject, word))?;
    let rest = word.trim_start_matches(' ');
    let rest = blob(rest).unwrap_or(rest);
    rest.strip_prefix(':')
}

/// Behind `[…]` and the spaces that follow it.
fn blob(subject: &str) -> Option<&str> {
    let inside = subject.strip_prefix('[')?;
    let end = inside.find(['[', ']'])?;
    let behind = inside[end..].strip_prefix(']')?;
    Some(behind.trim_start_matches(' '))
}

/// What stands in `[fwd: … ]`.
fn forwarded(subject: &str) -> Option<&str> {
    strip_prefix(subject, "[fwd:")?.strip_suffix(']')
}

fn strip_prefix<'s>(subject: &'s str, prefix: &str) -> Option<&'s str> {
    let (front, behind) = subject.split_at_checked(prefix.len())?;
    front.eq_ignore_ascii_case(prefix).then_some(behind)
}

fn strip_suffix<'s>(subject: &'s str, suffix: &str) -> Option<&'s str> {
    let (front, end) = subject.split_at_checked(subject.len().checked_sub(suffix.len())?)?;
    end.eq_ignore_ascii_case(suffix).then_some(front)
}
