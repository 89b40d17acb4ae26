//! The capture's octets, as they come.

use std::fs::File;
use std::io::{self, Read};
use std::path::Path;
use std::sync::mpsc::{self, Receiver, SyncSender};
use std::thread;
use std::time::Duration;

/// What comes next.
pub(crate) enum Input {
    Octets(Vec<u8>),
    End,
    /// Ctrl+C.
    Interrupted,
    Failed(io::Error),
}

/// Opens a file, or standard input, and reads it in a thread of its own, so that an interrupt ends the wait for more. With
/// `follow` the end of the file is not the end.
pub(crate) fn open(path: &Path, follow: bool) -> io::Result<Receiver<Input>> {
    let is_standard_input = path == Path::new("-");
    let source: Box<dyn Read + Send> = match is_standard_input {
        true => Box::new(io::stdin()),
        false => Box::new(File::open(path)?),
    };
    let (sender, receiver) = mpsc::sync_channel(WAITING);
    // Whoever ends `tcpdump -w - | wiretap -` wants to see what there was.
    if follow || is_standard_input {
        interrupts(sender.clone())?;
    }
    // The end of standard input is one: nobody can write there any more.
    let waits = follow && !is_standard_input;
    thread::spawn(move || read(source, waits, &sender));
    Ok(receiver)
}

fn read(mut source: impl Read, waits: bool, sender: &SyncSender<Input>) {
    let mut buffer = vec![0; PIECE];
    loop {
        let input = match source.read(&mut buffer) {
            Ok(0) if waits => {
                thread::sleep(PAUSE);
                continue;
            }
            Ok(0) => Input::End,
            Ok(n) => Input::Octets(buffer[..n].to_vec()),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => Input::Failed(error),
        };
        let is_last = !matches!(input, Input::Octets(_));
        if sender.send(input).is_err() || is_last {
            return;
        }
    }
}

/// SIGINT and SIGTERM end the capture, not the program.
fn interrupts(sender: SyncSender<Input>) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let _guard = runtime.enter();
    #[cfg(unix)]
    let mut terminated = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
    #[cfg(unix)]
    let mut interrupted = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::interrupt())?;
    drop(_guard);
    thread::spawn(move || {
        runtime.block_on(async {
            #[cfg(unix)]
            tokio::select! {
                _ = terminated.recv() => {}
                _ = interrupted.recv() => {}
            }
            #[cfg(not(unix))]
            let _ = tokio::signal::ctrl_c().await;
        });
        let _ = sender.send(Input::Interrupted);
    });
    Ok(())
}

/// Octets that are read at once.
const PIECE: usize = 64 * 1024;
/// Pieces that wait to be looked at.
const WAITING: usize = 16;
/// Between two looks at a file that does not grow.
const PAUSE: Duration = Duration::from_millis(50);
