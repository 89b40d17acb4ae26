//! The dialogue with a server, for somebody who wants to see it.

use std::fs::File;
use std::io::{self, Write};
use std::path::Path;
use std::sync::Mutex;

use mail_tokio::transcript::{Scribe, Speaker};

use crate::failure::Failure;

/// Writes `imap C: …` for what we say and `imap S: …` for what the server says. What comes here is harmless, and
/// secrets are blotted out (docs/threats.md row 20).
pub(crate) struct Transcript(Mutex<Box<dyn Write + Send>>);

impl Transcript {
    /// To a file, which is made anew, or `-` for standard error.
    pub(crate) fn open(path: &Path) -> Result<Self, Failure> {
        let out: Box<dyn Write + Send> = match path.as_os_str() == "-" {
            true => Box::new(io::stderr()),
            false => Box::new(File::create(path).map_err(|error| Failure::from(error).at(path.display()))?),
        };
        Ok(Self(Mutex::new(out)))
    }

    fn write(&self, line: &str) {
        if let Ok(mut out) = self.0.lock() {
            // A dialogue is not worth less because nobody can write it down.
            let _ = writeln!(out, "{line}").and_then(|()| out.flush());
        }
    }
}

impl Scribe for Transcript {
    fn line(&self, dialogue: &str, speaker: Speaker, line: &str) {
        let who = match speaker {
            Speaker::Client => 'C',
            Speaker::Server => 'S',
        };
        self.write(&format!("{dialogue} {who}: {line}"));
    }

    fn tls(&self, dialogue: &str) {
        self.write(&format!("{dialogue} --- TLS ---"));
    }
}
