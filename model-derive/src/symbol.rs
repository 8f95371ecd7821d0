//! [`Symbol`]: a name that the macro knows. Each is written once, here.

use std::fmt;

use proc_macro2::Ident;
use syn::Path;

/// A name that users write: an attribute, one of its keys, a trait.
#[derive(Clone, Copy, Debug)]
pub struct Symbol(&'static str);

/// The attribute.
pub const MODULE: Symbol = Symbol("module");

/// Key on a type: the bounds of the impls, in place of those of the skipped fields.
pub const BOUND: Symbol = Symbol("bound");
/// Key on a type: the path of the runtime.
pub const CRATE: Symbol = Symbol("crate");
/// Key on a type: which type parameters are devices.
pub const DEVICE: Symbol = Symbol("device");
/// Key on a type: the file that its keys are compared with.
pub const MANIFEST: Symbol = Symbol("manifest");
/// Key on a type: how the names of the fields become keys.
pub const RENAME_ALL: Symbol = Symbol("rename_all");
/// Key on a struct: its one field adds nothing to the keys.
pub const TRANSPARENT: Symbol = Symbol("transparent");

/// Key on a field: the name that it has in older files.
pub const ALIAS: Symbol = Symbol("alias");
/// Key on a field: what a file lacks keeps its initial value.
pub const DEFAULT: Symbol = Symbol("default");
/// Key on a field: adds nothing to the keys.
pub const FLATTEN: Symbol = Symbol("flatten");
/// Key on a field: not trained.
pub const FROZEN: Symbol = Symbol("frozen");
/// Key on a field: whether a buffer is saved.
pub const PERSISTENT: Symbol = Symbol("persistent");
/// Key on a field: another state-dict key.
pub const RENAME: Symbol = Symbol("rename");
/// Key on a field: no part of the model.
pub const SKIP: Symbol = Symbol("skip");
/// Key on a field: one tensor with another field.
pub const TIED: Symbol = Symbol("tied");
/// Key on a field: what converts between the file and the field.
pub const WITH: Symbol = Symbol("with");

/// The keys on a struct or an enum.
pub const ON_TYPE: [Symbol; 6] = [BOUND, CRATE, DEVICE, MANIFEST, RENAME_ALL, TRANSPARENT];
/// The keys on a field.
pub const ON_FIELD: [Symbol; 9] = [ALIAS, DEFAULT, FLATTEN, FROZEN, PERSISTENT, RENAME, SKIP, TIED, WITH];

/// Text: a type that a field can borrow.
pub const STR: Symbol = Symbol("str");
/// The trait of all devices.
pub const DEVICE_TRAIT: Symbol = Symbol("Device");
/// The trait of the devices that hold data.
pub const COMPUTE_TRAIT: Symbol = Symbol("Compute");
/// The trait that is derived.
pub const MODULE_TRAIT: Symbol = Symbol("Module");
/// What every type parameter is.
pub const SIZED_TRAIT: Symbol = Symbol("Sized");
/// What every `Device` is.
pub const DEVICE_SUPERTRAITS: [Symbol; 6] =
    [Symbol("Copy"), Symbol("Clone"), Symbol("Default"), Symbol("Debug"), Symbol("Send"), Symbol("Sync")];

impl PartialEq<Symbol> for Ident {
    fn eq(&self, symbol: &Symbol) -> bool {
        self == symbol.0
    }
}

impl PartialEq<Symbol> for Path {
    fn eq(&self, symbol: &Symbol) -> bool {
        self.is_ident(symbol.0)
    }
}

impl fmt::Display for Symbol {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
    }
}
