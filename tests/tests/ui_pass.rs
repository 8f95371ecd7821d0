//! Programs that must compile, without a warning where they say so, and run: the legal side of the rules in `ui.rs`.
//!
//! They are modules of one program, and their `main` is the test: as programs, each would take seconds to link.

#![allow(dead_code, missing_docs, reason = "a program says itself what it must be free of")]
#![allow(
    clippy::useless_vec,
    clippy::type_complexity,
    reason = "lists and nested types are what some programs are about"
)]

use std::fs;
use std::process::Termination;

macro_rules! cases {
    ($($name:ident)*) => {
        #[path = "../ui/pass"]
        pub mod pass {
            $(pub mod $name;)*
        }

        $(
            #[test]
            fn $name() -> impl Termination {
                pass::$name::main()
            }
        )*

        #[test]
        fn every_program_is_run() {
            let mut files: Vec<_> = fs::read_dir("ui/pass")
                .expect("the folder is there")
                .map(|entry| entry.expect("the folder can be read").file_name().into_string().expect("a name in ASCII"))
                .filter(|name| name.ends_with(".rs"))
                .collect();
            files.sort();
            assert_eq!(files, [$(concat!(stringify!($name), ".rs")),*], "list the programs by name in `cases!`");
        }
    };
}

cases! {
    attribute_alias
    attribute_default
    attribute_frozen
    attribute_tied
    attribute_tied_on_two_devices
    attribute_with
    batch_struct
    beside_other_derives
    borrowed_text
    cache
    candle_doors
    closures_and_loops
    configuration
    declared_model
    deprecated
    devices_of_another_machine
    enum_in_a_macro
    enums
    generated_names
    generics
    helper_attention
    helper_functions
    helper_labels
    helper_lists
    helper_masks
    helper_tensors
    hidden_state
    input_moved
    inside_a_function
    inside_a_macro
    keys
    lints
    manifest_every_kind_of_field
    manifest_generic_types
    modules
    moved_after_training
    moved_model
    no_prelude
    optional_mask
    raw_identifiers
    recursion
    renamed_crate
    run_time_device
    same_device_by_parameter
    shadowed_names
    slots
    split_model
    trait_objects
    two_devices
    two_devices_in_sequence
    two_models
    variants_of_the_prelude
    where_clauses
    written_bounds
}
