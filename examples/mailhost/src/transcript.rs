//! Writing down what is said on a connection, line by line, as it happens.

use std::io;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll, ready};

use mail_wire::Escaped;
use tokio::io::{AsyncRead, AsyncWrite, ReadBuf};

/// Who said a line.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Speaker {
    /// The one who connected.
    Client,
    /// The one who was connected to.
    Server,
}

/// Where lines go. Called from the task that talks, in the order in which lines end.
pub trait Scribe: Send + Sync {
    /// One line, without its line end, made harmless for a terminal, with secrets blotted out.
    fn line(&self, dialogue: &str, speaker: Speaker, line: &str);
}

/// A transport that shows to a [`Scribe`] what passes through it. Without one it costs nothing.
#[derive(Debug)]
pub struct Tap<T> {
    inner: T,
    recorder: Option<Box<Recorder>>,
}

impl<T> Tap<T> {
    /// Shows nothing.
    pub const fn off(inner: T) -> Self {
        Self { inner, recorder: None }
    }

    /// Shows all lines of the dialogue called `name`; `own` is the role of our side.
    pub fn on(inner: T, scribe: Arc<dyn Scribe>, name: String, own: Speaker) -> Self {
        let recorder = Recorder {
            scribe,
            name,
            own,
            said: Lines::default(),
            heard: Lines::default(),
            is_exchange: false,
        };
        Self {
            inner,
            recorder: Some(Box::new(recorder)),
        }
    }
}

struct Recorder {
    scribe: Arc<dyn Scribe>,
    name: String,
    own: Speaker,
    said: Lines,
    heard: Lines,
    /// A client proves who it is: what it says until the server says more than "go on" is nobody's to read.
    is_exchange: bool,
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Recorder({})", self.name)
    }
}

impl Recorder {
    fn said(&mut self, octets: &[u8]) {
        self.spoken(self.own, octets);
    }

    fn heard(&mut self, octets: &[u8]) {
        let other = match self.own {
            Speaker::Client => Speaker::Server,
            Speaker::Server => Speaker::Client,
        };
        self.spoken(other, octets);
    }

    fn spoken(&mut self, speaker: Speaker, octets: &[u8]) {
        let lines = match speaker == self.own {
            true => &mut self.said,
            false => &mut self.heard,
        };
        let (scribe, name, is_exchange) = (&self.scribe, &self.name, &mut self.is_exchange);
        lines.push(octets, |line| {
            let shown = match (speaker, *is_exchange) {
                (Speaker::Client, true) if line != b"*" => REDACTED.to_owned(),
                (Speaker::Client, _) => blotted(line),
                (Speaker::Server, _) => Escaped(line).to_string(),
            };
            *is_exchange = match speaker {
                Speaker::Client => *is_exchange || begins(line, b"AUTH "),
                Speaker::Server => *is_exchange && (line.starts_with(b"334") || line.starts_with(b"+ ")),
            };
            scribe.line(name, speaker, &shown);
        });
    }
}

/// Gathers octets to lines; of a longer one than [`LONGEST`] only the beginning is shown.
#[derive(Default)]
struct Lines {
    open: Vec<u8>,
    /// TLS has begun.
    is_opaque: bool,
}

impl Lines {
    fn push(&mut self, octets: &[u8], mut show: impl FnMut(&[u8])) {
        if self.is_opaque {
            return;
        }
        if self.open.is_empty() && is_tls(octets) {
            self.is_opaque = true;
            return show(OPAQUE.as_bytes());
        }
        for piece in octets.split_inclusive(|&octet| octet == b'\n') {
            let room = LONGEST.saturating_sub(self.open.len());
            self.open.extend_from_slice(&piece[..piece.len().min(room)]);
            if piece.ends_with(b"\n") {
                let line = self.open.strip_suffix(b"\n").unwrap_or(&self.open);
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                show(line);
                self.open.clear();
            }
        }
    }
}

/// Whether a TLS handshake begins: a record of it (RFC 8446 §5.1).
fn is_tls(octets: &[u8]) -> bool {
    octets.starts_with(&[0x16, 0x03])
}

/// The line as text. What stands behind PASS, and behind the mechanism's name in AUTH, is nobody's to read.
fn blotted(line: &[u8]) -> String {
    let shown = if begins(line, b"PASS ") {
        5
    } else if begins(line, b"AUTH ") {
        let mechanism = line[5..].iter().position(|&octet| octet == b' ');
        mechanism.map_or(line.len(), |length| 5 + length + 1)
    } else {
        line.len()
    };
    match shown < line.len() {
        true => format!("{}{REDACTED}", Escaped(&line[..shown])),
        false => Escaped(line).to_string(),
    }
}

