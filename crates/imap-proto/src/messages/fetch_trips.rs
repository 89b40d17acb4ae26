//! For tests: values of the FETCH family as they come, written and read back.

use alloc::boxed::Box;
use alloc::string::String;
use alloc::vec;
use alloc::vec::Vec;
use core::num::{NonZeroU32, NonZeroU64};

use proptest::collection::vec;
use proptest::option;
use proptest::prelude::*;

use crate::{
    AString, Access, Address, AddressField, Annotation, AnnotationAttribute, AnnotationQuery, Annotations, Atom,
    BodyExtension, BodyPart, BodyStructure, BodyStructureBuilder, Command, Conversion, Conversions, Convert,
    ConvertAttribute, ConvertError, ConvertErrorCode, Converted, ConvertedItem, ConvertedKind, Data, Date, DateTime,
    Disposition, Envelope, Extension, Fetch, FetchAttribute, FetchCommand, FetchItem, FetchModifier, FetchSelection,
    Flag, GmailLabel, Literals, Numbering, ObjectId, Octets, OneOrMore, Parameter, Parsed, PartPath, Partial,
    PartialRange, Payload, PreviewModifier, Reading, Response, Section, SequenceSet, Spelling, Store, StoreAction,
    StoreChange, StoreEcho, Tag, TaggedCommand, Tokens, TranscodingParameter,
};

proptest! {
    #![proptest_config(ProptestConfig::with_cases(128))]

    #[test]
    fn commands_are_read_as_they_were_meant(command in command(), utf8: bool) {
        let tagged = TaggedCommand { tag: Tag::new("a").unwrap(), command };
        for literals in [Literals::Plus, Literals::Minus, Literals::Synchronizing] {
            let mut wire = Vec::new();
            tagged.encode(Spelling { literals, utf8 }, &mut wire);
            let read = TaggedCommand::parse(&wire, Reading::STRICT);
            prop_assert_eq!(read, Ok(Parsed::Complete { value: tagged.clone(), octets: wire.len() }));
        }
    }

    #[test]
    fn data_are_read_as_they_were_meant(data in data(), utf8: bool) {
        let response = Response::Untagged(data);
        let mut wire = Vec::new();
        response.encode(Spelling { utf8, ..Spelling::SERVER }, &mut wire);
        for reading in [Reading::STRICT, Reading::LENIENT] {
            let read = Response::parse(&wire, reading);
            prop_assert_eq!(read, Ok(Parsed::Complete { value: response.clone(), octets: wire.len() }));
        }
    }

    /// Whatever a server sends, reading ends; what was read is written and read as the same.
    #[test]
    fn anything_is_read_or_refused(octets in vec(prop::sample::select(&b"()()  \"\"ab0159-NIL{}~<>[]\\"[..]), 0..60)) {
        for name in ["BODYSTRUCTURE ", "ENVELOPE (NIL NIL ", "FLAGS ", "BODY[", "X-GM-LABELS ", "ANNOTATION ", ""] {
            let wire = [b"* 1 FETCH (", name.as_bytes(), &octets, b")\r\n"].concat();
            let Ok(Parsed::Complete { value, .. }) = Response::parse(&wire, Reading::LENIENT) else { continue };
            let mut once = Vec::new();
            value.encode(Spelling::SERVER, &mut once);
            let Ok(Parsed::Complete { value: read, octets }) = Response::parse(&once, Reading::LENIENT) else {
                panic!("{:?}: {:?}", String::from_utf8_lossy(&wire), String::from_utf8_lossy(&once));
            };
            prop_assert_eq!(octets, once.len());
            let mut twice = Vec::new();
            read.encode(Spelling::SERVER, &mut twice);
            prop_assert_eq!(String::from_utf8_lossy(&once), String::from_utf8_lossy(&twice));
        }
    }
}

