//! The planner and the streamed text against a recursive evaluator that sees everything at once.

use imap_mailbox::{Collation, MessageFacts, SearchContext, SearchPlan, Verdict};
use imap_proto::{AString, Flag, SearchKey, SearchProgram};
use proptest::prelude::*;

use super::{facts, matches_in_pieces, number};

/// A message, and what it says.
#[derive(Debug, Clone)]
struct Mail {
    fields: Vec<Field>,
    body: Body,
}

/// A field as it stands, and as it is read.
#[derive(Debug, Clone, Copy)]
struct Field {
    name: &'static str,
    raw: &'static str,
    text: &'static str,
}

#[derive(Debug, Clone)]
enum Body {
    Leaf(Leaf),
    Multipart(Vec<Leaf>),
    Message(Box<Mail>),
}

/// Content-Type and encoding as they stand, the octets, and the text if it is looked into.
#[derive(Debug, Clone, Copy)]
struct Leaf {
    header: &'static str,
    raw: &'static str,
    text: Option<&'static str>,
}

const FIELDS: &[Field] = &[
    Field {
        name: "From",
        raw: "ab <b@a>",
        text: "ab <b@a>",
    },
    Field {
        name: "From",
        raw: "=?utf-8?Q?=C3=A4b?= <c@a>",
        text: "äb <c@a>",
    },
    Field {
        name: "Subject",
        raw: "ba\r\n c",
        text: "ba c",
    },
    Field {
        name: "Subject",
        raw: "=?utf-8?Q?b=C3=A4?=",
        text: "bä",
    },
    Field {
        name: "X",
        raw: "cc",
        text: "cc",
    },
    Field {
        name: "X",
        raw: "",
        text: "",
    },
];

const LEAVES: &[Leaf] = &[
    Leaf {
        header: "Content-Type: text/plain\r\n",
        raw: "ab c",
        text: Some("ab c"),
    },
    Leaf {
        header: "Content-Transfer-Encoding: base64\r\n",
        raw: "YmE=",
        text: Some("ba"),
    },
    Leaf {
        header: "Content-Type: text/plain; charset=iso-8859-1\r\nContent-Transfer-Encoding: quoted-printable\r\n",
        raw: "b=E4=\r\nc",
        text: Some("bäc"),
    },
    Leaf {
        header: "Content-Type: image/png\r\n",
        raw: "ab ba cc",
        text: None,
    },
    Leaf {
        header: "Content-Type: message/delivery-status\r\n",
        raw: "ca",
        text: Some("ca"),
    },
];

const STRINGS: &[&str] = &[
    "a",
    "b",
    "ab",
    "BA",
    "Ä",
    "bä",
    "cc",
    "c a",
    "ba c",
    "b@a",
    "utf-8",
    "text/",
    "Subject: b",
    "=E4",
    "",
];

impl Mail {
    fn octets(&self) -> String {
        let mut octets: String = self
            .fields
            .iter()
            .map(|field| format!("{}: {}\r\n", field.name, field.raw))
            .collect();
        match &self.body {
            Body::Leaf(leaf) => octets += &format!("{}\r\n{}", leaf.header, leaf.raw),
            Body::Multipart(leaves) => {
                octets += "Content-Type: multipart/mixed; boundary=M\r\n\r\n";
                for leaf in leaves {
                    octets += &format!("--M\r\n{}\r\n{}\r\n", leaf.header, leaf.raw);
                }
                octets += "--M--\r\n";
            }
            Body::Message(inner) => octets += &format!("Content-Type: message/rfc822\r\n\r\n{}", inner.octets()),
        }
        octets
    }

    /// All texts in which a header key looks.
    fn field_texts<'m>(&'m self, name: &'m str) -> impl Iterator<Item = &'m str> {
        let fields = self
            .fields
            .iter()
            .filter(move |field| field.name.eq_ignore_ascii_case(name));
        fields.map(|field| field.text)
    }

