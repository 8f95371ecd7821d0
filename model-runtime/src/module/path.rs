//! [`Path`]: where a walk is in the model, and what the fields on the way there said.

use std::sync::Arc;

use super::ties::Tie;
use crate::with::Convert;

/// Where a leaf is in the model, and what the fields on the way there said about it.
#[doc(hidden)]
#[derive(Clone, Copy, Debug)]
pub struct At<'k> {
    /// Its state-dict key.
    pub key: &'k str,
    /// The keys that older files have for it: from `#[module(alias = "..")]`, the most recent first.
    pub aliases: &'k [String],
    /// Whether it is part of the state dict: not so under a field with `#[module(persistent = false)]`.
    pub persistent: bool,
    /// Whether a load may leave it its initial value: under a field with `#[module(default)]`.
    pub default: bool,
    /// Whether it is left out of training: under a field with `#[module(frozen)]`.
    pub frozen: bool,
    /// The field with `#[module(with = ..)]` that it is under.
    pub with: Option<&'k Arc<With>>,
    /// The key that it is tied to by `#[module(tied = "..")]`.
    pub tied: Option<&'k str>,
    /// Why what the attributes say about it is impossible.
    pub invalid: Option<&'k str>,
    /// In a walk that collects ties: those of the fields that it is under, outermost first.
    pub(super) ties: &'k [Tie],
}

/// A field with `#[module(with = ..)]`.
#[doc(hidden)]
#[derive(Debug)]
pub struct With {
    /// Its key, and those that older files have for it.
    pub(crate) prefixes: Vec<String>,
    pub(crate) convert: Convert,
}

impl With {
    /// The field's key.
    pub(crate) fn key(&self) -> &str {
        self.prefixes.first().map_or("", String::as_str)
    }
}

/// The reason that a tensor cannot be flattened.
const NAMELESS: &str = "a field with `#[module(flatten)]` that is a tensor has no key of its own: remove `flatten`";

/// The key of the place that a walk is at, and what the fields on the way there said.
#[derive(Debug, Default)]
pub(super) struct Path {
    key: String,
    context: Context,
    /// What the field that is entered next says.
    notes: Notes,
    /// The way back: what was before each field that it is in, outermost first.
    outer: Vec<Outer>,
}

/// What the attributes of the fields on the way say.
#[derive(Clone, Debug, Default)]
struct Context {
    aliases: Vec<String>,
    transient: bool,
    default: bool,
    frozen: bool,
    with: Option<Arc<With>>,
    ties: Vec<Tie>,
    invalid: Option<&'static str>,
    /// The length of the key at the innermost flattened field.
    flattened: Option<usize>,
}

/// What the attributes of one field say.
#[derive(Debug, Default)]
struct Notes {
    aliases: &'static [&'static str],
    default: bool,
    flattened: bool,
    frozen: bool,
    with: Option<Convert>,
    /// The key that it is tied to, in a walk that collects ties.
    tied: Option<String>,
}

/// What [`Path::leave`] needs to come back.
#[derive(Debug)]
struct Outer {
    len: usize,
    /// `None` where the field changed nothing.
    context: Option<Context>,
}

impl Path {
    pub(super) fn key(&self) -> &str {
        &self.key
    }

    /// Goes to the field or element `name`, or for `None` to a field that adds nothing to the key.
    pub(super) fn enter(&mut self, name: Option<&str>) {
        let len = self.key.len();
        if let Some(name) = name {
            push(&mut self.key, name);
        }
        let notes = std::mem::take(&mut self.notes);
        if notes.is_empty() && self.context.aliases.is_empty() {
            self.outer.push(Outer { len, context: None });
            return;
        }
        let outer = self.context.clone();
        self.alias(name, notes.aliases, len);
        self.note(notes);
        self.outer.push(Outer { len, context: Some(outer) });
    }

    /// Comes back from the field that was entered last.
    pub(super) fn leave(&mut self) {
        let Some(outer) = self.outer.pop() else { return };
        self.key.truncate(outer.len);
        if let Some(context) = outer.context {
            self.context = context;
        }
    }

