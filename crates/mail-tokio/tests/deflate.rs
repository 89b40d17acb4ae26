//! DEFLATE between a machine and its transport (RFC 4978), in all cuts and cancelled anywhere: docs/threats.md row 15.

use std::collections::VecDeque;
use std::future::Future;
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll, Waker};
use std::time::Duration;

use mail_testing::{Echo, PATIENCE, compress, inflate};
use mail_tokio::{Driver, Error};
use mail_wire::{Deflate, Layer, Step};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, ReadBuf, duplex, split};
use tokio::time::Instant;

/// Gives `cut` octets a read and takes up to seven of them a write; every second poll is pending.
struct Script {
    input: VecDeque<u8>,
    output: Vec<u8>,
    cut: usize,
    end: End,
    may_read: bool,
    may_write: bool,
}

/// What the peer does when it has written its input.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum End {
    Close,
    Stay,
}

impl Script {
    fn new(input: &[u8], cut: usize, end: End) -> Self {
        Self {
            input: input.iter().copied().collect(),
            output: Vec::new(),
            cut,
            end,
            may_read: false,
            may_write: false,
        }
    }
}

impl AsyncRead for Script {
    fn poll_read(mut self: Pin<&mut Self>, _: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        self.may_read = !self.may_read;
        if self.may_read || (self.input.is_empty() && self.end == End::Stay) {
            return Poll::Pending;
        }
        let n = buffer.remaining().min(self.cut).min(self.input.len());
        for octet in self.input.drain(..n) {
            buffer.put_slice(&[octet]);
        }
        Poll::Ready(Ok(()))
    }
}

impl AsyncWrite for Script {
    fn poll_write(mut self: Pin<&mut Self>, _: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        self.may_write = !self.may_write;
        if self.may_write {
            return Poll::Pending;
        }
        let n = octets.len().min(self.cut).min(7);
        self.output.extend_from_slice(&octets[..n]);
        Poll::Ready(Ok(n))
    }

    fn poll_flush(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }

    fn poll_shutdown(self: Pin<&mut Self>, _: &mut Context<'_>) -> Poll<io::Result<()>> {
        Poll::Ready(Ok(()))
    }
}

