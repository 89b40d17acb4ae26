//! Chapter 1: who is who.

use super::{Exercise, is_word};

pub(super) const EXERCISES: &[Exercise] = &[
    Exercise {
        id: "1.1",
        question: "Alice's program hands a message to port 587 of her provider. By which three letters is the server there called?",
        answer: "MSA",
        check: |answer| is_word(answer, &["MSA"], "It takes submissions: the S is for that."),
    },
    Exercise {
        id: "1.2",
        question: "The envelope says MAIL FROM:<a@x.example>, RCPT TO:<b@y.example>. The header section says From: c@x.example, \
                   To: d@y.example. In whose mailbox does the message end? Answer with an address.",
        answer: "b@y.example",
        check: |answer| {
            is_word(
                answer,
                &["b@y.example"],
                "Servers deliver by the envelope. They do not look at To.",
            )
        },
    },
    Exercise {
        id: "1.3",
        question: "The same message cannot be delivered. To which address does the report go?",
        answer: "a@x.example",
        check: |answer| {
            is_word(
                answer,
                &["a@x.example"],
                "Reports go to the reverse-path of the envelope, not to From.",
            )
        },
    },
];
