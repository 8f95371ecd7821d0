//! [`Place`]: where an attribute is written, and which keys are known there.

use proc_macro2::Ident;

use crate::symbol::{ON_FIELD, ON_TYPE, Symbol};

/// Where an attribute is written.
#[derive(Clone, Copy)]
pub enum Place {
    Struct,
    Enum,
    Variant,
    Field,
}

impl Place {
    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Struct => "struct",
            Self::Enum => "enum",
            Self::Variant => "variant",
            Self::Field => "field",
        }
    }

    /// The keys that are known here.
    pub fn keys(self) -> &'static [Symbol] {
        match self {
            Self::Struct | Self::Enum => &ON_TYPE,
            Self::Variant => &[],
            Self::Field => &ON_FIELD,
        }
    }

    /// Where `key` should be, if it is a key and should not be here.
    pub fn home(self, key: &Ident) -> Option<&'static str> {
        let among = |keys: &[Symbol]| keys.iter().any(|symbol| key == symbol);
        match self {
            Self::Struct | Self::Enum if among(&ON_FIELD) => Some("a field"),
            Self::Variant if among(&ON_FIELD) => Some("a field of the variant"),
            Self::Variant if among(&ON_TYPE) => Some("the enum"),
            Self::Field if among(&ON_TYPE) => Some("a struct or an enum"),
            _ => None,
        }
    }
}
