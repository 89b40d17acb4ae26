//! A Postfix of our own.

use std::net::SocketAddr;
use std::os::unix::fs::chown;
use std::process::Command;

use super::{Daemon, Folder, Program, new_mail, on_a_free_port, succeed};
use crate::message;

/// Takes mail for `bob`, `carol` and `jürgen` at [`Postfix::DOMAIN`] into maildirs, and relays other mail by its routes.
#[derive(Debug)]
pub(crate) struct Postfix {
    address: SocketAddr,
    master: Daemon,
    folder: Folder,
}

impl Postfix {
    pub(crate) const DOMAIN: &str = "postfix.test";

    pub(crate) fn start() -> Self {
        Self::with_routes(&[])
    }

    /// Hands mail for each domain to the server at its address.
    pub(crate) fn with_routes(routes: &[(&str, SocketAddr)]) -> Self {
        Self::configured(routes, |_| Additions::default())
    }

    /// Says more in its configuration, which may name files that are put into its folder.
    pub(super) fn configured(routes: &[(&str, SocketAddr)], mut additions: impl FnMut(&Folder) -> Additions) -> Self {
        on_a_free_port(|address| {
            let folder = Folder::new();
            folder.folder("etc");
            set_up(&folder, address, routes, &additions(&folder));
            let master = Daemon::spawn(master(&folder));
            let ready = |lines: &[String]| lines.iter().any(|line| line.contains("daemon started")).then_some(());
            master.wait_for(ready)?;
            Some(Self {
                address,
                master,
                folder,
            })
        })
    }

    /// Hands mail for a domain to the server at an address. Before its first message.
    pub(crate) fn route(&self, domain: &str, host: SocketAddr) {
        self.folder.file("etc/routes", route(&(domain, host)));
    }

    /// Where it speaks SMTP.
    pub(crate) const fn address(&self) -> SocketAddr {
        self.address
    }

    /// Waits until it has written a line with all of `texts`.
    pub(crate) fn wait_until_logged(&self, texts: &[&str]) {
        let is_it = |line: &String| texts.iter().all(|text| line.contains(text));
        let logged = |lines: &[String]| lines.iter().any(is_it).then_some(());
        self.master.wait_for(logged).expect("Postfix goes on running");
    }

    /// Waits until so many messages for `recipient` have reached their destination.
    pub(crate) fn wait_until_sent(&self, count: usize, recipient: &str) {
        let field = format!(" to=<{recipient}>, ");
        let sent = |line: &&String| line.contains(&field) && line.contains(" status=sent ");
        let enough = |lines: &[String]| (lines.iter().filter(sent).count() >= count).then_some(());
        self.master.wait_for(enough).expect("Postfix goes on running");
    }

    /// Waits for the messages to a local user, and checks that they arrived octet for octet. A maildir is in no order: no
    /// two of the messages may have the same length.
    #[track_caller]
    pub(crate) fn assert_delivered(&self, user: &str, sent: &[&[u8]]) {
        let mut arrived = self.mail_of(user, sent.len());
        arrived.sort_by_key(Vec::len);
        let mut sent: Vec<_> = sent.iter().map(|message| message::unix(message)).collect();
        sent.sort_by_key(Vec::len);
        assert_eq!(arrived.len(), sent.len(), "messages for {user}");
        for (arrived, sent) in arrived.iter().zip(&sent) {
            let fields = ["Return-Path", "X-Original-To", "Delivered-To", "Received"];
            message::assert_below_fields(arrived, sent, &fields);
        }
    }

    /// Waits for so many messages to a local user; they are in no order, and their lines end in LF.
    pub(crate) fn mail_of(&self, user: &str, count: usize) -> Vec<Vec<u8>> {
        self.wait_until_sent(count, &format!("{user}@{}", Self::DOMAIN));
        self.stored(user)
    }

    /// What has come to a local user so far.
    pub(crate) fn stored(&self, user: &str) -> Vec<Vec<u8>> {
        new_mail(&self.folder.path().join("mail").join(user))
    }

