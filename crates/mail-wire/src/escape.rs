//! Text from a peer, made harmless for a terminal or a log.

use core::fmt::{self, Write};

/// Shows octets as text on one line, without anything that a terminal would act upon: C0 and C1 controls, DEL and octets
/// that are no UTF-8 become `\n`, `\r`, `\t`, `\0`, `\xNN` or `\u{NN}`, a backslash becomes `\\`. Characters that reorder
/// or hide text (bidirectional controls, zero-width ones, line separators) are escaped as well.
///
/// ```
/// # use mail_wire::Escaped;
/// assert_eq!(Escaped(b"250 ok \x1b[2J\r\n").to_string(), r"250 ok \x1b[2J\r\n");
/// assert_eq!(Escaped("Grüße \\".as_bytes()).to_string(), r"Grüße \\");
/// ```
///
/// For people to read, `{:#}` leaves backslashes as they are. That is as harmless, but it does not tell a line end from `\n` as two
/// characters.
///
/// ```
/// # use mail_wire::Escaped;
/// assert_eq!(format!("{:#}", Escaped(br"* FLAGS (\Seen)")), r"* FLAGS (\Seen)");
/// ```
#[derive(Clone, Copy)]
pub struct Escaped<'a>(pub &'a [u8]);

impl fmt::Display for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for chunk in self.0.utf8_chunks() {
            chunk.valid().chars().try_for_each(|c| write_char(f, c))?;
            chunk
                .invalid()
                .iter()
                .try_for_each(|octet| write!(f, "\\x{octet:02x}"))?;
        }
        Ok(())
    }
}

impl fmt::Debug for Escaped<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "\"{self}\"")
    }
}

fn write_char(f: &mut fmt::Formatter<'_>, c: char) -> fmt::Result {
    match c {
        '\\' if !f.alternate() => f.write_str("\\\\"),
        '\r' => f.write_str("\\r"),
        '\n' => f.write_str("\\n"),
        '\t' => f.write_str("\\t"),
        '\0' => f.write_str("\\0"),
        c if c.is_ascii_control() => write!(f, "\\x{:02x}", u32::from(c)),
        c if c.is_control() || deceives(c) => write!(f, "\\u{{{:x}}}", u32::from(c)),
        c => f.write_char(c),
    }
}

/// Characters that are shown as nothing or that change the order of what is shown.
const fn deceives(c: char) -> bool {
    matches!(
        c,
        '\u{ad}' | '\u{61c}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}'
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use alloc::string::ToString;

    /// docs/threats.md row 30.
    #[test]
    fn no_octet_reaches_a_terminal_as_a_control() {
        for first in 0..=255u8 {
            for second in 0..=255u8 {
                let shown = Escaped(&[first, second]).to_string();
                assert!(
                    !shown.chars().any(char::is_control),
                    "{first:#x} {second:#x}: {shown:?}"
                );
            }
        }
        assert_eq!(Escaped("a\u{202e}b".as_bytes()).to_string(), "a\\u{202e}b");
    }
}
