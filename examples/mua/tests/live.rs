//! The full-screen program in a terminal of its own.

use std::fs::{File, OpenOptions};
use std::io::{Read, Write};
use std::process::{Child, Command, ExitStatus};
use std::sync::mpsc::{Receiver, channel};
use std::thread;
use std::time::Duration;

use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, Winsize, tcgetattr, tcsetwinsize};

use crate::place::Place;

struct Screen {
    keyboard: File,
    /// The terminal as the program has it, to see in which state it is left.
    line: File,
    shown: Receiver<Vec<u8>>,
    seen: Vec<u8>,
    child: Child,
}

impl Screen {
    fn run(mut command: Command) -> Self {
        let keyboard = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY).expect("a terminal");
        grantpt(&keyboard)
            .and_then(|()| unlockpt(&keyboard))
            .expect("a terminal");
        let name = ptsname(&keyboard, Vec::new()).expect("its name");
        let name = name.to_str().expect("a plain name");
        let line = OpenOptions::new()
            .read(true)
            .write(true)
            .open(name)
            .expect("its other end");
        let size = Winsize {
            ws_row: 24,
            ws_col: 80,
            ws_xpixel: 0,
            ws_ypixel: 0,
        };
        tcsetwinsize(&line, size).expect("a size");
        let end = || line.try_clone().expect("a terminal");
        let child = command
            .env("TERM", "xterm")
            .stdin(end())
            .stdout(end())
            .stderr(end())
            .spawn()
            .expect("it runs");
        let keyboard = File::from(keyboard);
        let mut output = keyboard.try_clone().expect("a terminal");
        let (send, shown) = channel();
        thread::spawn(move || {
            let mut piece = [0; 4096];
            while let Ok(read @ 1..) = output.read(&mut piece) {
                if send.send(piece[..read].to_vec()).is_err() {
                    return;
                }
            }
        });
        Self {
            keyboard,
            line,
            shown,
            seen: Vec::new(),
            child,
        }
    }

    fn press(&mut self, keys: &str) {
        self.keyboard.write_all(keys.as_bytes()).expect("it is typed");
    }

    /// Waits until a text has been drawn behind the one that was waited for before, and returns what was up to its end.
    #[track_caller]
    fn await_text(&mut self, text: &str) -> String {
        loop {
            let mut places = self.seen.windows(text.len());
            if let Some(at) = places.position(|window| window == text.as_bytes()) {
                let rest = self.seen.split_off(at + text.len());
                return String::from_utf8_lossy(&std::mem::replace(&mut self.seen, rest)).into_owned();
            }
            let more = self.shown.recv_timeout(PATIENCE);
            let shown = || String::from_utf8_lossy(&self.seen).escape_debug().to_string();
            let more = more.unwrap_or_else(|_| panic!("{text:?} did not come: {}", shown()));
            self.seen.extend(more);
        }
    }

    fn ended(&mut self) -> ExitStatus {
        self.child.wait().expect("it ends")
    }

    /// Whether keys are shown and lines are edited, as a shell wants it.
    fn is_restored(&self) -> bool {
        let modes = tcgetattr(&self.line).expect("its state").local_modes;
        modes.contains(LocalModes::ECHO | LocalModes::ICANON)
    }
}

impl Drop for Screen {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// What arrives comes up by itself; a message is read, flagged, found, deleted; the terminal is given back.
#[test]
fn mail_is_read_in_a_terminal() {
    let place = Place::new();
    place.deliver_text("first-of-all", "the-words-of-it");
    let mut screen = Screen::run(place.command());
    screen.await_text("first-of-all");
    assert!(!screen.is_restored());
    place.deliver(
        b"From: \x1b]0;evil\x07 <x@elsewhere.example>\r\nSubject: second-\x1b[2J-one\r\n\r\nmore-\x1b]0;evil\x07-words",
    );
    screen.await_text("second-\\x1b[2J-one");
    screen.press("k\r");
    screen.await_text("more-\\x1b]0;evil\\x07-words");
    screen.press("n");
    screen.await_text("the-words-of-it");
    screen.press("f");
    screen.await_text("!");
    screen.press("\x1b");
    screen.press("/first-of\r");
    screen.await_text("1 message");
    screen.press("d");
    screen.await_text("for ever?");
    screen.press("y");
    screen.await_text("Enter opens a message");
    screen.press("q");
    // The main screen comes back.
    screen.await_text("\x1b[?1049l");
    assert!(screen.ended().success() && screen.is_restored());
    assert_eq!(place.mua(&["search", "words"]).ok(), "2\n");
}

/// Ctrl-C leaves, and so does a signal: both give the terminal back. With NO_COLOR there are no colours on the way.
#[test]
fn the_terminal_is_given_back() {
    let place = Place::new();
    for (is_signal, no_color) in [(false, ""), (true, "1")] {
        let mut command = place.command();
        command.env("NO_COLOR", no_color);
        let mut screen = Screen::run(command);
        let shown = screen.await_text("0 messages");
        let has_color = shown.contains("\x1b[38;5;") || shown.contains("\x1b[48;5;");
        assert_eq!(has_color, no_color.is_empty(), "{shown:?}");
        match is_signal {
            true => {
                let id = screen.child.id().to_string();
                let killed = Command::new("kill").args(["-TERM", &id]).status();
                assert!(killed.expect("it runs").success());
            }
            false => screen.press("\x03"),
        }
        screen.await_text("\x1b[?1049l");
        assert!(screen.ended().success() && screen.is_restored());
    }
}

/// A password is asked for without an echo.
#[test]
fn a_password_is_not_echoed() {
    let place = Place::new();
    place.deliver_text("hello-there", "text");
    let mut command = place.bare();
    command.args([
        "--imap",
        &place.address(mailhost::service::Service::Imap).to_string(),
        "--user",
        "bob",
        "list",
    ]);
    let mut screen = Screen::run(command);
    screen.await_text("Password for bob at 127.0.0.1:");
    screen.press("open sesame\r");
    let shown = screen.await_text("hello-there");
    assert!(!shown.contains("sesame"), "{shown:?}");
    assert!(screen.ended().success() && screen.is_restored());
}

/// Who waits for a large attachment sees how far it is.
#[test]
fn a_bar_shows_how_far_a_message_is() {
    let place = Place::new();
    let path = place.write("large.txt", &"All work and no play. ".repeat(50_000));
    let mut command = place.command();
    command.args([
        "send",
        "--from",
        "bob@example.org",
        "--to",
        "bob@example.org",
        "--attach",
        &path,
    ]);
    let mut screen = Screen::run(command);
    let shown = screen.await_text("] 100% ");
    assert!(shown.contains("]   1% ") && shown.contains("]  50% "), "{shown:?}");
    screen.await_text("sent <");
    assert!(screen.ended().success());
}

const PATIENCE: Duration = Duration::from_secs(30);
