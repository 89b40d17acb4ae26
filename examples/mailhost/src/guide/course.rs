//! Follows what a student does, line by line, and says what is done, and what was to be done.

use std::collections::HashMap;

use mail_wire::Escaped;

use super::lessons::{Lesson, Step};

use crate::transcript::Speaker;

/// By what the answer to a step is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Expected {
    /// Its code is the one that the guide shows (SMTP).
    SameStart,
    /// It begins so.
    Start(&'static str),
    /// The command's tag, and OK (IMAP).
    TaggedOk,
}

/// A student's way through the lessons.
pub(super) struct Course {
    lessons: Vec<&'static Lesson>,
    /// The lesson, and the step in it, that is to be done.
    at: (usize, usize),
    dialogues: HashMap<String, Dialogue>,
}

/// One connection.
#[derive(Default)]
struct Dialogue {
    /// What the client has said that is not answered yet.
    said: Vec<String>,
    /// The server has said something.
    is_greeted: bool,
    /// A message is being sent.
    in_message: bool,
}

/// What there is to say.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Said {
    /// A step is done.
    Done(String),
    /// Something else was done; this is how it should have been.
    Hint(String),
    /// The next step is to be shown, and a lesson before it if it is its first.
    Next,
    /// There is none.
    Finished,
}

impl Course {
    pub(super) fn new(lessons: Vec<&'static Lesson>) -> Self {
        Self {
            lessons,
            at: (0, 0),
            dialogues: HashMap::new(),
        }
    }

    /// The lesson and the number of the step that is to be done.
    pub(super) fn current(&self) -> Option<(&'static Lesson, usize)> {
        let lesson = self.lessons.get(self.at.0)?;
        Some((lesson, self.at.1))
    }

    /// How many steps there are.
    pub(super) fn steps(&self) -> usize {
        self.lessons.iter().map(|lesson| lesson.steps.len()).sum()
    }

    fn step(&self) -> Option<&'static Step> {
        let (lesson, at) = self.current()?;
        lesson.steps.get(at)
    }

    /// A line of a dialogue, which is called `smtp 1` or the like.
    pub(super) fn line(&mut self, name: &str, speaker: Speaker, line: &str) -> Vec<Said> {
        let Some(step) = self.step() else {
            return Vec::new();
        };
        let service = name.split(' ').next().unwrap_or_default().to_owned();
        if self.dialogues.len() > MOST_DIALOGUES {
            self.dialogues.clear();
        }
        let dialogue = self.dialogues.entry(name.to_owned()).or_default();
        match speaker {
            Speaker::Client => {
                // Of a message, its first lines and its last are enough.
                if dialogue.said.len() == MOST_LINES {
                    dialogue.said.pop();
                }
                dialogue.said.push(line.to_owned());
                Vec::new()
            }
            Speaker::Server if !is_final(&service, &dialogue.said, line) => {
                dialogue.is_greeted = true;
                Vec::new()
            }
            Speaker::Server => {
                let said = std::mem::take(&mut dialogue.said);
                let greets = !std::mem::replace(&mut dialogue.is_greeted, true);
                let was_message = std::mem::replace(&mut dialogue.in_message, line.starts_with("354"));
                let student = Done {
                    service: &service,
                    said,
                    greets,
                    was_message,
                };
                self.judge(step, &student, line)
            }
        }
    }

    fn judge(&mut self, step: &'static Step, student: &Done<'_>, answer: &str) -> Vec<Said> {
        let is_it = student.does(step);
        if is_it && student.is_answered(step, answer) {
            self.at.1 += 1;
            if self
                .lessons
                .get(self.at.0)
                .is_some_and(|lesson| self.at.1 == lesson.steps.len())
            {
                self.at = (self.at.0 + 1, 0);
            }
            let next = match self.step() {
                Some(_) => Said::Next,
                None => Said::Finished,
            };
            return vec![Said::Done(format!("{}: {}", step.name, step.why)), next];
        }
        // To greet somebody who had to come back, and what was done before, is nothing to speak of.
        if !is_it && (student.greets || self.was_done(student)) {
            return Vec::new();
        }
        vec![Said::Hint(student.hint(step, is_it, answer))]
    }

    /// Whether an earlier step of the lesson is done once more, as behind a connection that broke.
    fn was_done(&self, student: &Done<'_>) -> bool {
        let Some((lesson, at)) = self.current() else {
            return false;
        };
        lesson.steps[..at].iter().any(|step| student.does(step))
    }
}

/// What a student did, once it is answered.
struct Done<'a> {
    service: &'a str,
    said: Vec<String>,
    /// Came, and said nothing.
    greets: bool,
    was_message: bool,
}

impl Done<'_> {
    /// Whether this is what the step asks for. A message need only end.
    fn does(&self, step: &Step) -> bool {
        if self.service != step.service.name() {
            return false;
        }
        match (step.typed, self.said.as_slice()) {
            ([], _) => self.greets,
            ([.., "."], _) => self.was_message,
            ([typed], [said]) => same(typed, said),
            _ => false,
        }
    }

    fn is_answered(&self, step: &Step, answer: &str) -> bool {
        match step.answer {
            Expected::SameStart => answer.get(..3) == step.looks.get(..3),
            Expected::Start(start) => answer.starts_with(start),
            Expected::TaggedOk => answer.split(' ').nth(1) == Some("OK"),
        }
    }

    fn hint(&self, step: &Step, is_it: bool, answer: &str) -> String {
        if is_it {
            return format!("the server did not answer as it should: {answer}");
        }
        if self.service != step.service.name() {
            let (here, there) = (self.service, step.service.name());
            return format!("that was the door of {here}; this step is at that of {there}");
        }
        match (step.typed, self.said.last()) {
            ([], _) => "a new connection comes first".to_owned(),
            (_, _) if self.was_message => "the message is sent; this step is another".to_owned(),
            ([typed], Some(said)) => format!("you typed {}; this step is {typed}", said.trim()),
            (_, said) => format!(
                "you typed {}; this step is the message, up to its dot",
                said.map_or("nothing", |said| said.trim())
            ),
        }
    }
}

