//! `mua idle`.

use std::io::{BufRead, BufReader};
use std::process::Stdio;

use crate::place::Place;

#[test]
fn what_arrives_is_printed_as_it_arrives() {
    let place = Place::new();
    place.deliver_text("old", "hi");
    let mut idle = place
        .command()
        .args(["--json", "idle", "--count", "2"])
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("it runs");
    let mut remarks = BufReader::new(idle.stderr.take().expect("its errors")).lines();
    assert_eq!(
        remarks.next().expect("a line").expect("text"),
        "mua: waiting for new messages in INBOX"
    );
    let mut rows = BufReader::new(idle.stdout.take().expect("its output")).lines();
    for subject in ["new", "newer"] {
        place.deliver_text(subject, "hi");
        let row: serde_json::Value = serde_json::from_str(&rows.next().expect("a row").expect("text")).expect("JSON");
        assert_eq!(row["subject"], subject);
    }
    assert!(idle.wait().expect("it ends").success());
}
