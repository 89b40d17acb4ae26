//! Lines that fit.

use unicode_width::{UnicodeWidthChar, UnicodeWidthStr};

/// Breaks a line into rows of so many columns, at spaces where there are some.
pub(super) fn wrap(line: &str, columns: usize) -> Vec<String> {
    let columns = columns.max(1);
    if line.width() <= columns {
        return vec![line.to_owned()];
    }
    let mut rows = Vec::new();
    let mut row = String::new();
    let mut width = 0;
    for word in line.split_inclusive(' ') {
        // A space at the end may stick out: nobody sees it.
        if width + word.trim_end().width() > columns && width > 0 {
            rows.push(std::mem::take(&mut row));
            width = 0;
        }
        for c in word.chars() {
            let wide = c.width().unwrap_or(0);
            if width + wide > columns {
                if c == ' ' {
                    continue;
                }
                rows.push(std::mem::take(&mut row));
                width = 0;
            }
            row.push(c);
            width += wide;
        }
    }
    if !row.is_empty() {
        rows.push(row);
    }
    rows
}
