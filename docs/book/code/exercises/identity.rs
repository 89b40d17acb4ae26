//! Chapter 6: who somebody is.

use mime_codec::Message;

use super::{Exercise, is_word, on_the_wire};

pub(super) const EXERCISES: &[Exercise] = &[
    Exercise {
        id: "6.1",
        question: "The topmost Received says `from mail.crepes.fr ([203.0.113.5]) by hamburger.edu`, the one below it `from \
                   laptop.crepes.fr ([198.51.100.9]) by mail.crepes.fr`. From which address did the message come to hamburger.edu?",
        answer: "203.0.113.5",
        check: |answer| {
            let address = answer.trim_matches(['(', ')', '[', ']']);
            is_word(
                address,
                &["203.0.113.5"],
                "Which of the two fields did hamburger.edu write itself?",
            )
        },
    },
    Exercise {
        id: "6.2",
        question: "Which name do you ask the DNS for to learn whether the list bl.example.net has 198.51.100.23?",
        answer: "23.100.51.198.bl.example.net",
        check: |answer| {
            let hint = "The four numbers in reverse, then the name of the list.";
            is_word(answer, &["23.100.51.198.bl.example.net"], hint)
        },
    },
    Exercise {
        id: "6.3",
        question: "A domain publishes `v=spf1 ip4:192.0.2.0/24 -all`. A message with this domain in MAIL FROM comes from \
                   198.51.100.7. What is the result of SPF: pass or fail?",
        answer: "fail",
        check: |answer| is_word(answer, &["fail"], "Is the address one of 192.0.2.0 to 192.0.2.255?"),
    },
    Exercise {
        id: "6.4",
        question: "From is alice@crepes.fr, MAIL FROM is news@lists.example and passes SPF, and there is a good signature of crepes.fr. \
                   Does the message pass DMARC: yes or no?",
        answer: "yes",
        check: |answer| {
            is_word(
                answer,
                &["yes"],
                "One of the two is enough, if its domain is the one in From.",
            )
        },
    },
    Exercise {
        id: "6.5",
        question: "Write what goes between 354 and the lone dot, so that Bob's program shows a message from \
                   president@university.example.",
        answer: "From: The President <president@university.example>\nTo: bob@hamburger.edu\nSubject: Your degree\n\nIt is revoked.",
        check: is_forged,
    },
    Exercise {
        id: "6.6",
        question: "You send the message of 6.5 to bob@hamburger.edu and to carol@example.com. Which reply code do the two RCPT commands \
                   get from hamburger.edu, and which the end of the message? Answer with three numbers.",
        answer: "250 550 250",
        check: |answer| match answer
            .split([' ', ',', '\n'])
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()[..]
        {
            ["250", "550", "250"] => Ok(()),
            _ => Err("Try it: nothing of what is forged is looked at, but carol is elsewhere.".to_owned()),
        },
    },
];

fn is_forged(answer: &str) -> Result<(), String> {
    let octets = on_the_wire(answer);
    let message = Message::parse(&octets[..]);
    let from = message.from();
    let Some(sender) = from.first().map(|mailbox| mailbox.address()) else {
        return Err("There is no From. The envelope is not asked for here.".to_owned());
    };
    if *sender != *b"president@university.example" {
        return Err(format!("Bob sees {}.", sender.escape_ascii()));
    }
    match message.root().raw_body() {
        [] => Err("An empty line and a body are missing.".to_owned()),
        _ if answer.lines().any(|line| line == ".") => {
            Err("Leave the lone dot out: it is not part of the message.".to_owned())
        }
        _ => Ok(()),
    }
}
