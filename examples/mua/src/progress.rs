//! A bar for what takes long, on standard error, if a person is looking.

use std::fs::File;
use std::io::{self, IsTerminal, Read, Write};
use std::pin::Pin;
use std::task::{Context, Poll};

use tokio::io::{AsyncRead, ReadBuf};

/// Reads a file, and shows how far it is.
pub(crate) struct Upload<'f> {
    file: &'f File,
    bar: Option<Bar>,
}

/// How much of how much.
pub(crate) struct Bar {
    done: u64,
    of: u64,
    shown: Option<u64>,
}

impl<'f> Upload<'f> {
    pub(crate) fn new(file: &'f File, len: u64) -> Self {
        Self {
            file,
            bar: Bar::new(len),
        }
    }
}

/// The file is one that we have just written: reading it waits for nothing.
impl AsyncRead for Upload<'_> {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let mut file = self.file;
        let read = file.read(buffer.initialize_unfilled())?;
        buffer.advance(read);
        if let Some(bar) = &mut self.bar {
            bar.advance(read as u64);
        }
        Poll::Ready(Ok(()))
    }
}

impl Bar {
    /// For what is large, where somebody can see it.
    pub(crate) fn new(of: u64) -> Option<Self> {
        (of >= WORTH_SHOWING && io::stderr().is_terminal()).then_some(Self {
            done: 0,
            of,
            shown: None,
        })
    }

    pub(crate) fn advance(&mut self, octets: u64) {
        self.done += octets;
        let percent = (self.done.saturating_mul(100) / self.of.max(1)).min(100);
        if self.shown != Some(percent) {
            self.shown = Some(percent);
            // A bar is not worth a failure.
            let _ = write!(io::stderr(), "\r{}", drawn(percent, self.done, self.of));
        }
    }
}

impl Drop for Bar {
    fn drop(&mut self) {
        if self.shown.is_some() {
            let _ = writeln!(io::stderr());
        }
    }
}

fn drawn(percent: u64, done: u64, of: u64) -> String {
    let filled = (percent * WIDTH / 100) as usize;
    let rest = WIDTH as usize - filled;
    format!(
        "[{}{}] {percent:3}% {:.1} of {:.1} MB",
        "#".repeat(filled),
        " ".repeat(rest),
        done as f64 / 1e6,
        of as f64 / 1e6
    )
}

const WIDTH: u64 = 40;

/// Octets.
const WORTH_SHOWING: u64 = 256 * 1024;