/// Whether an answer ends with this line.
fn is_final(service: &str, said: &[String], line: &str) -> bool {
    match service {
        "imap" => match said.last().map(|said| said.split(' ').next().unwrap_or_default()) {
            None => line.starts_with("* OK") || line.starts_with("* BYE"),
            // DONE ends what another tag has begun.
            Some(tag) if tag.eq_ignore_ascii_case("DONE") => !line.starts_with('*'),
            Some(tag) => line.starts_with('+') || line.split(' ').next() == Some(tag) || line.starts_with("* BAD"),
        },
        "pop3" => (line.starts_with("+OK") || line.starts_with("-ERR")) && !(said.is_empty() && line.is_empty()),
        _ => line.as_bytes().get(3) != Some(&b'-'),
    }
}

/// Whether a line is what was to be typed: letters in any case, any tag, and a secret that is blotted out as it should be.
fn same(typed: &str, said: &str) -> bool {
    let normal = |line: &str| {
        let words: Vec<String> = line.split_whitespace().map(str::to_ascii_uppercase).collect();
        words
    };
    // What is said is shown harmless.
    let typed = format!("{:#}", Escaped(typed.as_bytes()));
    let (typed, said) = (normal(&typed), normal(said));
    let is_tag = |word: &str| word.len() == 2 && word.as_bytes()[1].is_ascii_digit();
    let tagged = typed.first().is_some_and(|word| is_tag(word));
    let (typed, said) = match tagged {
        true => (&typed[1..], said.get(1..).unwrap_or_default()),
        false => (&typed[..], &said[..]),
    };
    match said.split_last() {
        Some((last, front)) if last == "[REDACTED]" => typed.starts_with(front) && !front.is_empty(),
        _ => typed == said,
    }
}

/// Lines that are kept of what a student says before the server answers.
const MOST_LINES: usize = 100;

/// Connections that are followed.
const MOST_DIALOGUES: usize = 1000;

#[cfg(test)]
mod tests {
    use super::super::lessons::LESSONS;
    use super::*;
    use crate::service::Service;

    #[test]
    fn lines_are_compared_as_servers_do() {
        assert!(same("HELO client.example.net", "helo client.example.net "));
        assert!(same("a1 LOGIN bob hungry", "x7 login [redacted]"));
        assert!(same("PASS hungry", "PASS [redacted]"));
        assert!(!same("HELO client.example.net", "HELLO client.example.net"));
        assert!(!same("PASS hungry", "[redacted]") && !same("a3 SELECT INBOX", "SELECT INBOX"));
    }

    fn answer(step: &Step) -> String {
        match step.answer {
            Expected::SameStart => step.looks.get(..3).unwrap().to_owned() + " so",
            Expected::Start(start) => start.to_owned() + " so",
            Expected::TaggedOk => step.typed[0].split(' ').next().unwrap().to_owned() + " OK so",
        }
    }

    /// Who does what is asked for is done at the end, and hears no hint; and each wrong line in between gets one, and spoils nothing.
    #[test]
    fn each_step_can_be_done() {
        for errs in [false, true] {
            let mut course = Course::new(LESSONS.iter().collect());
            let mut hints = 0;
            let (mut number, mut last) = (0, None);
            while let Some(step) = course.step() {
                if step.typed.is_empty() {
                    number += 1;
                }
                let name = format!("{} {number}", step.service.name());
                if errs && !step.typed.is_empty() && !step.typed.contains(&".") {
                    course.line(&name, Speaker::Client, "zz JUNK");
                    let wrong = match step.service {
                        Service::Smtp => "500 what",
                        Service::Pop3 => "-ERR what",
                        _ => "zz BAD what",
                    };
                    let said = course.line(&name, Speaker::Server, wrong);
                    assert!(matches!(said.as_slice(), [Said::Hint(_)]), "{}: {said:?}", step.name);
                    hints += 1;
                }
                for typed in step.typed {
                    let shown = format!("{:#}", Escaped(typed.as_bytes()));
                    assert!(course.line(&name, Speaker::Client, &shown).is_empty());
                }
                let said = course.line(&name, Speaker::Server, &answer(step));
                assert!(matches!(said.as_slice(), [Said::Done(_), _]), "{}: {said:?}", step.name);
                last = said.last().cloned();
            }
            assert_eq!((last, hints > 20), (Some(Said::Finished), errs));
        }
    }

    #[test]
    fn who_is_at_another_door_is_told() {
        let mut course = Course::new(LESSONS.iter().collect());
        course.line("smtp 1", Speaker::Server, "220 here");
        course.line("pop3 1", Speaker::Server, "+OK here");
        course.line("pop3 1", Speaker::Client, "RCPT TO:<bob@example.org>");
        let said = course.line("pop3 1", Speaker::Server, "-ERR no");
        let hint = "that was the door of pop3; this step is at that of smtp".to_owned();
        assert_eq!(said, [Said::Hint(hint)]);
    }
}
