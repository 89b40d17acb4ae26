//! The book's exercises: `mail-book list`, `mail-book ask 2.4`, `mail-book check 2.4 ANSWER`, `mail-book answer 2.4`.

use std::io::{self, Read, Write};
use std::process::ExitCode;

use mail_book::exercises::{self, Exercise};

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    match said(&arguments.iter().map(String::as_str).collect::<Vec<_>>()) {
        Ok((text, code)) => {
            // A reader that has gone wants no more.
            let _ = writeln!(io::stdout(), "{text}");
            code
        }
        Err(why) => {
            eprintln!("mail-book: {why}");
            ExitCode::from(2)
        }
    }
}

fn said(arguments: &[&str]) -> Result<(String, ExitCode), String> {
    match *arguments {
        ["list"] => {
            let lines: Vec<String> = exercises::all()
                .map(|each| format!("{} {}", each.id, each.question))
                .collect();
            Ok((lines.join("\n"), ExitCode::SUCCESS))
        }
        ["ask", id] => Ok((find(id)?.question.to_owned(), ExitCode::SUCCESS)),
        ["answer", id] => Ok((find(id)?.answer.to_owned(), ExitCode::SUCCESS)),
        ["check", id] => {
            let mut answer = String::new();
            let read = io::stdin().read_to_string(&mut answer);
            read.map_err(|error| format!("the answer cannot be read: {error}"))?;
            Ok(checked(find(id)?, &answer))
        }
        ["check", id, answer] => Ok(checked(find(id)?, answer)),
        _ => Err(USAGE.to_owned()),
    }
}

fn checked(exercise: &Exercise, answer: &str) -> (String, ExitCode) {
    match exercise.check(answer) {
        Ok(()) => ("Right.".to_owned(), ExitCode::SUCCESS),
        Err(hint) => (format!("Not yet. {hint}"), ExitCode::FAILURE),
    }
}

fn find(id: &str) -> Result<&'static Exercise, String> {
    exercises::find(id).ok_or_else(|| format!("there is no exercise {id}; `list` shows all"))
}

const USAGE: &str = "\
usage: mail-book list
       mail-book ask ID
       mail-book check ID [ANSWER]     without ANSWER it is read from standard input
       mail-book answer ID             one right answer
exit codes: 0 right, 1 not yet, 2 not understood";
