//! What is wrong with the parts of a mailbox: defects that parsing did not need to see.

use alloc::vec::Vec;

use mail_wire::octets::{is_dtext, is_wsp};

use crate::address::{is_plain, is_plain_octet};
use crate::address_lexis::is_fold;
use crate::address_list::Spans;
use crate::lexis::{is_space, pass_comment, pass_quoted};
use crate::{Defect, DefectKind};

/// Adds the defects of an address.
pub(crate) fn judge(input: &[u8], spans: &Spans, defects: &mut Vec<Defect>) {
    let Spans { raw, local, domain, .. } = *spans;
    let mut defect = |offset: u32, kind| {
        let offset = offset as usize;
        defects.push(Defect { offset, kind });
    };
    match (local.is_empty(), domain.is_empty()) {
        (true, true) => return defect(raw.start, DefectKind::MissingAddress),
        (true, false) => defect(domain.start, DefectKind::MalformedLocalPart),
        (false, true) => defect(local.end, DefectKind::MissingDomain),
        (false, false) => {}
    }
    if let Some(kind) = judge_part(local.of(input), true) {
        defect(local.start, kind);
    }
    if let Some(kind) = judge_domain(domain.of(input)) {
        defect(domain.start, kind);
    }
}

pub(crate) fn judge_domain(raw: &[u8]) -> Option<DefectKind> {
    match raw {
        [b'[', text @ .., b']'] if text.iter().all(|&octet| is_dtext(octet) || is_space(octet)) => None,
        [b'[', .., b']'] => Some(DefectKind::ObsoleteDomain),
        [b'[', ..] => Some(DefectKind::UnclosedLiteral),
        _ => judge_part(raw, false),
    }
}

/// ```text
/// dot-atom       = [CFWS] dot-atom-text [CFWS]         ; RFC 5322 §3.2.3
/// obs-local-part = word *("." word)                    ; RFC 5322 §4.4
/// obs-domain     = atom *("." atom)
/// ```
pub(crate) fn judge_part(raw: &[u8], is_local: bool) -> Option<DefectKind> {
    if is_plain(raw) {
        return None;
    }
    let (obsolete, malformed) = match is_local {
        true => (DefectKind::ObsoleteLocalPart, DefectKind::MalformedLocalPart),
        false => (DefectKind::ObsoleteDomain, DefectKind::MalformedDomain),
    };
    let (mut words, mut quoted, mut has_cfws) = (0usize, 0usize, false);
    let mut wants_word = true;
    let mut position = 0;
    while let Some(&octet) = raw.get(position) {
        match octet {
            b'.' if !wants_word => {
                wants_word = true;
                position += 1;
                continue;
            }
            b'(' => {
                position = pass_comment(raw, position).0;
                has_cfws = true;
                continue;
            }
            octet if is_space(octet) => {
                position += 1;
                has_cfws = true;
                continue;
            }
            b'"' if is_local && wants_word => {
                position = pass_quoted(raw, position).0;
                quoted += 1;
            }
            octet if wants_word && octet != b'.' && is_plain_octet(octet) => {
                let text = |&octet: &u8| octet != b'.' && is_plain_octet(octet);
                position += raw[position..].iter().take_while(|octet| text(octet)).count();
            }
            _ => return Some(malformed),
        }
        words += 1;
        wants_word = false;
    }
    match (raw.is_empty(), wants_word) {
        (true, _) => None,
        (false, true) => Some(malformed),
        (false, false) => (has_cfws || quoted > 0 && words > 1).then_some(obsolete),
    }
}

/// Adds the defects of single octets: those that are no UTF-8, control characters, folds.
pub(crate) fn octet_defects(input: &[u8], defects: &mut Vec<Defect>) {
    // One pass without a branch, which ends the matter for most values.
    let odd = input.iter().fold(0, |odd, &octet| {
        let is_line_end = (octet == b'\r') | (octet == b'\n');
        odd | (octet & 0x80) | u8::from(is_control(octet)) | u8::from(is_line_end) << 1
    });
    if odd & 0x80 != 0
        && let Err(error) = core::str::from_utf8(input)
    {
        let offset = error.valid_up_to();
        let kind = DefectKind::InvalidUtf8;
        defects.push(Defect { offset, kind });
    }
    if odd & 1 != 0 {
        let controls = input.iter().enumerate().filter(|&(_, &octet)| is_control(octet));
        let kind = DefectKind::ObsoleteControl;
        defects.extend(controls.map(|(offset, _)| Defect { offset, kind }));
    }
    if odd & 2 != 0 {
        line_end_defects(input, defects);
    }
}

/// A control character other than white space and line ends.
fn is_control(octet: u8) -> bool {
    ((octet < b' ') & (octet != b'\t') & (octet != b'\r') & (octet != b'\n')) | (octet == 0x7f)
}

/// Adds the defects of line ends: those that fold nothing, and lines of white space alone.
fn line_end_defects(input: &[u8], defects: &mut Vec<Defect>) {
    let mut line = 0;
    for offset in memchr::memchr2_iter(b'\r', b'\n', input) {
        if offset < line {
            // The LF of a CRLF.
            continue;
        }
        let kind = if is_fold(&input[offset..]) {
            let is_blank = line > 0 && input[line..offset].iter().copied().all(is_wsp);
            line = offset + if input[offset] == b'\r' { 2 } else { 1 };
            if !is_blank {
                continue;
            }
            DefectKind::ObsoleteFolding
        } else {
            DefectKind::BareLineEnd
        };
        defects.push(Defect { offset, kind });
    }
}
