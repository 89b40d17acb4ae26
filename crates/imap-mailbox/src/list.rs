//! Which names LIST and LSUB answer, and what they say of each (RFC 9051 §6.3.9, RFC 3501 §6.3.9, RFC 5258, RFC 6154).

use std::collections::BTreeMap;

use imap_proto::{
    AString, Delimiter, List, ListPattern, ListPatterns, ListReturn, ListSelection, ListedExtension, ListedMailbox,
    Mailbox, MailboxAttribute, OneOrMore, PlainList,
};
use unicode_normalization::UnicodeNormalization as _;

/// The mailboxes of a user, as a tree of names.
///
/// ```
/// use imap_mailbox::{Hierarchy, MailboxEntry};
/// use imap_proto::{Delimiter, List, ListPattern, Mailbox};
///
/// let slash = Delimiter::new(b'/')?;
/// let names = ["INBOX", "Lists/Rust"].map(|name| Mailbox::new(name).map(MailboxEntry::new));
/// let hierarchy = Hierarchy::new(names.into_iter().collect::<Result<Vec<_>, _>>()?, Some(slash));
/// let listed = hierarchy.list(&List::new(ListPattern::new("%")?));
/// let names: Vec<_> = listed.iter().map(|listed| listed.mailbox.to_text().into_owned()).collect();
/// assert_eq!(names, ["INBOX", "Lists"]);
/// # Ok::<(), imap_proto::InvalidValue>(())
/// ```
#[derive(Clone, Debug)]
pub struct Hierarchy {
    /// Each name in front of the names below it.
    nodes: Vec<Node>,
    delimiter: Option<Delimiter>,
}

/// One name.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct MailboxEntry {
    /// The name, in NFC: what clients ask for is brought to it (RFC 9051 §5.1).
    pub mailbox: Mailbox<'static>,
    /// Whether there is a mailbox of that name; a name may be subscribed without.
    pub exists: bool,
    /// Whether the user has subscribed to it.
    pub subscribed: bool,
    /// What it is like, such as [`MailboxAttribute::SpecialUse`] and `\Noselect`; what follows from the other names (`\HasChildren`)
    /// and from the command need not be here.
    pub attributes: Vec<MailboxAttribute<'static>>,
}

impl MailboxEntry {
    /// A mailbox that exists, not subscribed, without attributes.
    pub const fn new(mailbox: Mailbox<'static>) -> Self {
        Self {
            mailbox,
            exists: true,
            subscribed: false,
            attributes: Vec::new(),
        }
    }

    fn has_use(&self) -> bool {
        self.attributes.iter().any(is_use)
    }
}

#[derive(Clone, Debug)]
struct Node {
    entry: MailboxEntry,
    /// How many of the nodes behind it are below it.
    below: usize,
    /// A mailbox that exists is below it.
    has_children: bool,
}

/// What LIST selects by: all of these.
#[derive(Clone, Copy, Default)]
struct Criteria {
    subscribed: bool,
    special_use: bool,
    /// Names are selected for the sake of those below them, too.
    recursive: bool,
}

impl Criteria {
    fn of(command: &List<'_>) -> Self {
        let mut criteria = Self::default();
        for selection in command.selection.iter().flat_map(|selections| selections.as_slice()) {
            match selection {
                ListSelection::Subscribed => criteria.subscribed = true,
                ListSelection::SpecialUse => criteria.special_use = true,
                ListSelection::RecursiveMatch => criteria.recursive = true,
                // All that is here is listed, wherever it is; what is not known, the server has refused.
                _ => {}
            }
        }
        criteria
    }

    const fn is_any(self) -> bool {
        self.subscribed || self.special_use
    }

    fn meets(self, entry: &MailboxEntry) -> bool {
        (!self.subscribed || entry.subscribed) && (!self.special_use || entry.has_use())
    }
}

