//! The strict address list against the grammar of RFC 5322 §3.4 itself: all that the ABNF derives up to some length, built
//! rule by rule from sets of strings, and nothing else.

use std::collections::BTreeSet;

use rfc5322::AddressList;

type Language = BTreeSet<Vec<u8>>;

/// What rules derive, cut off at a length.
struct Grammar {
    alphabet: &'static [u8],
    longest: usize,
}

impl Grammar {
    fn literal(&self, text: &str) -> Language {
        let mut words = Language::new();
        if text.bytes().all(|octet| self.alphabet.contains(&octet)) {
            words.insert(text.as_bytes().to_vec());
        }
        words
    }

    /// One octet of the alphabet that a class has.
    fn octet(&self, class: impl Fn(u8) -> bool) -> Language {
        self.alphabet
            .iter()
            .filter(|&&octet| class(octet))
            .map(|&octet| vec![octet])
            .collect()
    }

    fn then(&self, rules: &[&Language]) -> Language {
        let mut words = Language::from([vec![]]);
        for rule in rules {
            let mut longer = Language::new();
            for word in &words {
                let room = self.longest - word.len();
                let fitting = rule.iter().filter(|next| next.len() <= room);
                longer.extend(fitting.map(|next| [&word[..], next].concat()));
            }
            words = longer;
        }
        words
    }

    fn any_number(&self, rule: &Language) -> Language {
        let mut words = Language::from([vec![]]);
        let mut newest = words.clone();
        while !newest.is_empty() {
            newest = &self.then(&[&newest, rule]) - &words;
            words.extend(newest.iter().cloned());
        }
        words
    }

    fn some(&self, rule: &Language) -> Language {
        self.then(&[rule, &self.any_number(rule)])
    }

    fn address_list(&self) -> Language {
        let maybe = |rule: &Language| rule | &Language::from([vec![]]);
        let fws = maybe(&self.some(&self.literal(" ")));
        let mut comments = Language::new();
        loop {
            let text = self.octet(|octet| !b" ()\\".contains(&octet));
            let content = self.any_number(&self.then(&[&fws, &(&text | &comments)]));
            let more = self.then(&[&self.literal("("), &content, &fws, &self.literal(")")]);
            if more.len() == comments.len() {
                break;
            }
            comments = more;
        }
        let cfws = self.then(&[&self.any_number(&self.then(&[&fws, &comments])), &fws]);
        let text = self.some(&self.octet(|octet| octet == b'a'));
        let atom = self.then(&[&cfws, &text, &cfws]);
        let dots = self.any_number(&self.then(&[&self.literal("."), &text]));
        let dot_atom = self.then(&[&cfws, &text, &dots, &cfws]);
        let quoted = self.any_number(&self.then(&[&fws, &self.octet(|octet| !b" \"\\".contains(&octet))]));
        let quote = self.literal("\"");
        let quoted_string = self.then(&[&cfws, &quote, &quoted, &fws, &quote, &cfws]);
        let phrase = self.some(&(&atom | &quoted_string));
        let addr_spec = self.then(&[&(&dot_atom | &quoted_string), &self.literal("@"), &dot_atom]);
        let angle_addr = self.then(&[&cfws, &self.literal("<"), &addr_spec, &self.literal(">"), &cfws]);
        let mailbox = &self.then(&[&maybe(&phrase), &angle_addr]) | &addr_spec;
        let comma = self.literal(",");
        let mailbox_list = self.then(&[&mailbox, &self.any_number(&self.then(&[&comma, &mailbox]))]);
        let members = &mailbox_list | &cfws;
        let group = self.then(&[&phrase, &self.literal(":"), &members, &self.literal(";"), &cfws]);
        let address = &mailbox | &group;
        self.then(&[&address, &self.any_number(&self.then(&[&comma, &address]))])
    }

    fn check(&self) {
        let language = self.address_list();
        assert!(language.len() > 20);
        let mut text = Vec::new();
        for length in 0..=self.longest {
            for number in 0..self.alphabet.len().pow(length as u32) {
                text.clear();
                let mut number = number;
                for _ in 0..length {
                    text.push(self.alphabet[number % self.alphabet.len()]);
                    number /= self.alphabet.len();
                }
                let strict = AddressList::parse_strict(&text);
                assert_eq!(
                    strict.is_ok(),
                    language.contains(&text),
                    "{:?} {strict:?}",
                    String::from_utf8_lossy(&text)
                );
            }
        }
    }
}

#[test]
fn mailboxes() {
    let (alphabet, longest) = (b"a@.,<>\" ", 6);
    Grammar { alphabet, longest }.check();
}

#[test]
fn groups() {
    let (alphabet, longest) = (b"a@,:; ", 6);
    Grammar { alphabet, longest }.check();
}

#[test]
fn comments() {
    let (alphabet, longest) = (b"a@<>()", 6);
    Grammar { alphabet, longest }.check();
}
