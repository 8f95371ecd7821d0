//! What can be wrong with `#[module(manifest = "...")]` before the keys are compared.

use std::fs::File;
use std::io::Read;
use std::path::Path;

use proc_macro2::{TokenStream, TokenTree};
use quote::ToTokens;
use syn::parse::{Parse, ParseStream};
use syn::{GenericParam, LitStr, Token, Type};

use crate::ast::Container;
use crate::ctxt::Ctxt;
use crate::index;
use crate::param::Kind;

/// The arguments of `check_manifest!`.
pub struct Checked {
    /// The path of the runtime, up to the first comma.
    pub runtime: TokenStream,
    /// A type without parameters.
    pub ty: Type,
    /// The file that its keys are compared with.
    pub file: LitStr,
}

impl Parse for Checked {
    fn parse(input: ParseStream<'_>) -> syn::Result<Self> {
        let mut runtime = TokenStream::new();
        while !input.peek(Token![,]) {
            runtime.extend([input.parse::<TokenTree>()?]);
        }
        input.parse::<Token![,]>()?;
        let ty = input.parse()?;
        input.parse::<Token![,]>()?;
        Ok(Self { runtime, ty, file: input.parse()? })
    }
}

impl Checked {
    /// The type as messages name it.
    pub fn name(&self) -> String {
        let spaced = self.ty.to_token_stream().to_string();
        [(" < ", "<"), (" >", ">"), (" ,", ",")].iter().fold(spaced, |name, (from, to)| name.replace(from, to))
    }
}

/// Reports a type that is not one type, and a file that is not there.
pub fn check(cx: &Ctxt, model: &Container<'_>) {
    let Some(manifest) = &model.attrs.manifest else { return };
    for param in &model.generics.params {
        let open = match param {
            GenericParam::Lifetime(_) => None,
            GenericParam::Const(param) => param.default.is_none().then_some((&param.ident, "a number")),
            GenericParam::Type(param) => {
                let is_device =
                    model.params.iter().any(|other| *other.ident == param.ident && other.kind == Kind::Device);
                (!is_device && param.default.is_none()).then_some((&param.ident, "a type"))
            }
        };
        if let Some((name, what)) = open {
            let ident = model.ident;
            let message = format_args!(
                "the keys of `{ident}` depend on `{name}`: remove `manifest` here, and below the struct write \
                 `model_runtime::check_manifest!({ident}<..>, \"{file}\")` with `Meta` for each device and {what} for `{name}`",
                file = manifest.value.value(),
            );
            cx.error(&manifest.key, message);
        }
    }
    is_there(cx, &manifest.value);
}

/// Reports a file that is not there, or is no text. Where the compiler does not tell the macro which file it is in, it
/// looks itself.
pub fn is_there(cx: &Ctxt, file: &LitStr) {
    let Some(path) = index::path(file) else { return };
    let name = file.value();
    if !path.is_file() {
        let message = format_args!(
            "there is no file `{name}`, seen from this source file; make it from a checkpoint: \
             `Checkpoint::open(\"net.pt\")?.manifest()?.save(\"{name}\")?`",
        );
        cx.error(file, message);
    } else if is_binary(&path) {
        let message = format_args!(
            "`{name}` is not a manifest; if it is a checkpoint, make one from it: \
             `Checkpoint::open(\"{name}\")?.manifest()?.save(\"net.manifest\")?`",
        );
        cx.error(file, message);
    }
}

/// Whether a file starts as no text does, as checkpoints do. A file that cannot be read is the compiler's to report.
fn is_binary(path: &Path) -> bool {
    let mut start = Vec::new();
    let read = File::open(path).and_then(|file| file.take(512).read_to_end(&mut start));
    read.is_ok() && start.contains(&0)
}
