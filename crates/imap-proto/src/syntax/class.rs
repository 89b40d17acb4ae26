//! Byte classes of IMAP's grammar, each a `const fn` under its ABNF (RFC 9051 §9). Those that words are made of are looked up in a table,
//! since every octet of every word is asked for.

/// `CHAR = %x01-7F` (RFC 5234 §B.1)
pub(crate) const fn is_char(octet: u8) -> bool {
    matches!(octet, 0x01..=0x7f)
}

/// `ATOM-CHAR = <any CHAR except atom-specials>`
///
/// ```text
/// atom-specials   = "(" / ")" / "{" / SP / CTL / list-wildcards /
///                   quoted-specials / resp-specials
/// list-wildcards  = "%" / "*"
/// quoted-specials = DQUOTE / "\"
/// resp-specials   = "]"
/// ```
#[inline]
pub(crate) const fn is_atom_char(octet: u8) -> bool {
    TABLE[octet as usize] & ATOM != 0
}

const fn atom_char(octet: u8) -> bool {
    matches!(octet, 0x21..=0x7e) && !matches!(octet, b'(' | b')' | b'{' | b'%' | b'*' | b'"' | b'\\' | b']')
}

/// `ASTRING-CHAR = ATOM-CHAR / resp-specials`
#[inline]
pub(crate) const fn is_astring_char(octet: u8) -> bool {
    TABLE[octet as usize] & ASTRING != 0
}

const fn astring_char(octet: u8) -> bool {
    atom_char(octet) || octet == b']'
}

/// `list-char = ATOM-CHAR / list-wildcards / resp-specials`
pub(crate) const fn is_list_char(octet: u8) -> bool {
    is_astring_char(octet) || matches!(octet, b'%' | b'*')
}

/// `tag = 1*<any ASTRING-CHAR except "+">`
pub(crate) const fn is_tag_char(octet: u8) -> bool {
    is_astring_char(octet) && octet != b'+'
}

/// `TEXT-CHAR = <any CHAR except CR and LF>`
pub(crate) const fn is_text_char(octet: u8) -> bool {
    is_char(octet) && !matches!(octet, b'\r' | b'\n')
}

/// A `QUOTED-CHAR` that needs no backslash: TEXT-CHAR except quoted-specials.
pub(crate) const fn is_quoted_char(octet: u8) -> bool {
    is_text_char(octet) && !matches!(octet, b'"' | b'\\')
}

/// `ATOM-CHAR` but `[`: what names are made of that a section may follow.
#[inline]
pub(crate) const fn is_name_char(octet: u8) -> bool {
    TABLE[octet as usize] & NAME != 0
}

const ATOM: u8 = 1;
const ASTRING: u8 = 2;
const NAME: u8 = 4;

/// The classes of each octet.
static TABLE: [u8; 256] = {
    let mut table = [0; 256];
    let mut octet = 0;
    while octet < table.len() {
        let (atom, astring) = (atom_char(octet as u8), astring_char(octet as u8));
        let name = atom && octet as u8 != b'[';
        table[octet] = (ATOM * atom as u8) | (ASTRING * astring as u8) | (NAME * name as u8);
        octet += 1;
    }
    table
};

#[cfg(test)]
mod tests {
    use super::*;

    fn pin(class: fn(u8) -> bool, members: impl Fn(u8) -> bool) {
        for octet in 0..=255 {
            assert_eq!(class(octet), members(octet), "{octet:#04x}");
        }
    }

    #[test]
    fn classes_are_the_rfcs_lists() {
        let ctl = |o: u8| o < 0x20 || o == 0x7f;
        let special = move |o: u8| b"(){ %*\"\\]".contains(&o) || ctl(o) || o > 127;
        pin(is_char, |o| o != 0 && o < 128);
        pin(is_atom_char, |o| !special(o));
        pin(is_astring_char, |o| !special(o) || o == b']');
        pin(is_name_char, |o| !special(o) && o != b'[');
        pin(is_list_char, |o| !special(o) || b"]%*".contains(&o));
        pin(is_tag_char, |o| (!special(o) || o == b']') && o != b'+');
        pin(is_text_char, |o| o != 0 && o < 128 && o != 13 && o != 10);
        pin(is_quoted_char, |o| o != 0 && o < 128 && !b"\r\n\"\\".contains(&o));
    }
}