impl Hierarchy {
    /// Of these names, in any order, each once. Names that are only part of others, such as `Lists` where there is
    /// `Lists/Rust`, need not be among them.
    pub fn new(entries: impl IntoIterator<Item = MailboxEntry>, delimiter: Option<Delimiter>) -> Self {
        let mut names = BTreeMap::new();
        for entry in entries {
            let path = path(&entry.mailbox, delimiter);
            for length in 1..path.len() {
                let parent = || implied(&path[..length], delimiter);
                names.entry(path[..length].to_vec()).or_insert_with(parent);
            }
            names.insert(path, entry);
        }
        let paths: Vec<_> = names.into_iter().collect();
        let node = |(at, (path, entry)): (usize, &(Vec<String>, MailboxEntry))| {
            let below = paths[at + 1..].iter().take_while(|(other, _)| other.starts_with(path));
            let (below, has_children) =
                below.fold((0, false), |(count, any), (_, entry)| (count + 1, any || entry.exists));
            Node {
                entry: entry.clone(),
                below,
                has_children,
            }
        };
        let nodes = paths.iter().enumerate().map(node).collect();
        Self { nodes, delimiter }
    }

    /// What LIST answers. What it is to return beside attributes (STATUS, MYRIGHTS, METADATA) is the server's to add behind
    /// each mailbox.
    pub fn list(&self, command: &List<'_>) -> Vec<ListedMailbox<'static>> {
        let is_extended = command.selection.is_some()
            || command.returns.is_some()
            || matches!(command.patterns, ListPatterns::Many(_));
        let patterns = command.patterns.as_slice();
        if !is_extended && patterns.iter().all(|pattern| pattern.as_wire().is_empty()) {
            return vec![self.root()];
        }
        let patterns: Vec<_> = patterns
            .iter()
            .filter_map(|pattern| under(&command.reference, pattern))
            .collect();
        let matches = |node: &Node| {
            patterns
                .iter()
                .any(|pattern| pattern.matches(&node.entry.mailbox, self.delimiter))
        };
        let criteria = Criteria::of(command);
        let mut listed = Vec::new();
        for (at, node) in self.nodes.iter().enumerate().filter(|(_, node)| matches(node)) {
            let below = &self.nodes[at + 1..][..node.below];
            let selected = match criteria.is_any() {
                true => criteria.meets(&node.entry),
                false => node.entry.exists || node.has_children,
            };
            let mut meets_below = below
                .iter()
                .filter(|node| criteria.recursive && criteria.meets(&node.entry));
            // Those below tell of themselves, unless the pattern passes them over (RFC 5258 §3.5).
            let told_here = match selected {
                true => meets_below.next().is_some(),
                false => criteria.is_any() && meets_below.any(|node| !matches(node)),
            };
            if selected || told_here {
                let mut line = self.line(node, Wanted::of(command, is_extended, criteria));
                line.extended.extend(child_info().filter(|_| told_here));
                listed.push(line);
            }
        }
        listed
    }

    /// What LSUB answers: subscribed names, and with `\Noselect` those above subscribed names that the pattern passes over.
    pub fn lsub(&self, command: &PlainList<'_>) -> Vec<ListedMailbox<'static>> {
        let Some(pattern) = under(&command.reference, &command.pattern) else {
            return Vec::new();
        };
        let matches = |node: &Node| pattern.matches(&node.entry.mailbox, self.delimiter);
        let mut listed = Vec::new();
        for (at, node) in self.nodes.iter().enumerate().filter(|(_, node)| matches(node)) {
            let mut below = self.nodes[at + 1..][..node.below].iter();
            let attributes = match node.entry.subscribed {
                true => node.attributes(Wanted::BASIC),
                false if below.any(|node| node.entry.subscribed && !matches(node)) => vec![MailboxAttribute::Noselect],
                false => continue,
            };
            listed.push(ListedMailbox::new(
                attributes,
                self.delimiter,
                node.entry.mailbox.clone(),
            ));
        }
        listed
    }

    /// What is told of one name, with all its attributes, when it has changed (RFC 5465 §5.4); with `\NonExistent` where there is none.
    pub fn listed(&self, mailbox: &Mailbox<'_>) -> ListedMailbox<'static> {
        use imap_proto::IntoBoundedStatic as _;
        let path = path(mailbox, self.delimiter);
        let is_it = |node: &&Node| self::path(&node.entry.mailbox, self.delimiter) == path;
        match self.nodes.iter().find(is_it) {
            Some(node) => self.line(node, Wanted::ALL),
            None => {
                let attributes = vec![MailboxAttribute::NonExistent];
                ListedMailbox::new(attributes, self.delimiter, mailbox.clone().into_static())
            }
        }
    }

    /// `LIST "" ""`: the delimiter, and the root of the names (RFC 9051 §6.3.9).
    fn root(&self) -> ListedMailbox<'static> {
        ListedMailbox::new(vec![MailboxAttribute::Noselect], self.delimiter, Mailbox::empty())
    }

    fn line(&self, node: &Node, wanted: Wanted) -> ListedMailbox<'static> {
        ListedMailbox::new(node.attributes(wanted), self.delimiter, node.entry.mailbox.clone())
    }
}

/// Which attributes a command asks for.
#[derive(Clone, Copy)]
struct Wanted {
    /// `\NonExistent` is understood.
    extended: bool,
    subscribed: bool,
    special_use: bool,
}

impl Wanted {
    const BASIC: Self = Self {
        extended: false,
        subscribed: false,
        special_use: true,
    };

