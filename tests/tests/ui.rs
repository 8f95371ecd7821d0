//! Programs that must not compile, with what the compiler says to each, and programs that must.
//!
//! A folder of `ui` is a rule, a file in it is one way to break the rule. `TRYBUILD=overwrite cargo test -p tests --test
//! ui` writes the `.stderr` files anew: read the diff as someone who makes the mistake.

use std::process::Command;

/// The release whose messages the `.stderr` files hold. Another one words its own part of them differently.
const BLESSED: &str = "rustc 1.95.";

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

#[test]
fn a_mistake_is_one_error_that_says_what_to_write() {
    if !is_blessed() {
        return;
    }
    let cases = trybuild::TestCases::new();
    for rule in ["attribute", "bound", "field", "forward", "item", "loading", "moving", "operation", "several", "variant"] {
        cases.compile_fail(format!("ui/{rule}/*.rs"));
    }
}

#[test]
fn what_is_right_compiles_and_runs() {
    trybuild::TestCases::new().pass("ui/pass/*.rs");
}
