//! File names that cannot do harm.

/// Makes a name for a file out of what a sender suggests: a single name in any folder of Unix, Windows and macOS, never
/// a path, at most 200 octets.
///
/// - Only what stands behind the last `/` or `\` is taken.
/// - Control characters, direction marks and the characters `< > : " | ? *` become `_`; a colon would open a stream on
///   Windows.
/// - Dots and spaces at both ends go, so that there is no `..`, no hidden file and no name that Windows would shorten.
/// - A device of Windows (`con`, `nul.txt`, `com1`) gets `_` in front.
/// - A long name keeps its ending (`.pdf`). An empty one becomes `attachment`.
///
/// ```
/// use mime_codec::safe_file_name;
///
/// assert_eq!(safe_file_name("../../etc/passwd"), "passwd");
/// assert_eq!(safe_file_name("C:\\menu.pdf:evil.exe"), "menu.pdf_evil.exe");
/// assert_eq!(safe_file_name("Crêpes 2003.pdf"), "Crêpes 2003.pdf");
/// assert_eq!(safe_file_name(".."), "attachment");
/// assert_eq!(safe_file_name("Con.txt"), "_Con.txt");
/// ```
pub fn safe_file_name(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).find(|part| !strip(part).is_empty());
    let replaced: String = strip(last.unwrap_or("")).chars().map(harmless).collect();
    let shortened = shorten(&replaced);
    let name = strip(&shortened);
    if name.is_empty() {
        return "attachment".to_owned();
    }
    if is_device(name) {
        return format!("_{name}");
    }
    name.to_owned()
}

/// Without dots and spaces at both ends.
fn strip(name: &str) -> &str {
    name.trim_matches(|c: char| c == '.' || c.is_whitespace())
}

fn harmless(c: char) -> char {
    match c {
        '<' | '>' | ':' | '"' | '|' | '?' | '*' | '/' | '\\' => '_',
        // Marks that turn the direction of text around, which makes `exe.pdf` out of `fdp.exe`.
        '\u{200E}' | '\u{200F}' | '\u{061C}' | '\u{202A}'..='\u{202E}' | '\u{2066}'..='\u{2069}' => '_',
        // Line ends, NUL that was replaced, and what cannot be seen.
        '\u{2028}' | '\u{2029}' | '\u{FEFF}' | '\u{FFFD}' => '_',
        c if c.is_control() => '_',
        c => c,
    }
}

/// At most [`LONGEST`] octets, the ending kept if it is short.
fn shorten(name: &str) -> String {
    if name.len() <= LONGEST {
        return name.to_owned();
    }
    let ending = name.rfind('.').map_or("", |dot| &name[dot..]);
    let ending = if ending.len() <= LONGEST_ENDING { ending } else { "" };
    let stem = name.floor_char_boundary(LONGEST - ending.len());
    format!("{}{ending}", strip(&name[..stem]))
}

/// The names that Windows keeps for devices, whatever follows the first dot.
fn is_device(name: &str) -> bool {
    let stem = name.split('.').next().unwrap_or("").trim_end();
    let stem = stem.to_ascii_lowercase();
    if matches!(
        stem.as_str(),
        "con" | "prn" | "aux" | "nul" | "conin$" | "conout$" | "clock$"
    ) {
        return true;
    }
    let number = stem.strip_prefix("com").or_else(|| stem.strip_prefix("lpt"));
    let mut digits = number.unwrap_or("").chars();
    matches!(
        (digits.next(), digits.next()),
        (Some('0'..='9' | '¹' | '²' | '³'), None)
    )
}

/// Octets; file systems allow 255, and programs add endings of their own.
const LONGEST: usize = 200;

/// Octets of an ending, dot included, that is kept.
const LONGEST_ENDING: usize = 20;

#[cfg(test)]
mod tests {
    use super::{LONGEST, safe_file_name};

    /// `docs/threats.md` row 8 and 21: all names of up to five characters of an alphabet that makes trouble.
    #[test]
    fn no_name_is_a_path() {
        let alphabet = ['a', '.', '/', '\\', ' ', '\0', ':'];
        let mut names = vec![String::new()];
        for _ in 0..5 {
            let longer = names.iter().flat_map(|name| alphabet.map(|c| format!("{name}{c}")));
            names = longer.chain([String::new()]).collect();
            for name in &names {
                let safe = safe_file_name(name);
                assert!(!safe.is_empty() && safe.len() <= LONGEST + 1);
                assert!(!safe.contains(['/', '\\', '\0', ':']), "{name:?} {safe:?}");
                assert!(
                    !safe.starts_with(['.', ' ']) && !safe.ends_with(['.', ' ']),
                    "{name:?} {safe:?}"
                );
                assert_eq!(safe_file_name(&safe), safe, "{name:?}");
            }
        }
    }

    #[test]
    fn devices_and_marks() {
        for name in ["nul", "NUL.tar.gz", "com1", "LPT9.x", "aux .c", "con"] {
            assert!(safe_file_name(name).starts_with('_'), "{name}");
        }
        for name in ["console", "com10", "nulls.txt", "auxiliary"] {
            assert_eq!(safe_file_name(name), name);
        }
        assert_eq!(safe_file_name("menu\u{202E}fdp.exe"), "menu_fdp.exe");
        assert_eq!(safe_file_name("dir/.."), "dir");
    }

    #[test]
    fn long_names_keep_their_ending() {
        let safe = safe_file_name(&format!("{}.pdf", "é".repeat(300)));
        assert!(safe.len() <= LONGEST && safe.ends_with("é.pdf"));
        assert!(safe_file_name(&".".repeat(100_000)).len() < LONGEST);
    }
}
