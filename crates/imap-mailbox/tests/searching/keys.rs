//! Keys that are answered without a message's text, by section of the RFCs.

use imap_mailbox::{MessageFacts, SearchContext, SearchError, SearchPlan, Verdict};
use imap_proto::{Atom, Condition, Flag, NumberSet, SearchKey, SearchProgram};

use super::{compile, date, facts, number, plan};

fn judge(text: &str, facts: &MessageFacts<'_>) -> bool {
    plan(text)
        .judge(facts)
        .known()
        .unwrap_or_else(|| panic!("{text} needs no text"))
}

#[test]
fn flags_are_set_or_not() {
    let keyword = Flag::Keyword(Atom::new("$Junk").unwrap());
    let flags = [Flag::Seen, Flag::Deleted, keyword];
    let message = facts(3, 30).with_flags(&flags);
    let bare = facts(3, 30);
    let cases = [
        ("ALL", true, true),
        ("SEEN", true, false),
        ("UNSEEN", false, true),
        ("DELETED", true, false),
        ("UNDELETED", false, true),
        ("ANSWERED", false, false),
        ("UNANSWERED", true, true),
        ("DRAFT", false, false),
        ("UNDRAFT", true, true),
        ("FLAGGED", false, false),
        ("UNFLAGGED", true, true),
        ("KEYWORD $junk", true, false),
        ("UNKEYWORD $JUNK", false, true),
        ("KEYWORD $Other", false, false),
    ];
    for (text, with, without) in cases {
        assert_eq!((judge(text, &message), judge(text, &bare)), (with, without), "{text}");
    }
}

