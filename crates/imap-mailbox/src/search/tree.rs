//! How keys are put together: a flat tree, evaluated without recursion, where what a key says may be unknown yet.

use imap_proto::{SearchKey, SearchNode, SearchProgram};

/// What is known of a key.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Truth {
    False,
    Unknown,
    True,
}

/// A piece of a [`Tree`]. Each operator stands in front of its operands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Node {
    /// All operands, up to `end`, match.
    All { end: u32 },
    /// One of the operands, up to `end`, matches.
    Any { end: u32 },
    /// The operand that follows, up to `end`, does not match.
    Not { end: u32 },
    /// A key, by its index.
    Leaf(u32),
}

/// A program whose keys are told apart by their indexes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Tree {
    nodes: Vec<Node>,
}

/// An operator that waits for operands while a tree is built.
struct Open {
    at: usize,
    /// Operands that are missing; `None` up to a parenthesis.
    missing: Option<u32>,
}

/// An operator that is being evaluated.
struct Frame {
    node: Node,
    end: usize,
    so_far: Truth,
}

impl Tree {
    /// Builds the tree; `leaf` gives each key its index.
    pub(crate) fn build<'a, E>(
        program: &SearchProgram<'a>,
        mut leaf: impl FnMut(&SearchKey<'a>) -> Result<u32, E>,
    ) -> Result<Self, E> {
        let mut builder = Builder::default();
        builder.open(Node::All { end: 0 }, None);
        for node in program.nodes() {
            match node {
                SearchNode::Or => builder.open(Node::Any { end: 0 }, Some(2)),
                SearchNode::Not => builder.open(Node::Not { end: 0 }, Some(1)),
                // What is about the same includes what is the same.
                SearchNode::Fuzzy => builder.open(Node::All { end: 0 }, Some(1)),
                SearchNode::Open => builder.open(Node::All { end: 0 }, None),
                SearchNode::Close => builder.close_group(),
                SearchNode::Key(key) => {
                    builder.nodes.push(Node::Leaf(leaf(key)?));
                    builder.complete();
                }
            }
        }
        builder.close_group();
        Ok(Self { nodes: builder.nodes })
    }

    /// What is known of the program when `leaf` says what is known of its keys. Keys that cannot matter are not asked for.
    pub(crate) fn evaluate(&self, mut leaf: impl FnMut(u32) -> Truth) -> Truth {
        let mut stack = Vec::<Frame>::new();
        let mut at = 0;
        loop {
            let mut value = match self.nodes[at] {
                Node::Leaf(index) => leaf(index),
                node => {
                    stack.push(Frame::new(node));
                    at += 1;
                    continue;
                }
            };
            at += 1;
            loop {
                let Some(frame) = stack.last_mut() else { return value };
                frame.take(value);
                if at != frame.end && !frame.is_decided() {
                    break;
                }
                (at, value) = (frame.end, frame.so_far);
                stack.pop();
            }
        }
    }

    /// Which keys still matter, when the program as a whole is not known.
    pub(crate) fn open_leaves(&self, leaf: impl Fn(u32) -> Truth, mut open: impl FnMut(u32)) {
        // Operands stand behind their operators: seen from the end, they are known first.
        let mut values = vec![Truth::Unknown; self.nodes.len()];
        for (at, node) in self.nodes.iter().enumerate().rev() {
            values[at] = match *node {
                Node::Leaf(index) => leaf(index),
                node => {
                    let mut frame = Frame::new(node);
                    self.operands(at).for_each(|operand| frame.take(values[operand]));
                    frame.so_far
                }
            };
        }
        let mut at = 0;
        while at < self.nodes.len() {
            if values[at] != Truth::Unknown {
                at = self.end(at);
                continue;
            }
            if let Node::Leaf(index) = self.nodes[at] {
                open(index);
            }
            at += 1;
        }
    }

    /// The keys of which each must match: those that stand in no operator.
    pub(crate) fn conjuncts(&self) -> impl Iterator<Item = u32> {
        self.operands(0).filter_map(|at| match self.nodes[at] {
            Node::Leaf(index) => Some(index),
            _ => None,
        })
    }

    fn operands(&self, at: usize) -> impl Iterator<Item = usize> {
        let end = self.end(at);
        let first = Some(at + 1).filter(|&first| first < end);
        std::iter::successors(first, move |&operand| {
            Some(self.end(operand)).filter(|&next| next < end)
        })
    }

    fn end(&self, at: usize) -> usize {
        self.nodes[at].end().unwrap_or(at + 1)
    }
}

impl Node {
    const fn end(self) -> Option<usize> {
        match self {
            Self::All { end } | Self::Any { end } | Self::Not { end } => Some(end as usize),
            Self::Leaf(_) => None,
        }
    }
}

