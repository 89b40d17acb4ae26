//! The book's exercises: each a question, a check, and an answer that passes it.
//!
//! ```
//! let exercise = mail_book::exercises::find("5.1").expect("there is one");
//! assert!(exercise.check("aGkh").is_ok());
//! assert!(exercise.check("hi!").is_err());
//! ```

mod identity;
mod imap;
mod machines;
mod messages;
mod people;
mod pop3;
mod secrets;
mod smtp;

/// A question with its check.
#[derive(Clone, Copy, Debug)]
pub struct Exercise {
    /// The chapter and the number in it.
    pub id: &'static str,
    /// What is to be done.
    pub question: &'static str,
    /// One right answer; there may be others.
    pub answer: &'static str,
    check: fn(&str) -> Result<(), String>,
}

impl Exercise {
    /// Whether an answer is right. White space around it does not count; its lines may end with LF or CRLF.
    ///
    /// # Errors
    ///
    /// What is not right yet, for the one who answers.
    pub fn check(&self, answer: &str) -> Result<(), String> {
        (self.check)(answer.replace("\r\n", "\n").trim())
    }
}

/// All exercises, in the book's order.
pub fn all() -> impl Iterator<Item = &'static Exercise> {
    let chapters = [
        people::EXERCISES,
        smtp::EXERCISES,
        pop3::EXERCISES,
        imap::EXERCISES,
        messages::EXERCISES,
        identity::EXERCISES,
        secrets::EXERCISES,
        machines::EXERCISES,
    ];
    chapters.into_iter().flatten()
}

/// The exercise with an id, as `5.1`.
pub fn find(id: &str) -> Option<&'static Exercise> {
    all().find(|exercise| exercise.id == id)
}

/// Right if the answer is one of these words, in whatever case.
fn is_word(answer: &str, words: &[&str], hint: &str) -> Result<(), String> {
    let answer = answer.trim_matches(['<', '>', '.', '"']);
    match words.iter().any(|word| word.eq_ignore_ascii_case(answer)) {
        true => Ok(()),
        false => Err(hint.to_owned()),
    }
}

/// The lines with CRLF, as they are on the wire.
fn on_the_wire(text: &str) -> Vec<u8> {
    format!("{}\r\n", text.replace('\n', "\r\n")).into_bytes()
}
