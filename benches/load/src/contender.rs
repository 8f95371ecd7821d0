//! Who is measured: what the tables call them, what they make of a file, and which files they read.

use crate::file::Format;

/// Where it runs.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Language {
    Rust,
    Python,
}

/// One way to load a file.
#[derive(Debug)]
pub struct Contender {
    pub id: &'static str,
    pub says: &'static str,
    /// What it makes of a file.
    pub gives: &'static str,
    pub language: Language,
    pub formats: &'static [Format],
}

use Format::{Legacy, Safetensors, Sharded, Zip};
use Language::{Python, Rust};

/// All of them, in the order of the tables.
pub const CONTENDERS: &[Contender] = &[
    rust("ours-mapped", "**ours, mapped**", "derived struct over the file", &[Zip, Legacy, Safetensors, Sharded]),
    rust("ours-copied", "**ours, copied**", "derived struct", &[Zip, Legacy, Safetensors, Sharded]),
    rust("candle-read-all", "candle `pickle::read_all`", "candle tensors", &[Zip]),
    rust("candle-from-pth", "candle `VarBuilder::from_pth`", "candle tensors", &[Zip]),
    rust("candle-safetensors", "candle `from_mmaped_safetensors`", "candle tensors, copied", &[Safetensors, Sharded]),
    rust("burn", "burn-store", "burn tensors (flex)", &[Zip, Legacy, Safetensors]),
    rust("pytorch-reader", "pytorch-reader", "candle tensors", &[Zip, Legacy]),
    python("torch-load", "`torch.load`", "torch tensors", &[Zip, Legacy]),
    python("torch-load-mmap", "`torch.load(mmap=True)`", "torch tensors over the file", &[Zip]),
    python("load-file", "`safetensors.torch.load_file`", "torch tensors over the file", &[Safetensors, Sharded]),
    rust("floor", "parallel reads, the floor", "bytes", &[Zip, Legacy, Safetensors]),
];

const fn rust(id: &'static str, says: &'static str, gives: &'static str, formats: &'static [Format]) -> Contender {
    Contender { id, says, gives, language: Rust, formats }
}

const fn python(id: &'static str, says: &'static str, gives: &'static str, formats: &'static [Format]) -> Contender {
    Contender { id, says, gives, language: Python, formats }
}

/// The contenders of these names, in this order.
///
/// # Panics
///
/// There is none of one of the names, which are constants of this program.
pub fn named(ids: &[&str]) -> Vec<&'static Contender> {
    let named =
        |id: &&str| CONTENDERS.iter().find(|contender| contender.id == *id).expect("a contender of this program");
    ids.iter().map(named).collect()
}
