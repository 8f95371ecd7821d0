//! Programs that must not compile, with what the compiler says to each. Those that must are in `ui_pass.rs`.
//!
//! A folder of `ui` is a rule, a file in it is one way to break the rule. `TRYBUILD=overwrite cargo test -p tests --test
//! ui` writes the `.stderr` files anew: read the diff as someone who makes the mistake.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

/// The release whose messages the `.stderr` files hold. Another one words its own part of them differently.
const BLESSED: &str = "rustc 1.95.";

/// The rule whose cases are several mistakes, or one that the compiler itself reports more than once.
const SEVERAL: &str = "several";

/// What no message shows: private names, and code that is not the user's.
const PRIVATE: [&str; 5] = ["Placement>::First", "__P", "__private", "/rustc/", "$CARGO"];

/// Messages that show some of it all the same: below our text, rustc prints what generated code asked for as it is.
const EXCEPTIONS: [&str; 7] = [
    "field/alias_in_another_order",
    "field/persistent_on_a_layer",
    "field/persistent_on_a_parameter",
    "field/persistent_on_a_tensor",
    "several/attributes_and_types_at_once",
    "several/every_field_that_is_no_module",
    "variant/persistent_on_a_parameter",
];

/// Whether the messages can be compared; says so if not.
#[expect(clippy::print_stderr, reason = "a test that is left out says why")]
fn is_blessed() -> bool {
    let rustc = std::env::var_os("RUSTC").unwrap_or_else(|| "rustc".into());
    let output = Command::new(rustc).arg("-V").output().expect("rustc runs");
    let version = String::from_utf8_lossy(&output.stdout);
    let blessed = version.starts_with(BLESSED);
    if !blessed {
        eprintln!("ignored: the messages are those of {BLESSED}x, this is {version}");
    }
    blessed
}

/// What is in a folder, sorted.
fn entries(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("the folder is there");
    let mut entries: Vec<_> = entries.map(|entry| entry.expect("the folder can be read").path()).collect();
    entries.sort();
    entries
}

/// The folders of programs that must not compile.
fn rules() -> Vec<PathBuf> {
    let mut rules = entries(Path::new("ui"));
    rules.retain(|rule| !rule.ends_with("pass"));
    rules
}

/// The programs of a rule.
fn cases(rule: &Path) -> Vec<PathBuf> {
    let mut cases = entries(rule);
    cases.retain(|case| case.extension().is_some_and(|extension| extension == "rs"));
    cases
}

/// No case passes here, and so what is run is `cargo check`: a manifest that does not fit is one of its errors.
#[test]
fn a_mistake_is_one_error_that_says_what_to_write() {
    if !is_blessed() {
        return;
    }
    let tests = trybuild::TestCases::new();
    for rule in rules() {
        tests.compile_fail(rule.join("*.rs"));
    }
}

#[test]
fn a_message_is_one_error_in_the_words_of_the_user() {
    let mut bad = Vec::new();
    for rule in rules() {
        let cases = cases(&rule);
        assert!(!cases.is_empty(), "{} has no case", rule.display());
        for case in cases {
            let text = fs::read_to_string(case.with_extension("stderr")).expect("a case has its message");
            let errors = text.lines().filter(|line| line.starts_with("error")).count();
            if errors != 1 && !(errors > 1 && rule.ends_with(SEVERAL)) {
                bad.push(format!("{}: {errors} errors", case.display()));
            }
            let excepted = EXCEPTIONS.iter().any(|name| case.with_extension("").ends_with(name));
            let private = PRIVATE.iter().filter(|private| text.contains(**private));
            bad.extend(private.filter(|_| !excepted).map(|private| format!("{}: {private}", case.display())));
        }
    }
    assert!(bad.is_empty(), "{bad:#?}");
}

#[test]
fn every_message_belongs_to_a_case() {
    for rule in rules() {
        for file in entries(&rule) {
            assert!(file.with_extension("rs").exists(), "{} has no case", file.display());
        }
    }
}
