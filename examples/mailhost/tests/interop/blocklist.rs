//! `mailhost serve --dnsbl`, asked by clients that a list has and by others. No list knows loopback addresses, so all of
//! it runs in a network of its own with addresses from the Internet's, where nothing leads out.

use std::env;
use std::io::{BufRead, BufReader};
use std::net::TcpStream;
use std::process::Command;

use mail_testing::dns::DnsServer;

use crate::peers::{Mailhost, Program, available, succeed};

const LISTED: &str = "192.0.2.99";
const UNLISTED: &str = "192.0.2.98";

#[test]
fn clients_are_looked_up() {
    if !available(&[Program::Ip, Program::Unshare]) {
        return;
    }
    let mut inside = Program::Unshare.command();
    let script = "ip link set lo up && ip address add 192.0.2.98 dev lo && ip address add 192.0.2.99 dev lo && exec \"$0\" \"$@\"";
    inside
        .args(["--net", "sh", "-c", script])
        .arg(env::current_exe().unwrap());
    inside.args([
        "--exact",
        "blocklist::clients_are_looked_up_inside",
        "--ignored",
        "--nocapture",
    ]);
    let said = String::from_utf8(succeed(inside, b"")).unwrap();
    assert!(said.contains("1 passed"), "{said}");
}

#[test]
#[ignore = "only in a network of its own, where clients_are_looked_up runs it"]
fn clients_are_looked_up_inside() {
    let dns = DnsServer::start();
    dns.address("99.2.0.192.bl.example", [127, 0, 0, 2]);
    dns.txt("99.2.0.192.bl.example", "see https://bl.example/99");
    let mut command = Command::new(env!("CARGO_BIN_EXE_mailhost"));
    command.args([
        "serve",
        "--domain",
        Mailhost::DOMAIN,
        "--store=memory",
        "--allow-plaintext",
    ]);
    command.args(["--smtp=0.0.0.0:0", "--pop3=127.0.0.1:0", "--dnsbl=bl.example"]);
    command.arg(format!("--dns={}", dns.address_of_server()));
    let mailhost = Mailhost::spawn(command);
    // Who connects to an address of this machine comes from that address.
    let greeting = |address: &str| {
        let stream = TcpStream::connect((address, mailhost.smtp().port())).unwrap();
        let mut line = String::new();
        BufReader::new(stream).read_line(&mut line).unwrap();
        line
    };
    assert!(greeting(UNLISTED).starts_with("220 "));
    let refusal = greeting(LISTED);
    let text = "192.0.2.99 is on the blocklist bl.example (see https://bl.example/99): ask there how to leave it";
    assert!(refusal.starts_with("550 ") || refusal.starts_with("554 "), "{refusal}");
    assert!(refusal.contains(text), "{refusal}");
    // Our own network is not asked about.
    assert!(greeting("127.0.0.1").starts_with("220 "));
}
