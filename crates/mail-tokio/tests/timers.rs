//! The machine's timers on tokio's clock, which is paused: docs/threats.md row 31.

use std::sync::Arc;
use std::time::Duration;

use mail_tokio::smtp::Session;
use smtp_proto::server::{Config, Event};
use tokio::io::{AsyncReadExt, AsyncWriteExt, DuplexStream, duplex};
use tokio::time::Instant;

/// RFC 5321 §4.5.3.2.7
const COMMAND: Duration = Duration::from_secs(300);

fn config() -> Arc<Config> {
    Arc::new(Config::new("hamburger.example".parse().expect("a domain")))
}

/// Serves until the end; says how long that took, and whether a body was broken off.
async fn serve(transport: DuplexStream) -> (Duration, bool) {
    let began = Instant::now();
    let mut session = Session::new(smtp_proto::Server::new(config()), transport);
    let mut aborted = false;
    while let Some(event) = session.next().await.expect("no error") {
        match event {
            Event::Mail(ask, _) => session.accept(ask).expect("open"),
            Event::Recipient(ask, _) => session.accept(ask).expect("open"),
            Event::Data(ask) => {
                session.accept(ask).expect("open");
                aborted = session.body().read_to_end(&mut Vec::new()).await.is_err();
            }
            other => session.unhandled(other).expect("open"),
        }
    }
    (began.elapsed(), aborted)
}

async fn heard(mut near: DuplexStream) -> String {
    let mut heard = String::new();
    near.read_to_string(&mut heard).await.expect("text");
    heard
}

fn is_about(found: Duration, expected: Duration) -> bool {
    found >= expected && found < expected + Duration::from_secs(1)
}

#[tokio::test(start_paused = true)]
async fn a_silent_client_is_sent_away_after_five_minutes() {
    let (near, far) = duplex(4096);
    let (served, heard) = tokio::join!(serve(far), heard(near));
    assert!(is_about(served.0, COMMAND), "{served:?}");
    assert!(heard.contains("\r\n421 4.4.2 "), "{heard}");
}

#[tokio::test(start_paused = true)]
async fn dripping_octets_wins_no_time() {
    let (mut near, far) = duplex(4096);
    let drip = async {
        while near.write_all(b"N").await.is_ok() {
            tokio::time::sleep(Duration::from_secs(10)).await;
        }
        heard(near).await
    };
    let (served, heard) = tokio::join!(serve(far), drip);
    assert!(is_about(served.0, COMMAND), "{served:?}");
    assert!(heard.contains("\r\n421 4.4.2 "), "{heard}");
}

#[tokio::test(start_paused = true)]
async fn each_command_starts_the_clock_anew() {
    let (mut near, far) = duplex(4096);
    let talk = async {
        for _ in 0..5 {
            tokio::time::sleep(COMMAND - Duration::from_secs(1)).await;
            near.write_all(b"NOOP\r\n").await.expect("it listens");
        }
        near.write_all(b"QUIT\r\n").await.expect("it listens");
        heard(near).await
    };
    let (_, heard) = tokio::join!(serve(far), talk);
    assert!(heard.contains("\r\n221 ") && !heard.contains("421"), "{heard}");
}

#[tokio::test(start_paused = true)]
async fn a_body_that_drips_is_broken_off() {
    let (mut near, far) = duplex(4096);
    let drip = async {
        near.write_all(b"EHLO a.example\r\nMAIL FROM:<>\r\nRCPT TO:<b@hamburger.example>\r\nDATA\r\n")
            .await
            .expect("room");
        while near.write_all(b"x").await.is_ok() {
            tokio::time::sleep(Duration::from_secs(1)).await;
        }
        heard(near).await
    };
    let (served, heard) = tokio::join!(serve(far), drip);
    assert!(is_about(served.0, COMMAND) && served.1, "{served:?}");
    assert!(
        heard.contains("\r\n354 ") && heard.contains("\r\n421 4.4.2 "),
        "{heard}"
    );
}

/// An application that takes its time over a piece of a body does not use up the client's.
#[tokio::test(start_paused = true)]
async fn the_clock_stands_while_the_application_works() {
    let (mut near, far) = duplex(4096);
    near.write_all(b"EHLO a.example\r\nMAIL FROM:<>\r\nRCPT TO:<b@hamburger.example>\r\nDATA\r\n")
        .await
        .expect("room");
    let mut session = Session::new(smtp_proto::Server::new(config()), far);
    while let Some(event) = session.next().await.expect("no error") {
        match event {
            Event::Mail(ask, _) => session.accept(ask).expect("open"),
            Event::Recipient(ask, _) => session.accept(ask).expect("open"),
            Event::Data(ask) => {
                session.accept(ask).expect("open");
                let mut octet = [0];
                for _ in 0..3 {
                    near.write_all(b"x").await.expect("it listens");
                    session.body().read_exact(&mut octet).await.expect("in time");
                    tokio::time::sleep(2 * COMMAND).await;
                }
                near.write_all(b"\r\n.\r\nQUIT\r\n").await.expect("it listens");
                assert_eq!(session.body().read_to_end(&mut Vec::new()).await.expect("in time"), 2);
            }
            Event::Message(ask) => session.accept(ask).expect("open"),
            other => session.unhandled(other).expect("open"),
        }
    }
}

/// A client that never reads cannot hold the session: not by its replies, and not by the last words.
#[tokio::test(start_paused = true)]
async fn a_client_that_does_not_read_is_left() {
    let (mut near, far) = duplex(64);
    let flood = async {
        while near.write_all(b"NOOP\r\n").await.is_ok() {}
        near
    };
    let (served, _near) = tokio::join!(serve(far), flood);
    assert!(served.0 < COMMAND + Duration::from_secs(60), "{served:?}");
}
