//! The code of a TorchScript archive, of which only the lists of parameters and buffers are read.

use super::archive::Archive;
use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::scripted::{Scripted, ScriptedModule};
use crate::checkpoint::source::Source;

/// Bytes of one file of code; that of a large network has a few hundred kilobytes.
const CODE_BYTES: u64 = 16 << 20;

/// The module classes in `code/**.py`. A file `code/__torch__/a/b.py` holds the classes `__torch__.a.b.*`:
///
/// ```text
/// class Linear(Module):
///   __parameters__ = ["weight", "bias", ]
///   __buffers__ = []
/// ```
pub(super) fn modules(archive: &Archive, source: &Source) -> Result<Scripted> {
    let mut scripted = Scripted::default();
    let mut files: Vec<_> = archive.names().filter(|(name, _)| is_code(name)).collect();
    files.sort_unstable_by_key(|(name, _)| *name);
    for (name, record) in files {
        let named = |error: CheckpointError| error.at(format_args!("`{name}`"));
        if record.len > CODE_BYTES {
            let error =
                CheckpointError::damaged("a file of code is too long").got(format_args!("{} bytes", record.len));
            return Err(named(error.expected(format_args!("at most {CODE_BYTES} bytes"))));
        }
        let code = String::from_utf8(record.read(source).map_err(named)?)
            .map_err(|_| named(CheckpointError::damaged("the code is not UTF-8")))?;
        let package = name.trim_start_matches("code/").trim_end_matches(".py").replace('/', ".");
        read_classes(&package, &code, &mut scripted).map_err(named)?;
    }
    Ok(scripted)
}

fn is_code(name: &str) -> bool {
    name.starts_with("code/") && name.ends_with(".py")
}

fn read_classes(package: &str, code: &str, scripted: &mut Scripted) -> Result<()> {
    let mut lines = code.lines().peekable();
    while let Some(line) = lines.next() {
        let Some(class) = line.strip_prefix("class ").and_then(|rest| rest.strip_suffix("(Module):")) else { continue };
        let mut module = ScriptedModule::default();
        // The lists come first; the first attribute, constant or method ends them.
        while let Some(line) = lines.next_if(|line| line.starts_with("  __")) {
            let (name, list) = line.trim().split_once(" = ").unwrap_or_default();
            match name {
                "__parameters__" => module.parameters = names(list)?,
                "__buffers__" => module.buffers = names(list)?,
                _ => {}
            }
        }
        if !scripted.insert(format!("{package}.{class}"), module) {
            return Err(CheckpointError::damaged("a class is there twice").got(format_args!("`{class}`")));
        }
    }
    Ok(())
}

/// `["weight", "bias", ]`.
fn names(list: &str) -> Result<Vec<String>> {
    let malformed = || CheckpointError::damaged("a list of parameters is malformed").got(format_args!("`{list}`"));
    let inner = list.strip_prefix('[').and_then(|rest| rest.strip_suffix(']')).ok_or_else(malformed)?;
    let quoted = |name: &str| Some(name.strip_prefix('"')?.strip_suffix('"')?.to_owned());
    let items = inner.split(',').map(str::trim).filter(|name| !name.is_empty());
    items.map(|name| quoted(name).ok_or_else(malformed)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_lists_of_a_class_are_read_and_nothing_else() {
        let code = "class A(Module):\n  __parameters__ = [\"w\", \"b\", ]\n  __buffers__ = []\n  __annotations__[\"0\"] = x\n  \
                    w : Tensor\n  def forward(self) -> Tensor:\n    return self.w\nclass B(NamedTuple):\n  x : Tensor\n\
                    class C(Module):\n  __parameters__ = []\n  __buffers__ = [\"n\", ]\n";
        let mut scripted = Scripted::default();
        read_classes("__torch__.a", code, &mut scripted).unwrap();
        let module = scripted.get("__torch__.a.A").unwrap();
        assert_eq!(
            (module.parameters.as_slice(), module.buffers.len()),
            (["w".to_owned(), "b".to_owned()].as_slice(), 0)
        );
        assert_eq!(scripted.get("__torch__.a.C").unwrap().buffers, ["n"]);
        assert!(scripted.get("__torch__.a.B").is_none());
        assert!(read_classes("__torch__.a", code, &mut scripted).unwrap_err().to_string().contains("there twice"));
        assert!(names("[w]").is_err());
    }
}
