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
}

impl std::fmt::Debug for Recorder {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Recorder({})", self.name)
    }
}

impl Recorder {
    fn said(&mut self, octets: &[u8]) {
        let show = |line: &str| self.scribe.line(&self.name, self.own, line);
        self.said.push(octets, show);
    }

    fn heard(&mut self, octets: &[u8]) {
        let other = match self.own {
            Speaker::Client => Speaker::Server,
            Speaker::Server => Speaker::Client,
        };
        let show = |line: &str| self.scribe.line(&self.name, other, line);
        self.heard.push(octets, show);
    }
}

/// Gathers octets to lines; of a longer one than [`LONGEST`] only the beginning is shown.
#[derive(Default)]
struct Lines {
    open: Vec<u8>,
}

impl Lines {
    fn push(&mut self, octets: &[u8], show: impl Fn(&str)) {
        for piece in octets.split_inclusive(|&octet| octet == b'\n') {
            let room = LONGEST.saturating_sub(self.open.len());
            self.open.extend_from_slice(&piece[..piece.len().min(room)]);
            if piece.ends_with(b"\n") {
                let line = self.open.strip_suffix(b"\n").unwrap_or(&self.open);
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                show(&blotted(line));
                self.open.clear();
            }
        }
    }
}

/// The line as text. What stands behind PASS is nobody's to read.
fn blotted(line: &[u8]) -> String {
    match line.split_at_checked(5) {
        Some((pass, secret)) if pass.eq_ignore_ascii_case(b"PASS ") && !secret.is_empty() => {
            format!("{}[redacted]", Escaped(pass))
        }
        _ => Escaped(line).to_string(),
    }
}

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
}