    /// The header as it stands, and each field decoded.
    fn header_texts(&self) -> Vec<String> {
        let octets = self.octets();
        let raw = octets.split("\r\n\r\n").next().unwrap_or_default();
        let mut texts = vec![format!("{raw}\r\n")];
        texts.extend(
            self.fields
                .iter()
                .map(|field| format!("{}: {}", field.name, field.text)),
        );
        texts
    }

    fn body_texts(&self) -> Vec<String> {
        match &self.body {
            Body::Leaf(leaf) => leaf.text.map(String::from).into_iter().collect(),
            Body::Multipart(leaves) => leaves.iter().filter_map(|leaf| leaf.text.map(String::from)).collect(),
            Body::Message(inner) => [inner.header_texts(), inner.body_texts()].concat(),
        }
    }

    /// The headers of the body's parts, which TEXT sees and BODY does not.
    fn part_headers(&self) -> Vec<String> {
        match &self.body {
            Body::Multipart(leaves) => leaves.iter().map(|leaf| leaf.header.to_owned()).collect(),
            Body::Message(inner) => inner.part_headers(),
            Body::Leaf(_) => Vec::new(),
        }
    }
}

#[derive(Debug, Clone)]
enum Expr {
    Seen,
    Large,
    Uid(u32),
    From(&'static str),
    Subject(&'static str),
    Header(&'static str, &'static str),
    Body(&'static str),
    Text(&'static str),
    Not(Box<Expr>),
    Fuzzy(Box<Expr>),
    Or(Box<Expr>, Box<Expr>),
    And(Box<Expr>, Box<Expr>),
}

fn has(text: &str, string: &str) -> bool {
    let key = |text| Collation::UnicodeCasemap.key(text);
    let (text, string) = (key(text), key(string));
    let length = string.as_bytes().len();
    length == 0
        || text
            .as_bytes()
            .windows(length)
            .any(|window| window == string.as_bytes())
}

impl Expr {
    fn program(&self) -> SearchProgram<'static> {
        let string = |text: &'static str| AString::new(text.as_bytes()).unwrap();
        match self {
            Self::Seen => SearchKey::Seen.into(),
            Self::Large => SearchKey::Larger(500).into(),
            Self::Uid(uid) => SearchKey::Uid(number(*uid).into()).into(),
            Self::From(text) => SearchKey::From(string(text)).into(),
            Self::Subject(text) => SearchKey::Subject(string(text)).into(),
            Self::Header(name, text) => SearchKey::Header {
                name: string(name),
                value: string(text),
            }
            .into(),
            Self::Body(text) => SearchKey::Body(string(text)).into(),
            Self::Text(text) => SearchKey::Text(string(text)).into(),
            Self::Not(inner) => SearchProgram::not(inner.program()),
            Self::Fuzzy(inner) => SearchProgram::fuzzy(inner.program()),
            Self::Or(one, other) => SearchProgram::or(one.program(), other.program()),
            Self::And(one, other) => one.program().and(other.program()),
        }
    }

    /// What the answer is; without the mail, `None` where it depends on it.
    fn value(&self, facts: &MessageFacts<'_>, mail: Option<&Mail>) -> Option<bool> {
        let any = |texts: Vec<String>, string: &str| texts.iter().any(|text| has(text, string));
        match self {
            Self::Seen => Some(facts.flags.contains(&Flag::Seen)),
            Self::Large => Some(facts.size > 500),
            Self::Uid(uid) => Some(facts.uid.get() == *uid),
            Self::From(text) => mail.map(|mail| mail.field_texts("From").any(|field| has(field, text))),
            Self::Subject(text) => mail.map(|mail| mail.field_texts("Subject").any(|field| has(field, text))),
            Self::Header(name, text) => mail.map(|mail| mail.field_texts(name).any(|field| has(field, text))),
            Self::Body("") | Self::Text("") => Some(true),
            Self::Body(text) => mail.map(|mail| any(mail.body_texts(), text)),
            Self::Text(text) => mail.map(|mail| {
                any(
                    [mail.header_texts(), mail.body_texts(), mail.part_headers()].concat(),
                    text,
                )
            }),
            Self::Not(inner) => inner.value(facts, mail).map(|value| !value),
            Self::Fuzzy(inner) => inner.value(facts, mail),
            Self::Or(one, other) => match (one.value(facts, mail), other.value(facts, mail)) {
                (Some(true), _) | (_, Some(true)) => Some(true),
                (Some(false), Some(false)) => Some(false),
                _ => None,
            },
            Self::And(one, other) => match (one.value(facts, mail), other.value(facts, mail)) {
                (Some(false), _) | (_, Some(false)) => Some(false),
                (Some(true), Some(true)) => Some(true),
                _ => None,
            },
        }
    }
}

fn mails() -> impl Strategy<Value = Mail> {
    let leaf = prop::sample::select(LEAVES);
    let fields = || prop::collection::vec(prop::sample::select(FIELDS), 0..3);
    let body = prop_oneof![
        leaf.clone().prop_map(Body::Leaf),
        prop::collection::vec(leaf, 1..4).prop_map(Body::Multipart),
    ];
    let mail = (fields(), body).prop_map(|(fields, body)| Mail { fields, body });
    mail.prop_recursive(2, 4, 1, move |inner| {
        (fields(), inner).prop_map(|(fields, inner)| Mail {
            fields,
            body: Body::Message(Box::new(inner)),
        })
    })
}

fn expressions() -> impl Strategy<Value = Expr> {
    let string = || prop::sample::select(STRINGS);
    let leaf = prop_oneof![
        Just(Expr::Seen),
        Just(Expr::Large),
        (1u32..3).prop_map(Expr::Uid),
        string().prop_map(Expr::From),
        string().prop_map(Expr::Subject),
        (prop::sample::select(&["x", "From", "none"][..]), string()).prop_map(|(name, text)| Expr::Header(name, text)),
        string().prop_map(Expr::Body),
        string().prop_map(Expr::Text),
    ];
    leaf.prop_recursive(5, 24, 2, |inner| {
        prop_oneof![
            inner.clone().prop_map(|inner| Expr::Not(inner.into())),
            inner.clone().prop_map(|inner| Expr::Fuzzy(inner.into())),
            (inner.clone(), inner.clone()).prop_map(|(one, other)| Expr::Or(one.into(), other.into())),
            (inner.clone(), inner).prop_map(|(one, other)| Expr::And(one.into(), other.into())),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn planner_and_stream_say_what_the_oracle_says(
        expression in expressions(),
        mail in mails(),
        is_seen in any::<bool>(),
        size in prop::sample::select(&[100u64, 1000][..]),
        uid in 1u32..3,
        piece in prop::sample::select(&[1usize, 3, 16, 1000][..]),
    ) {
        let flags: &[Flag<'_>] = if is_seen { &[Flag::Seen] } else { &[] };
        let mut message = facts(1, uid).with_flags(flags);
        message.size = size;
        let context = SearchContext::new(2, Some(number(2)), 0);
        let plan = SearchPlan::compile(&expression.program(), None, &context).unwrap();
        // The planner opens a message where, and only where, the answer depends on it.
        prop_assert_eq!(plan.judge(&message).known(), expression.value(&message, None));
        let expected = expression.value(&message, Some(&mail)).unwrap();
        let octets = mail.octets();
        prop_assert_eq!(matches_in_pieces(&plan, &message, octets.as_bytes(), piece), expected, "{}", octets);
    }

    /// Once the text has answered, more of it changes nothing; and it answers as early as the oracle could with the header alone.
    #[test]
    fn an_answer_stands(expression in expressions(), mail in mails()) {
        let context = SearchContext::new(2, Some(number(2)), 0);
        let plan = SearchPlan::compile(&expression.program(), None, &context).unwrap();
        let Verdict::Open(mut text) = plan.judge(&facts(1, 1)) else { return Ok(()) };
        let octets = mail.octets();
        let mut first = None;
        for octet in octets.as_bytes().chunks(1) {
            let answer = text.push(octet);
            prop_assert!(first.is_none() || answer == first);
            first = answer;
        }
        let last = text.finish();
        prop_assert!(first.is_none_or(|first| first == last));
    }
}
