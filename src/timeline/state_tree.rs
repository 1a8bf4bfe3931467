//! The State view's rows as a tree that folds: branches by the parts of their paths, what differs first.
//!
//! Takes the rows of a comparison and which of them show; the panel draws what comes out.

use super::states::{CLASSES, StateRow};
use crate::sorted::SortedMap;
use crate::state::part_ends;

/// Branches of no more values than this are open from the beginning; larger ones only where something differs.
const SMALL: u32 = 12;

/// One row of the tree.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TreeRow {
    /// The whole path.
    pub path: String,
    /// What it adds to the branch that it stands in.
    pub label: String,
    /// 1 for the outermost.
    pub level: usize,
    /// Whether it holds others.
    pub kind: TreeKind,
}

/// What a row of the tree is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TreeKind {
    /// A value, by its place among the rows of the comparison.
    Leaf(usize),
    /// A part of the state that holds others.
    Branch {
        /// Whether what it holds shows.
        is_open: bool,
        /// Values inside that differ, per class in the order of [`CLASSES`].
        counts: [u32; 5],
        /// Equal values inside that are not filtered away.
        equal: u32,
    },
}

#[derive(Default)]
struct Node {
    /// A row of the comparison below it, whose path begins with this node's.
    row: usize,
    /// End of its own path in that row's.
    end: usize,
    children: Vec<usize>,
    is_value: bool,
    counts: [u32; 5],
    equal: u32,
}

/// The tree of the rows at the places `visible`, in their order. `is_open` says what the user chose for a
/// path. A branch with one child is one row with it, as `agents.0` or `ball[2]`.
#[must_use]
pub fn state_tree(
    rows: &[StateRow],
    visible: &[usize],
    is_open: impl Fn(&str) -> Option<bool>,
) -> Vec<TreeRow> {
    let nodes = grown(rows, visible);
    let path_of = |node: &Node| rows.get(node.row).and_then(|row| row.path.get(..node.end));
    let mut tree = Vec::new();
    // Nodes that are still to be written, the next one last: the end of what stands before their label, and the level.
    let mut waiting: Vec<(usize, usize, usize)> = nodes
        .first()
        .into_iter()
        .flat_map(|root| &root.children)
        .rev()
        .map(|at| (*at, 0, 1))
        .collect();
    while let Some((at, start, level)) = waiting.pop() {
        let Some(mut node) = nodes.get(at) else { continue };
        while let ([only], false) = (node.children.as_slice(), node.is_value) {
            let Some(next) = nodes.get(*only) else { break };
            node = next;
        }
        let Some(path) = path_of(node) else { continue };
        let label = path.get(start..).unwrap_or(path).trim_start_matches('.').to_owned();
        let kind = if node.children.is_empty() {
            TreeKind::Leaf(node.row)
        } else {
            let differs = node.counts.iter().any(|count| *count > 0);
            let is_open = is_open(path).unwrap_or(differs || node.equal <= SMALL);
            if is_open {
                let below = node.children.iter().rev();
                waiting.extend(below.map(|child| (*child, node.end, level + 1)));
            }
            TreeKind::Branch { is_open, counts: node.counts, equal: node.equal }
        };
        tree.push(TreeRow { path: path.to_owned(), label, level, kind });
    }
    tree
}

