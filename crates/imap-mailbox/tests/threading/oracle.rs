//! REFERENCES against the steps of RFC 5256 §3 as they are written down, on small graphs.

use imap_proto::ThreadAlgorithm;
use proptest::prelude::*;

use super::{mail, thread};

#[derive(Debug, Clone)]
struct Mail {
    id: Option<&'static str>,
    references: Vec<&'static str>,
    /// 0 is none.
    subject: u8,
    is_reply: bool,
    day: u8,
}

#[derive(Debug, Clone, Default)]
struct Node {
    message: Option<usize>,
    parent: Option<usize>,
    children: Vec<usize>,
}

/// All nodes; the first is the root.
struct Oracle<'m> {
    mails: &'m [Mail],
    nodes: Vec<Node>,
}

const ROOT: usize = 0;

impl<'m> Oracle<'m> {
    fn new(mails: &'m [Mail]) -> Self {
        let mut nodes = vec![Node::default()];
        nodes.extend((0..mails.len()).map(|index| Node {
            message: Some(index),
            ..Node::default()
        }));
        Self { mails, nodes }
    }

    fn is_below(&self, node: usize, above: usize) -> bool {
        node == above
            || self.nodes[above]
                .children
                .iter()
                .any(|&child| self.is_below(node, child))
    }

    fn attach(&mut self, node: usize, parent: usize) {
        self.nodes[node].parent = Some(parent);
        self.nodes[parent].children.push(node);
    }

    fn detach(&mut self, node: usize) {
        if let Some(parent) = self.nodes[node].parent.take() {
            self.nodes[parent].children.retain(|&child| child != node);
        }
    }

    fn step_1(&mut self) {
        let mut named: Vec<(&str, usize)> = Vec::new();
        for (index, mail) in self.mails.iter().enumerate() {
            if let Some(id) = mail.id
                && named.iter().all(|(known, _)| *known != id)
            {
                named.push((id, index + 1));
            }
        }
        for (index, mail) in self.mails.iter().enumerate() {
            let mut last = None;
            for id in &mail.references {
                let known = named.iter().find(|(known, _)| known == id).map(|(_, node)| *node);
                let node = known.unwrap_or_else(|| {
                    self.nodes.push(Node::default());
                    named.push((id, self.nodes.len() - 1));
                    self.nodes.len() - 1
                });
                if let Some(parent) = last
                    && self.nodes[node].parent.is_none()
                    && !self.is_below(parent, node)
                {
                    self.attach(node, parent);
                }
                last = Some(node);
            }
            self.detach(index + 1);
            if let Some(parent) = last
                && !self.is_below(parent, index + 1)
            {
                self.attach(index + 1, parent);
            }
        }
    }

    fn step_2(&mut self) {
        for node in 1..self.nodes.len() {
            if self.nodes[node].parent.is_none() {
                self.attach(node, ROOT);
            }
        }
    }

    /// One dummy after the other, until there is none that goes.
    fn step_3(&mut self) {
        let goes = |oracle: &Self, node: usize| {
            let Some(parent) = oracle.nodes[node].parent else {
                return false;
            };
            let children = oracle.nodes[node].children.len();
            oracle.nodes[node].message.is_none() && (children < 2 || parent != ROOT)
        };
        while let Some(node) = (1..self.nodes.len()).find(|&node| goes(self, node)) {
            let parent = self.nodes[node].parent.unwrap();
            for child in self.nodes[node].children.clone() {
                self.detach(child);
                self.attach(child, parent);
            }
            self.detach(node);
        }
    }

    fn first(&self, node: usize) -> usize {
        self.nodes[node]
            .message
            .unwrap_or_else(|| self.first(self.nodes[node].children[0]))
    }

    fn sort(&mut self, node: usize) {
        let mut children = std::mem::take(&mut self.nodes[node].children);
        children.sort_by_key(|&child| (self.mails[self.first(child)].day, self.first(child)));
        self.nodes[node].children = children;
    }

