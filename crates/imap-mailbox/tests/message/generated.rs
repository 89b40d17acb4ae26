//! Messages that are written part by part, and what each section must then be.

use imap_mailbox::message::Summary;
use imap_proto::{PartPath, Section};
use proptest::prelude::{Just, Strategy, any, prop, prop_oneof, proptest};

/// An entity.
#[derive(Clone, Debug)]
enum Node {
    Leaf {
        fields: String,
        body: String,
    },
    Multipart {
        fields: String,
        preamble: String,
        parts: Vec<Node>,
        epilogue: String,
    },
    Message {
        fields: String,
        inner: Box<Node>,
    },
}

/// An entity as it is written.
struct Written {
    header: String,
    body: String,
    /// Entities inside.
    inside: Vec<Written>,
    is_message: bool,
}

impl Node {
    /// Boundaries are numbered, so that none is another's begin.
    fn write(&self, next: &mut u32) -> Written {
        *next += 1;
        let number = *next;
        match self {
            Self::Leaf { fields, body } => Written {
                header: format!("{fields}\r\n"),
                body: body.clone(),
                inside: Vec::new(),
                is_message: false,
            },
            Self::Message { fields, inner } => {
                let inner = inner.write(next);
                Written {
                    header: format!("{fields}Content-Type: message/rfc822\r\n\r\n"),
                    body: format!("{}{}", inner.header, inner.body),
                    inside: vec![inner],
                    is_message: true,
                }
            }
            Self::Multipart {
                fields,
                preamble,
                parts,
                epilogue,
            } => {
                let parts: Vec<_> = parts.iter().map(|part| part.write(next)).collect();
                let delimiter = format!("--=_{number}_");
                let mut body = preamble.clone();
                for part in &parts {
                    body += &format!("{delimiter}\r\n{}{}\r\n", part.header, part.body);
                }
                body += &format!("{delimiter}--{epilogue}");
                Written {
                    header: format!("{fields}Content-Type: multipart/mixed; boundary=\"=_{number}_\"\r\n\r\n"),
                    body,
                    inside: parts,
                    is_message: false,
                }
            }
        }
    }
}

impl Written {
    const fn is_multipart(&self) -> bool {
        !self.is_message && !self.inside.is_empty()
    }

    /// All sections of a message, by the rules of RFC 9051 §6.4.5.1.
    fn message(&self, path: Option<&PartPath>, sections: &mut Vec<(Section<'static>, String)>) {
        sections.push((Section::Header(path.cloned()), self.header.clone()));
        sections.push((Section::Text(path.cloned()), self.body.clone()));
        let below = |number: usize| match path {
            Some(path) => path.child(u32::try_from(number).unwrap().try_into().unwrap()),
            None => number.to_string().parse().unwrap(),
        };
        if self.is_multipart() {
            for (i, part) in self.inside.iter().enumerate() {
                part.part(&below(i + 1), sections);
            }
        } else {
            self.part(&below(1), sections);
        }
    }

    fn part(&self, path: &PartPath, sections: &mut Vec<(Section<'static>, String)>) {
        sections.push((Section::Part(path.clone()), self.body.clone()));
        sections.push((Section::Mime(path.clone()), self.header.clone()));
        match self.inside.as_slice() {
            [message] if self.is_message => message.message(Some(path), sections),
            parts => {
                for (i, part) in parts.iter().enumerate() {
                    part.part(&path.child(u32::try_from(i + 1).unwrap().try_into().unwrap()), sections);
                }
            }
        }
    }
}

fn fields() -> impl Strategy<Value = String> {
    "([A-Z][a-z]{0,5}: [a-z ,<>@]{0,10}(\r\n [a-z]{1,5})?\r\n){0,3}"
}

/// Text in which no delimiter line is.
fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        Just(String::new()),
        "([ -,.-~]{0,10}\r?\n){0,4}[a-z\u{0}]{0,3}",
        "(\r\n){0,3}"
    ]
}

fn lines() -> impl Strategy<Value = String> {
    prop_oneof![Just(String::new()), "([a-z ]{1,10}\r\n){1,2}"]
}

fn node() -> impl Strategy<Value = Node> {
    let leaf = (fields(), text()).prop_map(|(fields, body)| Node::Leaf { fields, body });
    leaf.prop_recursive(5, 30, 4, |inner| {
        let parts = prop::collection::vec(inner.clone(), 1..4);
        let multipart =
            (fields(), lines(), parts, lines()).prop_map(|(fields, preamble, parts, epilogue)| Node::Multipart {
                fields,
                preamble,
                parts,
                epilogue: if epilogue.is_empty() {
                    epilogue
                } else {
                    format!("\r\n{epilogue}")
                },
            });
        let message = (fields(), inner).prop_map(|(fields, inner)| Node::Message {
            fields,
            inner: Box::new(inner),
        });
        prop_oneof![multipart, message]
    })
}

proptest! {
    #[test]
    fn each_section_is_where_it_was_written(node in node(), cut in any::<prop::sample::Index>()) {
        let written = node.write(&mut 0);
        let message = format!("{}{}", written.header, written.body);
        let mut sections = Vec::new();
        written.message(None, &mut sections);
        let summary = Summary::of(message.as_bytes());
        let kept = Summary::from_bytes(&summary.to_bytes()).unwrap();
        assert_eq!(kept, summary);
        for (section, expected) in &sections {
            let range = kept.locate(section).unwrap_or_else(|| panic!("{section:?} of {message:?}"));
            let found = &message[range.start as usize..range.end as usize];
            assert_eq!(found, expected, "{section:?} of {message:?}");
        }
        let numbers = kept.body_structure().numbered().count();
        assert_eq!(numbers, sections.iter().filter(|(section, _)| matches!(section, Section::Part(_))).count());
        // A message that breaks off anywhere is a message, too.
        imap_mailbox::fuzzing::message(&message.as_bytes()[..cut.index(message.len() + 1)]);
    }
}