/// The trie of the paths; the root stands first.
fn grown(rows: &[StateRow], visible: &[usize]) -> Vec<Node> {
    let mut nodes = vec![Node::default()];
    let mut known: SortedMap<(usize, &str), usize> = SortedMap::new();
    for place in visible {
        let Some(row) = rows.get(*place) else { continue };
        let (mut parent, mut start) = (0, 0);
        for end in part_ends(&row.path) {
            let part = row.path.get(start..end).unwrap_or_default();
            start = end;
            let next = nodes.len();
            let at = known.change((parent, part), || next, |at| *at);
            if at == next {
                nodes.push(Node { row: *place, end, ..Node::default() });
                if let Some(parent) = nodes.get_mut(parent) {
                    parent.children.push(at);
                }
            }
            parent = at;
            if let Some(node) = nodes.get_mut(at) {
                let class =
                    row.class.and_then(|class| CLASSES.iter().position(|one| *one == class));
                match class.and_then(|class| node.counts.get_mut(class)) {
                    Some(count) => *count += 1,
                    None => node.equal += 1,
                }
                node.is_value |= end == row.path.len();
            }
        }
    }
    nodes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::timeline::StateDiff;

    const LEFT: &str = r#"{"agents":[{"pos":[1,2],"vel":[3,4]},{"pos":[5,6],"vel":[7,8]}],"ball":[0,1],"score":1}"#;
    const RIGHT: &str = r#"{"agents":[{"pos":[1,2],"vel":[3,9]},{"pos":[5,6],"vel":[7,8]}],"ball":[0,2],"score":1}"#;

    #[track_caller]
    fn check(folds: &[(&str, bool)], is_equal_shown: bool, expected: &[&str]) {
        let diff = StateDiff::of(LEFT, RIGHT).unwrap();
        let visible: Vec<usize> = (0..diff.rows.len())
            .filter(|at| is_equal_shown || diff.rows[*at].class.is_some())
            .collect();
        let tree = state_tree(&diff.rows, &visible, |path| {
            folds.iter().find(|(known, _)| *known == path).map(|(_, is_open)| *is_open)
        });
        let line = |row: &TreeRow| {
            let sign = match row.kind {
                TreeKind::Leaf(place) => {
                    assert_eq!(diff.rows[place].path, row.path);
                    if diff.rows[place].class.is_some() { "≠" } else { "=" }.to_owned()
                }
                TreeKind::Branch { is_open, counts, equal } => {
                    format!(
                        "{} {} {equal}",
                        if is_open { "▾" } else { "▸" },
                        counts.iter().sum::<u32>()
                    )
                }
            };
            format!("{}{} {sign}", "  ".repeat(row.level - 1), row.label)
        };
        assert_eq!(tree.iter().map(line).collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_differs_stands_first_and_lone_children_join_their_branch() {
        check(&[], false, &["agents[0].vel[1] ≠", "ball[1] ≠"]);
    }

    #[test]
    fn equal_values_stand_below_those_that_differ() {
        check(
            &[],
            true,
            &[
                "agents ▾ 1 4",
                "  [0] ▾ 1 2",
                "    vel ▾ 1 1",
                "      [1] ≠",
                "      [0] =",
                "    pos =",
                "  [1] ▾ 0 2",
                "    pos =",
                "    vel =",
                "ball ▾ 1 1",
                "  [1] ≠",
                "  [0] =",
                "score =",
            ],
        );
    }

    #[test]
    fn a_branch_that_was_folded_hides_what_it_holds() {
        let folds = [("agents[0]", false), ("ball", false), ("agents[1]", true)];
        check(
            &folds,
            true,
            &[
                "agents ▾ 1 4",
                "  [0] ▸ 1 2",
                "  [1] ▾ 0 2",
                "    pos =",
                "    vel =",
                "ball ▸ 1 1",
                "score =",
            ],
        );
    }

    #[test]
    fn large_branches_without_a_difference_begin_folded() {
        let items: Vec<String> = (0..40).map(|at| format!("\"k{at}\":{at}")).collect();
        let text = |end: &str| format!("{{\"many\":{{{}}},\"end\":{end}}}", items.join(","));
        let diff = StateDiff::of(&text("1"), &text("2")).unwrap();
        let all: Vec<usize> = (0..diff.rows.len()).collect();
        let tree = state_tree(&diff.rows, &all, |_| None);
        let labels: Vec<&str> = tree.iter().map(|row| row.label.as_str()).collect();
        assert_eq!(labels, ["end", "many"]);
        assert_eq!(state_tree(&diff.rows, &all, |_| Some(true)).len(), 42);
    }

    #[test]
    fn one_value_alone_is_a_tree_of_one_row() {
        let diff = StateDiff::of("1", "2").unwrap();
        let tree = state_tree(&diff.rows, &[0], |_| None);
        assert_eq!(tree.len(), 1);
        assert_eq!((tree[0].label.as_str(), tree[0].kind), ("(all)", TreeKind::Leaf(0)));
    }
}
