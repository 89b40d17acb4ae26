//! What the tests see of a page: its fenced blocks, headings and links.

use std::path::{Path, PathBuf};

/// The workspace's folder.
pub(crate) fn root() -> PathBuf {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    here.ancestors().nth(2).expect("docs/book has two parents").to_owned()
}

/// A file in Markdown.
#[derive(Debug)]
pub(crate) struct Page {
    /// Its path in the workspace.
    pub(crate) path: String,
    /// The blocks between fences.
    pub(crate) blocks: Vec<Block>,
    /// The lines outside of them, with their numbers.
    pub(crate) prose: Vec<(usize, String)>,
}

/// What stands between two fences.
#[derive(Debug, Default)]
pub(crate) struct Block {
    /// The words behind the fence: a language, then what tests shall do.
    pub(crate) info: Vec<String>,
    /// The number of the first line.
    pub(crate) line: usize,
    /// The text.
    pub(crate) lines: Vec<String>,
}

impl Page {
    /// Reads the file at a path in the workspace.
    pub(crate) fn read(path: &str) -> Self {
        let text = std::fs::read_to_string(root().join(path)).unwrap_or_else(|error| panic!("{path}: {error}"));
        Self::parse(path, &text)
    }

    fn parse(path: &str, text: &str) -> Self {
        let mut page = Self {
            path: path.to_owned(),
            blocks: Vec::new(),
            prose: Vec::new(),
        };
        let mut open: Option<Block> = None;
        for (number, line) in (1..).zip(text.lines()) {
            open = match (line.strip_prefix("```"), open) {
                (Some(info), None) => Some(Block {
                    info: info.split([' ', ',']).map(str::to_owned).collect(),
                    line: number + 1,
                    lines: Vec::new(),
                }),
                (Some(_), Some(block)) => {
                    page.blocks.push(block);
                    None
                }
                (None, Some(mut block)) => {
                    block.lines.push(line.to_owned());
                    Some(block)
                }
                (None, None) => {
                    page.prose.push((number, line.to_owned()));
                    None
                }
            };
        }
        assert!(open.is_none(), "{path}: a fence is left open");
        page
    }

    /// The texts of the headings.
    pub(crate) fn headings(&self) -> impl Iterator<Item = &str> {
        let lines = self.prose.iter().map(|(_, line)| line.as_str());
        lines.filter_map(|line| line.strip_prefix('#').map(|rest| rest.trim_start_matches('#').trim()))
    }

    /// The targets of `[text](target)`, with the numbers of their lines.
    pub(crate) fn links(&self) -> impl Iterator<Item = (usize, &str)> {
        self.prose.iter().flat_map(|(number, line)| {
            let behind = line.split("](").skip(1);
            behind.filter_map(|rest| Some((*number, rest.split_once(')')?.0)))
        })
    }
}

impl Block {
    /// The first word of the fence.
    pub(crate) fn language(&self) -> &str {
        self.info.first().map_or("", String::as_str)
    }

    /// The word at a place behind the language.
    pub(crate) fn word(&self, at: usize) -> Option<&str> {
        self.info.get(at + 1).map(String::as_str)
    }
}

#[test]
fn a_page_is_taken_apart() {
    let page = Page::parse("x.md", "# A `b`\n[c](d.md#e)\n```text smtp desk\nC: QUIT\n```\nf\n");
    assert_eq!(page.headings().collect::<Vec<_>>(), ["A `b`"]);
    assert_eq!(page.links().collect::<Vec<_>>(), [(2, "d.md#e")]);
    let [block] = &page.blocks[..] else { panic!("{page:?}") };
    assert_eq!(
        (block.language(), block.word(0), block.word(1), block.line),
        ("text", Some("smtp"), Some("desk"), 4)
    );
    assert_eq!(block.lines, ["C: QUIT"]);
}
