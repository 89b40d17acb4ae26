//! `mua search`.

use std::fmt;

use imap_proto::{AString, Date, SearchKey, SearchProgram};
use serde::Serialize;

use crate::cli::Search;
use crate::context::Context;
use crate::failure::Failure;
use crate::stored;

/// A message that was found.
#[derive(Serialize)]
struct Found {
    uid: u32,
}

impl fmt::Display for Found {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{}", self.uid)
    }
}

pub(crate) async fn run(context: &Context, options: &Search) -> Result<(), Failure> {
    let program = program(options)?;
    let mut imap = context.imap().await?;
    stored::examine(&mut imap, &options.mailbox).await?;
    let found = imap.uid_search(program).await?;
    for uid in found.iter().flat_map(|set| set.numbers()) {
        context.output.row(&Found { uid: uid.get() })?;
    }
    let _ = imap.logout().await;
    Ok(())
}

fn program(options: &Search) -> Result<SearchProgram<'static>, Failure> {
    let mut program: Option<SearchProgram<'static>> = None;
    let mut and = |key: SearchKey<'static>| {
        program = Some(match program.take() {
            Some(program) => program.and(key),
            None => key.into(),
        });
    };
    for word in &options.words {
        and(SearchKey::Text(text(word)?));
    }
    let texts = [
        (
            &options.from,
            SearchKey::From as fn(AString<'static>) -> SearchKey<'static>,
        ),
        (&options.to, SearchKey::To),
        (&options.subject, SearchKey::Subject),
        (&options.text, SearchKey::Body),
    ];
    for (option, key) in texts {
        if let Some(option) = option {
            and(key(text(option)?));
        }
    }
    if let Some(since) = &options.since {
        and(SearchKey::Since(day("--since", since)?));
    }
    if let Some(before) = &options.before {
        and(SearchKey::Before(day("--before", before)?));
    }
    if options.unseen {
        and(SearchKey::Unseen);
    }
    if options.flagged {
        and(SearchKey::Flagged);
    }
    program.ok_or_else(|| Failure::usage("what is to be found?").hint("words, or --from, --subject, --since, …"))
}

/// What the full-screen reader looks for: each word, anywhere.
pub(crate) fn words(line: &str) -> Option<SearchProgram<'static>> {
    let keys = line
        .split_whitespace()
        .filter_map(|word| text(word).ok())
        .map(SearchKey::Text);
    keys.map(SearchProgram::from).reduce(SearchProgram::and)
}

fn text(text: &str) -> Result<AString<'static>, Failure> {
    AString::try_from(text.to_owned()).map_err(|error| Failure::usage(format!("{text}: {error}")))
}

fn day(option: &str, text: &str) -> Result<Date, Failure> {
    let wrong = || Failure::usage(format!("{option} {text}: no day")).hint("as in 2026-11-22");
    let mut numbers = text.splitn(3, '-');
    let mut number = || {
        numbers
            .next()
            .and_then(|digits| digits.parse::<u16>().ok())
            .ok_or_else(wrong)
    };
    let (year, month, day) = (number()?, number()?, number()?);
    let (Ok(month), Ok(day)) = (u8::try_from(month), u8::try_from(day)) else {
        return Err(wrong());
    };
    Date::new(year, month, day).map_err(|_| wrong())
}