fn octets() -> BoxedStrategy<Octets<'static>> {
    prop_oneof![
        4 => "[ -~]{0,12}".prop_map(|text| Octets::from(text.into_bytes())),
        1 => "\\PC{0,8}".prop_map(|text| Octets::from(text.into_bytes())),
        1 => vec(any::<u8>(), 0..8).prop_map(Octets::from),
    ]
    .boxed()
}

fn nstring() -> BoxedStrategy<Option<Octets<'static>>> {
    option::of(octets()).boxed()
}

fn astring() -> BoxedStrategy<AString<'static>> {
    prop_oneof!["[!-~]{0,8}", "[ -~]{0,8}", "\\PC{0,5}", "(?i)nil"]
        .prop_map(|text| AString::new(text.into_bytes()).unwrap())
        .boxed()
}

fn atom() -> BoxedStrategy<Atom<'static>> {
    "X-[A-Z0-9.=&'-]{0,6}".prop_map(|text| Atom::new(text).unwrap()).boxed()
}

fn tokens() -> BoxedStrategy<Tokens<'static>> {
    let literal = "\\(\\(x\\) \\{2\\}\r\n\\(\"\\)";
    prop_oneof![4 => line_tokens(), 1 => literal.prop_map(|wire| Tokens::new(wire.into_bytes()).unwrap())].boxed()
}

/// Without literals, of which tokens keep the spelling.
fn line_tokens() -> BoxedStrategy<Tokens<'static>> {
    let wire = prop_oneof!["5", "NIL", "\\([a-c]( [a-c]){0,3}\\)", "\"[a-z ]{0,4}\""];
    wire.prop_map(|wire| Tokens::new(wire.into_bytes()).unwrap()).boxed()
}

fn extension() -> BoxedStrategy<Extension<'static>> {
    (atom(), option::of(line_tokens()))
        .prop_map(|(name, value)| {
            let extension = Extension::new(name).unwrap();
            let value = value.and_then(|value| extension.clone().with_value(value).ok());
            value.unwrap_or(extension)
        })
        .boxed()
}

fn one_or_more<T: core::fmt::Debug + Clone + 'static>(
    item: impl Strategy<Value = T> + 'static,
) -> BoxedStrategy<OneOrMore<T>> {
    vec(item, 1..4).prop_map(|items| OneOrMore::new(items).unwrap()).boxed()
}

fn number() -> BoxedStrategy<NonZeroU32> {
    prop_oneof![1u32..20, 1u32..]
        .prop_map(|number| NonZeroU32::new(number).unwrap())
        .boxed()
}

fn number64() -> BoxedStrategy<u64> {
    prop_oneof![0u64..100, 0..=i64::MAX as u64].boxed()
}

fn nz_number64() -> BoxedStrategy<NonZeroU64> {
    (1..=i64::MAX as u64)
        .prop_map(|number| NonZeroU64::new(number).unwrap())
        .boxed()
}

fn numbering() -> BoxedStrategy<Numbering> {
    prop_oneof![Just(Numbering::Sequence), Just(Numbering::Uid)].boxed()
}

fn set() -> BoxedStrategy<SequenceSet> {
    prop_oneof![
        Just(SequenceSet::SavedResult),
        Just(SequenceSet::all()),
        vec(number(), 1..5).prop_map(|numbers| SequenceSet::from_numbers(numbers).unwrap()),
    ]
    .boxed()
}

fn flag() -> BoxedStrategy<Flag<'static>> {
    prop_oneof![
        Just(Flag::Seen),
        Just(Flag::Deleted),
        atom().prop_map(Flag::Extension),
        "[$a-zA-Z\\[]{1,5}".prop_map(|name| Flag::new(name).unwrap()),
    ]
    .boxed()
}

fn label() -> BoxedStrategy<GmailLabel<'static>> {
    prop_oneof!["\\\\[A-Z]{1,5}", "[!-~]{0,8}", "\\\\?[ -~]{0,8}", "\\PC{0,5}"]
        .prop_map(|text| GmailLabel::new(&text).unwrap())
        .boxed()
}

