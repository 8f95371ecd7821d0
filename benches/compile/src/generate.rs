//! The measured crates: structs with each set of derives, and programs that use them on one to three devices.

use std::fmt::Write;
use std::path::Path;
use std::{fs, io};

/// Structs of a crate.
pub const STRUCTS: usize = 30;

/// Fields of a struct.
pub const FIELDS: usize = 10;

/// Keys of the manifests.
pub const KEYS: [usize; 2] = [2_000, 10_000];

/// The derives of the structs.
#[derive(Clone, Copy, PartialEq)]
pub enum Traits {
    None,
    Module,
    Serde,
}

/// What is on a device in a struct: the type of each such field. Two more are a number and an `Option` of one.
const PARTS: [&str; FIELDS] = [
    "Linear<D>",
    "LayerNorm<D>",
    "Vec<Linear<D>>",
    "Option<Linear<D>>",
    "usize",
    "Embedding<D>",
    "Param<D>",
    "f64",
    "Linear<D>",
    "Linear<D>",
];

/// The structs alone.
pub fn structs(traits: Traits) -> String {
    let derive = match traits {
        Traits::None => "",
        Traits::Module => "#[derive(Module)]\n",
        Traits::Serde => "#[derive(Serialize, Deserialize)]\n#[serde(bound = \"\")]\n",
    };
    let mut source = String::new();
    for index in 0..STRUCTS {
        let fields: String =
            PARTS.iter().enumerate().map(|(field, part)| format!("    pub f{field}: {part},\n")).collect();
        writeln!(source, "{derive}pub struct Block{index}<D: Device> {{\n{fields}}}\n").expect("a string takes all");
    }
    source
}

/// A model of so many keys, in layers of twenty, compared with a manifest of them or not.
pub fn model_of_keys(is_compared: bool) -> String {
    let manifest = if is_compared { "#[module(manifest = \"net.manifest\")]\n" } else { "" };
    let parts: String = LAYER.iter().map(|name| format!("    {name}: Linear<D>,\n")).collect();
    format!(
        "#![allow(dead_code)]\nuse model_runtime::prelude::*;\n\n#[derive(Module)]\nstruct Layer<D: Device> {{\n{parts}}}\n
#[derive(Module)]\nstruct Encoder<D: Device> {{\n    layer: Vec<Layer<D>>,\n}}\n
#[derive(Module)]\n{manifest}struct Net<D: Device> {{\n    encoder: Encoder<D>,\n}}\n"
    )
}

/// The manifest of [`model_of_keys`].
pub fn manifest(keys: usize) -> String {
    let mut text = String::from("manifest 1\n");
    for layer in 0..keys / (2 * LAYER.len()) {
        for name in LAYER {
            let key = format!("encoder.layer.{layer}.{name}");
            writeln!(text, "{key}.weight float32 [768, 768]\n{key}.bias float32 [768]").expect("a string takes all");
        }
    }
    text
}

/// The parts of a layer, each with two keys.
const LAYER: [&str; 10] = [
    "attention_query",
    "attention_key",
    "attention_value",
    "attention_output_dense",
    "attention_output_layer_norm",
    "intermediate_dense",
    "output_dense",
    "output_layer_norm",
    "adapter_down",
    "adapter_up",
];

/// Writes a workspace with all crates.
pub fn workspace(root: &Path) -> io::Result<()> {
    let runtime = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../model-runtime").canonicalize()?;
    write(root, "Cargo.toml", WORKSPACE)?;
    // The versions that this repository tests.
    fs::copy(runtime.join("../Cargo.lock"), root.join("Cargo.lock"))?;

    let runtime = format!("model-runtime = {{ path = {runtime:?} }}\n");
    crate_(root, "parts", &format!("{runtime}serde = \"1\"\n"), "src/lib.rs", &parts())?;
    let dependencies =
        format!("{runtime}parts = {{ path = \"../parts\" }}\nserde = {{ version = \"1\", features = [\"derive\"] }}\n");
    for (name, traits) in
        [("check-none", Traits::None), ("check-module", Traits::Module), ("check-serde", Traits::Serde)]
    {
        crate_(root, name, &dependencies, "src/lib.rs", &format!("{HEADER}{}", structs(traits)))?;
    }
    for keys in KEYS {
        let name = format!("manifest-{keys}");
        crate_(root, &name, &runtime, "src/lib.rs", &model_of_keys(true))?;
        write(&root.join(name).join("src"), "net.manifest", &manifest(keys))?;
    }
    crate_(root, "manifest-none", &runtime, "src/lib.rs", &model_of_keys(false))?;
    for devices in 1..=3 {
        crate_(root, &format!("devices-{devices}"), &runtime, "src/main.rs", &program(devices))?;
    }
    Ok(())
}

/// Nothing is optimised out of proportion: the programs are built as a user's are, and stripped to compare their sizes.
const WORKSPACE: &str = r#"[workspace]
members = ["parts", "check-none", "check-module", "check-serde", "devices-1", "devices-2", "devices-3", "manifest-none", "manifest-2000", "manifest-10000"]
resolver = "3"

[profile.dev.package."*"]
opt-level = 2
debug = false

