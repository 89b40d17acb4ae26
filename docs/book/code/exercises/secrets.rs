//! Chapter 7: TLS and passwords.

use smtp_proto::Command;

use super::{Exercise, is_word};

pub(super) const EXERCISES: &[Exercise] = &[
    Exercise {
        id: "7.1",
        question: "Write the line with which carol, whose password is tomato, logs in to SMTP by PLAIN.",
        answer: "AUTH PLAIN AGNhcm9sAHRvbWF0bw==",
        check: logs_in_plainly,
    },
    Exercise {
        id: "7.2",
        question: "The client's lines were `AUTH LOGIN`, `YWxpY2U=` and `c3dlZXQ=`. What is the password?",
        answer: "sweet",
        check: |answer| match answer {
            "sweet" => Ok(()),
            "alice" => Err("That is the name.".to_owned()),
            _ => Err("Decode the base64 of the last line.".to_owned()),
        },
    },
    Exercise {
        id: "7.3",
        question: "Somebody deletes one line of the reply to EHLO, and the client sends its password in plain text. Which keyword was \
                   in that line?",
        answer: "STARTTLS",
        check: |answer| {
            is_word(
                answer,
                &["STARTTLS"],
                "By which word does a server say that TLS can begin?",
            )
        },
    },
    Exercise {
        id: "7.4",
        question: "Which is the best of these: PLAIN LOGIN CRAM-MD5 SCRAM-SHA-256?",
        answer: "SCRAM-SHA-256",
        check: |answer| {
            is_word(
                answer,
                &["SCRAM-SHA-256"],
                "With which of them does a listener have the least?",
            )
        },
    },
    Exercise {
        id: "7.5",
        question: "At which port does submission with TLS from the first octet begin?",
        answer: "465",
        check: |answer| is_word(answer, &["465"], "It is not 587: there TLS begins with STARTTLS."),
    },
];

fn logs_in_plainly(answer: &str) -> Result<(), String> {
    let command = Command::parse(answer.as_bytes());
    let Ok(Command::Auth(auth)) = command else {
        return Err("The line is AUTH, the mechanism, and one word in base64.".to_owned());
    };
    if auth.mechanism.as_str() != "PLAIN" {
        return Err("The mechanism is PLAIN.".to_owned());
    }
    match auth.initial_response {
        Some(secret) if secret.matches(b"\0carol\0tomato") => Ok(()),
        Some(secret) => Err(format!("This says `{}`.", secret.expose().escape_ascii())),
        None => Err("The answer goes into the same line.".to_owned()),
    }
}
