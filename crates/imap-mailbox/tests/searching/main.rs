//! SEARCH, its answers and what follows them.

mod corpora;
mod hostile;
mod keys;
mod live;
mod oracle;
mod results;
mod text;

use std::num::NonZeroU32;

use imap_mailbox::{MessageFacts, SearchContext, SearchError, SearchPlan, Verdict};
use imap_proto::{Charset, Date, DateTime, SearchProgram};

pub(crate) fn number(number: u32) -> NonZeroU32 {
    NonZeroU32::new(number).unwrap()
}

pub(crate) fn date(year: u16, month: u8, day: u8) -> DateTime {
    DateTime::new(Date::new(year, month, day).unwrap(), 23, 30, 0, -300).unwrap()
}

pub(crate) fn facts(sequence: u32, uid: u32) -> MessageFacts<'static> {
    MessageFacts::new(number(sequence), number(uid), date(2003, 7, 1), 1_000)
}

pub(crate) fn compile(wire: &[u8], charset: Option<&str>) -> Result<SearchPlan, SearchError> {
    let program = SearchProgram::parse(wire).unwrap();
    let charset = charset.map(|name| Charset::new(name).unwrap());
    SearchPlan::compile(
        &program,
        charset.as_ref(),
        &SearchContext::new(5, Some(number(50)), 1_057_120_200),
    )
}

pub(crate) fn plan(text: &str) -> SearchPlan {
    let program = SearchProgram::try_from(text).unwrap();
    SearchPlan::compile(&program, None, &SearchContext::new(5, Some(number(50)), 1_057_120_200)).unwrap()
}

/// Whether a message of these octets, fed in pieces of a size, matches.
pub(crate) fn matches_in_pieces(plan: &SearchPlan, facts: &MessageFacts<'_>, message: &[u8], size: usize) -> bool {
    match plan.judge(facts) {
        Verdict::Matches => true,
        Verdict::Differs => false,
        Verdict::Open(mut text) => {
            for piece in message.chunks(size) {
                if let Some(answer) = text.push(piece) {
                    return answer;
                }
            }
            text.finish()
        }
    }
}

pub(crate) fn matches(plan: &SearchPlan, message: &[u8]) -> bool {
    matches_in_pieces(plan, &facts(3, 30), message, usize::MAX)
}
