//! The whole table of legality, pinned: one changed arrow is one changed cell in review.

use pop3_proto::{Keyword, Phase, Transition};

#[test]
fn the_table_is_the_checked_in_one() {
    let table = table();
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/tests/phase.txt");
    let pinned = std::fs::read_to_string(path).unwrap_or_default();
    assert_eq!(table, pinned, "\n{table}");
}

fn table() -> String {
    let mut lines = vec![row("", Phase::ALL.map(|phase| format!("{phase:?}")))];
    let commands = Keyword::ALL.into_iter().flat_map(|keyword| {
        [
            (format!("+OK {keyword}"), Transition::Accepted(keyword)),
            (format!("-ERR {keyword}"), Transition::Refused(keyword)),
        ]
    });
    let greeted = [("greeted".to_owned(), Transition::Greeted)];
    let others = [
        ("listed".to_owned(), Transition::Listed),
        ("challenged".to_owned(), Transition::Challenged),
        ("secured".to_owned(), Transition::Secured),
        ("updated".to_owned(), Transition::Updated),
    ];
    for (name, transition) in greeted.into_iter().chain(commands).chain(others) {
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

fn row(name: &str, cells: [String; 8]) -> String {
    let cells: String = cells.iter().map(|cell| format!("{cell:<15}")).collect();
    format!("{}\n", format!("{name:<11}{cells}").trim_end())
}