    fn step_4(&mut self) {
        for child in self.nodes[ROOT].children.clone() {
            if self.nodes[child].message.is_none() {
                self.sort(child);
            }
        }
        self.sort(ROOT);
    }

    fn is_reply(&self, node: usize) -> bool {
        self.nodes[node].message.is_some_and(|index| self.mails[index].is_reply)
    }

    fn step_5(&mut self) {
        let mut table = [None::<usize>; 4];
        let is_dummy = |oracle: &Self, node: usize| oracle.nodes[node].message.is_none();
        for current in self.nodes[ROOT].children.clone() {
            let subject = self.mails[self.first(current)].subject as usize;
            match table[subject] {
                _ if subject == 0 => {}
                None => table[subject] = Some(current),
                Some(known) => {
                    let is_better = is_dummy(self, current) || (self.is_reply(known) && !self.is_reply(current));
                    if !is_dummy(self, known) && is_better {
                        table[subject] = Some(current);
                    }
                }
            }
        }
        for current in self.nodes[ROOT].children.clone() {
            let subject = self.mails[self.first(current)].subject as usize;
            let Some(known) = table[subject].filter(|&known| subject != 0 && known != current) else {
                continue;
            };
            if is_dummy(self, current) && is_dummy(self, known) {
                for child in self.nodes[current].children.clone() {
                    self.detach(child);
                    self.attach(child, known);
                }
                self.detach(current);
            } else if is_dummy(self, known) || (self.is_reply(current) && !self.is_reply(known)) {
                self.detach(current);
                self.attach(current, known);
            } else {
                self.nodes.push(Node::default());
                let dummy = self.nodes.len() - 1;
                self.attach(dummy, ROOT);
                for node in [current, known] {
                    self.detach(node);
                    self.attach(node, dummy);
                }
                table[subject] = Some(dummy);
            }
        }
    }

    fn step_6(&mut self, node: usize) {
        for child in self.nodes[node].children.clone() {
            self.step_6(child);
        }
        self.sort(node);
    }

    fn flat(&self, node: usize, depth: u32, flat: &mut Vec<(u32, Option<u32>)>) {
        for &child in &self.nodes[node].children {
            flat.push((depth, self.nodes[child].message.map(|index| index as u32 + 1)));
            self.flat(child, depth + 1, flat);
        }
    }
}

const IDS: &[&str] = &["a", "b", "c", "d", "e"];

fn mails() -> impl Strategy<Value = Vec<Mail>> {
    let id = || prop::sample::select(IDS);
    let mail = (
        prop::option::weighted(0.9, id()),
        prop::collection::vec(id(), 0..4),
        0u8..3,
        any::<bool>(),
        1u8..5,
    );
    let mail = mail.prop_map(|(id, references, subject, is_reply, day)| Mail {
        id,
        references,
        subject,
        is_reply,
        day,
    });
    prop::collection::vec(mail, 0..8)
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(10_000))]

    #[test]
    fn threads_are_those_of_the_steps(mails in mails()) {
        let mut oracle = Oracle::new(&mails);
        oracle.step_1();
        oracle.step_2();
        oracle.step_3();
        oracle.step_4();
        oracle.step_5();
        oracle.step_6(ROOT);
        let mut expected = Vec::new();
        oracle.flat(ROOT, 0, &mut expected);

        let messages: Vec<_> = mails.iter().map(|message| {
            let base = ["", "one", "two"][message.subject as usize];
            let subject = format!("{}{base}", if message.is_reply { "Re: " } else { "" });
            mail(message.id.unwrap_or_default(), &message.references.join(" "), &subject, message.day)
        }).collect();
        let found = thread(&ThreadAlgorithm::References, &messages);
        let found: Vec<_> = found.messages().iter().map(|message| (message.depth, message.number.map(u32::from))).collect();
        prop_assert_eq!(found, expected);
    }
}
