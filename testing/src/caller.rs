//! The other side of an [`Echo`](crate::Echo).

use std::collections::VecDeque;

use mail_wire::{Layer, Machine, Misuse, Outbox, Step, Stopwatch, Timer, Window};

use crate::PATIENCE;

/// A client that says its lines without waiting, but for a line that names a layer: what follows is said in the layer. Every
/// line heard is an event. It ends when `QUIT` came back.
pub struct Caller {
    window: Window,
    output: Outbox,
    unsaid: VecDeque<String>,
    state: State,
    watch: Stopwatch,
}

#[derive(Clone, Copy)]
enum State {
    Talking,
    Upgrading(Layer),
    Ending,
}

impl Caller {
    const WINDOW: usize = 2048;

    /// One that will say each line of `text`.
    pub fn new(text: &str) -> Self {
        let mut caller = Self {
            window: Window::new(Self::WINDOW),
            output: Outbox::default(),
            unsaid: text.split_inclusive('\n').map(str::to_owned).collect(),
            state: State::Talking,
            watch: Stopwatch::default(),
        };
        caller.say();
        caller
    }

    /// Up to a line behind which nothing may be said yet.
    fn say(&mut self) {
        while let Some(line) = self.unsaid.pop_front() {
            self.output.push(line.as_bytes());
            if layer(line.trim_end()).is_some() {
                return;
            }
        }
    }

    fn line(&mut self) -> Option<String> {
        let end = self.window.unread().windows(2).position(|pair| pair == b"\r\n")?;
        let line = String::from_utf8_lossy(&self.window.unread()[..end]).into_owned();
        self.window.consume(end + 2);
        self.watch.restart();
        if let Some(layer) = layer(&line) {
            self.state = State::Upgrading(layer);
        }
        if line == "QUIT" {
            self.state = State::Ending;
        }
        Some(line)
    }
}

fn layer(line: &str) -> Option<Layer> {
    match line {
        "COMPRESS" => Some(Layer::Deflate),
        "TLS" => Some(Layer::Tls),
        _ => None,
    }
}

impl Machine for Caller {
    type Event = String;
    type Error = &'static str;

    fn space(&mut self) -> &mut [u8] {
        match self.state {
            State::Talking => self.window.space(),
            State::Upgrading(_) | State::Ending => &mut [],
        }
    }

    fn filled(&mut self, n: usize) {
        self.window.filled(n);
    }

    fn receive_eof(&mut self) {
        self.window.close();
    }

    fn poll(&mut self) -> Result<Step<String>, &'static str> {
        match self.state {
            State::Talking => match self.line() {
                Some(line) => Ok(Step::Event(line)),
                None if self.window.is_closed() => Err("the end came before QUIT"),
                None => Ok(Step::NeedInput),
            },
            State::Upgrading(layer) => Ok(Step::Upgrade(layer)),
            State::Ending => Ok(Step::Closed),
        }
    }

    fn body(&self) -> &[u8] {
        match self.state {
            State::Upgrading(Layer::Deflate) => self.window.unread(),
            _ => &[],
        }
    }

    fn consume(&mut self, n: usize) {
        self.window.consume(n);
    }

    fn close_body(&mut self) {}

    fn transmit(&self) -> &[u8] {
        self.output.unsent()
    }

    fn transmitted(&mut self, n: usize) {
        self.output.sent(n);
    }

    fn timer(&self) -> Option<Timer> {
        Some(self.watch.timer("line", PATIENCE))
    }

    fn expire(&mut self, timer: Timer) {
        if self.watch.is_current(&timer) {
            self.state = State::Ending;
        }
    }

    fn upgrade(&mut self, _: Layer) {
        assert_eq!(self.window.unread(), b"", "the layer has taken what was unread");
        self.window = Window::new(Self::WINDOW);
        self.state = State::Talking;
        self.say();
    }

    fn shutdown(&mut self) {
        self.state = State::Ending;
    }

    fn unhandled(&mut self, _: String) -> Result<(), Misuse> {
        Ok(())
    }
}