    const ALL: Self = Self {
        extended: true,
        subscribed: true,
        special_use: true,
    };

    fn of(command: &List<'_>, extended: bool, criteria: Criteria) -> Self {
        let returns = |wanted: &ListReturn<'_>| command.returns.iter().flatten().any(|asked| asked == wanted);
        Self {
            extended,
            subscribed: criteria.subscribed || returns(&ListReturn::Subscribed),
            special_use: !extended || criteria.special_use || returns(&ListReturn::SpecialUse),
        }
    }
}

impl Node {
    fn attributes(&self, wanted: Wanted) -> Vec<MailboxAttribute<'static>> {
        let entry = &self.entry;
        let mut attributes = Vec::new();
        if !entry.exists {
            let none = if wanted.extended {
                MailboxAttribute::NonExistent
            } else {
                MailboxAttribute::Noselect
            };
            attributes.push(none);
        }
        attributes.push(match self.has_children {
            true => MailboxAttribute::HasChildren,
            false => MailboxAttribute::HasNoChildren,
        });
        if wanted.subscribed && entry.subscribed {
            attributes.push(MailboxAttribute::Subscribed);
        }
        let own = entry.attributes.iter().filter(|own| wanted.special_use || !is_use(own));
        for own in own {
            if !attributes.contains(own) {
                attributes.push(own.clone());
            }
        }
        attributes
    }
}

const fn is_use(attribute: &MailboxAttribute<'_>) -> bool {
    matches!(attribute, MailboxAttribute::SpecialUse(_))
}

/// `("CHILDINFO" ("SUBSCRIBED"))`: the only option beside which RECURSIVEMATCH has a meaning (RFC 5258 §6).
fn child_info() -> Option<ListedExtension<'static>> {
    let subscribed = AString::try_from("SUBSCRIBED").ok()?;
    Some(ListedExtension::ChildInfo(OneOrMore::from(subscribed)))
}

/// The levels of a name; the first may be INBOX, in any case.
fn path(mailbox: &Mailbox<'_>, delimiter: Option<Delimiter>) -> Vec<String> {
    let text = mailbox.to_text();
    let mut levels: Vec<String> = match delimiter {
        Some(delimiter) => text.split(char::from(delimiter.get())).map(str::to_owned).collect(),
        None => vec![text.into_owned()],
    };
    if levels[0].eq_ignore_ascii_case("INBOX") {
        levels[0].make_ascii_uppercase();
    }
    levels
}

/// A name that is only part of others.
fn implied(path: &[String], delimiter: Option<Delimiter>) -> MailboxEntry {
    let delimiter = delimiter.map_or_else(String::new, |delimiter| char::from(delimiter.get()).to_string());
    // It is part of a name.
    let mailbox = Mailbox::new(&path.join(&delimiter)).unwrap_or(Mailbox::empty());
    MailboxEntry {
        exists: false,
        ..MailboxEntry::new(mailbox)
    }
}

/// The pattern as seen from the root: what the reference means is the server's matter, and here it stands in front
/// (RFC 9051 §6.3.9). It is in NFC, as names are.
fn under(reference: &Mailbox<'_>, pattern: &ListPattern<'_>) -> Option<ListPattern<'static>> {
    let pattern = format!("{}{}", reference.to_text(), pattern.to_text());
    ListPattern::new(&pattern.nfc().collect::<String>()).ok()
}