fn path() -> BoxedStrategy<PartPath> {
    one_or_more(number()).prop_map(PartPath::new).boxed()
}

fn section() -> BoxedStrategy<Section<'static>> {
    prop_oneof![
        Just(Section::Whole),
        path().prop_map(Section::Part),
        option::of(path()).prop_map(Section::Header),
        option::of(path()).prop_map(Section::Text),
        path().prop_map(Section::Mime),
        (option::of(path()), one_or_more(astring())).prop_map(|(path, names)| Section::HeaderFields(path, names)),
        (option::of(path()), one_or_more(astring())).prop_map(|(path, names)| Section::HeaderFieldsNot(path, names)),
    ]
    .boxed()
}

fn partial() -> BoxedStrategy<Option<Partial>> {
    option::of((number64(), nz_number64()).prop_map(|(offset, length)| Partial { offset, length })).boxed()
}

fn fetch_attribute() -> BoxedStrategy<FetchAttribute<'static>> {
    let access = || prop_oneof![Just(Access::MarkSeen), Just(Access::Peek)];
    let arguments = prop_oneof!["", "\\[1\\.2\\]<0\\.5>", "\\(a b\\)"];
    prop_oneof![
        prop::sample::select(alloc::vec![
            FetchAttribute::Envelope,
            FetchAttribute::Flags,
            FetchAttribute::InternalDate,
            FetchAttribute::Rfc822,
            FetchAttribute::Rfc822Header,
            FetchAttribute::Rfc822Text,
            FetchAttribute::Rfc822Size,
            FetchAttribute::Body,
            FetchAttribute::BodyStructure,
            FetchAttribute::Uid,
            FetchAttribute::ModSeq,
            FetchAttribute::SaveDate,
            FetchAttribute::EmailId,
            FetchAttribute::ThreadId,
            FetchAttribute::GmailMessageId,
            FetchAttribute::GmailThreadId,
            FetchAttribute::GmailLabels,
        ]),
        (section(), partial(), access()).prop_map(|(section, partial, access)| FetchAttribute::BodySection {
            section,
            partial,
            access
        }),
        (option::of(path()), partial(), access()).prop_map(|(part, partial, access)| FetchAttribute::Binary {
            part,
            partial,
            access
        }),
        option::of(path()).prop_map(FetchAttribute::BinarySize),
        vec(
            prop_oneof![Just(PreviewModifier::Lazy), atom().prop_map(PreviewModifier::Other)],
            0..3
        )
        .prop_map(FetchAttribute::Preview),
        (one_or_more(astring()), one_or_more(astring()))
            .prop_map(|(entries, attributes)| FetchAttribute::Annotation(AnnotationQuery { entries, attributes })),
        (atom(), arguments).prop_map(|(name, arguments)| FetchAttribute::Other {
            name,
            arguments: Tokens::new(arguments.into_bytes()).unwrap()
        }),
    ]
    .boxed()
}

fn fetch_command() -> BoxedStrategy<FetchCommand<'static>> {
    let selection = prop_oneof![
        Just(FetchSelection::All),
        Just(FetchSelection::Fast),
        Just(FetchSelection::Full),
        one_or_more(fetch_attribute()).prop_map(FetchSelection::Attributes),
    ];
    let modifier = prop_oneof![
        nz_number64().prop_map(FetchModifier::ChangedSince),
        Just(FetchModifier::Vanished),
        (number(), number()).prop_map(|(a, b)| FetchModifier::Partial(PartialRange::Last(a, b))),
        extension().prop_map(FetchModifier::Other),
    ];
    (numbering(), set(), selection, vec(modifier, 0..3))
        .prop_map(|(numbering, set, selection, modifiers)| FetchCommand {
            numbering,
            set,
            selection,
            modifiers,
        })
        .boxed()
}

