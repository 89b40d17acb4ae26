//! Searches of any message by any program, and threads of any headers.

use std::num::NonZeroU32;

use imap_proto::{Date, DateTime, Flag, SearchProgram, SortKey, ThreadAlgorithm};
use mime_codec::rfc5322::Fields;

use crate::message::{KeptHeader, Summary};
use crate::{MessageFacts, SearchContext, SearchPlan, SortFacts, SortOrder, ThreadFacts, Verdict, threads};

/// A program on the first line, and a message behind it: the answer is the same however the message is cut into pieces, no key is asked
/// for text that facts have settled, and NOT turns the answer round.
pub fn search(data: &[u8]) {
    let end = data.iter().position(|octet| *octet == b'\n').unwrap_or(data.len());
    let (line, message) = (&data[..end], data.get(end + 1..).unwrap_or_default());
    let Ok(program) = SearchProgram::parse(line) else {
        return;
    };
    let context = SearchContext::new(9, NonZeroU32::new(90), 1_057_120_200);
    let Ok(plan) = SearchPlan::compile(&program, None, &context) else {
        return;
    };
    let opposite = SearchPlan::compile(&SearchProgram::not(program), None, &context).expect("the same keys");
    let flags = [Flag::Seen];
    let facts = MessageFacts::new(FIRST, FIRST, arrival(), message.len() as u64).with_flags(&flags);

    let whole = answer(&plan, &facts, message, usize::MAX);
    for size in [1, 2, 7, 100] {
        assert_eq!(answer(&plan, &facts, message, size), whole, "cut in pieces of {size}");
    }
    assert_eq!(answer(&opposite, &facts, message, 100), !whole);
    let kept = Summary::of(message).to_bytes();
    if let Some(header) = KeptHeader::from_bytes(&kept).expect("as it was written") {
        let by_header = match plan.judge_with_header(&facts, header) {
            Verdict::Open(mut text) => text.push(message).unwrap_or_else(|| text.finish()),
            known => known.known().unwrap_or_default(),
        };
        assert_eq!(by_header, whole, "what is kept says the same as the message");
    }
    assert_eq!(
        plan.judge(&facts).known(),
        opposite.judge(&facts).known().map(|value| !value)
    );
    assert!(plan.may_need_text() || plan.judge(&facts).known().is_some());
    if let Some((low, high)) = plan.uid_bounds()
        && whole
    {
        assert!(low <= facts.uid && facts.uid <= high);
    }
}

/// Headers with a NUL between: each message is in one thread, once, and sorting by anything is the same whatever order it starts from.
pub fn thread(data: &[u8]) {
    let headers = data.split(|octet| *octet == 0);
    let facts: Vec<_> = headers
        .clone()
        .map(|header| ThreadFacts::of(header, arrival()))
        .collect();
    let messages: Vec<_> = (1..).filter_map(NonZeroU32::new).zip(&facts).collect();
    for algorithm in [ThreadAlgorithm::References, ThreadAlgorithm::OrderedSubject] {
        let threads = threads(&algorithm, &messages).expect("an algorithm that is known");
        let mut numbers: Vec<_> = threads.messages().iter().filter_map(|message| message.number).collect();
        numbers.sort_unstable();
        assert!(numbers.iter().eq(messages.iter().map(|(number, _)| number)));
    }

    let keys = [
        SortKey::Subject.reverse(),
        SortKey::DisplayFrom.ascending(),
        SortKey::To.ascending(),
        SortKey::Date.reverse(),
    ];
    let order = SortOrder::new(&keys).expect("keys that are known");
    for header in headers.clone() {
        if Fields::new(header).any(|field| field.is_err()) {
            // A message's header would end there.
            continue;
        }
        let kept = Summary::of(header).to_bytes();
        let Ok(Some(kept)) = KeptHeader::from_bytes(&kept) else {
            continue;
        };
        let (by_header, by_kept) = (SortFacts::of(header, arrival(), 1), order.facts(kept, arrival(), 1));
        assert!(
            order.compare(&by_header, &by_kept).is_eq(),
            "sorted by what is kept as by the message"
        );
        assert_eq!(
            ThreadFacts::of_kept(kept, arrival()),
            ThreadFacts::of(header, arrival())
        );
    }
    let mut sorted: Vec<_> = headers.map(|header| SortFacts::of(header, arrival(), 1)).collect();
    order.sort(&mut sorted, |facts| facts);
    let mut again = sorted.clone();
    again.reverse();
    order.sort(&mut again, |facts| facts);
    assert!(
        sorted
            .iter()
            .zip(&again)
            .all(|(one, other)| order.compare(one, other).is_eq())
    );
}

fn answer(plan: &SearchPlan, facts: &MessageFacts<'_>, message: &[u8], size: usize) -> bool {
    let Verdict::Open(mut text) = plan.judge(facts) else {
        return plan.judge(facts).known().unwrap_or_default();
    };
    let answer = message.chunks(size).find_map(|piece| text.push(piece));
    answer.unwrap_or_else(|| text.finish())
}

fn arrival() -> DateTime {
    let date = Date::new(2003, 7, 1).expect("a day");
    DateTime::new(date, 10, 52, 37, 120).expect("a time")
}

const FIRST: NonZeroU32 = NonZeroU32::MIN;
