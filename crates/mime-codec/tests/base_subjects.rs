//! The base subject against an oracle that takes the steps of RFC 5256 §2.1 one at a time.

use mime_codec::base_subject;

/// Steps 1 to 7, slow and literal.
fn oracle(subject: &str) -> (String, bool) {
    let mut text = subject.replace('\t', " ");
    while text.contains("  ") {
        text = text.replace("  ", " ");
    }
    let mut is_reply = false;
    loop {
        loop {
            if text.ends_with(' ') {
                text.pop();
            } else if text.to_ascii_lowercase().ends_with("(fwd)") {
                text.truncate(text.len() - 5);
                is_reply = true;
            } else {
                break;
            }
        }
        loop {
            if let Some(length) = leader(&text) {
                is_reply |= text.as_bytes()[0] != b' ';
                text.drain(..length);
            } else if let Some(length) = blob(&text).filter(|&length| length < text.len()) {
                text.drain(..length);
            } else {
                break;
            }
        }
        if !(text.to_ascii_lowercase().starts_with("[fwd:") && text.ends_with(']')) {
            return (text, is_reply);
        }
        text = text["[fwd:".len()..text.len() - 1].to_owned();
        is_reply = true;
    }
}

/// `(*subj-blob subj-refwd) / WSP`
fn leader(text: &str) -> Option<usize> {
    if text.starts_with(' ') {
        return Some(1);
    }
    let mut at = 0;
    loop {
        if let Some(length) = refwd(&text[at..]) {
            return Some(at + length);
        }
        at += blob(&text[at..])?;
    }
}

fn refwd(text: &str) -> Option<usize> {
    let lower = text.to_ascii_lowercase();
    let word = ["re", "fwd", "fw"].into_iter().find(|word| lower.starts_with(word))?;
    let mut at = word.len();
    at += text[at..].len() - text[at..].trim_start_matches(' ').len();
    at += blob(&text[at..]).unwrap_or(0);
    text[at..].starts_with(':').then_some(at + 1)
}

fn blob(text: &str) -> Option<usize> {
    let close = text.find(']').filter(|_| text.starts_with('['))?;
    if text[1..close].contains('[') {
        return None;
    }
    let behind = &text[close + 1..];
    Some(close + 1 + behind.len() - behind.trim_start_matches(' ').len())
}

/// All strings of up to seven pieces.
#[test]
fn every_short_subject_is_as_the_steps_have_it() {
    let pieces = ["Re", "[fwd:", "]", "[", " ", ":", "(Fwd)", "x"];
    let mut subjects = vec![String::new()];
    for _ in 0..6 {
        subjects = subjects
            .iter()
            .flat_map(|subject| pieces.map(|piece| format!("{subject}{piece}")))
            .collect();
        for subject in &subjects {
            let base = base_subject(subject);
            assert_eq!((base.text, base.is_reply_or_forward), oracle(subject), "{subject:?}");
        }
    }
}

#[test]
fn real_subjects() {
    for (subject, base, is_reply) in [
        ("Re: Re[2]: Fw : RE:menu", "menu", true),
        ("[list] Re: [list] menu", "menu", true),
        ("[list] menu", "menu", false),
        ("[menu]", "[menu]", false),
        ("[fwd: [fwd: Re: menu (fwd)] ]", "menu", true),
        ("Reply: menu", "Reply: menu", false),
        ("menu (fwd) (FWD) ", "menu", true),
        ("Re:", "", true),
        ("AW: menu", "AW: menu", false),
        ("  a\t\r\n b  ", "a b", false),
        ("é", "é", false),
    ] {
        let found = base_subject(subject);
        assert_eq!(
            (found.text.as_str(), found.is_reply_or_forward),
            (base, is_reply),
            "{subject:?}"
        );
    }
}

/// `docs/threats.md` rows 11 and 13.
#[test]
fn hostile_subjects_are_linear() {
    for piece in [
        "Re:", "[", "]", "[a]", "[fwd:", "(fwd)", " ", "Re [", "Re[a", "[a] [", "Re:[a]",
    ] {
        base_subject(&piece.repeat(400_000));
    }
    let nested = format!("{}x{}", "[fwd:".repeat(200_000), "]".repeat(200_000));
    assert_eq!(base_subject(&nested).text, "x");
}
