//! docs/threats.md rows 7 and 21: NUL, CR and LF come through no door of words, names and lines.

use imap_proto::{
    AString, Atom, Capability, Charset, CodeText, CodeUrl, Command, Condition, Credential, FilterName, Flag,
    GmailLabel, ListPattern, Mailbox, MailboxAttribute, MetadataEntry, ObjectId, Rights, Status, Tag, TaggedCommand,
    Text, UrlMechanism,
};
use proptest::prelude::*;

use crate::constructors::nasty;
use crate::unit::{Outcome, is_one_command};

proptest! {
    #[test]
    fn line_breaks_are_refused_where_words_and_names_stand(text in nasty()) {
        line_breaks_are_refused(&text)?;
    }
}

fn line_breaks_are_refused(text: &str) -> Outcome {
    let passes = [
        Tag::new(text).is_ok(),
        Atom::new(text).is_ok(),
        Text::new(text).is_ok(),
        AString::try_from(text).is_ok(),
        Flag::new(text).is_ok(),
        Mailbox::new(text).is_ok(),
        Mailbox::from_wire(text.as_bytes()).is_ok(),
        ListPattern::new(text).is_ok(),
        ListPattern::from_wire(text.as_bytes()).is_ok(),
        MetadataEntry::new(text).is_ok(),
        Capability::new(text).is_ok(),
        Charset::new(text).is_ok(),
        CodeText::new(text).is_ok(),
        CodeUrl::new(text).is_ok(),
        FilterName::new(text).is_ok(),
        GmailLabel::new(text).is_ok(),
        ObjectId::new(text).is_ok(),
        MailboxAttribute::new(text).is_ok(),
        UrlMechanism::new(text).is_ok(),
        Rights::new(text).is_ok(),
        Status::new(Condition::Ok, text).is_ok(),
        Credential::password(text.into()).is_ok(),
    ];
    if has_line_break(text) {
        prop_assert_eq!(passes, [false; 22], "{:?}", text);
    }
    let tagged = Tag::new(text).map(|tag| TaggedCommand {
        tag,
        command: Command::Noop,
    });
    tagged.map_or(Ok(()), |command| is_one_command(&command))
}

fn has_line_break(text: &str) -> bool {
    text.contains(['\0', '\r', '\n'])
}
