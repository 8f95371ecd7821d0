//! Types that can be seen to be no module, whatever they are made of: the compiler would say so in more general words.

use syn::visit::{Visit, visit_type};
use syn::{Ident, Type, TypeParamBound};

use crate::ast::{Container, Field};
use crate::param::{self, Kind};
use crate::symbol::{MODULE_TRAIT, STR};
use crate::ty;

/// The part of a field's type that is no module, and what to write in place of it.
pub fn is_module<'a>(model: &Container<'a>, field: &Field<'a>) -> Option<(&'a Type, String)> {
    let devices: Vec<_> = model.params.iter().filter(|param| param.kind == Kind::Device).collect();
    if let Some(object) = object(field.ty) {
        return Some((
            object,
            "a model says with its type what it is made of, which `dyn Module` does not: write an enum with a variant for \
             each layer that there can be, `#[derive(Module)] enum Layer<D: Device> { Linear(Linear<D>), ReLU(ReLU) }`"
                .to_owned(),
        ));
    }
    let mut types = vec![field.ty];
    while let Some(ty) = types.pop() {
        let message = match ty {
            Type::Paren(inner) => {
                types.push(&inner.elem);
                continue;
            }
            Type::Group(inner) => {
                types.push(&inner.elem);
                continue;
            }
            Type::Array(array) => {
                types.push(&array.elem);
                continue;
            }
            Type::Tuple(tuple) => {
                types.extend(tuple.elems.iter().rev());
                continue;
            }
            Type::Reference(reference) => borrowed(&reference.elem),
            Type::FnPtr(_) => {
                let names = ty::mentioned(ty);
                Some(function(devices.iter().map(|param| param.ident).find(|device| names.contains(device))))
            }
            _ => devices.iter().find(|param| param::is_ident(ty, param.ident)).map(|param| device(param.ident)),
        };
        if let Some(message) = message {
            return Some((ty, message));
        }
    }
    None
}

/// The first `dyn Module` in a type, however deep.
fn object(ty: &Type) -> Option<&Type> {
    struct Object<'a>(Option<&'a Type>);
    impl<'a> Visit<'a> for Object<'a> {
        fn visit_type(&mut self, ty: &'a Type) {
            let is_module = |bound: &TypeParamBound| param::is(bound, MODULE_TRAIT);
            match ty {
                Type::TraitObject(object) if object.bounds.iter().any(is_module) => self.0 = self.0.or(Some(ty)),
                _ => visit_type(self, ty),
            }
        }
    }
    let mut object = Object(None);
    object.visit_type(ty);
    object.0
}

/// A reference to anything but text, which is configuration.
fn borrowed(target: &Type) -> Option<String> {
    let is_text = matches!(target, Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == STR));
    (!is_text).then(|| {
        "a model owns what it is made of, and a reference cannot move with it: hold the value itself, in an `Arc` if others \
         hold it too; for configuration without tensors write `#[module(skip)]` on the field"
            .to_owned()
    })
}

/// A function pointer, which may take tensors on one of the model's devices.
fn function(device: Option<&Ident>) -> String {
    match device {
        Some(device) => format!(
            "a function that names `{device}` cannot move with the model: make the field an enum of what it can do, and \
             `match` on it in `forward`"
        ),
        None => {
            "a function is neither a parameter, a buffer nor a module: write `#[module(skip)]` on the field".to_owned()
        }
    }
}

/// A device itself: the value that `x.to(..)` takes.
fn device(device: &Ident) -> String {
    format!(
        "a device is known from the type and needs no field: remove it, and write `{device}::default()` where the value is \
         needed"
    )
}