/// The lines heard, and how it ended.
type Heard = (Vec<String>, Result<(), Error<&'static str>>);

/// Every call is dropped after `patience` polls, and made again.
fn hear(driver: &mut Driver<Echo, Script>, patience: usize) -> Heard {
    let mut lines = Vec::new();
    loop {
        let step = insist(driver, patience, async |driver| driver.step().await);
        match step.expect("waits for what is there already, or never comes") {
            Ok(Step::Event(line)) => lines.push(line),
            Ok(Step::Closed) => return (lines, Ok(())),
            Ok(step) => panic!("{step:?}"),
            Err(error) => return (lines, Err(error)),
        }
    }
}

/// Polls a call to its end, for a script that never wakes; `None` when it waits for what never comes.
fn insist<R>(
    driver: &mut Driver<Echo, Script>,
    patience: usize,
    call: impl AsyncFn(&mut Driver<Echo, Script>) -> R,
) -> Option<R> {
    let mut context = Context::from_waker(Waker::noop());
    for _ in 0..100_000_usize.div_ceil(patience) {
        let mut future = pin!(call(driver));
        for _ in 0..patience {
            if let Poll::Ready(result) = future.as_mut().poll(&mut context) {
                return Some(result);
            }
        }
    }
    None
}

const PLAIN: &str = "one\r\nCOMPRESS\r\n";
const PACKED: &str = "two\r\nthree three three three three\r\n\r\nQUIT\r\n";

fn wire(packed: &[u8]) -> Vec<u8> {
    [PLAIN.as_bytes(), packed].concat()
}

fn lines(text: &str) -> Vec<String> {
    text.split_terminator("\r\n").map(str::to_owned).collect()
}

#[tokio::test(start_paused = true)]
async fn octets_behind_the_line_belong_to_the_layer_at_every_cut() {
    let wire = wire(&compress(PACKED));
    for cut in 1..=wire.len() {
        for end in [End::Stay, End::Close] {
            for patience in [1, 2, 3, 1000] {
                let mut driver = Driver::new(Echo::new(), Script::new(&wire, cut, end));
                let (heard, result) = hear(&mut driver, patience);
                assert_eq!(heard, lines(&[PLAIN, PACKED].concat()), "{cut} {end:?} {patience}");
                result.expect("an end in order");
                let output = driver.transport().output.strip_prefix(PLAIN.as_bytes());
                assert_eq!(
                    inflate(output.expect("plain so far")),
                    PACKED,
                    "{cut} {end:?} {patience}"
                );
            }
        }
    }
}

/// Far more than the machine's window comes of few octets; the transport, which has no more to give, is not waited for.
#[tokio::test(start_paused = true)]
async fn inflated_octets_are_not_waited_for() {
    let packed = "the same again\r\n".repeat(20_000) + "QUIT\r\n";
    let mut peer = Deflate::new(&[]);
    let mut rest = packed.as_bytes();
    while !rest.is_empty() {
        rest = &rest[peer.write(rest)..];
    }
    peer.flush();
    assert!(peer.transmit().len() < packed.len() / 50);
    for cut in [512, usize::MAX] {
        let script = Script::new(&wire(peer.transmit()), cut, End::Stay);
        let mut driver = Driver::new(Echo::new(), script);
        let (heard, result) = hear(&mut driver, 1);
        result.expect("an end in order");
        assert_eq!(heard.len(), 20_003);
        let output = &driver.transport().output[PLAIN.len()..];
        assert!(inflate(output) == packed);
    }
}

#[tokio::test(start_paused = true)]
async fn what_is_no_deflate_is_invalid_data_behind_the_good_lines() {
    let good = compress("two\r\n");
    // An unknown block type; a last block and an octet behind it.
    for bad in [&[6][..], &[3, 0, 0]] {
        let wire = wire(&[&good, bad].concat());
        for cut in 1..=wire.len() {
            let mut driver = Driver::new(Echo::new(), Script::new(&wire, cut, End::Stay));
            let (heard, result) = hear(&mut driver, 2);
            assert_eq!(heard, ["one", "COMPRESS", "two"], "{cut}");
            let Err(Error::Io(error)) = result else {
                panic!("an error of the transport")
            };
            assert_eq!(error.kind(), io::ErrorKind::InvalidData, "{error}");
        }
    }
}

/// The machine hears of the end, and judges: here it ends the dialogue.
#[tokio::test(start_paused = true)]
async fn an_end_of_input_anywhere_reaches_the_machine() {
    let wire = wire(&compress(PACKED));
    let whole = lines(&[PLAIN, PACKED].concat());
    for end in 0..wire.len() {
        for cut in [1, 7, usize::MAX] {
            let mut driver = Driver::new(Echo::new(), Script::new(&wire[..end], cut, End::Close));
            let (heard, result) = hear(&mut driver, 2);
            result.expect("an end in order");
            assert!(whole.starts_with(&heard), "{end} {cut}");
        }
    }
}

#[tokio::test(start_paused = true)]
async fn a_layer_that_cannot_be_put_in_is_an_error() {
    let twice = wire(&compress("COMPRESS\r\n"));
    let mut driver = Driver::new(Echo::new(), Script::new(&twice, 100, End::Stay));
    assert!(matches!(hear(&mut driver, 9).1, Err(Error::Layer(Layer::Deflate))));
    let mut driver = Driver::new(Echo::new(), Script::new(b"TLS\r\n", 100, End::Stay));
    assert!(matches!(hear(&mut driver, 9).1, Err(Error::Layer(Layer::Tls))));
}

/// A flush leaves nothing in the layer, though the transport takes an octet at a time and the call is dropped each time.
#[tokio::test(start_paused = true)]
async fn a_flush_pushes_what_the_layer_holds() {
    let mut driver = Driver::new(Echo::new(), Script::new(&wire(&compress("two\r\n")), 1, End::Stay));
    for line in ["one", "COMPRESS", "two"] {
        let step = insist(&mut driver, 1, async |driver| driver.step().await);
        assert!(matches!(step, Some(Ok(Step::Event(heard))) if heard == line));
    }
    insist(&mut driver, 1, async |driver| driver.flush().await)
        .expect("room")
        .expect("no error");
    assert_eq!(inflate(&driver.transport().output[PLAIN.len()..]), "two\r\n");
}

/// A driver that waits for the peer holds nothing back: the peer may be waiting for just that.
#[tokio::test(start_paused = true)]
async fn who_waits_has_written_everything() {
    let packed = "two\r\nthree\r\n";
    let wire = wire(&compress(packed));
    for cut in 1..=wire.len() {
        let mut driver = Driver::new(Echo::new(), Script::new(&wire, cut, End::Stay));
        for line in lines(&[PLAIN, packed].concat()) {
            let step = insist(&mut driver, 2, async |driver| driver.step().await);
            assert!(matches!(step, Some(Ok(Step::Event(heard))) if heard == line), "{cut}");
        }
        let step = insist(&mut driver, 1, async |driver| driver.step().await);
        assert!(step.is_none(), "{cut}");
        assert_eq!(inflate(&driver.transport().output[PLAIN.len()..]), packed, "{cut}");
    }
}

/// Both directions through a pipe of 64 octets, without a word between: docs/threats.md row 24.
#[tokio::test(start_paused = true)]
async fn a_long_pipeline_passes_a_small_pipe() {
    let packed: String = (0..5000).map(|n| format!("line {n}\r\n")).collect::<String>() + "QUIT\r\n";
    let (near, far) = duplex(64);
    let (mut reader, mut writer) = split(near);
    let mut driver = Driver::new(Echo::new(), far);
    let serve = async move {
        let mut lines = 0;
        while let Step::Event(_) = driver.step().await.expect("no error") {
            lines += 1;
        }
        lines
    };
    let wire = wire(&compress(&packed));
    let write = async { writer.write_all(&wire).await.expect("it reads") };
    let read = async {
        let mut heard = Vec::new();
        reader.read_to_end(&mut heard).await.expect("it closes");
        heard
    };
    let (lines, (), heard) = tokio::join!(serve, write, read);
    assert_eq!(lines, 5003);
    assert!(inflate(&heard[PLAIN.len()..]) == packed);
}

/// docs/threats.md row 31: empty blocks are octets, but no progress.
#[tokio::test(start_paused = true)]
async fn dripping_empty_blocks_wins_no_time() {
    let (mut near, far) = duplex(64);
    near.write_all(PLAIN.as_bytes()).await.expect("room");
    let began = Instant::now();
    let serve = async {
        let mut driver = Driver::new(Echo::new(), far);
        while let Step::Event(_) = driver.step().await.expect("no error") {}
    };
    let drip = async {
        while near.write_all(&[0, 0, 0, 0xff, 0xff]).await.is_ok() {
            tokio::time::sleep(Duration::from_secs(10)).await;
        }
    };
    tokio::join!(serve, drip);
    let took = began.elapsed();
    assert!(
        took >= PATIENCE && took < PATIENCE + Duration::from_secs(11),
        "{took:?}"
    );
}
