//! REFERENCES: messages below those that they answer (RFC 5256 §3). The steps are numbered as they are there.

use std::collections::HashMap;

use super::forest::Forest;
use super::{Placed, ThreadFacts};

pub(super) fn thread(messages: &[&ThreadFacts]) -> Vec<Placed> {
    let forest = link(messages);
    let mut tree = Tree::pruned(messages, &forest);
    tree.sort_roots();
    tree.merge_subjects();
    tree.sort_all();
    tree.flat()
}

/// Step 1. Messages have the first numbers; dummies, behind them, stand for messages that are missing.
fn link(messages: &[&ThreadFacts]) -> Forest {
    let mut forest = Forest::new(messages.len());
    let mut nodes = HashMap::<&[u8], u32>::new();
    // An identifier that is missing, invalid or taken is replaced by one that nothing refers to: by none.
    for (node, message) in (0..).zip(messages) {
        if let Some(id) = &message.message_id {
            nodes.entry(id).or_insert(node);
        }
    }
    for (node, message) in (0..).zip(messages) {
        let mut last = None;
        // (A)
        for id in &message.references {
            let reference = *nodes.entry(id).or_insert_with(|| forest.add());
            if let Some(parent) = last
                && forest.parent(reference).is_none()
            {
                forest.link(reference, parent);
            }
            last = Some(reference);
        }
        // (B)
        forest.cut(node);
        if let Some(parent) = last {
            forest.link(node, parent);
        }
    }
    forest
}

/// Messages and dummies, and what is below each. Only below the root there are dummies.
struct Tree<'m> {
    messages: &'m [&'m ThreadFacts],
    children: Vec<Vec<u32>>,
    roots: Vec<u32>,
}

impl<'m> Tree<'m> {
    /// Steps 2 and 3. However dummies lie above each other, promoting their children brings each message below the next message above
    /// it; where there is none, below the dummy on top, or to the root if it is alone there.
    fn pruned(messages: &'m [&'m ThreadFacts], forest: &Forest) -> Self {
        let mut below = vec![Vec::new(); forest.len()];
        let mut tops = Vec::new();
        for node in 0..forest.len() as u32 {
            match forest.parent(node) {
                Some(parent) => below[parent as usize].push(node),
                None => tops.push(node),
            }
        }
        let mut tree = Self {
            messages,
            children: vec![Vec::new(); forest.len()],
            roots: Vec::new(),
        };
        let mut waiting = Vec::new();
        for top in tops {
            waiting.push((top, top));
            while let Some((node, above)) = waiting.pop() {
                if node != top && !tree.is_dummy(node) {
                    tree.children[above as usize].push(node);
                }
                let above = if tree.is_dummy(node) { above } else { node };
                waiting.extend(below[node as usize].iter().map(|&child| (child, above)));
            }
            match &*tree.children[top as usize] {
                [] if tree.is_dummy(top) => {}
                [only] if tree.is_dummy(top) => tree.roots.push(*only),
                _ => tree.roots.push(top),
            }
        }
        tree
    }

    fn is_dummy(&self, node: u32) -> bool {
        node as usize >= self.messages.len()
    }

    /// The message that speaks for a node: for a dummy its first child.
    fn speaker(&self, node: u32) -> u32 {
        match self.is_dummy(node) {
            true => self.children[node as usize].first().copied().unwrap_or(node),
            false => node,
        }
    }

    fn facts(&self, node: u32) -> &'m ThreadFacts {
        self.messages[self.speaker(node) as usize]
    }

    /// Whether it is a message that is a reply or a forward.
    fn is_reply(&self, node: u32) -> bool {
        !self.is_dummy(node) && self.facts(node).is_reply_or_forward
    }

    fn sort_children(&mut self, node: u32) {
        let messages = self.messages;
        self.children[node as usize].sort_by_key(|&child| (messages[child as usize].sent, child));
    }

    /// Step 4.
    fn sort_roots(&mut self) {
        let mut roots = std::mem::take(&mut self.roots);
        for &root in &roots {
            if self.is_dummy(root) {
                self.sort_children(root);
            }
        }
        roots.sort_by_key(|&root| (self.facts(root).sent, self.speaker(root)));
        self.roots = roots;
    }

    /// Step 5.
    fn merge_subjects(&mut self) {
        let mut table = self.subject_table();
        // (C) What is merged leaves the root; its place is taken by none, for the roots are sorted again.
        let mut roots = Vec::with_capacity(self.roots.len());
        for current in std::mem::take(&mut self.roots) {
            // (i) to (iv)
            let subject = self.facts(current).subject.as_bytes();
            let Some(known) = table.get_mut(subject).filter(|known| **known != current) else {
                roots.push(current);
                continue;
            };
            if self.is_dummy(*known) && self.is_dummy(current) {
                let children = std::mem::take(&mut self.children[current as usize]);
                self.children[*known as usize].extend(children);
            } else if self.is_dummy(*known) || (self.is_reply(current) && !self.is_reply(*known)) {
                self.children[*known as usize].push(current);
            } else {
                let dummy = self.children.len() as u32;
                self.children.push(vec![current, *known]);
                roots.push(dummy);
                *known = dummy;
            }
        }
        let mut is_below = vec![false; self.children.len()];
        for &root in roots.iter().filter(|&&root| self.is_dummy(root)) {
            for &child in &self.children[root as usize] {
                is_below[child as usize] = true;
            }
        }
        roots.retain(|&root| !is_below[root as usize]);
        self.roots = roots;
    }

    /// (A) and (B): for each thread subject that is not empty, the node that others are merged with.
    fn subject_table(&self) -> HashMap<&'m [u8], u32> {
        let mut table = HashMap::new();
        for &current in &self.roots {
            let subject = self.facts(current).subject.as_bytes();
            if subject.is_empty() {
                continue;
            }
            let known = table.entry(subject).or_insert(current);
            let is_better = self.is_dummy(current) || (self.is_reply(*known) && !self.is_reply(current));
            if !self.is_dummy(*known) && is_better {
                *known = current;
            }
        }
        table
    }

    /// Step 6.
    fn sort_all(&mut self) {
        for node in 0..self.children.len() as u32 {
            self.sort_children(node);
        }
        self.sort_roots();
    }

    fn flat(&self) -> Vec<Placed> {
        let mut placed = Vec::with_capacity(self.messages.len());
        let mut waiting: Vec<(u32, u32)> = self.roots.iter().rev().map(|&root| (root, 0)).collect();
        while let Some((node, depth)) = waiting.pop() {
            let index = Some(node as usize).filter(|_| !self.is_dummy(node));
            placed.push(Placed { depth, index });
            waiting.extend(
                self.children[node as usize]
                    .iter()
                    .rev()
                    .map(|&child| (child, depth + 1)),
            );
        }
        placed
    }
}
