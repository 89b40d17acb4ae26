//! Chapter 3: POP3.

use mail_wire::Secret;
use pop3_proto::Command;
use pop3_proto::apop::{Digest, Timestamp};

use super::Exercise;

pub(super) const EXERCISES: &[Exercise] = &[
    Exercise {
        id: "3.1",
        question: "Write the command that shows the header section of message 2 and the first five lines of its body.",
        answer: "TOP 2 5",
        check: |answer| match command(answer)? {
            Command::Top(number, 5) if number.as_u32() == 2 => Ok(()),
            Command::Top(..) => Err("First the number of the message, then that of the lines.".to_owned()),
            _ => Err("There is a command for the top of a message.".to_owned()),
        },
    },
    Exercise {
        id: "3.2",
        question: "Yesterday UIDL answered `1 w1`, `2 w7`, `3 w8`. Today it answers `1 w7`, `2 w9`, `3 w8`, `4 wa`. Which message \
                   numbers are new today? Answer with the numbers.",
        answer: "2 4",
        check: |answer| match answer
            .split([' ', ',', '\n'])
            .filter(|word| !word.is_empty())
            .collect::<Vec<_>>()[..]
        {
            ["2", "4"] | ["4", "2"] => Ok(()),
            _ => Err("Numbers are counted anew each day. The identifiers are what stays.".to_owned()),
        },
    },
    Exercise {
        id: "3.3",
        question: "You typed RETR 1, DELE 1, RETR 2, and then the line broke, before QUIT. How many messages are gone from the \
                   maildrop?",
        answer: "0",
        check: |answer| match answer {
            "0" | "none" => Ok(()),
            _ => Err("What does the server do with deleted messages, and in which state?".to_owned()),
        },
    },
    Exercise {
        id: "3.4",
        question: "The greeting is `+OK ready <17.42@hamburger.edu>`, bob's password is `hungry`. Write the APOP command.",
        answer: "APOP bob 519bb1fbe5bd08caa0f947a64e8ec11a",
        check: is_apop,
    },
];

fn command(line: &str) -> Result<Command, String> {
    Command::parse(line.as_bytes()).map_err(|error| format!("No server understands this: {error}."))
}

fn is_apop(answer: &str) -> Result<(), String> {
    let Command::Apop(name, digest) = command(answer)? else {
        return Err("The command is APOP, a name, 32 hexadecimal digits.".to_owned());
    };
    let timestamp = Timestamp::parse(b"<17.42@hamburger.edu>").map_err(|error| error.to_string())?;
    let right: Digest = timestamp.digest(&Secret::from("hungry"));
    match (name.as_str(), digest.to_hex() == right.to_hex()) {
        ("bob", true) => Ok(()),
        ("bob", false) => {
            Err("That is the MD5 of something else. No line end belongs to it; the angle brackets do.".to_owned())
        }
        _ => Err("The name is bob.".to_owned()),
    }
}
