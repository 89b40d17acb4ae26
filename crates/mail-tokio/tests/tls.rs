//! TLS between a machine and its transport: cut and cancelled anywhere, with DEFLATE inside, and under a timer.

use std::future::{Future, poll_fn};
use std::io;
use std::pin::{Pin, pin};
use std::task::{Context, Poll};
use std::time::Duration;

use mail_testing::{Authority, Caller, Echo, Issued};
use mail_tokio::tls::{Address, ClientTls, Ending, Endpoint, Identity, ServerTls, Tls, TlsError};
use mail_tokio::{Driver, Error};
use mail_wire::{Layer, Machine, Step};
use tokio::io::{AsyncRead, AsyncReadExt, AsyncWrite, AsyncWriteExt, DuplexStream, ReadBuf, duplex};
use tokio::time::Instant;

/// Moves at most `cut` octets at once.
struct Cut {
    stream: DuplexStream,
    cut: usize,
}

impl AsyncRead for Cut {
    fn poll_read(mut self: Pin<&mut Self>, cx: &mut Context<'_>, buffer: &mut ReadBuf<'_>) -> Poll<io::Result<()>> {
        let most = buffer.remaining().min(self.cut);
        let mut piece = vec![0; most];
        let mut piece = ReadBuf::new(&mut piece);
        let read = Pin::new(&mut self.stream).poll_read(cx, &mut piece);
        buffer.put_slice(piece.filled());
        read
    }
}

impl AsyncWrite for Cut {
    fn poll_write(mut self: Pin<&mut Self>, cx: &mut Context<'_>, octets: &[u8]) -> Poll<io::Result<usize>> {
        let most = octets.len().min(self.cut);
        Pin::new(&mut self.stream).poll_write(cx, &octets[..most])
    }

    fn poll_flush(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_flush(cx)
    }

