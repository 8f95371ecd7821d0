//! The macros that methods are made by: just enough of `macro_rules!` to see their names.

use std::collections::BTreeMap;

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

/// A macro of one rule without repetitions, `($a:ident, $b:expr) => { ... }`.
struct Rule {
    parameters: Vec<String>,
    body: TokenStream,
}

/// The macros of a crate, by name.
#[derive(Default)]
pub(crate) struct Macros(BTreeMap<String, Rule>);

impl Macros {
    /// Remembers a `macro_rules!`, if it is simple enough.
    pub(crate) fn define(&mut self, name: String, definition: TokenStream) {
        if let Some(rule) = Rule::parse(definition) {
            self.0.insert(name, rule);
        }
    }

    /// What a call expands to; `None` for a macro that is not known or not simple.
    pub(crate) fn expand(&self, name: &str, call: TokenStream) -> Option<TokenStream> {
        let rule = self.0.get(name)?;
        let arguments = split(call);
        if arguments.len() != rule.parameters.len() {
            return None;
        }
        let bound = rule.parameters.iter().cloned().zip(arguments).collect();
        Some(substitute(rule.body.clone(), &bound))
    }
}

impl Rule {
    fn parse(definition: TokenStream) -> Option<Self> {
        let mut groups = definition.into_iter().filter_map(|token| match token {
            TokenTree::Group(group) => Some(group.stream()),
            _ => None,
        });
        let (matcher, body) = (groups.next()?, groups.next()?);
        if groups.next().is_some() {
            return None;
        }
        let parameters = split(matcher).into_iter().map(|parameter| {
            let tokens: Vec<_> = parameter.into_iter().collect();
            match tokens.as_slice() {
                [TokenTree::Punct(dollar), TokenTree::Ident(name), ..] if dollar.as_char() == '$' => {
                    Some(name.to_string())
                }
                _ => None,
            }
        });
        Some(Self { parameters: parameters.collect::<Option<_>>()?, body })
    }
}

/// The parts between commas.
fn split(tokens: TokenStream) -> Vec<TokenStream> {
    let mut parts = vec![TokenStream::new()];
    for token in tokens {
        match &token {
            TokenTree::Punct(punct) if punct.as_char() == ',' => parts.push(TokenStream::new()),
            _ => parts.last_mut().expect("there is a part").extend([token]),
        }
    }
    parts.retain(|part| !part.is_empty());
    parts
}

/// The body with each `$name` replaced.
fn substitute(body: TokenStream, bound: &BTreeMap<String, TokenStream>) -> TokenStream {
    let mut output = TokenStream::new();
    let mut tokens = body.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match token {
            TokenTree::Punct(dollar) if dollar.as_char() == '$' => match tokens.next() {
                Some(TokenTree::Ident(name)) if bound.contains_key(&name.to_string()) => {
                    output.extend(bound[&name.to_string()].clone());
                }
                other => output.extend(std::iter::once(TokenTree::Punct(dollar)).chain(other)),
            },
            TokenTree::Group(group) => {
                output.extend([TokenTree::Group(Group::new(group.delimiter(), substitute(group.stream(), bound)))]);
            }
            other => output.extend([other]),
        }
    }
    output
}

/// The names in a list of documented names, `/// What it does. name /// ... other`, as this crate's own macros take it.
/// What stands before a `;` is no name.
pub(crate) fn documented_names(call: TokenStream) -> Vec<String> {
    let mut names = Vec::new();
    let mut is_documented = false;
    for token in call {
        match token {
            TokenTree::Group(group) if group.delimiter() == Delimiter::Bracket => is_documented = true,
            TokenTree::Ident(name) if is_documented => {
                names.push(name.to_string());
                is_documented = false;
            }
            _ => {}
        }
    }
    names
}
