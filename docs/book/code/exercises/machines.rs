//! Chapter 8: sans-IO.

use super::{Exercise, is_word};

pub(super) const EXERCISES: &[Exercise] = &[
    Exercise {
        id: "8.1",
        question: "A client sends `EH`, `LO crepes.fr` and CR LF, in three pieces. How many events does a server machine have for that?",
        answer: "1",
        check: |answer| {
            is_word(
                answer,
                &["1", "one"],
                "Chunking never matters. How many events has EHLO?",
            )
        },
    },
    Exercise {
        id: "8.2",
        question: "A driver finds space() empty. Should it `wait` with reading until there is space, or `grow` the space by itself?",
        answer: "wait",
        check: |answer| {
            is_word(
                answer,
                &["wait"],
                "Where would the octets be that were read? Think of STARTTLS.",
            )
        },
    },
    Exercise {
        id: "8.3",
        question: "A driver gets NeedFlush. Does it call transmitted(n) `before` or `after` it has written n octets?",
        answer: "after",
        check: |answer| is_word(answer, &["after"], "What was transmitted is forgotten."),
    },
];