    fn poll_shutdown(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<io::Result<()>> {
        Pin::new(&mut self.stream).poll_shutdown(cx)
    }
}

fn pair(cut: usize, capacity: usize) -> (Cut, Cut) {
    let (near, far) = duplex(capacity);
    (Cut { stream: near, cut }, Cut { stream: far, cut })
}

const HOST: &str = "mail.crepes.example";

struct Certificates {
    connect: Endpoint,
    serve: Endpoint,
}

fn certificates() -> Certificates {
    let authority = Authority::new("Crepes CA");
    let Issued { chain, key } = authority.server(&[HOST]);
    let identity = Identity::from_pem(chain.as_bytes(), key.as_bytes()).expect("a certificate");
    let serve = ServerTls::builder()
        .identity(identity)
        .handshake_limit(LIMIT)
        .build()
        .expect("a configuration");
    let connect = ClientTls::builder()
        .roots_pem(authority.root().as_bytes())
        .handshake_limit(LIMIT);
    let tls = Tls::required().with(connect.build().expect("roots"));
    let address = Address::new(HOST, 25).expect("a host");
    Certificates {
        connect: tls.endpoint(&address).expect("a host").expect("TLS is wanted"),
        serve: serve.into(),
    }
}

const LIMIT: Duration = Duration::from_secs(20);

/// Hears all lines. Every call is dropped after `patience` polls, and made again.
async fn hear<M>(driver: &mut Driver<M, Cut>, patience: usize) -> (Vec<String>, Result<(), Error<&'static str>>)
where
    M: Machine<Event = String, Error = &'static str>,
{
    let mut lines = Vec::new();
    loop {
        let step = loop {
            let mut call = pin!(driver.step());
            let mut polls = 0;
            let polled = poll_fn(|cx| match call.as_mut().poll(cx) {
                Poll::Ready(step) => Poll::Ready(Some(step)),
                Poll::Pending if polls == patience => Poll::Ready(None),
                Poll::Pending => {
                    polls += 1;
                    Poll::Pending
                }
            });
            if let Some(step) = polled.await {
                break step;
            }
        };
        match step {
            Ok(Step::Event(line)) => lines.push(line),
            Ok(Step::Closed) => return (lines, Ok(())),
            Ok(step) => panic!("{step:?}"),
            Err(error) => return (lines, Err(error)),
        }
    }
}

fn lines(text: &str) -> Vec<String> {
    text.split_terminator("\r\n").map(str::to_owned).collect()
}

#[tokio::test(start_paused = true)]
async fn a_dialogue_goes_on_in_tls_at_every_cut() {
    let certificates = certificates();
    let text = "one\r\nTLS\r\ntwo\r\nthree\r\nQUIT\r\n";
    for (cut, capacity) in [
        (1, 1),
        (1, 64),
        (2, 3),
        (5, 1000),
        (100, 100),
        (usize::MAX, 64),
        (usize::MAX, 1 << 20),
    ] {
        for patience in [1, 2, 7, usize::MAX] {
            let (near, far) = pair(cut, capacity);
            let mut client = Driver::new(Caller::new(text), near).with_tls(certificates.connect.clone());
            let mut server = Driver::new(Echo::new(), far).with_tls(certificates.serve.clone());
            let (heard, echoed) = tokio::join!(hear(&mut server, patience), hear(&mut client, patience));
            heard.1.expect("an end in order");
            echoed.1.expect("an end in order");
            assert_eq!(
                (heard.0, echoed.0),
                (lines(text), lines(text)),
                "{cut} {capacity} {patience}"
            );
            let (client, server) = (client.tls().expect("TLS"), server.tls().expect("TLS"));
            assert_eq!(client.exporter().expect("TLS 1.3"), server.exporter().expect("TLS 1.3"));
        }
    }
}

/// The order of RFC 4978 §3: TLS outside, DEFLATE inside.
#[tokio::test(start_paused = true)]
async fn compression_goes_on_inside() {
    let certificates = certificates();
    let text = format!(
        "one\r\nTLS\r\ntwo\r\nCOMPRESS\r\n{}QUIT\r\n",
        "the same again\r\n".repeat(3000)
    );
    for (cut, capacity) in [(3, 7), (1000, 300), (usize::MAX, 1 << 20)] {
        let (near, far) = pair(cut, capacity);
        let mut client = Driver::new(Caller::new(&text), near).with_tls(certificates.connect.clone());
        let mut server = Driver::new(Echo::new(), far).with_tls(certificates.serve.clone());
        let (heard, echoed) = tokio::join!(hear(&mut server, 3), hear(&mut client, 3));
        echoed.1.expect("an end in order");
        assert!(heard.0 == lines(&text) && echoed.0 == lines(&text), "{cut} {capacity}");
    }
}

#[tokio::test]
async fn tls_begins_with_the_first_octet_if_asked_to() {
    let certificates = certificates();
    let (near, far) = pair(usize::MAX, 1000);
    let mut client = Driver::new(Caller::new("one\r\nQUIT\r\n"), near);
    let mut server = Driver::new(Echo::new(), far);
    client.secure(&certificates.connect).expect("a configuration");
    server.secure(&certificates.serve).expect("a configuration");
    assert_eq!(server.secure(&certificates.serve), Err(TlsError::Twice));
    let (shaken, also) = tokio::join!(client.handshake(), server.handshake());
    shaken.and(also).expect("trust");
    assert_eq!(
        client.tls().unwrap().server_end_point(),
        server.tls().unwrap().server_end_point()
    );
    let (heard, echoed) = tokio::join!(hear(&mut server, 9), hear(&mut client, 9));
    echoed.1.expect("an end in order");
    assert_eq!(heard.0, ["one", "QUIT"]);
    assert_eq!(client.tls().unwrap().ending(), Ending::Open);
}

/// Without a configuration, or a second time, the layer cannot be put in.
#[tokio::test]
async fn tls_needs_its_configuration_and_comes_first() {
    let certificates = certificates();
    let (near, far) = pair(usize::MAX, 1000);
    let mut client = Driver::new(Caller::new("TLS\r\n"), near).with_tls(certificates.connect.clone());
    let mut server = Driver::new(Echo::new(), far);
    let (heard, _) = tokio::join!(
        async {
            let heard = hear(&mut server, 9).await;
            drop(server);
            heard
        },
        hear(&mut client, 9)
    );
    assert!(matches!(heard.1, Err(Error::Layer(Layer::Tls))));
    for text in ["TLS\r\nTLS\r\n", "COMPRESS\r\nTLS\r\n"] {
        let (near, far) = pair(usize::MAX, 1000);
        let mut client = Driver::new(Caller::new(text), near).with_tls(certificates.connect.clone());
        let mut server = Driver::new(Echo::new(), far).with_tls(certificates.serve.clone());
        let (heard, _) = tokio::join!(
            async {
                let heard = hear(&mut server, 9).await;
                drop(server);
                heard
            },
            hear(&mut client, 9)
        );
        assert!(matches!(heard.1, Err(Error::Layer(Layer::Tls))), "{text}");
    }
}

/// docs/threats.md row 31: a peer that drips its handshake, or sends none, has the handshake's time and no more.
#[tokio::test(start_paused = true)]
async fn a_handshake_has_its_time() {
    let certificates = certificates();
    for drips in [false, true] {
        let (mut near, far) = pair(usize::MAX, 1000);
        let mut server = Driver::new(Echo::new(), far);
        server.secure(&certificates.serve).expect("a configuration");
        let began = Instant::now();
        let drip = async {
            // The header of a record of 16 KiB, and on.
            let mut octets = [22, 3, 1, 64, 0].into_iter().chain(std::iter::repeat(1));
            while drips && near.write_u8(octets.next().unwrap()).await.is_ok() {
                tokio::time::sleep(Duration::from_secs(1)).await;
            }
        };
        let serve = async {
            let heard = hear(&mut server, 1).await.1;
            drop(server);
            heard
        };
        let (served, ()) = tokio::join!(serve, drip);
        assert!(matches!(served, Err(Error::Tls(TlsError::Timeout))), "{served:?}");
        assert!(
            began.elapsed() >= LIMIT && began.elapsed() < 2 * LIMIT,
            "{:?}",
            began.elapsed()
        );
    }
}

/// A machine's timer does not run on in a handshake, nor does a handshake's after it.
#[tokio::test(start_paused = true)]
async fn after_the_handshake_time_is_the_machine_s() {
    let certificates = certificates();
    let (near, far) = pair(usize::MAX, 1000);
    let mut client = Driver::new(Caller::new("one\r\n"), near);
    let mut server = Driver::new(Echo::new(), far);
    client.secure(&certificates.connect).expect("a configuration");
    server.secure(&certificates.serve).expect("a configuration");
    let began = Instant::now();
    let (heard, _) = tokio::join!(hear(&mut server, 9), hear(&mut client, 9));
    assert_eq!(heard.0, ["one"]);
    let took = began.elapsed();
    assert!(
        took >= mail_testing::PATIENCE && took < mail_testing::PATIENCE + LIMIT,
        "{took:?}"
    );
}

#[tokio::test]
async fn nobody_talks_to_a_server_that_is_not_trusted() {
    let (certificates, other) = (certificates(), certificates());
    let text = "one\r\nTLS\r\nthe password\r\nQUIT\r\n";
    let (near, far) = pair(usize::MAX, 1000);
    let mut client = Driver::new(Caller::new(text), near).with_tls(certificates.connect);
    let mut server = Driver::new(Echo::new(), far).with_tls(other.serve);
    let (heard, echoed) = tokio::join!(hear(&mut server, 9), async {
        let heard = hear(&mut client, 9).await;
        drop(client);
        heard
    });
    assert!(
        matches!(echoed.1, Err(Error::Tls(TlsError::Certificate(_)))),
        "{:?}",
        echoed.1
    );
    assert!(
        matches!(heard.1, Err(Error::Tls(TlsError::Refused(_)))),
        "{:?}",
        heard.1
    );
    assert_eq!(heard.0, ["one", "TLS"]);
}

/// A peer that talks plaintext where TLS is due.
#[tokio::test]
async fn plaintext_is_no_tls() {
    let certificates = certificates();
    let (mut near, far) = pair(usize::MAX, 1000);
    let mut server = Driver::new(Echo::new(), far);
    server.secure(&certificates.serve).expect("a configuration");
    near.write_all(b"EHLO crepes.example\r\n").await.expect("room");
    let (heard, result) = hear(&mut server, 9).await;
    assert!(
        heard.is_empty() && matches!(result, Err(Error::Tls(TlsError::Protocol(_)))),
        "{result:?}"
    );
    drop(server);
    let mut alert = Vec::new();
    near.read_to_end(&mut alert).await.expect("it closes");
    assert_eq!(alert.first(), Some(&21), "an alert says why");
}

/// docs/threats.md row 24: both sides write much, and neither waits for the other to read.
#[tokio::test]
async fn a_long_pipeline_passes_a_small_pipe() {
    let certificates = certificates();
    let text = format!("TLS\r\n{}QUIT\r\n", "one line of many\r\n".repeat(20_000));
    let (near, far) = pair(usize::MAX, 1000);
    let mut client = Driver::new(Caller::new(&text), near).with_tls(certificates.connect);
    let mut server = Driver::new(Echo::new(), far).with_tls(certificates.serve);
    let (heard, echoed) = tokio::join!(hear(&mut server, usize::MAX), hear(&mut client, usize::MAX));
    echoed.1.expect("an end in order");
    assert!(heard.0.len() == 20_002 && echoed.0.len() == 20_002);
}

/// A connection that was cut is an end of input; the peer that says so, too. The application can tell them apart.
#[tokio::test]
async fn a_cut_connection_is_told_from_an_end() {
    for (cut, ending) in [(true, Ending::Truncated), (false, Ending::Clean)] {
        let certificates = certificates();
        let (near, far) = pair(usize::MAX, 1000);
        let mut client = Driver::new(Caller::new("one\r\n"), near);
        let mut server = Driver::new(Echo::new(), far);
        client.secure(&certificates.connect).expect("a configuration");
        server.secure(&certificates.serve).expect("a configuration");
        let talk = async move {
            assert!(matches!(client.step().await, Ok(Step::Event(line)) if line == "one"));
            if !cut {
                client.machine_mut().shutdown();
                assert!(matches!(client.step().await, Ok(Step::Closed)));
            }
        };
        let (heard, ()) = tokio::join!(hear(&mut server, 9), talk);
        heard.1.expect("the machine judges");
        assert_eq!(
            (heard.0, server.tls().unwrap().ending()),
            (vec!["one".to_owned()], ending)
        );
    }
}
