//! What is shown, against what comes: `…` stands for anything, `‹name›` for a word that is met again.

use std::collections::HashMap;

/// What stands for `‹name›`.
pub(crate) type Names = HashMap<String, String>;

/// Whether `line` is what `pattern` shows. New names are put into `names`; a name that is known must stand for the same again.
pub(crate) fn shows(pattern: &str, line: &str, names: &mut Names) -> bool {
    let mut learned = names.clone();
    let fits = fits(&pieces(pattern), line, &mut learned);
    if fits {
        *names = learned;
    }
    fits
}

/// What the reader types: names are what they stand for.
pub(crate) fn filled(text: &str, names: &Names) -> String {
    let filled = pieces(text).into_iter().map(|piece| match piece {
        Piece::Text(text) => text.to_owned(),
        Piece::Name(name) => names
            .get(name)
            .unwrap_or_else(|| panic!("nothing is known of ‹{name}›"))
            .clone(),
        Piece::Anything => panic!("nobody can type …: {text}"),
    });
    filled.collect()
}

/// Whether all of `shown` is in `came`, in this order and with nothing between but where a line `…` stands.
pub(crate) fn lines_show(shown: &[String], came: &[String], names: &mut Names) -> Result<(), String> {
    let mut rest = came;
    let mut skipping = false;
    for pattern in shown {
        if pattern.trim() == "…" {
            skipping = true;
            continue;
        }
        loop {
            let Some((line, behind)) = rest.split_first() else {
                return Err(format!("`{pattern}` is shown and did not come"));
            };
            rest = behind;
            if shows(pattern, line, names) {
                break;
            }
            if !skipping {
                return Err(format!("`{pattern}` is shown, `{line}` came"));
            }
        }
        skipping = false;
    }
    match rest.first() {
        Some(line) if !skipping => Err(format!("`{line}` came and is not shown")),
        _ => Ok(()),
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Piece<'a> {
    Text(&'a str),
    Anything,
    Name(&'a str),
}

fn pieces(pattern: &str) -> Vec<Piece<'_>> {
    let mut pieces = Vec::new();
    let mut rest = pattern;
    while let Some(at) = rest.find(['…', '‹']) {
        if at > 0 {
            pieces.push(Piece::Text(&rest[..at]));
        }
        let behind = &rest[at..];
        if let Some(behind) = behind.strip_prefix('…') {
            pieces.push(Piece::Anything);
            rest = behind;
        } else {
            let (name, behind) = behind['‹'.len_utf8()..].split_once('›').expect("‹ without ›");
            pieces.push(Piece::Name(name));
            rest = behind;
        }
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest));
    }
    pieces
}

fn fits(pieces: &[Piece<'_>], line: &str, names: &mut Names) -> bool {
    let Some((first, pieces)) = pieces.split_first() else {
        return line.is_empty();
    };
    match *first {
        Piece::Text(text) => line.strip_prefix(text).is_some_and(|rest| fits(pieces, rest, names)),
        Piece::Anything => (0..=line.len())
            .filter(|at| line.is_char_boundary(*at))
            .any(|at| fits(pieces, &line[at..], names)),
        Piece::Name(name) => {
            let end = line
                .find(|c: char| !c.is_alphanumeric() && c != '-')
                .unwrap_or(line.len());
            let word = &line[..end];
            let known = names.entry(name.to_owned()).or_insert_with(|| word.to_owned());
            end > 0 && known == word && fits(pieces, &line[end..], names)
        }
    }
}

#[test]
fn what_is_shown_is_what_comes() {
    let mut names = Names::new();
    assert!(shows(
        "250 …: queued as ‹id›",
        "250 2.6.0 Ok: queued as 66F",
        &mut names
    ));
    assert!(shows("id ‹id›.", "id 66F.", &mut names) && !shows("id ‹id›", "id 66E", &mut names));
    assert!(!shows("250 Ok", "250 Ok.", &mut names) && !shows("250 Ok.", "250 Ok", &mut names));
    assert_eq!(filled("a FETCH ‹id› x", &names), "a FETCH 66F x");
    let lines = |text: &str| text.split(' ').map(str::to_owned).collect::<Vec<_>>();
    let check = |shown: &str, came: &str| lines_show(&lines(shown), &lines(came), &mut Names::new()).is_ok();
    assert!(check("a b", "a b") && check("… b", "a b") && check("a …", "a b c") && check("a … c", "a b c"));
    assert!(!check("a", "a b") && !check("a b", "a") && !check("a … d", "a b c") && !check("a c", "a b c"));
}