fn begins(line: &[u8], verb: &[u8]) -> bool {
    line.get(..verb.len())
        .is_some_and(|word| word.eq_ignore_ascii_case(verb))
}

const REDACTED: &str = "[redacted]";

/// What is shown of TLS.
const OPAQUE: &str = "(TLS: from here on nobody who listens can read it)";

const LONGEST: usize = 1000;

impl<T: AsyncRead + Unpin> AsyncRead for Tap<T> {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let before = buffer.filled().len();
        ready!(Pin::new(&mut self.inner).poll_read(cx, buffer))?;
        if let Some(recorder) = &mut self.recorder {
            recorder.heard(&buffer.filled()[before..]);
        }
        Poll::Ready(Ok(()))
    }
}

impl<T: AsyncWrite + Unpin> AsyncWrite for Tap<T> {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        let n = ready!(Pin::new(&mut self.inner).poll_write(cx, octets))?;
        if let Some(recorder) = &mut self.recorder {
            recorder.said(&octets[..n]);
        }
        Poll::Ready(Ok(n))
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.inner).poll_shutdown(cx)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::sync::Mutex;
    use tokio::io::{AsyncReadExt, AsyncWriteExt};

    #[derive(Default)]
    struct Book(Mutex<Vec<String>>);

    impl Scribe for Book {
        fn line(&self, dialogue: &str, speaker: Speaker, line: &str) {
            self.0.lock().unwrap().push(format!("{dialogue} {speaker:?} {line}"));
        }
    }

    /// docs/threats.md rows 20 and 30: no secret and no control character in transcripts.
    #[tokio::test]
    async fn lines_are_shown_whole_harmless_and_without_secrets() {
        let book = Arc::new(Book::default());
        let (near, mut far) = tokio::io::duplex(4096);
        let mut tap = Tap::on(near, book.clone(), "pop3 1".to_owned(), Speaker::Server);
        tap.write_all(b"+OK rea").await.unwrap();
        tap.write_all(b"dy\r\n+OK").await.unwrap();
        for piece in [&b"us"[..], b"er bob\r\npa", b"ss hungry\r\n\x1b[2J\r\nQUIT"] {
            far.write_all(piece).await.unwrap();
            tap.read_exact(&mut vec![0; piece.len()]).await.unwrap();
        }
        let expected = [
            "pop3 1 Server +OK ready",
            "pop3 1 Client user bob",
            "pop3 1 Client pass [redacted]",
            "pop3 1 Client \\x1b[2J",
        ];
        assert_eq!(*book.0.lock().unwrap(), expected);
    }

    /// docs/threats.md row 20: neither an initial response nor a later one is taken down, and nothing of what TLS hides.
    #[tokio::test]
    async fn exchanges_and_tls_are_not_shown() {
        let book = Arc::new(Book::default());
        let (near, mut far) = tokio::io::duplex(4096);
        let mut tap = Tap::on(near, book.clone(), "smtp 1".to_owned(), Speaker::Server);
        let dialogue: [(&[u8], &[u8]); 6] = [
            (b"AUTH PLAIN AGJvYgBodW5ncnk=\r\n", b"535 no\r\n"),
            (b"auth login\r\n", b"334 VXNlcm5hbWU6\r\n"),
            (b"Ym9i\r\n", b"334 UGFzc3dvcmQ6\r\n"),
            (b"aHVuZ3J5\r\n", b"235 yes\r\n"),
            (b"STARTTLS\r\n", b"220 go\r\n"),
            (b"\x16\x03\x01hello\r\n", b"\x16\x03\x03hello\r\n"),
        ];
        for (said, answered) in dialogue {
            far.write_all(said).await.unwrap();
            tap.read_exact(&mut vec![0; said.len()]).await.unwrap();
            tap.write_all(answered).await.unwrap();
        }
        let expected = [
            "Client AUTH PLAIN [redacted]",
            "Server 535 no",
            "Client auth login",
            "Server 334 VXNlcm5hbWU6",
            "Client [redacted]",
            "Server 334 UGFzc3dvcmQ6",
            "Client [redacted]",
            "Server 235 yes",
            "Client STARTTLS",
            "Server 220 go",
            "Client (TLS: from here on nobody who listens can read it)",
            "Server (TLS: from here on nobody who listens can read it)",
        ]
        .map(|line| format!("smtp 1 {line}"));
        assert_eq!(*book.0.lock().unwrap(), expected);
    }
}
