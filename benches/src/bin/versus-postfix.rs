//! Messages per second that `mailhost serve` stores in SQLite, beside a Postfix that receives into its own queue, under
//! Postfix's smtp-source. Both are on the same disk, and both have flushed a message to it before they say 250.
//!
//! `cargo run --release --bin versus-postfix -- [MAILHOST] [ROUNDS] [FOLDER]`; needs the Debian package postfix, and root, which
//! Postfix starts as. FOLDER, `/var/tmp` if it is not given, is on the disk to measure. Postfix holds what it receives, so
//! that it is spared all further work. Rounds alternate between the two, so that what else the machine does hits
//! both; the ratio is that of the medians.

use std::fs::{self, File, Permissions};
use std::io::Write;
use std::net::SocketAddr;
use std::os::unix::fs::{PermissionsExt, chown};
use std::path::Path;
use std::process::Command;
use std::time::Instant;

use mail_benches::servers::{Load, Server, median, wait_for_greeting};
use mail_testing::peers::{Daemon, Program, on_a_free_port, succeed};

fn main() {
    let mut arguments = std::env::args().skip(1);
    let binary = arguments
        .next()
        .unwrap_or_else(|| "../target/release/mailhost".to_owned());
    let rounds: usize = arguments
        .next()
        .map_or(9, |text| text.parse().expect("ROUNDS is a number"));
    let disk = arguments.next().unwrap_or_else(|| "/var/tmp".to_owned());
    let folder = tempfile::Builder::new().prefix("versus-postfix-").tempdir_in(&disk);
    let folder = folder.unwrap_or_else(|error| panic!("{disk}: {error}"));
    // Postfix's processes go through it as users of their own.
    fs::set_permissions(folder.path(), Permissions::from_mode(0o755)).expect("it is ours");
    let data = folder.path().join("mailhost").display().to_string();
    let mailhost = Server::mailhost(&binary, &["--data", &data]);
    let (postfix, _master) = postfix(folder.path());

    println!("messages a second on {disk}, median of {rounds} rounds (lowest to highest)");
    println!(
        "a flush of 4 KiB to this disk takes {:.2} ms\n",
        flush(folder.path()) * 1e3
    );
    println!("{:26} {:>20} {:>20} {:>6}", "", "mailhost", "Postfix", "ratio");
    for (octets, messages) in [(4096, 3000), (65536, 1000)] {
        for sessions in [1, 10] {
            let load = Load {
                sessions,
                messages: if sessions == 1 { messages / 3 } else { messages },
                octets: Some(octets),
                reuse: true,
                to: "bob@example.org",
            };
            let (mut ours, mut theirs) = (Vec::new(), Vec::new());
            for _ in 0..rounds {
                ours.push(load.run(mailhost.address));
                theirs.push(load.run(postfix));
            }
            let name = format!("{} KiB, {sessions} session(s)", octets / 1024);
            let (mine, other) = (range(&ours), range(&theirs));
            let ratio = median(ours) / median(theirs);
            println!("{name:26} {mine:>20} {other:>20} {ratio:6.2}");
        }
    }
}

fn range(values: &[f64]) -> String {
    let (low, high) = values.iter().fold((f64::MAX, 0f64), |(low, high), value| {
        (low.min(*value), high.max(*value))
    });
    format!("{:.0} ({low:.0}–{high:.0})", median(values.to_vec()))
}

/// Seconds of a small write with its flush: what no server that promises custody can do without.
fn flush(folder: &Path) -> f64 {
    let mut file = File::create(folder.join("flush")).expect("it is ours");
    let times = (0..51).map(|_| {
        let began = Instant::now();
        file.write_all(&[0; 4096])
            .and_then(|()| file.sync_data())
            .expect("it is ours");
        began.elapsed().as_secs_f64()
    });
    median(times.collect())
}

/// A Postfix of our own, and its master process.
fn postfix(folder: &Path) -> (SocketAddr, Daemon) {
    on_a_free_port(|address| {
        let configuration = folder.join("etc");
        for name in ["etc", "queue", "data"] {
            fs::create_dir_all(folder.join(name)).expect("it is ours");
        }
        chown(folder.join("data"), Some(user("postfix")), None).expect("root may");
        let main = MAIN.replace("@FOLDER@", &folder.display().to_string());
        fs::write(configuration.join("main.cf"), main).expect("it is ours");
        let master = MASTER.replace("@ADDRESS@", &address.to_string());
        fs::write(configuration.join("master.cf"), master).expect("it is ours");
        let mut check = Program::Postfix.command();
        check.arg("-c").arg(&configuration).arg("check");
        succeed(check, b"");
        let mut master = Command::new("/usr/lib/postfix/sbin/master");
        master.arg("-s").arg("-c").arg(&configuration);
        let mut master = Daemon::spawn(master);
        std::thread::sleep(std::time::Duration::from_millis(300));
        master.runs().then(|| {
            wait_for_greeting(address);
            (address, master)
        })
    })
}

fn user(name: &str) -> u32 {
    let mut id = Command::new("id");
    id.args(["-u", name]);
    let number = succeed(id, b"");
    String::from_utf8_lossy(&number)
        .trim()
        .parse()
        .expect("it prints a number")
}

/// As Debian has it, but for what would cost time here: no look at the DNS, no rewriting, no pauses, no delivery.
const MAIN: &str = "\
compatibility_level = 3.6
queue_directory = @FOLDER@/queue
data_directory = @FOLDER@/data
maillog_file_prefixes = @FOLDER@
maillog_file = @FOLDER@/log
myhostname = mx.example.org
mydestination = example.org
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
disable_dns_lookups = yes
smtpd_peername_lookup = no
smtpd_relay_restrictions = permit_mynetworks, reject
smtpd_client_restrictions = check_client_access static:HOLD
smtpd_client_event_limit_exceptions = 127.0.0.0/8
local_header_rewrite_clients =
local_recipient_maps =
alias_maps =
alias_database =
in_flow_delay = 0
";

/// No service is in a chroot, where it would miss files of the machine.
const MASTER: &str = "\
@ADDRESS@ inet n - n - - smtpd
pickup unix n - n 60 1 pickup
cleanup unix n - n - 0 cleanup
qmgr unix n - n 300 1 qmgr
rewrite unix - - n - - trivial-rewrite
bounce unix - - n - 0 bounce
defer unix - - n - 0 bounce
trace unix - - n - 0 bounce
verify unix - - n - 1 verify
flush unix n - n 1000? 0 flush
proxymap unix - - n - - proxymap
smtp unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
local unix - n n - - local
anvil unix - - n - 1 anvil
postlog unix-dgram n - n - 1 postlogd
";