fn annotation() -> BoxedStrategy<Annotation<'static>> {
    let attribute = (astring(), nstring()).prop_map(|(name, value)| AnnotationAttribute { name, value });
    (astring(), one_or_more(attribute))
        .prop_map(|(entry, attributes)| Annotation { entry, attributes })
        .boxed()
}

fn store() -> BoxedStrategy<Store<'static>> {
    let action = || {
        prop_oneof![
            Just(StoreAction::Replace),
            Just(StoreAction::Add),
            Just(StoreAction::Remove)
        ]
    };
    let echo = || prop_oneof![Just(StoreEcho::Fetch), Just(StoreEcho::Silent)];
    let change = prop_oneof![
        (action(), echo(), vec(flag(), 0..4)).prop_map(|(action, echo, flags)| StoreChange::Flags {
            action,
            echo,
            flags
        }),
        (action(), echo(), vec(label(), 0..4)).prop_map(|(action, echo, labels)| StoreChange::GmailLabels {
            action,
            echo,
            labels
        }),
        one_or_more(annotation()).prop_map(StoreChange::Annotation),
    ];
    (
        numbering(),
        set(),
        option::of(number64()),
        vec(extension(), 0..3),
        change,
    )
        .prop_map(|(numbering, set, unchanged_since, modifiers, change)| Store {
            numbering,
            set,
            unchanged_since,
            modifiers,
            change,
        })
        .boxed()
}

fn convert() -> BoxedStrategy<Convert<'static>> {
    let part = || option::of(path());
    let attribute = prop_oneof![
        Just(ConvertAttribute::Uid),
        part().prop_map(ConvertAttribute::BodyPartStructure),
        (part(), partial()).prop_map(|(part, partial)| ConvertAttribute::Binary { part, partial }),
        part().prop_map(ConvertAttribute::BinarySize),
        part().prop_map(ConvertAttribute::Header),
        path().prop_map(ConvertAttribute::Mime),
        part().prop_map(ConvertAttribute::AvailableConversions),
    ];
    let param = (astring(), astring()).prop_map(|(name, value)| TranscodingParameter { name, value });
    (
        numbering(),
        set(),
        option::of(astring()),
        vec(param, 0..3),
        one_or_more(attribute),
    )
        .prop_map(|(numbering, set, media_type, params, attributes)| Convert {
            numbering,
            set,
            media_type,
            params,
            attributes,
        })
        .boxed()
}

fn command() -> BoxedStrategy<Command<'static>> {
    prop_oneof![
        4 => fetch_command().prop_map(Command::Fetch),
        4 => store().prop_map(Command::Store),
        2 => convert().prop_map(Command::Convert),
        1 => (astring(), astring()).prop_map(|(from, to)| Command::Conversions(Conversions { from, to })),
    ]
    .boxed()
}

fn address() -> BoxedStrategy<Address<'static>> {
    (nstring(), nstring(), nstring(), nstring())
        .prop_map(|(name, adl, mailbox, host)| Address {
            name,
            adl,
            mailbox,
            host,
        })
        .boxed()
}

fn envelope() -> BoxedStrategy<Envelope<'static>> {
    let lists = vec(vec(address(), 0..3), 6);
    (nstring(), nstring(), lists, nstring(), nstring())
        .prop_map(|(date, subject, lists, in_reply_to, message_id)| {
            let mut envelope = Envelope::default();
            (envelope.date, envelope.subject) = (date, subject);
            (envelope.in_reply_to, envelope.message_id) = (in_reply_to, message_id);
            for (field, list) in AddressField::ALL.into_iter().zip(lists) {
                envelope.set_addresses(field, list);
            }
            envelope
        })
        .boxed()
}

fn params() -> BoxedStrategy<Vec<Parameter<'static>>> {
    vec(
        (octets(), octets()).prop_map(|(name, value)| Parameter { name, value }),
        0..3,
    )
    .boxed()
}