    pub(super) fn at(&self) -> At<'_> {
        let Context { aliases, transient, default, frozen, with, ties, invalid, flattened } = &self.context;
        // What a converter is on has the names that it gives.
        let is_nameless = *flattened == Some(self.key.len()) && with.is_none();
        At {
            key: &self.key,
            aliases,
            persistent: !transient,
            default: *default,
            frozen: *frozen,
            with: with.as_ref(),
            tied: None,
            invalid: invalid.or(is_nameless.then_some(NAMELESS)),
            ties,
        }
    }

    /// Says whether what follows is part of the state dict; returns what was said before.
    pub(super) fn set_transient(&mut self, transient: bool) -> bool {
        std::mem::replace(&mut self.context.transient, transient)
    }

    pub(super) fn note_aliases(&mut self, aliases: &'static [&'static str]) {
        self.notes.aliases = aliases;
    }

    pub(super) fn note_default(&mut self) {
        self.notes.default = true;
    }

    pub(super) fn note_flattened(&mut self) {
        self.notes.flattened = true;
    }

    pub(super) fn note_frozen(&mut self) {
        self.notes.frozen = true;
    }

    pub(super) fn note_with(&mut self, convert: Convert) {
        self.notes.with = Some(convert);
    }

    /// `path` starts at the struct that the walk is in.
    pub(super) fn note_tied(&mut self, path: &str) {
        self.notes.tied = Some(join(&self.key, path));
    }

    /// Adds the keys that older files have for a field called `name`, in a struct whose key has the length `outer`.
    fn alias(&mut self, name: Option<&str>, aliases: &[&str], outer: usize) {
        let primary = self.key.get(..outer).unwrap_or_default();
        let mut keys: Vec<_> = aliases.iter().map(|alias| join(primary, alias)).collect();
        for prefix in &self.context.aliases {
            match name {
                Some(name) => keys.extend([name].iter().chain(aliases).map(|name| join(prefix, name))),
                None => keys.push(prefix.clone()),
            }
        }
        self.context.aliases = keys;
    }

    fn note(&mut self, notes: Notes) {
        let context = &mut self.context;
        context.default |= notes.default;
        context.frozen |= notes.frozen;
        if notes.flattened {
            context.flattened = Some(self.key.len());
        }
        context.ties.extend(notes.tied.map(|target| Tie { field: self.key.clone(), target }));
        let Some(convert) = notes.with else { return };
        if context.with.is_some() {
            context.invalid = Some("it is under two fields with `#[module(with = ..)]`: one of them must do both");
        }
        let prefixes = std::iter::once(&self.key).chain(&context.aliases).cloned().collect();
        context.with = Some(Arc::new(With { prefixes, convert }));
    }
}

impl Notes {
    fn is_empty(&self) -> bool {
        let Self { aliases, default, flattened, frozen, with, tied } = self;
        aliases.is_empty() && !default && !flattened && !frozen && with.is_none() && tied.is_none()
    }
}

/// Adds a name to a key.
fn push(key: &mut String, name: &str) {
    if !key.is_empty() && !name.is_empty() {
        key.push('.');
    }
    key.push_str(name);
}

/// The rest of `key` below `prefix`, without the dot; `None` if it is not below it.
pub(crate) fn below<'k>(key: &'k str, prefix: &str) -> Option<&'k str> {
    let rest = key.strip_prefix(prefix)?;
    if prefix.is_empty() || rest.is_empty() { Some(rest) } else { rest.strip_prefix('.') }
}

/// The key of the module that holds a leaf: the leaf's key without its last name.
pub(crate) fn module_of(key: &str) -> &str {
    key.rsplit_once('.').map_or("", |(module, _)| module)
}

/// `prefix` and `name` as one key.
pub(crate) fn join(prefix: &str, name: &str) -> String {
    let mut key = prefix.to_owned();
    push(&mut key, name);
    key
}
