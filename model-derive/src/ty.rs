//! Questions about a [`syn::Type`].

use proc_macro2::{Ident, TokenStream, TokenTree};
use syn::visit::{Visit, visit_path};
use syn::{Path, Type};

/// The names that a type mentions where a type parameter could stand, in order of appearance and with repetition.
///
/// `Pair<B, Vec<A>>` mentions `Pair`, `B`, `Vec`, `A`; `candle_core::Tensor` mentions `candle_core`.
pub fn mentioned(ty: &Type) -> Vec<Ident> {
    let mut names = Names(Vec::new());
    names.visit_type(ty);
    names.0
}

struct Names(Vec<Ident>);

impl<'ast> Visit<'ast> for Names {
    fn visit_path(&mut self, path: &'ast Path) {
        // `::D` is a crate.
        let first = if path.leading_colon.is_none() { path.segments.first() } else { None };
        self.0.extend(first.map(|segment| segment.ident.clone()));
        visit_path(self, path);
    }

    /// The input of a macro: any name in it may be a type.
    fn visit_token_stream(&mut self, tokens: &'ast TokenStream) {
        for token in tokens.clone() {
            match token {
                TokenTree::Ident(ident) => self.0.push(ident),
                TokenTree::Group(group) => self.visit_token_stream(&group.stream()),
                TokenTree::Punct(_) | TokenTree::Literal(_) => {}
            }
        }
    }
}