impl Frame {
    fn new(node: Node) -> Self {
        let so_far = match node {
            Node::Any { .. } => Truth::False,
            _ => Truth::True,
        };
        let end = node.end().unwrap_or_default();
        Self { node, end, so_far }
    }

    fn take(&mut self, value: Truth) {
        self.so_far = match self.node {
            Node::Any { .. } => self.so_far.or(value),
            Node::Not { .. } => value.not(),
            _ => self.so_far.and(value),
        };
    }

    fn is_decided(&self) -> bool {
        match self.node {
            Node::Any { .. } => self.so_far == Truth::True,
            _ => self.so_far == Truth::False,
        }
    }
}

impl Truth {
    pub(crate) const fn of(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }

    pub(crate) const fn known(self) -> Option<bool> {
        match self {
            Self::False => Some(false),
            Self::Unknown => None,
            Self::True => Some(true),
        }
    }

    const fn and(self, other: Self) -> Self {
        match (self, other) {
            (Self::False, _) | (_, Self::False) => Self::False,
            (Self::True, Self::True) => Self::True,
            _ => Self::Unknown,
        }
    }

    const fn or(self, other: Self) -> Self {
        self.not().and(other.not()).not()
    }

    const fn not(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::Unknown => Self::Unknown,
            Self::True => Self::False,
        }
    }
}

#[derive(Default)]
struct Builder {
    nodes: Vec<Node>,
    open: Vec<Open>,
}

impl Builder {
    fn open(&mut self, node: Node, missing: Option<u32>) {
        let at = self.nodes.len();
        self.nodes.push(node);
        self.open.push(Open { at, missing });
    }

    fn close_group(&mut self) {
        self.close();
        self.complete();
    }

    fn close(&mut self) {
        let Some(open) = self.open.pop() else { return };
        // A command has fewer than 4 Gi keys.
        let here = self.nodes.len() as u32;
        match &mut self.nodes[open.at] {
            Node::All { end } | Node::Any { end } | Node::Not { end } => *end = here,
            Node::Leaf(_) => {}
        }
    }

    /// An operand is complete, and so may be operators in front of it.
    fn complete(&mut self) {
        while let Some(missing) = self.open.last_mut().and_then(|open| open.missing.as_mut()) {
            *missing -= 1;
            if *missing > 0 {
                return;
            }
            self.close();
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::convert::Infallible;

    /// Keys in the order of the program.
    fn tree(wire: &str) -> Tree {
        let program = SearchProgram::parse(wire.as_bytes()).unwrap();
        let mut next = 0;
        let leaf = |_: &SearchKey<'_>| {
            next += 1;
            Ok::<u32, Infallible>(next - 1)
        };
        Tree::build(&program, leaf).unwrap_or_else(|never| match never {})
    }

    #[test]
    fn what_is_unknown_matters_only_where_it_does() {
        use Truth::{False as F, True as T, Unknown as U};
        let cases: &[(&str, &[Truth], Truth, &[u32])] = &[
            ("SEEN", &[U], U, &[0]),
            ("SEEN DRAFT", &[U, F], F, &[]),
            ("SEEN DRAFT", &[U, T], U, &[0]),
            ("OR SEEN DRAFT", &[U, T], T, &[]),
            ("OR (SEEN DRAFT) (NEW OLD)", &[U, F, U, T], U, &[2]),
            ("NOT OR SEEN DRAFT", &[U, T], F, &[]),
            ("NOT (SEEN DRAFT)", &[U, F], T, &[]),
            ("NOT NOT FUZZY SEEN", &[U], U, &[0]),
            ("OR OR SEEN DRAFT (NEW NOT OLD)", &[F, U, U, F], U, &[1, 2]),
            ("((((SEEN))) NOT (NOT ((DRAFT))))", &[T, U], U, &[1]),
        ];
        for (wire, values, expected, open) in cases {
            let tree = tree(wire);
            assert_eq!(tree.evaluate(|leaf| values[leaf as usize]), *expected, "{wire}");
            if *expected == U {
                let mut found = Vec::new();
                tree.open_leaves(|leaf| values[leaf as usize], |leaf| found.push(leaf));
                assert_eq!(found, *open, "{wire}");
            }
        }
    }

    #[test]
    fn what_cannot_matter_is_not_asked_for() {
        let tree = tree("SEEN OR DRAFT (NEW OLD) FLAGGED");
        let mut asked = Vec::new();
        let value = tree.evaluate(|leaf| {
            asked.push(leaf);
            Truth::of(leaf == 1)
        });
        assert_eq!((value, asked.as_slice()), (Truth::False, &[0][..]));
        asked.clear();
        tree.evaluate(|leaf| {
            asked.push(leaf);
            Truth::of(leaf < 2)
        });
        assert_eq!(asked, [0, 1, 4]);
    }
}