    /// What it has written down about clients that do not behave.
    pub(crate) fn complaints(&self) -> Vec<String> {
        let faults = [
            "improper command pipelining",
            "lost connection",
            "timeout after",
            "non-SMTP command",
            "warning:",
        ];
        // Where the clock and the time stamps of files tick apart; no client can do that.
        let machine = ["file system clock is", "resetting file time stamps"];
        let holds = |line: &str, any: &[&str]| any.iter().any(|text| line.contains(text));
        let mut lines = self.master.lines();
        lines.retain(|line| holds(line, &faults) && !holds(line, &machine));
        lines
    }
}

/// More lines of its configuration.
#[derive(Debug, Default)]
pub(super) struct Additions {
    /// Of main.cf; `@FOLDER@` stands for the peer's folder.
    pub(super) main: String,
    /// Of master.cf.
    pub(super) master: String,
}

/// Writes the configuration and makes the folders of the queue.
fn set_up(folder: &Folder, address: SocketAddr, routes: &[(&str, SocketAddr)], more: &Additions) {
    chown(folder.folder("mail"), Some(NOBODY), Some(NOBODY)).expect("root may");
    folder.folder("queue");
    let mut id = Command::new("id");
    id.args(["-u", "postfix"]);
    let postfix_user = String::from_utf8_lossy(&succeed(id, b""))
        .trim()
        .parse()
        .expect("it prints a number");
    chown(folder.folder("data"), Some(postfix_user), None).expect("root may");

    folder.file("etc/routes", routes.iter().map(route).collect::<String>());
    let mailboxes = ["bob", "carol", "jürgen"].map(|user| format!("{user}@{} {user}/\n", Postfix::DOMAIN));
    folder.file("etc/mailboxes", mailboxes.concat());
    let main = [MAIN, more.main.as_str()].concat();
    folder.file("etc/main.cf", main.replace("@FOLDER@", folder.name()));
    let services = [MASTER, more.master.as_str()].concat();
    folder.file("etc/master.cf", services.replace("@ADDRESS@", &address.to_string()));

    let mut check = Program::Postfix.command();
    check.arg("-c").arg(folder.path().join("etc")).arg("check");
    succeed(check, b"");
}

fn route((domain, host): &(&str, SocketAddr)) -> String {
    format!("{domain} smtp:[{}]:{}\n", host.ip(), host.port())
}

/// The master process in the foreground, which makes itself a session of its own.
fn master(folder: &Folder) -> Command {
    let mut command = Command::new("/usr/lib/postfix/sbin/master");
    command.arg("-s").arg("-c").arg(folder.path().join("etc"));
    command
}

/// Debian's `nobody` and `nogroup`: Postfix delivers to no mailbox as root.
const NOBODY: u32 = 65534;

const MAIN: &str = "\
compatibility_level = 3.6
queue_directory = @FOLDER@/queue
data_directory = @FOLDER@/data
maillog_file = /dev/stdout
myhostname = mx.postfix.test
mydestination =
mynetworks = 127.0.0.0/8
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
disable_dns_lookups = yes
smtp_host_lookup = native
smtpd_peername_lookup = no
smtpd_relay_restrictions = permit_mynetworks, reject_unauth_destination
smtpd_data_restrictions = reject_unauth_pipelining
local_header_rewrite_clients =
local_recipient_maps =
alias_maps =
alias_database =
transport_maps = texthash:@FOLDER@/etc/routes
virtual_mailbox_domains = postfix.test
virtual_mailbox_maps = texthash:@FOLDER@/etc/mailboxes
virtual_mailbox_base = @FOLDER@/mail
virtual_uid_maps = static:65534
virtual_gid_maps = static:65534
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
relay unix - - n - - smtp
error unix - - n - - error
retry unix - - n - - error
virtual unix - n n - - virtual
anvil unix - - n - 1 anvil
scache unix - - n - 1 scache
postlog unix-dgram n - n - 1 postlogd
";
