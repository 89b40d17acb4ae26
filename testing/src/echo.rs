//! A machine that says each line back, and asks for a layer when a line names one.

use std::time::Duration;

use mail_wire::{Deflate, Layer, Machine, Misuse, Outbox, Step, Stopwatch, Timer, Window};

/// How long a line may take.
pub const PATIENCE: Duration = Duration::from_secs(300);

/// Lines it understands: `COMPRESS` and `TLS` ask for their layer, `QUIT` ends the dialogue. Every line is an event.
pub struct Echo {
    window: Window,
    output: Outbox,
    state: State,
    watch: Stopwatch,
}

#[derive(Clone, Copy)]
enum State {
    Talking,
    Upgrading(Layer),
    Ending,
}

impl Echo {
    /// Less than a compressed input may inflate to.
    const WINDOW: usize = 2048;

    /// One that waits for its first line.
    #[allow(clippy::new_without_default, reason = "a machine is begun, it is no value")]
    pub fn new() -> Self {
        Self {
            window: Window::new(Self::WINDOW),
            output: Outbox::default(),
            state: State::Talking,
            watch: Stopwatch::default(),
        }
    }

    fn line(&mut self) -> Option<String> {
        let end = self.window.unread().windows(2).position(|pair| pair == b"\r\n")?;
        let line = String::from_utf8_lossy(&self.window.unread()[..end]).into_owned();
        self.window.consume(end + 2);
        self.output.push(line.as_bytes());
        self.output.push(b"\r\n");
        self.watch.restart();
        self.state = match &*line {
            "COMPRESS" => State::Upgrading(Layer::Deflate),
            "TLS" => State::Upgrading(Layer::Tls),
            "QUIT" => State::Ending,
            _ => State::Talking,
        };
        Some(line)
    }
}

impl Machine for Echo {
    type Event = String;
    type Error = &'static str;

    fn space(&mut self) -> &mut [u8] {
        self.window.space()
    }

    fn filled(&mut self, n: usize) {
        self.window.filled(n);
    }

    fn receive_eof(&mut self) {
        self.window.close();
    }

    fn poll(&mut self) -> Result<Step<String>, &'static str> {
        match self.state {
            // Output in bounds: a peer that does not read is not served on.
            State::Talking if self.output.len() > Self::WINDOW => Ok(Step::NeedFlush),
            State::Talking => match self.line() {
                Some(line) => Ok(Step::Event(line)),
                None if self.window.is_closed() => {
                    self.state = State::Ending;
                    self.poll()
                }
                None => Ok(Step::NeedInput),
            },
            State::Upgrading(_) | State::Ending if !self.output.is_empty() => Ok(Step::NeedFlush),
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
    }

    fn shutdown(&mut self) {
        self.state = State::Ending;
    }

    fn unhandled(&mut self, _: String) -> Result<(), Misuse> {
        Ok(())
    }
}

/// The peer's side: `plain`, with a flush behind each line.
pub fn compress(plain: &str) -> Vec<u8> {
    let (mut layer, mut wire) = (Deflate::new(&[]), Vec::new());
    for line in plain.split_inclusive('\n') {
        let mut rest = line.as_bytes();
        while !rest.is_empty() {
            rest = &rest[layer.write(rest)..];
            layer.flush();
            wire.extend_from_slice(layer.transmit());
            layer.transmitted(usize::MAX);
        }
    }
    wire
}

/// The peer's side: what has arrived.
///
/// # Panics
///
/// When it is not DEFLATE, or no text.
pub fn inflate(wire: &[u8]) -> String {
    let mut layer = Deflate::new(wire);
    let (mut plain, mut buffer) = (Vec::new(), [0; 512]);
    loop {
        match layer.read(&mut buffer).expect("it is DEFLATE") {
            0 => return String::from_utf8(plain).expect("text"),
            n => plain.extend_from_slice(&buffer[..n]),
        }
    }
}
