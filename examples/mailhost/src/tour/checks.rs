//! What the tour makes sure of.

use std::io::{self, Write};

use super::screen::Screen;

/// Things that were checked.
#[derive(Debug, Default)]
pub(super) struct Checks(Vec<Check>);

#[derive(Debug)]
struct Check {
    what: String,
    expected: String,
    found: String,
}

/// Some of what was checked is not as it should be.
#[derive(Debug, PartialEq, Eq, thiserror::Error)]
#[error("{failed} of {all} checks failed; see the lines above that begin with FAILED")]
pub(super) struct Failed {
    failed: usize,
    all: usize,
}

impl Checks {
    /// Checks that what was found is what was expected.
    pub(super) fn same(&mut self, what: &str, expected: impl ToString, found: impl ToString) {
        self.0.push(Check {
            what: what.to_owned(),
            expected: expected.to_string(),
            found: found.to_string(),
        });
    }

    /// Checks that octets are the same. A difference is shown where it begins.
    pub(super) fn same_octets(&mut self, what: &str, expected: &[u8], found: &[u8]) {
        let difference = expected
            .iter()
            .zip(found)
            .position(|(expected, found)| expected != found);
        let offset = difference.unwrap_or(expected.len().min(found.len()));
        let say = |octets: &[u8]| match octets.len() == expected.len() && difference.is_none() {
            true => format!("{} octets", octets.len()),
            false => format!(
                "{} octets, at offset {offset}: {}",
                octets.len(),
                beginning(&octets[offset..])
            ),
        };
        self.same(what, say(expected), say(found));
    }

    /// Shows all checks.
    ///
    /// # Errors
    ///
    /// Those of the screen; inside, [`Failed`].
    pub(super) fn report(self, screen: &mut Screen<impl Write>) -> io::Result<Result<(), Failed>> {
        let mut failed = 0;
        for Check { what, expected, found } in &self.0 {
            if expected == found {
                screen.good(what, found)?;
            } else {
                failed += 1;
                screen.bad(what, expected, found)?;
            }
        }
        let all = self.0.len();
        Ok(match failed {
            0 => Ok(()),
            failed => Err(Failed { failed, all }),
        })
    }
}

/// The first few octets, made harmless.
fn beginning(octets: &[u8]) -> String {
    match octets {
        [] => "the end".to_owned(),
        octets => format!("{:?}", mail_wire::Escaped(&octets[..octets.len().min(40)])),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn report(expected: &[u8], found: &[u8]) -> (Result<(), Failed>, String) {
        let mut checks = Checks::default();
        checks.same_octets("the copy", expected, found);
        let mut shown = Vec::new();
        let result = checks.report(&mut Screen::plain(&mut shown)).unwrap();
        (result, String::from_utf8(shown).unwrap())
    }

    #[test]
    fn equal_octets_pass() {
        let (result, shown) = report(b"ketchup", b"ketchup");
        assert_eq!(result, Ok(()));
        assert_eq!(shown, "ok      the copy: 7 octets\n");
    }

    #[test]
    fn a_difference_is_shown_where_it_begins() {
        let (result, shown) = report(b"ketchup\r\n", b"ketchop\r\n");
        assert_eq!(result, Err(Failed { failed: 1, all: 1 }));
        assert!(
            shown.contains(r#"expected: 9 octets, at offset 5: "up\r\n""#),
            "{shown}"
        );
        assert!(
            shown.contains(r#"found:    9 octets, at offset 5: "op\r\n""#),
            "{shown}"
        );
    }

    #[test]
    fn no_changed_octet_passes() {
        let message = b"Subject: hi\r\n\r\nyo";
        for offset in 0..message.len() {
            let mut tampered = *message;
            tampered[offset] ^= 1;
            assert!(report(message, &tampered).0.is_err());
            assert!(report(message, &message[..offset]).0.is_err());
            assert!(report(&message[..offset], message).0.is_err());
        }
    }
}
