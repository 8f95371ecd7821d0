//! Whose memory a loaded model has: its own.

use candle_core::DType;
use model_runtime::prelude::*;

use super::{Net, values};

#[derive(Module, Debug)]
struct Three<D: Device> {
    a: Param<D>,
    b: Param<D>,
    c: Buffer<D>,
}

/// Two tied leaves, and one that is none of them.
#[derive(Module, Debug)]
struct Groups<D: Device> {
    a: Param<D>,
    #[module(tied = "a")]
    a_again: Param<D>,
    b: Param<D>,
}

#[derive(Module, Debug)]
struct Renamed<D: Device> {
    a: Param<D>,
    #[module(with = renamed)]
    count: Buffer<D>,
}

/// The file has the tensor under the name `file`.
mod renamed {
    use model_runtime::Result;
    use model_runtime::with::{Signature, Tensors};

    pub fn stored(field: &[Signature]) -> Result<Vec<Signature>> {
        Ok(field.iter().map(|tensor| Signature { name: "file".into(), ..tensor.clone() }).collect())
    }

    pub fn load(_field: &[Signature], file: &Tensors) -> Result<Tensors> {
        Ok(file.values().map(|tensor| (String::new(), tensor.clone())).collect())
    }

    pub fn save(field: &Tensors) -> Result<Tensors> {
        Ok(field.values().map(|tensor| ("file".into(), tensor.clone())).collect())
    }
}

/// The state dict of a file in which these keys are names of one tensor, of ones.
fn one_tensor(folder: &tempfile::TempDir, keys: [&'static str; 3]) -> StateDict {
    let weight = Param::from_tensor(Tensor::ones((4, 8), DType::F32, Cpu).unwrap());
    let c = Buffer::from_tensor(weight.tensor().clone());
    let three = Three { a: weight.clone(), b: weight, c };
    let rename = move |key: &str| keys[["a", "b", "c"].iter().position(|own| *own == key).unwrap()].to_owned();
    let path = folder.path().join("one.pt");
    three.state_dict().unwrap().rename(rename).unwrap().save(&path).unwrap();
    let state = Checkpoint::open(&path).unwrap().state_dict().unwrap();
    let ids: Vec<_> = state.iter().map(|(_, entry)| entry.storage_id()).collect();
    assert_eq!(ids, [ids[0]; 3]);
    state
}

fn declared() -> Three<Meta> {
    let param = || Param::new((4, 8), init::ZERO);
    Three { a: param(), b: param(), c: Buffer::new((4, 8), init::ZERO) }
}

/// Makes every parameter of the model zero, as a step of an optimizer would.
fn train(net: &mut impl Module) {
    net.requires_grad(true).unwrap();
    for var in net.parameters().unwrap().iter() {
        var.set(&var.zeros_like().unwrap()).unwrap();
    }
}

fn sum(tensor: &Tensor<Cpu>) -> f32 {
    values(tensor).iter().sum()
}

#[test]
fn a_loaded_model_shares_no_memory_with_the_model_it_came_from() {
    let init = Net::new().init_seeded(Cpu, 7).unwrap();
    let net = Net::new().load_state_dict(&init.state_dict().unwrap(), Cpu).unwrap();
    let before = values(&net.fc1.weight);
    for var in init.parameters().unwrap().iter() {
        var.set(&var.zeros_like().unwrap()).unwrap();
    }
    assert_eq!(values(&init.fc1.weight), [0.0; 12]);
    assert_eq!(values(&net.fc1.weight), before);
}

#[test]
fn training_changes_no_other_model_of_the_same_state_dict_nor_its_entries() {
    let folder = tempfile::tempdir().unwrap();
    let of_file = one_tensor(&folder, ["a", "b", "c"]);
    let of_memory = declared().load_state_dict(&of_file, Cpu).unwrap().state_dict().unwrap();
    for state in [of_file, of_memory] {
        let entry = state.get("a").unwrap().read().unwrap();
        let mut net = declared().load_state_dict(&state, Cpu).unwrap();
        let other = declared().load_state_dict(&state, Cpu).unwrap();
        train(&mut net);
        let later = state.get("a").unwrap().read().unwrap();
        assert_eq!([&net.a, &net.b].map(|param| sum(param)), [0.0; 2]);
        assert_eq!([&*net.c, &*other.a, &*other.b, &*other.c, &entry, &later].map(sum), [32.0; 6]);
    }
}

#[test]
fn names_of_one_tensor_that_the_model_ties_in_part_are_trained_as_it_ties_them() {
    let folder = tempfile::tempdir().unwrap();
    let state = one_tensor(&folder, ["a", "a_again", "b"]);
    let param = || Param::new((4, 8), init::ZERO);
    let mut net = Groups { a: param(), a_again: param(), b: param() }.load_state_dict(&state, Cpu).unwrap();
    net.requires_grad(true).unwrap();
    let vars = net.parameters().unwrap();
    assert_eq!(vars.len(), 2);
    vars[0].set(&vars[0].zeros_like().unwrap()).unwrap();
    assert_eq!([&net.a, &net.a_again, &net.b].map(|param| sum(param)), [0.0, 0.0, 32.0]);
}

#[test]
fn a_buffer_that_a_converter_leaves_alone_is_overwritten_alone() {
    let folder = tempfile::tempdir().unwrap();
    let state = one_tensor(&folder, ["a", "count.file", "other"]).filter(|key| key != "other");
    let declared = Renamed { a: Param::new((4, 8), init::ZERO), count: Buffer::new((4, 8), init::ZERO) };
    let net = declared.load_state_dict(&state, Cpu).unwrap();
    net.count.set(&net.count.zeros_like().unwrap()).unwrap();
    assert_eq!((sum(&net.count), sum(&net.a)), (0.0, 32.0));
}

#[test]
fn a_strided_buffer_is_not_overwritten_quietly() {
    let x = Tensor::ones((2, 3), DType::F32, Cpu).unwrap();
    let buffer = Buffer::from_tensor(x.t().unwrap());
    let error = buffer.set(&Tensor::zeros((3, 2), DType::F32, Cpu).unwrap()).unwrap_err().to_string();
    assert!(error.contains("strided view"), "{error}");
}
