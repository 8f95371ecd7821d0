//! Shows the whole path.
fn main() {}
