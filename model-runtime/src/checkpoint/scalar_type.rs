//! The element types of a tensor in a file, under the names that PyTorch and safetensors write.

use std::fmt::{self, Display};

/// Writes the table of element types once, and generates the enum and every direction of the translation.
macro_rules! scalar_types {
    ($($(#[$doc:meta])* $variant:ident: $name:literal, $size:literal, $swap:literal, $storage:literal, $safetensors:literal;)*) => {
        /// The type of one element of a tensor, in PyTorch's naming.
        ///
        /// These are the types whose bytes can be read. A file can name others (quantised, sub-byte); a tensor
        /// of such a type is reported by its key, see [`Value::Unreadable`](super::Value::Unreadable).
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
        #[non_exhaustive]
        pub enum ScalarType {
            $($(#[$doc])* $variant,)*
        }

        impl ScalarType {
            /// Every type, in the order of the table.
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// PyTorch's name: `float32` for `torch.float32`.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// Bytes of one element.
            pub const fn itemsize(self) -> usize {
                match self { $(Self::$variant => $size,)* }
            }

            /// Bytes that are reversed together when the byte order is changed: a complex number is two floats.
            pub(crate) const fn swap_width(self) -> usize {
                match self { $(Self::$variant => $swap,)* }
            }

            /// The class of PyTorch's typed storages, `None` for types that are saved in an `UntypedStorage`.
            pub const fn storage_class(self) -> Option<&'static str> {
                match self { $(Self::$variant => non_empty($storage),)* }
            }

            /// The name in a safetensors header, `None` for types that the format does not have.
            pub const fn safetensors_name(self) -> Option<&'static str> {
                match self { $(Self::$variant => non_empty($safetensors),)* }
            }
        }
    };
}

scalar_types! {
    // variant:         torch name,      size, swap, typed storage,       safetensors
    /// 64-bit float.
    Float64:            "float64",         8, 8, "DoubleStorage",        "F64";
    /// 32-bit float.
    Float32:            "float32",         4, 4, "FloatStorage",         "F32";
    /// 16-bit IEEE float.
    Float16:            "float16",         2, 2, "HalfStorage",          "F16";
    /// 16-bit float with the exponent of a 32-bit one.
    BFloat16:           "bfloat16",        2, 2, "BFloat16Storage",      "BF16";
    /// Signed 64-bit integer.
    Int64:              "int64",           8, 8, "LongStorage",          "I64";
    /// Signed 32-bit integer.
    Int32:              "int32",           4, 4, "IntStorage",           "I32";
    /// Signed 16-bit integer.
    Int16:              "int16",           2, 2, "ShortStorage",         "I16";
    /// Signed 8-bit integer.
    Int8:               "int8",            1, 1, "CharStorage",          "I8";
    /// Unsigned 8-bit integer.
    UInt8:              "uint8",           1, 1, "ByteStorage",          "U8";
    /// One byte; PyTorch keeps values other than 0 and 1 as they are.
    Bool:               "bool",            1, 1, "BoolStorage",          "BOOL";
    /// Unsigned 16-bit integer.
    UInt16:             "uint16",          2, 2, "",                     "U16";
    /// Unsigned 32-bit integer.
    UInt32:             "uint32",          4, 4, "",                     "U32";
    /// Unsigned 64-bit integer.
    UInt64:             "uint64",          8, 8, "",                     "U64";
    /// 8-bit float, 4 bits of exponent, no infinities.
    Float8E4M3Fn:       "float8_e4m3fn",   1, 1, "",                     "F8_E4M3";
    /// 8-bit float, 5 bits of exponent.
    Float8E5M2:         "float8_e5m2",     1, 1, "",                     "F8_E5M2";
    /// 8-bit float, 4 bits of exponent, no infinities, no negative zero.
    Float8E4M3Fnuz:     "float8_e4m3fnuz", 1, 1, "",                     "F8_E4M3FNUZ";
    /// 8-bit float, 5 bits of exponent, no infinities, no negative zero.
    Float8E5M2Fnuz:     "float8_e5m2fnuz", 1, 1, "",                     "F8_E5M2FNUZ";
    /// A power of two in 8 bits, the scale of block formats.
    Float8E8M0Fnu:      "float8_e8m0fnu",  1, 1, "",                     "F8_E8M0";
    /// Two 64-bit floats.
    Complex128:         "complex128",     16, 8, "ComplexDoubleStorage", "";
    /// Two 32-bit floats.
    Complex64:          "complex64",       8, 4, "ComplexFloatStorage",  "C64";
    /// Two 16-bit floats.
    Complex32:          "complex32",       4, 2, "",                     "";
}

/// Typed storages of elements that cannot be read, with the bytes of one element: their records still have to be
/// stepped over.
const REFUSED_STORAGES: &[(&str, &str, usize)] = &[
    ("QInt8Storage", "qint8", 1),
    ("QUInt8Storage", "quint8", 1),
    ("QInt32Storage", "qint32", 4),
    ("QUInt4x2Storage", "quint4x2", 1),
    ("QUInt2x4Storage", "quint2x4", 1),
];

/// Old and short spellings that a file can use for a dtype: `torch.half` is pickled as `torch.float16`, but the
/// alias is a legal global all the same.
const ALIASES: &[(&str, ScalarType)] = &[
    ("double", ScalarType::Float64),
    ("float", ScalarType::Float32),
    ("half", ScalarType::Float16),
    ("long", ScalarType::Int64),
    ("int", ScalarType::Int32),
    ("short", ScalarType::Int16),
    ("cdouble", ScalarType::Complex128),
    ("cfloat", ScalarType::Complex64),
    ("chalf", ScalarType::Complex32),
];

/// What a storage class of PyTorch says about the elements.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum StorageClass {
    /// A typed storage: `FloatStorage`.
    Typed(ScalarType),
    /// Plain bytes; the tensor names its own type.
    Untyped,
    /// A type that cannot be read: its name and the bytes of one element.
    Refused(&'static str, usize),
}

impl StorageClass {
    /// The class named `FloatStorage`, `UntypedStorage`, ...; `None` for one that PyTorch never had.
    pub(crate) fn from_name(name: &str) -> Option<Self> {
        if name == "UntypedStorage" {
            return Some(Self::Untyped);
        }
        if let Some(&(_, dtype, size)) = REFUSED_STORAGES.iter().find(|(class, ..)| *class == name) {
            return Some(Self::Refused(dtype, size));
        }
        ScalarType::ALL.iter().find(|t| t.storage_class() == Some(name)).map(|t| Self::Typed(*t))
    }

    /// The name that [`StorageClass::from_name`] knows; `None` for plain bytes.
    pub(crate) fn name(self) -> Option<&'static str> {
        match self {
            Self::Typed(dtype) => dtype.storage_class(),
            Self::Untyped => None,
            Self::Refused(name, _) => {
                REFUSED_STORAGES.iter().find(|(_, dtype, _)| *dtype == name).map(|(class, ..)| *class)
            }
        }
    }

    /// Bytes of one element as the file counts them.
    pub(crate) fn itemsize(self) -> usize {
        match self {
            Self::Typed(dtype) => dtype.itemsize(),
            Self::Untyped => 1,
            Self::Refused(_, size) => size,
        }
    }
}

impl ScalarType {
    /// The type that PyTorch calls `torch.{name}`, also under its aliases (`half`, `long`).
    pub fn from_name(name: &str) -> Option<Self> {
        let alias = || ALIASES.iter().find(|(alias, _)| *alias == name).map(|(_, dtype)| *dtype);
        Self::ALL.iter().copied().find(|t| t.name() == name).or_else(alias)
    }

    /// Whether a tensor of this type can require gradients: floats and complex numbers.
    pub(crate) fn is_differentiable(self) -> bool {
        self.name().starts_with("float") || self.name().starts_with("bfloat") || self.name().starts_with("complex")
    }

    /// The type that a safetensors header calls `name`.
    pub fn from_safetensors_name(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|t| t.safetensors_name() == Some(name))
    }
}

impl Display for ScalarType {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

const fn non_empty(text: &'static str) -> Option<&'static str> {
    if text.is_empty() { None } else { Some(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_name_leads_back_to_its_type() {
        for &dtype in ScalarType::ALL {
            assert_eq!(ScalarType::from_name(dtype.name()), Some(dtype));
            if let Some(name) = dtype.safetensors_name() {
                assert_eq!(ScalarType::from_safetensors_name(name), Some(dtype));
            }
            if let Some(class) = dtype.storage_class() {
                assert_eq!(StorageClass::from_name(class), Some(StorageClass::Typed(dtype)));
            }
            assert!(dtype.itemsize().is_multiple_of(dtype.swap_width()));
        }
    }

    #[test]
    fn quantised_storages_have_a_size_but_no_type() {
        assert_eq!(StorageClass::from_name("QInt32Storage").map(StorageClass::itemsize), Some(4));
        assert_eq!(ScalarType::from_name("qint32"), None);
        assert_eq!(StorageClass::from_name("FooStorage"), None);
    }

    #[test]
    fn aliases_are_known() {
        assert_eq!(ScalarType::from_name("half"), Some(ScalarType::Float16));
        assert_eq!(ScalarType::Float32.to_string(), "float32");
    }
}
