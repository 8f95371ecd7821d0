//! What a crate makes public: functions, the methods of its types, and the traits of its tensor.

use std::collections::BTreeSet;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use quote::{ToTokens, quote};
use syn::{Attribute, File, ImplItem, Item, ItemImpl, ItemMacro, Macro, Signature, Type, Visibility};

use crate::crates::files;
use crate::expand::{Macros, documented_names};

/// This crate's macros that define a method of `Tensor` for each name that they are given.
const METHOD_LISTS: &[&str] = &["unary", "nn_unary", "reduce"];

/// The public names of a crate, or of some of its modules.
#[derive(Default)]
pub(crate) struct Public {
    /// Free functions.
    pub(crate) functions: BTreeSet<String>,
    /// `Type::method`.
    pub(crate) methods: BTreeSet<String>,
    /// `Trait for Tensor`, and `Trait<Tensor> for Type`.
    pub(crate) traits: BTreeSet<String>,
    /// Functions and methods with an argument of candle's tensor or device, which no type places.
    pub(crate) untyped: BTreeSet<String>,
}

impl Public {
    /// Reads all files below `sources` that are in a module that `is_wanted`.
    pub(crate) fn of(sources: &Path, is_wanted: impl Fn(&str) -> bool) -> Self {
        let files: Vec<_> = files(sources).into_iter().map(|path| (module(sources, &path), parse(&path))).collect();
        let mut macros = Macros::default();
        for (_, file) in &files {
            file.items.iter().for_each(|item| define(item, &mut macros));
        }
        let mut public = Self::default();
        for (module, file) in files {
            if is_wanted(&module) {
                file.items.into_iter().for_each(|item| public.item(item, &macros));
            }
        }
        public
    }

    fn item(&mut self, item: Item, macros: &Macros) {
        match item {
            Item::Fn(function) if is_public(&function.vis) && !is_test(&function.attrs) => {
                self.untyped.extend(untyped(function.sig.ident.to_string(), &function.sig));
                self.functions.insert(function.sig.ident.to_string());
            }
            Item::Mod(module) if !is_test(&module.attrs) => {
                let items = module.content.map(|(_, items)| items).unwrap_or_default();
                items.into_iter().for_each(|item| self.item(item, macros));
            }
            Item::Impl(item) => self.implementation(item, macros),
            Item::Macro(item) if item.ident.is_none() => self.call(&item.mac, macros),
            _ => {}
        }
    }

    fn implementation(&mut self, item: ItemImpl, macros: &Macros) {
        let Some(name) = type_name(&item.self_ty) else { return };
        if let Some((of, _)) = &item.trait_ {
            self.implements(&name, of);
            return;
        }
        let self_ty = item.self_ty;
        for member in item.items {
            match member {
                ImplItem::Fn(method) if is_public(&method.vis) => {
                    let method_name = format!("{name}::{}", method.sig.ident);
                    self.untyped.extend(untyped(method_name.clone(), &method.sig));
                    self.methods.insert(method_name);
                }
                ImplItem::Macro(call) => {
                    let members = macros.expand(&macro_name(&call.mac), call.mac.tokens);
                    let members = members.unwrap_or_else(|| panic!("a macro in an impl of `{name}` is not understood"));
                    self.item(syn::parse2(quote!(impl #self_ty { #members })).expect("methods"), macros);
                }
                _ => {}
            }
        }
    }

    /// Remembers a trait of `Tensor`, and one of another type that takes a `Tensor`.
    fn implements(&mut self, name: &str, of: &syn::Path) {
        let last = of.segments.last().expect("a path has segments");
        if name == "Tensor" {
            self.traits.insert(last.ident.to_string());
        } else if mentions_tensor(last.arguments.to_token_stream()) {
            self.traits.insert(format!("{}<Tensor> for {name}", last.ident));
        }
    }

    fn call(&mut self, call: &Macro, macros: &Macros) {
        let name = macro_name(call);
        if METHOD_LISTS.contains(&name.as_str()) {
            let names = documented_names(call.tokens.clone());
            self.methods.extend(names.into_iter().map(|name| format!("Tensor::{name}")));
        } else if let Some(items) = macros.expand(&name, call.tokens.clone()) {
            // A call in the place of an expression or a type is none of ours.
            if let Ok(file) = syn::parse2::<File>(items) {
                file.items.into_iter().for_each(|item| self.item(item, macros));
            }
        }
    }
}

/// The module at the top of the crate that a file belongs to.
fn module(sources: &Path, file: &Path) -> String {
    let below = file.strip_prefix(sources).expect("the file is below").with_extension("");
    below.iter().next().expect("a file has a name").to_string_lossy().into_owned()
}

fn parse(path: &Path) -> File {
    let text = std::fs::read_to_string(path).expect("sources are readable");
    syn::parse_file(&text).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// Remembers the macros that an item defines.
fn define(item: &Item, macros: &mut Macros) {
    match item {
        Item::Macro(ItemMacro { ident: Some(name), mac, .. }) => macros.define(name.to_string(), mac.tokens.clone()),
        Item::Mod(module) => module.content.iter().flat_map(|(_, items)| items).for_each(|item| define(item, macros)),
        _ => {}
    }
}

/// The last name in the path of a type, behind references.
fn type_name(ty: &Type) -> Option<String> {
    match ty {
        Type::Path(path) => path.path.segments.last().map(|segment| segment.ident.to_string()),
        Type::Reference(reference) => type_name(&reference.elem),
        _ => None,
    }
}

fn macro_name(call: &Macro) -> String {
    call.path.segments.last().expect("a path has segments").ident.to_string()
}

/// The name of a function that takes candle's own tensor or device.
fn untyped(name: String, signature: &Signature) -> Option<String> {
    let arguments = signature.inputs.to_token_stream().to_string();
    ["candle_core :: Tensor", "candle_core :: Device"].iter().any(|of| arguments.contains(of)).then_some(name)
}

fn mentions_tensor(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(name) => name == "Tensor",
        TokenTree::Group(group) => mentions_tensor(group.stream()),
        _ => false,
    })
}

fn is_public(visibility: &Visibility) -> bool {
    matches!(visibility, Visibility::Public(_))
}

fn is_test(attributes: &[Attribute]) -> bool {
    attributes.iter().any(|attribute| attribute.to_token_stream().to_string().contains("cfg (test)"))
}
