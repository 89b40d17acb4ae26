//! Lines broken to fit, from the source itself.

use unicode_width::UnicodeWidthStr;
use wrap::wrap;

#[path = "../src/reader/wrap.rs"]
mod wrap;

/// All strings of a small alphabet, at all small widths: no row is too wide, and but for spaces nothing is lost, added
/// or moved.
#[test]
fn nothing_is_lost_and_nothing_sticks_out() {
    let mut lines = vec![String::new()];
    let mut at = 0;
    while at < lines.len() {
        if lines[at].chars().count() < 6 {
            let longer: Vec<String> = ['a', ' ', '山'].map(|c| format!("{}{c}", lines[at])).into();
            lines.extend(longer);
        }
        at += 1;
    }
    for line in &lines {
        for columns in 2..7 {
            let rows = wrap(line, columns);
            assert!(!rows.is_empty());
            assert!(
                rows.iter().all(|row| row.trim_end().width() <= columns),
                "{line:?} {columns} {rows:?}"
            );
            let letters = |text: &str| text.replace(' ', "");
            assert_eq!(letters(&rows.concat()), letters(line), "{line:?} {columns} {rows:?}");
        }
    }
}