[profile.dev]
debug = "line-tables-only"
strip = "symbols"

[profile.release]
strip = "symbols"
"#;

const HEADER: &str = "#![allow(unused_imports)]\nuse model_runtime::{Device, Module};\nuse parts::*;\nuse serde::{Deserialize, Serialize};\n\n";

/// The types of the fields, with both sets of traits: modules are moved, serde's are sequences of nothing.
fn parts() -> String {
    let mut source = String::from(
        "use model_runtime::{Device, Module};\nuse serde::{Deserialize, Deserializer, Serialize, Serializer};\n",
    );
    for name in ["Linear", "LayerNorm", "Embedding", "Param"] {
        write!(
            source,
            "
#[derive(Module)]
pub struct {name}<D: Device> {{
    pub weight: model_runtime::Param<D>,
}}

impl<D: Device> Serialize for {name}<D> {{
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {{
        serializer.serialize_unit()
    }}
}}

impl<'de, D: Device> Deserialize<'de> for {name}<D> {{
    fn deserialize<E: Deserializer<'de>>(_: E) -> Result<Self, E::Error> {{
        Err(serde::de::Error::custom(\"not measured\"))
    }}
}}
"
        )
        .expect("a string takes all");
    }
    source
}

/// A program that initialises, moves, calls and saves the model on each of so many devices.
fn program(devices: usize) -> String {
    let mut source = format!("use model_runtime::prelude::*;\n\ndevice_slot!(Slot);\n\n{}", structs(Traits::Module));
    for index in 0..STRUCTS {
        write!(source, "{}", BLOCK.replace("Block", &format!("Block{index}"))).expect("a string takes all");
    }
    let fields: String = (0..STRUCTS).map(|index| format!("    block{index}: Block{index}<D>,\n")).collect();
    let new: String = (0..STRUCTS).map(|index| format!("block{index}: Block{index}::new(), ")).collect();
    let calls: String =
        (0..STRUCTS).map(|index| format!("        let x = self.block{index}.forward(&x)?;\n")).collect();
    let runs: String = ["Cpu", "Auto", "Slot"][..devices].iter().map(|tag| format!("    run({tag})?;\n")).collect();
    write!(
        source,
        "
#[derive(Module)]
struct Net<D: Device> {{
{fields}}}

impl<D: Compute> Forward<&Tensor<D>> for Net<D> {{
    type Output = Tensor<D>;
    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {{
        let x = x.clone();
{calls}        Ok(x)
    }}
}}

fn run<D: Compute>(device: D) -> Result<()> {{
    let net = Net {{ {new}}};
    let net = net.init_seeded(device, 0)?;
    let state = net.state_dict()?;
    let net = net.load_state_dict(&state, device)?;
    let y = net.forward(&Tensor::zeros((2, 8), DType::F32, device)?)?;
    println!(\"{{}} {{}}\", net.num_parameters(), y.sum_all()?.to_scalar::<f32>()?);
    Ok(())
}}

fn main() -> Result<()> {{
    Slot::select(\"cpu\")?;
{runs}    Ok(())
}}
"
    )
    .expect("a string takes all");
    source
}

/// What a user writes beside a struct: a constructor and `forward`.
const BLOCK: &str = "
impl Block<Meta> {
    fn new() -> Self {
        Self {
            f0: Linear::new(8, 8),
            f1: LayerNorm::new(8),
            f2: vec![Linear::new(8, 8), Linear::new(8, 8)],
            f3: Some(Linear::new(8, 8)),
            f4: 2,
            f5: Embedding::new(4, 8),
            f6: Param::new(8, init::ONE),
            f7: 0.5,
            f8: Linear::new(8, 8),
            f9: Linear::new(8, 8),
        }
    }
}

impl<D: Compute> Forward<&Tensor<D>> for Block<D> {
    type Output = Tensor<D>;
    fn forward(&self, x: &Tensor<D>) -> Result<Tensor<D>> {
        let mut h = self.f1.forward(&self.f0.forward(x)?)?;
        for layer in &self.f2 {
            h = layer.forward(&h)?.relu()?;
        }
        if let Some(layer) = &self.f3 {
            h = (h + layer.forward(x)?)?;
        }
        let positions = Tensor::arange(0u32, self.f4 as u32, x.device())?;
        let h = (h + self.f5.forward(&positions)?)?.broadcast_mul(&self.f6)?;
        let h = self.f9.forward(&self.f8.forward(&h)?.gelu()?)?;
        (h * self.f7)? + x
    }
}
";

fn crate_(root: &Path, name: &str, dependencies: &str, file: &str, source: &str) -> io::Result<()> {
    let manifest = format!(
        "[package]\nname = \"{name}\"\nversion = \"0.0.0\"\nedition = \"2024\"\npublish = false\n\n[dependencies]\n{dependencies}"
    );
    write(&root.join(name), "Cargo.toml", &manifest)?;
    write(&root.join(name), file, source)
}

fn write(folder: &Path, file: &str, contents: &str) -> io::Result<()> {
    let path = folder.join(file);
    fs::create_dir_all(path.parent().unwrap_or(folder))?;
    fs::write(path, contents)
}