fn body_extension() -> BoxedStrategy<BodyExtension<'static>> {
    let disposition = option::of((octets(), params()).prop_map(|(kind, params)| Disposition { kind, params }));
    let other = prop_oneof![Just(Tokens::default()), tokens()];
    (nstring(), disposition, vec(octets(), 0..3), nstring(), other)
        .prop_map(|(md5, disposition, language, location, other)| {
            let mut extension = BodyExtension::default();
            extension.disposition = disposition;
            extension.set_md5(md5);
            extension.set_language(language);
            extension.set_location(location);
            extension.set_other(other);
            extension
        })
        .boxed()
}

fn body_part() -> BoxedStrategy<BodyPart<'static>> {
    let part = prop_oneof![
        3 => (octets(), number64()).prop_map(|(subtype, lines)| BodyPart::text(subtype, lines)),
        3 => octets().prop_map(|subtype| BodyPart::basic("APPLICATION", subtype).unwrap()),
        1 => "[a-z/]{0,3}".prop_map(|name| BodyPart::basic(name.into_bytes(), "x").unwrap()),
        2 => octets().prop_map(BodyPart::multipart),
        1 => (envelope(), number64()).prop_map(|(envelope, lines)| BodyPart::message(envelope, lines)),
        1 => (envelope(), number64()).prop_map(|(envelope, lines)| BodyPart::message_global(envelope, lines)),
    ];
    let fields = (nstring(), nstring(), octets(), number64());
    (part, params(), fields, option::of(body_extension()))
        .prop_map(|(mut part, params, fields, extension)| {
            part.params = params;
            (part.id, part.description, part.encoding, part.octets) = fields;
            part.extension = extension;
            part
        })
        .boxed()
}

/// Parts and ends where they are legal; what is left open gets a text.
fn body_structure() -> BoxedStrategy<BodyStructure<'static>> {
    (body_part(), vec((body_part(), 0..3usize), 0..8))
        .prop_map(|(root, steps)| {
            let mut builder = BodyStructureBuilder::new(root);
            for (part, ends) in steps {
                let _ = builder.push(part);
                for _ in 0..ends {
                    let _ = builder.close();
                }
            }
            let _ = builder.push(BodyPart::text("PLAIN", 1));
            builder.finish().unwrap()
        })
        .boxed()
}

fn payload() -> BoxedStrategy<Option<Payload<'static>>> {
    option::of(octets().prop_map(|octets| Payload::Held(octets.into_inner()))).boxed()
}

fn date_time() -> BoxedStrategy<DateTime> {
    (0u16..10000, 1u8..13, 1u8..29, 0u8..24, 0u8..60, -5999i16..6000)
        .prop_map(|(year, month, day, hour, minute, zone)| {
            DateTime::new(Date::new(year, month, day).unwrap(), hour, minute, 7, zone).unwrap()
        })
        .boxed()
}

fn object_id() -> BoxedStrategy<ObjectId<'static>> {
    "[a-zA-Z0-9_-]{1,9}".prop_map(|id| ObjectId::new(id).unwrap()).boxed()
}

