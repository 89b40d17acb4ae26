//! The whole table of legality, pinned: one changed arrow is one changed cell in review.

use imap_proto::{Kind, Phase, Transition};

#[test]
fn the_table_is_the_checked_in_one() {
    let table = table();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/phase.txt");
    let pinned = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(table, pinned, "\n{table}");
}

#[test]
fn a_command_is_allowed_where_its_acceptance_is() {
    for phase in Phase::ALL {
        for kind in Kind::ALL {
            let accepted = phase.after(Transition::Accepted(kind));
            let refused = phase.after(Transition::Refused(kind));
            assert_eq!(phase.allows(kind).is_ok(), accepted.is_ok(), "{phase:?} {kind:?}");
            assert_eq!(accepted.is_ok(), refused.is_ok(), "{phase:?} {kind:?}");
        }
    }
}

fn table() -> String {
    let mut lines = vec![row("", Phase::ALL.map(|phase| format!("{phase:?}")))];
    let commands = Kind::ALL.into_iter().flat_map(|kind| {
        [
            (format!("OK {kind:?}"), Transition::Accepted(kind)),
            (format!("NO {kind:?}"), Transition::Refused(kind)),
        ]
    });
    let untagged = [
        ("* OK", Transition::Greeted),
        ("* PREAUTH", Transition::PreAuthenticated),
        ("* BYE", Transition::Bye),
    ];
    let untagged = untagged.map(|(name, transition)| (name.to_owned(), transition));
    for (name, transition) in untagged.into_iter().chain(commands) {
        let cells = Phase::ALL.map(|phase| match phase.after(transition) {
            Ok(next) => format!("{next:?}"),
            Err(error) => {
                assert_eq!(error.phase, phase);
                "-".to_owned()
            }
        });
        lines.push(row(&name, cells));
    }
    lines.concat()
}

fn row(name: &str, cells: [String; 5]) -> String {
    let cells: String = cells.iter().map(|cell| format!("{cell:<18}")).collect();
    format!("{}\n", format!("{name:<20}{cells}").trim_end())
}
