//! Trees that are linked and cut while it is asked where their roots are: link-cut trees, each question O(log n), amortised. Walking up the
//! replies would take as long as a thread is deep, for each of its messages.

/// Nodes by their number, each with or without a parent.
#[derive(Debug, Default)]
pub(super) struct Forest {
    /// The parent in the splay tree, or, of its root, the node above its path.
    above: Vec<u32>,
    /// Below in the splay tree: the nodes of the same path that are nearer to the root, and those that are farther.
    below: Vec<[u32; 2]>,
    /// The parents that were given.
    parents: Vec<u32>,
}

impl Forest {
    /// So many nodes without parents.
    pub(super) fn new(nodes: usize) -> Self {
        Self {
            above: vec![NONE; nodes],
            below: vec![[NONE; 2]; nodes],
            parents: vec![NONE; nodes],
        }
    }

    /// One more node.
    pub(super) fn add(&mut self) -> u32 {
        self.above.push(NONE);
        self.below.push([NONE; 2]);
        self.parents.push(NONE);
        // A mailbox has fewer than 4 Gi messages, and so have headers references.
        self.parents.len() as u32 - 1
    }

    pub(super) fn len(&self) -> usize {
        self.parents.len()
    }

    pub(super) fn parent(&self, node: u32) -> Option<u32> {
        Some(self.parents[node as usize]).filter(|&parent| parent != NONE)
    }

    /// Makes `parent` the parent of a node that has none, unless the node is above it.
    pub(super) fn link(&mut self, node: u32, parent: u32) {
        if self.root(parent) == node {
            return;
        }
        self.splay(node);
        self.above[node as usize] = parent;
        self.parents[node as usize] = parent;
    }

    /// Takes a node from its parent.
    pub(super) fn cut(&mut self, node: u32) {
        if self.parents[node as usize] == NONE {
            return;
        }
        self.expose(node);
        let nearer = self.below[node as usize][0];
        self.above[nearer as usize] = NONE;
        self.below[node as usize][0] = NONE;
        self.parents[node as usize] = NONE;
    }

    fn root(&mut self, node: u32) -> u32 {
        self.expose(node);
        let mut root = node;
        while self.below[root as usize][0] != NONE {
            root = self.below[root as usize][0];
        }
        self.splay(root);
        root
    }

    /// Makes the way from the root to the node one path, with the node on top of its splay tree.
    fn expose(&mut self, node: u32) {
        let (mut at, mut farther) = (node, NONE);
        while at != NONE {
            self.splay(at);
            self.below[at as usize][1] = farther;
            farther = at;
            at = self.above[at as usize];
        }
        self.splay(node);
    }

    fn splay(&mut self, node: u32) {
        while let Some(side) = self.side(node) {
            let above = self.above[node as usize];
            if let Some(outer) = self.side(above) {
                self.rotate(if side == outer { above } else { node });
            }
            self.rotate(node);
        }
    }

    /// On which side of the node above it stands; `None` on top of a splay tree.
    fn side(&self, node: u32) -> Option<usize> {
        let above = self.above[node as usize];
        if above == NONE {
            return None;
        }
        self.below[above as usize].iter().position(|&below| below == node)
    }

    fn rotate(&mut self, node: u32) {
        let Some(side) = self.side(node) else { return };
        let above = self.above[node as usize];
        let inner = self.below[node as usize][1 - side];
        let top = self.above[above as usize];
        if let Some(outer) = self.side(above) {
            self.below[top as usize][outer] = node;
        }
        self.above[node as usize] = top;
        self.below[above as usize][side] = inner;
        if inner != NONE {
            self.above[inner as usize] = above;
        }
        self.below[node as usize][1 - side] = above;
        self.above[above as usize] = node;
    }
}

const NONE: u32 = u32::MAX;

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn links_and_cuts_are_those_of_plain_parents(steps in prop::collection::vec((0u32..9, 0u32..9, any::<bool>()), 0..80)) {
            let mut forest = Forest::new(9);
            let mut parents = [None::<u32>; 9];
            for (node, parent, is_link) in steps {
                if !is_link {
                    forest.cut(node);
                    parents[node as usize] = None;
                } else if parents[node as usize].is_none() {
                    forest.link(node, parent);
                    let mut above = std::iter::successors(Some(parent), |&at| parents[at as usize]);
                    if above.all(|at| at != node) {
                        parents[node as usize] = Some(parent);
                    }
                }
                for at in 0..9 {
                    prop_assert_eq!(forest.parent(at), parents[at as usize]);
                }
            }
        }
    }
}