fn fetch_item() -> BoxedStrategy<FetchItem<'static>> {
    let origin = || option::of(number64());
    let annotations = prop_oneof![
        one_or_more(annotation()).prop_map(Annotations::Values),
        one_or_more(astring()).prop_map(Annotations::Entries),
    ];
    let standard = prop_oneof![
        vec(flag(), 0..4).prop_map(FetchItem::Flags),
        envelope().prop_map(|envelope| FetchItem::Envelope(Box::new(envelope))),
        date_time().prop_map(FetchItem::InternalDate),
        payload().prop_map(FetchItem::Rfc822),
        payload().prop_map(FetchItem::Rfc822Header),
        payload().prop_map(FetchItem::Rfc822Text),
        number64().prop_map(FetchItem::Rfc822Size),
        body_structure().prop_map(FetchItem::Body),
        body_structure().prop_map(FetchItem::BodyStructure),
        (section(), origin(), payload()).prop_map(|(section, origin, data)| FetchItem::BodySection {
            section,
            origin,
            data
        }),
        (option::of(path()), origin(), payload()).prop_map(|(part, origin, data)| FetchItem::Binary {
            part,
            origin,
            data
        }),
        (option::of(path()), number64()).prop_map(|(part, size)| FetchItem::BinarySize { part, size }),
        number().prop_map(FetchItem::Uid),
    ];
    let extensions = prop_oneof![
        nz_number64().prop_map(FetchItem::ModSeq),
        nstring().prop_map(FetchItem::Preview),
        option::of(date_time()).prop_map(FetchItem::SaveDate),
        object_id().prop_map(FetchItem::EmailId),
        option::of(object_id()).prop_map(FetchItem::ThreadId),
        annotations.prop_map(FetchItem::Annotation),
        any::<u64>().prop_map(FetchItem::GmailMessageId),
        any::<u64>().prop_map(FetchItem::GmailThreadId),
        vec(label(), 0..4).prop_map(FetchItem::GmailLabels),
        (atom(), prop_oneof!["", "\\[1\\.2\\]<5>"], tokens()).prop_map(|(name, section, value)| FetchItem::Other {
            name,
            section: Tokens::new(section.into_bytes()).unwrap(),
            value
        }),
    ];
    prop_oneof![2 => standard, 1 => extensions].boxed()
}

fn converted_item() -> BoxedStrategy<ConvertedItem<'static>> {
    let part = || option::of(path());
    let arguments = || prop_oneof![Just(Tokens::default()), tokens()];
    let code = prop_oneof![
        option::of(number()).prop_map(ConvertErrorCode::TempFail),
        arguments().prop_map(ConvertErrorCode::BadParameters),
        arguments().prop_map(ConvertErrorCode::MissingParameters),
        (atom(), arguments()).prop_map(|(name, arguments)| ConvertErrorCode::Other { name, arguments }),
    ];
    let kind = prop_oneof![
        Just(ConvertedKind::Binary),
        Just(ConvertedKind::BinarySize),
        Just(ConvertedKind::BodyPartStructure),
        Just(ConvertedKind::AvailableConversions),
    ];
    let section = prop_oneof![
        option::of(path()).prop_map(Section::Header),
        path().prop_map(Section::Mime)
    ];
    prop_oneof![
        number().prop_map(ConvertedItem::Uid),
        (part(), option::of(number64()), payload()).prop_map(|(part, origin, data)| ConvertedItem::Binary {
            part,
            origin,
            data
        }),
        (part(), number64()).prop_map(|(part, size)| ConvertedItem::BinarySize { part, size }),
        (part(), body_structure()).prop_map(|(part, structure)| ConvertedItem::BodyPartStructure { part, structure }),
        (part(), vec(astring(), 0..3))
            .prop_map(|(part, media_types)| ConvertedItem::AvailableConversions { part, media_types }),
        (section, payload()).prop_map(|(section, data)| ConvertedItem::BodySection { section, data }),
        (kind, part(), octets(), code).prop_map(|(kind, part, text, code)| ConvertedItem::Failed {
            kind,
            part,
            error: ConvertError { text, code }
        }),
    ]
    .boxed()
}

fn data() -> BoxedStrategy<Data<'static>> {
    prop_oneof![
        6 => (numbering(), number(), one_or_more(fetch_item()))
            .prop_map(|(numbering, number, items)| Data::Fetch(Fetch::new(numbering, number, items))),
        1 => vec(flag(), 0..5).prop_map(Data::Flags),
        2 => (number(), astring(), one_or_more(converted_item()))
            .prop_map(|(number, tag, items)| Data::Converted(Converted { number, tag, items })),
        1 => (astring(), astring(), vec(astring(), 0..3))
            .prop_map(|(from, to, params)| Data::Conversion(Conversion { from, to, params })),
    ]
    .boxed()
}