/// RFC 3501 §6.4.4.
#[test]
fn recent_is_of_the_session() {
    for (is_recent, is_seen) in [(false, false), (false, true), (true, false), (true, true)] {
        let flags: &[Flag<'_>] = if is_seen { &[Flag::Seen] } else { &[] };
        let mut message = facts(3, 30).with_flags(flags);
        message.is_recent = is_recent;
        assert_eq!(judge("RECENT", &message), is_recent);
        assert_eq!(judge("OLD", &message), !is_recent);
        assert_eq!(judge("NEW", &message), is_recent && !is_seen);
    }
}

/// `*` is the highest, a range goes either way, and a mailbox may be empty.
#[test]
fn numbers_are_those_of_the_mailbox() {
    let cases = [
        ("3", true),
        ("1:2,4:*", false),
        ("*", false),
        ("*:1", true),
        ("9:3", true),
        ("7:9", false),
        ("UID 30", true),
        ("UID 31:*", false),
        ("UID *:1", true),
        ("UID 99:*", false),
        ("UIDAFTER 29", true),
        ("UIDAFTER 30", false),
        ("UIDAFTER 4294967295", false),
        ("UIDBEFORE 31", true),
        ("UIDBEFORE 30", false),
        ("UIDBEFORE 1", false),
    ];
    for (text, expected) in cases {
        assert_eq!(judge(text, &facts(3, 30)), expected, "{text}");
    }
    assert!(judge("9:*", &facts(5, 50)), "the last message is in each range with *");
    assert!(judge("UID 559:*", &facts(5, 50)));
    let empty = SearchContext::new(0, None, 0);
    for text in ["1:*", "*", "UID 1:*"] {
        let program = SearchProgram::parse(text.as_bytes()).unwrap();
        let plan = SearchPlan::compile(&program, None, &empty).unwrap();
        assert!(matches!(plan.judge(&facts(1, 1)), Verdict::Differs), "{text}");
    }
}

/// RFC 5182 §2.1: `$` names messages, whichever number they are asked for by.
#[test]
fn a_saved_result_is_messages() {
    let saved = NumberSet::parse("50,20:30").unwrap();
    let context = SearchContext::new(5, Some(number(50)), 0);
    for text in ["$", "UID $"] {
        let program = SearchProgram::parse(text.as_bytes()).unwrap();
        let plan = SearchPlan::compile(&program, None, &context.with_saved(Some(&saved))).unwrap();
        let found: Vec<_> = [20, 30, 31, 50]
            .map(|uid| plan.judge(&facts(1, uid)).known().unwrap())
            .into();
        assert_eq!(found, [true, true, false, true]);
        let plan = SearchPlan::compile(&program, None, &context).unwrap();
        assert!(
            matches!(plan.judge(&facts(1, 20)), Verdict::Differs),
            "an empty set is none of them"
        );
    }
}

/// The day as the zone of the internal date has it (RFC 9051 §6.4.4); 23:30 at -0500 is the next day in UTC.
#[test]
fn days_disregard_time_and_zone() {
    let cases = [
        ("BEFORE 1-Jul-2003", false),
        ("BEFORE 2-Jul-2003", true),
        ("ON 1-Jul-2003", true),
        ("ON 2-Jul-2003", false),
        ("SINCE 1-Jul-2003", true),
        ("SINCE 2-Jul-2003", false),
        // RFC 8514 §4.3: without a save date the internal date counts.
        ("SAVEDON 1-Jul-2003", true),
        ("SAVEDBEFORE 1-Jul-2003", false),
        ("SAVEDSINCE 1-Jul-2003", true),
        ("SAVEDATESUPPORTED", false),
    ];
    for (text, expected) in cases {
        assert_eq!(judge(text, &facts(3, 30)), expected, "{text}");
    }
    let mut saved = facts(3, 30);
    saved.save_date = Some(date(2004, 2, 29));
    for (text, expected) in [
        ("SAVEDON 29-Feb-2004", true),
        ("SAVEDBEFORE 1-Mar-2004", true),
        ("SAVEDSINCE 1-Mar-2004", false),
        ("ON 1-Jul-2003", true),
    ] {
        assert_eq!(judge(text, &saved), expected, "{text}");
    }
    let program = SearchProgram::from(SearchKey::SaveDateSupported);
    let context = SearchContext::new(5, None, 0).with_save_dates();
    let plan = SearchPlan::compile(&program, None, &context).unwrap();
    assert!(matches!(plan.judge(&saved), Verdict::Matches));
}

/// RFC 5032 §2: both include the very second. The internal date is 1057120200.
#[test]
fn ages_are_in_seconds() {
    for (now, older, younger) in [
        (1_057_120_299, false, true),
        (1_057_120_300, true, true),
        (1_057_120_301, true, false),
    ] {
        let mut plan = plan("OLDER 100");
        plan.set_now(now);
        assert_eq!(plan.judge(&facts(3, 30)).known(), Some(older));
        let mut plan = super::plan("YOUNGER 100");
        plan.set_now(now);
        assert_eq!(plan.judge(&facts(3, 30)).known(), Some(younger));
    }
    assert!(judge("YOUNGER 1", &facts(3, 30)), "compiled for the very moment");
}

#[test]
fn sizes_sequences_and_identifiers() {
    let mut message = facts(3, 30);
    message.mod_sequence = 77;
    message.email_id = Some("M6d99");
    message.thread_id = Some("T64b4");
    let cases = [
        ("LARGER 999", true),
        ("LARGER 1000", false),
        ("SMALLER 1001", true),
        ("SMALLER 1000", false),
        ("MODSEQ 77", true),
        ("MODSEQ 78", false),
        ("MODSEQ \"/flags/\\\\draft\" all 77", true),
        ("EMAILID M6d99", true),
        ("EMAILID m6d99", false),
        ("THREADID T64b4", true),
        ("THREADID M6d99", false),
    ];
    for (text, expected) in cases {
        assert_eq!(judge(text, &message), expected, "{text}");
    }
    assert!(!judge("EMAILID M6d99", &facts(3, 30)));
    assert!(plan("OR MODSEQ 1 SEEN").asks_mod_sequence());
}

#[test]
fn keys_that_only_the_server_knows_are_refused_or_answered() {
    for text in [
        "FILTER mine",
        "X-GM-RAW x",
        "X-GM-MSGID 7",
        "ANNOTATION /comment value.priv \"x\"",
    ] {
        let found = compile(text.as_bytes(), None).map(|_| ());
        assert_eq!(found, Err(SearchError::UnsupportedKey), "{text}");
    }
    let program = SearchProgram::parse(b"NOT FILTER mine").unwrap();
    let key = program.keys().next().unwrap().clone();
    let answered = [(key, NumberSet::parse("30:31").ok())];
    let context = SearchContext::new(5, None, 0).with_answers(&answered);
    let plan = SearchPlan::compile(&program, None, &context).unwrap();
    assert_eq!(plan.judge(&facts(3, 30)).known(), Some(false));
    assert_eq!(plan.judge(&facts(3, 32)).known(), Some(true));
}

#[test]
fn charsets_are_known_or_refused() {
    let error = |wire: &[u8], charset| compile(wire, charset).map(|_| ()).unwrap_err();
    assert_eq!(error(b"TEXT x", Some("x-unheard-of")), SearchError::BadCharset);
    assert_eq!(error(b"TEXT x", Some("x-unheard-of")).condition(), Condition::No);
    assert!(error(b"TEXT x", Some("x-unheard-of")).code().is_some());
    assert_eq!(
        error(b"TEXT {2+}\r\n\xC3\xAA", Some("US-ASCII")),
        SearchError::NotInCharset
    );
    assert_eq!(error(b"TEXT {1+}\r\n\xEA", None), SearchError::NotInCharset);
    for (wire, charset) in [
        (&b"SUBJECT {1+}\r\n\xEA"[..], Some("ISO-8859-1")),
        (b"SUBJECT {2+}\r\n\xC3\xAA", Some("UTF-8")),
        (b"SUBJECT {2+}\r\n\xC3\xAA", None),
    ] {
        let plan = compile(wire, charset).unwrap();
        assert!(super::matches(&plan, "Subject: CRÊPES\r\n\r\n".as_bytes()));
    }
}

/// RFC 5267 §4.3: what was meant when the search was asked for.
#[test]
fn sequence_numbers_can_be_pinned() {
    let uids = [10, 20, 30, 40, 50];
    let plan = plan("OR 2:3 5:*").pinned(|sequence| Some(number(uids[sequence.get() as usize - 1])));
    for (sequence, uid, expected) in [
        (1, 20, true),
        (2, 30, true),
        (3, 40, false),
        (4, 50, true),
        (5, 60, false),
    ] {
        assert_eq!(plan.judge(&facts(sequence, uid)).known(), Some(expected), "{uid}");
    }
}

#[test]
fn a_store_need_not_look_beyond_the_bounds() {
    let bounds = |text| plan(text).uid_bounds().map(|(low, high)| (low.get(), high.get()));
    assert_eq!(bounds("UNSEEN UID 20:30 TEXT x UIDAFTER 24"), Some((25, 30)));
    assert_eq!(bounds("UID 7,9,40"), Some((7, 40)));
    assert_eq!(bounds("OR UID 7 SEEN"), None);
    assert_eq!(bounds("NOT UID 7"), None);
    assert_eq!(bounds("1:2"), None);
    assert!(bounds("UID 7 UID 9").is_some());
}
