//! Why a command failed: what, where, what to try, and the exit code that says which kind.

use std::fmt::{Debug, Display};
use std::io;
use std::process::ExitCode;

use mail_tls::TlsError;
use mail_tokio::{Error, LoginError, imap, pop3, smtp};

use crate::harmless;

/// The exit codes, as `mua --help` states them.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Exit {
    /// A file, the terminal, or anything without a code of its own.
    Failed = 1,
    /// The command line or the account file; clap uses the same code.
    Usage = 2,
    /// A server that cannot be reached or trusted, or a connection that was lost.
    Unreachable = 3,
    /// Name and password were not accepted, or there is no way to log in.
    Login = 4,
    /// A server said no.
    Refused = 5,
    /// No such message, part or mailbox.
    NotFound = 6,
    /// Some recipients will get the message, others will not.
    Partial = 7,
}

/// Why a command failed.
#[derive(Debug)]
pub(crate) struct Failure {
    what: String,
    hint: Option<String>,
    exit: Exit,
    /// Whoever reads our output has gone away: nothing to report.
    is_quiet: bool,
}

impl Failure {
    pub(crate) fn new(exit: Exit, what: impl Into<String>) -> Self {
        Self {
            what: what.into(),
            hint: None,
            exit,
            is_quiet: false,
        }
    }

    pub(crate) fn usage(what: impl Into<String>) -> Self {
        Self::new(Exit::Usage, what)
    }

    /// What the user can do about it.
    #[must_use]
    pub(crate) fn hint(mut self, hint: impl Into<String>) -> Self {
        self.hint = Some(hint.into());
        self
    }

    /// Where: a server, a file.
    #[must_use]
    pub(crate) fn at(mut self, place: impl Display) -> Self {
        self.what = format!("{place}: {}", self.what);
        self
    }

    pub(crate) const fn exit(&self) -> Exit {
        self.exit
    }

    /// One line for people.
    pub(crate) fn line(&self) -> String {
        let hint = self.hint.as_ref().map(|hint| format!(" ({hint})")).unwrap_or_default();
        harmless::line(&format!("{}{hint}", self.what))
    }

    pub(crate) fn report(&self, json: bool) -> ExitCode {
        if self.is_quiet {
            return ExitCode::SUCCESS;
        }
        if json {
            let row = serde_json::json!({ "error": self.what, "hint": self.hint, "exit": self.exit as u8 });
            eprintln!("{}", harmless::json(&row.to_string()));
        } else {
            eprintln!("mua: {}", self.line());
        }
        ExitCode::from(self.exit as u8)
    }
}

impl From<io::Error> for Failure {
    fn from(error: io::Error) -> Self {
        Self {
            is_quiet: error.kind() == io::ErrorKind::BrokenPipe,
            ..Self::new(Exit::Failed, error.to_string())
        }
    }
}

impl From<imap::ClientError> for Failure {
    fn from(error: imap::ClientError) -> Self {
        match error {
            imap::ClientError::Refused(status) => {
                let text = status.text.to_text().into_owned();
                Self::new(Exit::Refused, format!("the server refused: {text}"))
            }
            imap::ClientError::Login(error) => login(&error),
            imap::ClientError::Session(error) => session(&error),
            other => Self::new(Exit::Refused, other.to_string()),
        }
    }
}

impl From<smtp::ClientError> for Failure {
    fn from(error: smtp::ClientError) -> Self {
        match error {
            smtp::ClientError::Refused(reply) => Self::new(Exit::Refused, format!("the server refused: {reply}")),
            smtp::ClientError::Login(error) => login(&error),
            smtp::ClientError::Session(error) => session(&error),
            other => Self::new(Exit::Refused, other.to_string()),
        }
    }
}

impl From<pop3::ClientError> for Failure {
    fn from(error: pop3::ClientError) -> Self {
        match error {
            pop3::ClientError::Login(error) => login(&error),
            pop3::ClientError::Session(error) => session(&error),
            other => Self::new(Exit::Refused, other.to_string()),
        }
    }
}

/// What a login that the server refused is: its own exit code, whatever the protocol.
pub(crate) fn refused_login(failure: impl Into<Failure>) -> Failure {
    let failure = failure.into();
    match failure.exit {
        Exit::Refused => Failure {
            exit: Exit::Login,
            ..failure.hint("look at --user and at where the password comes from")
        },
        _ => failure,
    }
}

fn login(error: &LoginError) -> Failure {
    let hint = match error {
        LoginError::NoMechanism(_) => {
            "with TLS a password may go; without it, say `--tls none` to send it all the same"
        }
        _ => "somebody may stand between; the password was not shown",
    };
    Failure::new(Exit::Login, error.to_string()).hint(hint)
}

fn session<E: Debug + Display>(error: &Error<E>) -> Failure {
    let failure = Failure::new(Exit::Unreachable, error.to_string());
    match error {
        Error::Io(error) if error.kind() == io::ErrorKind::ConnectionRefused => {
            failure.hint("is the server running, and is this its port?")
        }
        Error::Io(error) if error.kind() == io::ErrorKind::TimedOut => {
            failure.hint("a firewall may drop what goes there; `mua account check` tries every server")
        }
        Error::Tls(TlsError::Certificate(_)) => {
            failure.hint("`--ca FILE` trusts a certificate of your own; check the host's name")
        }
        Error::Tls(TlsError::NotOffered) => failure.hint("`--tls none` does without, for all to read"),
        Error::Tls(TlsError::Protocol(_)) => failure.hint("perhaps TLS begins later here: `--tls starttls`"),
        Error::Misuse(_) => Failure {
            exit: Exit::Refused,
            ..failure
        },
        _ => failure,
    }
}
