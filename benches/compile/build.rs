//! Makes modules of this crate out of the derive's sources, those that its `lib.rs` names: a proc-macro crate exports no
//! functions to count lines with.

use std::path::Path;
use std::{env, fs, io};

fn main() -> io::Result<()> {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../model-derive/src").canonicalize()?;
    println!("cargo::rerun-if-changed={}", sources.display());
    let out = Path::new(&env::var("OUT_DIR").expect("cargo sets it")).join("derive");
    let lib = fs::read_to_string(sources.join("lib.rs"))?;
    let mut modules = String::new();
    for name in lib.lines().filter_map(|line| line.strip_prefix("mod ")?.strip_suffix(';')) {
        // A module with a `path` looks for its own modules beside itself: each gets a folder, and is its `mod.rs`.
        let folder = out.join(name);
        fs::create_dir_all(&folder)?;
        let (file, parts) = (sources.join(name).with_extension("rs"), sources.join(name));
        if file.exists() {
            fs::copy(file, folder.join("mod.rs"))?;
        }
        if parts.exists() {
            copy_all(&parts, &folder)?;
        }
        modules.push_str(&format!("#[path = {:?}]\nmod {name};\n", folder.join("mod.rs")));
    }
    fs::write(out.join("modules.rs"), modules)
}

fn copy_all(from: &Path, to: &Path) -> io::Result<()> {
    fs::create_dir_all(to)?;
    for entry in fs::read_dir(from)? {
        let entry = entry?;
        let (path, copy) = (entry.path(), to.join(entry.file_name()));
        if path.is_dir() {
            copy_all(&path, &copy)?;
        } else {
            fs::copy(path, copy)?;
        }
    }
    Ok(())
}
