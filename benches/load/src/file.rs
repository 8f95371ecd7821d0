//! The measured files: what is in them, and where they are.

use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::Result;

/// The container of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Format {
    Zip,
    Legacy,
    Safetensors,
    /// Several safetensors files and an index.
    Sharded,
}

/// The dtypes of a file.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Floats {
    F32,
    BF16,
    /// Matrices of `bf16`, vectors of `f32`.
    Mixed,
}

/// The tensors of a file.
#[derive(Clone, Copy, Debug)]
pub enum Layout {
    /// Those of PyTorch's GPT-2 with 124 million parameters: 148, without the head, which is the embedding.
    Gpt2(Floats),
    /// So many of one shape, in `f32`.
    Uniform { count: usize, shape: [usize; 2] },
}

/// A measured file.
#[derive(Debug)]
pub struct File {
    pub id: &'static str,
    /// What the tables call it.
    pub says: &'static str,
    pub format: Format,
    pub layout: Layout,
}

/// A tensor of a file.
#[derive(Clone, Debug, Serialize)]
pub struct Entry {
    pub name: String,
    pub shape: Vec<usize>,
    /// As PyTorch names it.
    pub dtype: &'static str,
}

pub const VOCABULARY: usize = 50_257;
pub const POSITIONS: usize = 1024;
pub const WIDTH: usize = 768;
pub const LAYERS: usize = 12;

/// All files that can be measured.
pub const FILES: &[File] = &[
    file("gpt2", "GPT-2, f32, `.pt`, 498 MB", Format::Zip, Layout::Gpt2(Floats::F32)),
    file("gpt2-safetensors", "GPT-2, f32, safetensors", Format::Safetensors, Layout::Gpt2(Floats::F32)),
    file("gpt2-sharded", "GPT-2, f32, safetensors in shards", Format::Sharded, Layout::Gpt2(Floats::F32)),
    file("gpt2-legacy", "GPT-2, f32, legacy `.pt`", Format::Legacy, Layout::Gpt2(Floats::F32)),
    file("gpt2-bf16", "GPT-2, bf16, `.pt`, 249 MB", Format::Zip, Layout::Gpt2(Floats::BF16)),
    file("gpt2-mixed", "GPT-2, bf16 and f32, `.pt`", Format::Zip, Layout::Gpt2(Floats::Mixed)),
    file("1mb", "16 tensors, 1 MB, `.pt`", Format::Zip, uniform(16, [128, 128])),
    file("100mb", "25 tensors, 100 MB, `.pt`", Format::Zip, uniform(25, [1000, 1000])),
    file("2gb", "12 tensors, 2.4 GB, `.pt`", Format::Zip, uniform(12, [5000, 10_000])),
    file("many-1000", "1 000 tensors of 4 KB, `.pt`", Format::Zip, uniform(1000, [32, 32])),
    file("many-3000", "3 000 tensors of 4 KB, `.pt`", Format::Zip, uniform(3000, [32, 32])),
    file("many-10000", "10 000 tensors of 4 KB, `.pt`", Format::Zip, uniform(10_000, [32, 32])),
    file("many-safetensors", "10 000 tensors of 4 KB, safetensors", Format::Safetensors, uniform(10_000, [32, 32])),
];

const fn file(id: &'static str, says: &'static str, format: Format, layout: Layout) -> File {
    File { id, says, format, layout }
}

const fn uniform(count: usize, shape: [usize; 2]) -> Layout {
    Layout::Uniform { count, shape }
}

impl File {
    /// The file of that name.
    pub fn of_id(id: &str) -> Result<&'static Self> {
        let known = || FILES.iter().map(|file| file.id).collect::<Vec<_>>().join(", ");
        FILES
            .iter()
            .find(|file| file.id == id)
            .ok_or_else(|| format!("no file `{id}`, expected one of {}", known()).into())
    }

    /// Its tensors, in order.
    pub fn entries(&self) -> Vec<Entry> {
        match self.layout {
            Layout::Gpt2(floats) => gpt2(floats),
            Layout::Uniform { count, shape } => (0..count)
                .map(|index| Entry { name: format!("tensors.{index}"), shape: shape.to_vec(), dtype: "float32" })
                .collect(),
        }
    }

    /// The bytes of its tensors.
    pub fn weights(&self) -> usize {
        self.entries().iter().map(Entry::bytes).sum()
    }

    /// The folder that it is in.
    pub fn folder(&self, cache: &Path) -> PathBuf {
        cache.join(self.id)
    }

    /// What is opened.
    pub fn path(&self, cache: &Path) -> PathBuf {
        self.folder(cache).join(match self.format {
            Format::Zip | Format::Legacy => "model.pt",
            Format::Safetensors => "model.safetensors",
            Format::Sharded => "model.safetensors.index.json",
        })
    }

    /// The files that hold the tensors.
    pub fn parts(&self, cache: &Path) -> Result<Vec<PathBuf>> {
        if self.format != Format::Sharded {
            return Ok(vec![self.path(cache)]);
        }
        let mut parts = Vec::new();
        for entry in std::fs::read_dir(self.folder(cache))? {
            let path = entry?.path();
            if path.extension().is_some_and(|extension| extension == "safetensors") {
                parts.push(path);
            }
        }
        parts.sort();
        Ok(parts)
    }
}

impl Entry {
    /// The bytes of its elements.
    pub fn bytes(&self) -> usize {
        let size = if self.dtype == "bfloat16" { 2 } else { 4 };
        self.shape.iter().product::<usize>() * size
    }
}

fn gpt2(floats: Floats) -> Vec<Entry> {
    let mut entries = Vec::new();
    let mut tensor = |name: String, shape: &[usize]| {
        let is_bf16 = floats == Floats::BF16 || floats == Floats::Mixed && shape.len() == 2;
        let dtype = if is_bf16 { "bfloat16" } else { "float32" };
        entries.push(Entry { name: format!("transformer.{name}"), shape: shape.to_vec(), dtype });
    };
    tensor("wte.weight".to_owned(), &[VOCABULARY, WIDTH]);
    tensor("wpe.weight".to_owned(), &[POSITIONS, WIDTH]);
    for layer in 0..LAYERS {
        // `Conv1D` has its weights as (in, out).
        let parts: [(&str, &[usize]); 6] = [
            ("ln_1", &[WIDTH]),
            ("attn.c_attn", &[WIDTH, 3 * WIDTH]),
            ("attn.c_proj", &[WIDTH, WIDTH]),
            ("ln_2", &[WIDTH]),
            ("mlp.c_fc", &[WIDTH, 4 * WIDTH]),
            ("mlp.c_proj", &[4 * WIDTH, WIDTH]),
        ];
        for (part, shape) in parts {
            tensor(format!("h.{layer}.{part}.weight"), shape);
            tensor(format!("h.{layer}.{part}.bias"), &shape[shape.len() - 1..]);
        }
    }
    tensor("ln_f.weight".to_owned(), &[WIDTH]);
    tensor("ln_f.bias".to_owned(), &[WIDTH]);
    entries
}
