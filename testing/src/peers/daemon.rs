//! A program that serves until its guard is dropped, and what it writes meanwhile.

use std::io::{BufRead, BufReader, Read};
use std::net::{Ipv4Addr, SocketAddr, TcpListener};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Condvar, Mutex, MutexGuard};
use std::thread;
use std::time::Duration;

/// A child process; ended and waited for when this is dropped, also by a test that panics.
#[derive(Debug)]
pub struct Daemon {
    child: Child,
    log: Arc<Log>,
    /// Until this daemon is asked to end.
    watchdog: Option<Watchdog>,
}

impl Daemon {
    /// Starts it and gathers the lines of its standard output and standard error.
    pub fn spawn(mut command: Command) -> Self {
        let command = command
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped());
        let mut child = command.spawn().unwrap_or_else(|error| panic!("{command:?}: {error}"));
        let log = Arc::new(Log::default());
        let outputs: [Option<Box<dyn Read + Send>>; OUTPUTS] = [
            child.stdout.take().map(|pipe| Box::new(pipe) as _),
            child.stderr.take().map(|pipe| Box::new(pipe) as _),
        ];
        for output in outputs.into_iter().flatten() {
            let log = Arc::clone(&log);
            thread::spawn(move || log.gather(BufReader::new(output)));
        }
        Self {
            watchdog: Some(Watchdog::over(child.id())),
            child,
            log,
        }
    }

    /// Waits until `find` finds in the lines what it looks for; `None`: the program ended first.
    ///
    /// # Panics
    ///
    /// After [`PATIENCE`], showing the lines.
    pub fn wait_for<T>(&self, mut find: impl FnMut(&[String]) -> Option<T>) -> Option<T> {
        let mut found = None;
        let lines = self.log.wait_while(PATIENCE, |lines| {
            found = find(&lines.all);
            found.is_none() && lines.ended < OUTPUTS
        });
        let ended = lines.ended == OUTPUTS;
        // Whoever else reads the lines shall not suffer.
        drop(lines);
        assert!(found.is_some() || ended, "nothing came. {:#?}", self.lines());
        found
    }

    /// Whether it has not exited by itself.
    pub fn runs(&mut self) -> bool {
        self.child.try_wait().is_ok_and(|status| status.is_none())
    }

    /// Asks it to end by SIGTERM and waits for that; then asks less kindly.
    pub fn terminate(&mut self) -> ExitStatus {
        if self.watchdog.take().is_some() {
            signal_termination(self.child.id());
            // Its outputs end when it and all of its children are gone.
            let lines = self.log.wait_while(PATIENCE_AT_END, |lines| lines.ended < OUTPUTS);
            if lines.ended < OUTPUTS {
                // An error means that it has exited meanwhile.
                self.child.kill().ok();
            }
        }
        self.child.wait().expect("our own child can be waited for")
    }

    /// All lines so far.
    pub fn lines(&self) -> Vec<String> {
        self.log.lines().all.clone()
    }
}

impl Drop for Daemon {
    fn drop(&mut self) {
        self.terminate();
        if thread::panicking() {
            eprintln!("log of process {}:\n{}", self.child.id(), self.lines().join("\n"));
        }
    }
}

/// Calls `start` with free ports until it serves on one. Between the look for a free port and its use by `start`, which
/// then gives `None`, another program may have taken it.
pub fn on_a_free_port<T>(mut start: impl FnMut(SocketAddr) -> Option<T>) -> T {
    let mut attempts = (0..5).map(|_| free_port());
    attempts.find_map(&mut start).expect("the program never came to serve")
}

/// One more port for a program that [`on_a_free_port`] starts.
///
/// # Panics
///
/// There is none.
pub fn free_port() -> SocketAddr {
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).expect("loopback has free ports");
    listener.local_addr().expect("a bound socket has an address")
}

/// What is written in the lifetime of a [`Daemon`].
#[derive(Debug, Default)]
struct Log {
    lines: Mutex<Lines>,
    grown: Condvar,
}

#[derive(Debug, Default)]
struct Lines {
    all: Vec<String>,
    /// How many of the [`OUTPUTS`] have ended.
    ended: usize,
}

impl Log {
    fn lines(&self) -> MutexGuard<'_, Lines> {
        self.lines.lock().expect("no holder panics")
    }

    fn gather(&self, mut output: impl BufRead) {
        let mut line = Vec::new();
        while output.read_until(b'\n', &mut line).is_ok_and(|n| n > 0) {
            let text = String::from_utf8_lossy(line.trim_ascii_end()).into_owned();
            self.lines().all.push(text);
            self.grown.notify_all();
            line.clear();
        }
        self.lines().ended += 1;
        self.grown.notify_all();
    }

    fn wait_while(&self, limit: Duration, condition: impl FnMut(&mut Lines) -> bool) -> MutexGuard<'_, Lines> {
        let waited = self.grown.wait_timeout_while(self.lines(), limit, condition);
        waited.expect("no holder panics").0
    }
}

/// Ends a daemon when the test run is killed, which drops nothing: a shell that reads from a pipe whose other end closes
/// with the test run.
#[derive(Debug)]
struct Watchdog(Child);

impl Watchdog {
    fn over(daemon: u32) -> Self {
        let mut shell = Command::new("sh");
        // A terminal sends its Ctrl-C to the watchdog as well.
        shell.args([
            "-c",
            "trap '' HUP INT TERM; read -r _; kill -TERM $0",
            &daemon.to_string(),
        ]);
        let shell = shell.stdin(Stdio::piped()).stdout(Stdio::null()).stderr(Stdio::null());
        Self(shell.spawn().expect("every Unix has sh"))
    }
}

impl Drop for Watchdog {
    fn drop(&mut self) {
        // An error means that it has exited, as after somebody else's SIGKILL.
        self.0.kill().ok();
        self.0.wait().ok();
    }
}

/// The standard library can only kill.
fn signal_termination(process: u32) {
    let kill = Command::new("sh")
        .args(["-c", "kill -TERM $0", &process.to_string()])
        .stderr(Stdio::null())
        .status();
    // A failure means that it has exited before.
    kill.expect("every Unix has sh");
}

const OUTPUTS: usize = 2;
/// How long a test waits for anything before it fails.
pub const PATIENCE: Duration = Duration::from_secs(30);
const PATIENCE_AT_END: Duration = Duration::from_secs(10);
