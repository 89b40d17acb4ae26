//! Messages per second of `mailhost serve --store discard` beside Postfix's smtp-sink, under Postfix's smtp-source.
//!
//! `cargo run --release --bin versus-smtp-sink -- [MAILHOST] [ROUNDS]`; needs the Debian package postfix. Rounds alternate
//! between the two, so that what else the machine does hits both; the ratio is that of the medians.

use std::net::TcpListener;
use std::process::Command;

use mail_benches::servers::{Load, Server, median};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let binary = arguments
        .next()
        .unwrap_or_else(|| "../target/release/mailhost".to_owned());
    let rounds: usize = arguments
        .next()
        .map_or(9, |text| text.parse().expect("ROUNDS is a number"));
    let mailhost = Server::mailhost(&binary, &["--store", "discard"]);
    let sink = smtp_sink();
    println!("messages a second, median of {rounds} rounds\n");
    println!("{:34} {:>9} {:>9} {:>7}", "", "mailhost", "smtp-sink", "ratio");
    for (name, reuse) in [("a connection for each message", false), ("connections reused", true)] {
        for sessions in [1, 10] {
            let load = Load {
                sessions,
                messages: if reuse { 8000 } else { 2000 },
                octets: None,
                reuse,
                to: "bob@example.org",
            };
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            for _ in 0..rounds {
                ours.push(load.run(mailhost.address));
                theirs.push(load.run(sink.address));
            }
            let (ours, theirs) = (median(ours), median(theirs));
            let ratio = ours / theirs;
            println!("{name:30} ×{sessions:<3} {ours:9.0} {theirs:9.0} {ratio:7.2}");
        }
    }
}

fn smtp_sink() -> Server {
    let free = TcpListener::bind("127.0.0.1:0")
        .and_then(|socket| socket.local_addr())
        .expect("a free port");
    let mut sink = Command::new("smtp-sink");
    // It refuses to run as root without being told as whom.
    sink.args(["-u", "nobody", &free.to_string(), "1000"])
        .current_dir("/tmp");
    Server::greeting(&mut sink, free)
}
