//! [`Module::summary`](super::Module::summary): a model as a tree that a person can read.

use std::collections::HashMap;
use std::fmt;

use super::Module;
use super::leaf::{Identity, Leaf, LeafKind};
use super::walk::{At, Visitor, Walk};

/// The tree of a model's names, shapes, dtypes, devices and counts; print it with `{}`.
///
/// ```
/// use model_runtime::prelude::*;
///
/// let text = Linear::new(4, 2).summary().to_string();
/// assert_eq!(text, "\
/// Linear
/// ├─ weight  [2, 4]  f32  meta  8
/// └─ bias    [2]     f32  meta  2
/// 10 parameters, 40 bytes
/// ");
/// ```
#[derive(Clone, Debug)]
pub struct Summary {
    name: &'static str,
    root: Node,
    rows: Vec<Row>,
}

/// A level of the tree: what is under each name, in declaration order.
#[derive(Clone, Debug, Default)]
struct Node {
    children: Vec<(String, Child)>,
}

#[derive(Clone, Debug)]
enum Child {
    Module(Node),
    /// The index of its row.
    Leaf(usize),
}

/// What is printed of a leaf.
#[derive(Clone, Debug)]
struct Row {
    shape: String,
    dtype: &'static str,
    device: String,
    kind: LeafKind,
    elements: usize,
    bytes: usize,
    notes: Vec<String>,
    /// Whether it is tied to one that was counted before.
    counted: bool,
}

/// The summary of `module`.
pub(super) fn of<M: Module>(module: &M) -> Summary {
    let mut collect = Collect { root: Node::default(), rows: Vec::new(), first: HashMap::new() };
    module.walk(&mut Walk::new(&mut collect));
    Summary { name: short_name::<M>(), root: collect.root, rows: collect.rows }
}

/// The name of a type without its path and its parameters: `Net` of `my_crate::Net<Cpu>`.
pub(crate) fn short_name<M>() -> &'static str {
    let name = std::any::type_name::<M>();
    let name = name.split_once('<').map_or(name, |(name, _)| name);
    name.rsplit_once("::").map_or(name, |(_, name)| name)
}

struct Collect {
    root: Node,
    rows: Vec<Row>,
    first: HashMap<Identity, String>,
}

impl<'a> Visitor<'a> for Collect {
    fn leaf(&mut self, at: At<'_>, leaf: &'a Leaf) {
        let tied_to = self.first.get(&leaf.identity());
        self.rows.push(Row::new(at, leaf, tied_to));
        self.root.insert(at.key, self.rows.len() - 1);
        self.first.entry(leaf.identity()).or_insert_with(|| at.key.to_owned());
    }
}

impl Row {
    fn new(at: At<'_>, leaf: &Leaf, tied_to: Option<&String>) -> Self {
        let elements = leaf.shape().elem_count();
        let mut notes = Vec::new();
        notes.extend((leaf.kind() == LeafKind::Buffer).then(|| "buffer".to_owned()));
        notes.extend((!at.persistent).then(|| "not saved".to_owned()));
        notes.extend((at.frozen && !leaf.requires_grad()).then(|| "frozen".to_owned()));
        notes.extend(leaf.requires_grad().then(|| "trained".to_owned()));
        notes.extend(tied_to.map(|first| format!("= {first}")));
        Self {
            shape: format!("{:?}", leaf.shape().dims()),
            dtype: leaf.dtype().as_str(),
            device: leaf.device_name(),
            kind: leaf.kind(),
            elements,
            bytes: elements * leaf.dtype().size_in_bytes(),
            notes,
            counted: tied_to.is_none(),
        }
    }
}

impl Node {
    fn insert(&mut self, key: &str, row: usize) {
        let Some((name, rest)) = key.split_once('.') else {
            self.children.push((key.to_owned(), Child::Leaf(row)));
            return;
        };
        // Fields are walked one after the other, so a module's leaves follow each other.
        if !matches!(self.children.last(), Some((last, Child::Module(_))) if last == name) {
            self.children.push((name.to_owned(), Child::Module(Self::default())));
        }
        if let Some((_, Child::Module(node))) = self.children.last_mut() {
            node.insert(rest, row);
        }
    }

    /// The lines of the tree: the drawn part with the name, and the row of a leaf.
    fn lines(&self, indent: &str, lines: &mut Vec<(String, Option<usize>)>) {
        for (index, (name, child)) in self.children.iter().enumerate() {
            let is_last = index + 1 == self.children.len();
            let (branch, below) = if is_last { ("└─ ", "   ") } else { ("├─ ", "│  ") };
            match child {
                Child::Leaf(row) => lines.push((format!("{indent}{branch}{name}"), Some(*row))),
                Child::Module(node) => {
                    lines.push((format!("{indent}{branch}{name}"), None));
                    node.lines(&format!("{indent}{below}"), lines);
                }
            }
        }
    }
}

impl Summary {
    /// The total over the rows that `wanted` selects, ties counted once.
    fn total(&self, wanted: impl Fn(&Row) -> usize) -> usize {
        self.rows.iter().filter(|row| row.counted).map(wanted).sum()
    }
}

impl fmt::Display for Summary {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut lines = Vec::new();
        self.root.lines("", &mut lines);
        let width = |text: fn(&Row) -> &str| self.rows.iter().map(|row| text(row).len()).max().unwrap_or(0);
        let (shapes, dtypes, devices) = (width(|r| &r.shape), width(|r| r.dtype), width(|r| &r.device));
        let names = lines.iter().map(|(name, _)| name.chars().count()).max().unwrap_or(0);

        writeln!(f, "{}", self.name)?;
        for (name, row) in &lines {
            let Some(row) = row.and_then(|row| self.rows.get(row)) else {
                writeln!(f, "{name}")?;
                continue;
            };
            let Row { shape, dtype, device, elements, notes, .. } = row;
            write!(f, "{name:names$}  {shape:shapes$}  {dtype:dtypes$}  {device:devices$}  {elements}")?;
            match notes.is_empty() {
                true => writeln!(f)?,
                false => writeln!(f, "  ({})", notes.join(", "))?,
            }
        }
        let parameters = self.total(|row| if row.kind == LeafKind::Parameter { row.elements } else { 0 });
        writeln!(f, "{parameters} parameters, {} bytes", self.total(|row| row.bytes))
    }
}
