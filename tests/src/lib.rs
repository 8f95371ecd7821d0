//! Compiles and runs the code in the README and in `docs/`; the tests themselves are in `tests/tests`.

/// A page of documentation whose code is compiled.
macro_rules! page {
    ($($name:ident: $path:literal,)*) => {
        $(
            #[doc = include_str!($path)]
            #[cfg(doctest)]
            pub struct $name;
        )*
    };
}

page! {
    Readme: "../../README.md",
    Attributes: "../../docs/attributes.md",
    Devices: "../../docs/devices.md",
    Porting: "../../docs/porting.md",
    Formats: "../../docs/formats.md",
    Mapping: "../../docs/mapping.md",
    PyTorch: "../../docs/pytorch.md",
}
