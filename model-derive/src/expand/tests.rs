//! The expansion of each struct in `tests/goldens`, compared with the file beside it.
//!
//! `BLESS=1 cargo test -p model-derive` writes the files anew: read the diff.

use std::fs;
use std::path::Path;

use super::derive;

/// The expansion of a struct, formatted.
fn expanded(input: &str) -> String {
    let input = syn::parse_str(input).expect("a golden holds one struct");
    let file = syn::parse2(derive(&input)).expect("the expansion is items");
    prettyplease::unparse(&file)
}

fn check(name: &str) {
    let goldens = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens");
    let input = fs::read_to_string(goldens.join(name).with_extension("rs")).expect("the golden exists");
    let got = expanded(&input);
    let golden = goldens.join(name).with_extension("expanded.rs");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&golden, &got).expect("the golden can be written");
    }
    let expected = fs::read_to_string(&golden).unwrap_or_default();
    assert_eq!(got, expected, "the expansion of `{name}` has changed; if it should, run the test with BLESS=1");
}

macro_rules! goldens {
    ($($name:ident)*) => {
        $(
            #[test]
            fn $name() {
                check(stringify!($name));
            }
        )*

        #[test]
        fn every_golden_is_tested() {
            let goldens = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/goldens");
            let files = fs::read_dir(goldens).expect("the goldens are there").count();
            assert_eq!(files, 2 * [$(stringify!($name)),*].len(), "an input and an expansion for each");
        }
    };
}

goldens! {
    plain tuple unit
    rename rename_all rename_all_enum skip persistent flatten transparent bound
    alias default frozen tied with
    runtime_path device_named manifest
    two_devices modules recursive generics where_clause
    enum_variants enum_plain enum_empty
    deprecated
    mistake mistake_in_bound enum_mistake
}
