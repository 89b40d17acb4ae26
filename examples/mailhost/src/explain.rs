//! The teaching mode (`serve --explain`): which rule of which RFC a refused command has broken, and what would have been right.
//!
//! The machines of the protocols say what is refused and why, as a value; here is the one table from that to a [`Lesson`], a file for
//! each protocol. A lesson says nothing of what was sent, and nothing that the plain refusal does not tell: whether a user exists, or
//! which half of a login was wrong, stays as secret as before.

mod imap;
mod pop3;
mod smtp;

use std::fmt;

pub(crate) use self::imap::imap;
pub(crate) use self::pop3::pop3;
pub(crate) use self::smtp::smtp;

/// What to learn from a refusal.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lesson {
    /// The rule, and what would have been right. Printable US-ASCII.
    text: &'static str,
    /// Where the rule stands, such as `RFC 5321 §4.1.1`.
    rule: &'static str,
}

impl Lesson {
    const fn new(text: &'static str, rule: &'static str) -> Self {
        Self { text, rule }
    }
}

/// In US-ASCII: `§` is none.
impl fmt::Display for Lesson {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ({})", self.text, self.rule.replace('§', "section "))
    }
}

/// Breaks a text between words into lines of at most `width` octets, where its words are no longer.
fn wrapped(text: &str, width: usize) -> String {
    let mut lines = String::new();
    let mut length = 0;
    for word in text.split(' ') {
        if length > 0 && length + 1 + word.len() > width {
            lines.push('\n');
            length = 0;
        } else if length > 0 {
            lines.push(' ');
            length += 1;
        }
        lines.push_str(word);
        length += word.len();
    }
    lines
}

#[cfg(test)]
mod tests {
    use std::collections::{HashMap, HashSet};
    use std::sync::LazyLock;

    use super::*;

    #[test]
    fn lines_are_broken_between_words() {
        assert_eq!(wrapped("one two three", 7), "one two\nthree");
        assert_eq!(wrapped("one", 1), "one");
        assert_eq!(wrapped("a b c d", 3), "a b\nc d");
    }

    /// Each RFC's sections, as the project lists them.
    static SECTIONS: LazyLock<HashMap<&'static str, HashSet<&'static str>>> = LazyLock::new(|| {
        let text = include_str!("../../../docs/rfc/sections.txt");
        let lines = text.lines().filter_map(|line| line.split_once(": "));
        lines
            .map(|(rfc, sections)| (rfc, sections.split(' ').collect()))
            .collect()
    });

    /// Checks a lesson; `fallback` is the one for causes that nobody has thought of.
    pub(super) fn check(what: &str, lesson: Lesson, fallbacks: &[Lesson]) {
        assert!(!fallbacks.contains(&lesson), "{what} has no lesson of its own");
        let (rfc, section) = lesson
            .rule
            .strip_prefix("RFC ")
            .and_then(|rule| rule.split_once(" §"))
            .unwrap_or_else(|| panic!("{what}: {}", lesson.rule));
        let exists = SECTIONS.get(rfc).is_some_and(|sections| sections.contains(section));
        assert!(exists, "{what}: {}", lesson.rule);
        let text = lesson.to_string();
        assert!(
            text.bytes().all(|octet| (b' '..=b'~').contains(&octet)),
            "{what}: {text}"
        );
        // With a refusal's own words it is to fit into a line of 512 octets (RFC 1939 §3).
        assert!(text.len() < 400, "{what}: {text}");
    }
}
