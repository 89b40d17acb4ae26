//! `mailtool parse` for values of header fields.

use crate::support::{accepted, facts, output, readable, refused};
use serde_json::json;

#[test]
fn addresses_are_accepted_or_refused() {
    assert_eq!(
        facts("address", "bob (the cook) @ hamburger . edu"),
        json!({"local": "bob", "domain": "hamburger.edu"})
    );
    assert_eq!(
        refused(&["address", "--smtp"], "bob @hamburger.edu"),
        ("expected \"@\"".into(), 3)
    );
    accepted(&["address", "--smtp"], "bob@[IPv6:2001:db8::7]");
    assert_eq!(refused(&["address", "--smtp"], "bob@[192.0.2.300]").1, 5);
    assert_eq!(output(&["date", "--smtp"], "").status.code(), Some(2));
}

#[test]
fn address_lists_are_repaired_or_refused() {
    let value = " Bob <bob@hamburger.edu>, alice@crepes.fr (Alice), Cooks: Eve, Ann <ann@x>;";
    assert_eq!(
        facts("address-list", value),
        json!([
            {"name": "Bob", "address": "bob@hamburger.edu"},
            {"name": "Alice", "address": "alice@crepes.fr"},
            {"group": "Cooks", "members": [{"name": "Eve, Ann", "address": "ann@x"}]}
        ])
    );
    assert_eq!(refused(&["address-list", "--strict"], value).1, 61);
    assert_eq!(facts("address-list", ""), json!([]));
    assert!(readable(&["address-list"], value).contains("bob@hamburger.edu"));
}

#[test]
fn dates() {
    let date = json!({"rfc3339": "2003-07-01T10:52:37+02:00"});
    assert_eq!(facts("date", "Tue, 1 Jul 2003 10:52:37 +0200 (CEST)"), date);
    assert_eq!(facts("date", "2003-07-01 10:52:37 GMT+0200"), date);
    assert_eq!(refused(&["date", "--strict"], "Tue, 1 Jul 03 10:52:37 +0200").1, 11);
    assert_eq!(refused(&["date"], "never").1, 0);
}
