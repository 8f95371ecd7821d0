//! What `torch.load(weights_only=True)` refuses: what is read of it here, and that the messages say as much as PyTorch's.

use std::fs;
use std::path::{Path, PathBuf};

use model_runtime::checkpoint::{Format, Value};
use model_runtime::prelude::*;

#[derive(Module, Debug)]
struct Net<D: Device> {
    weight: Param<D>,
    bias: Param<D>,
}

fn net() -> Net<Meta> {
    Net { weight: Param::new(2, init::ZERO), bias: Param::new(1, init::ZERO) }
}

fn fixture(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/pytorch").join(name)
}

fn open(name: &str) -> Checkpoint {
    Checkpoint::open(fixture(name)).unwrap_or_else(|error| panic!("{error}"))
}

fn state(name: &str) -> StateDict {
    open(name).state_dict().unwrap_or_else(|error| panic!("{error}"))
}

/// What PyTorch says of a file.
fn pytorch(name: &str) -> String {
    let table = fs::read_to_string(fixture("refused.json")).expect("the fixture");
    let table: serde_json::Value = serde_json::from_str(&table).expect("JSON");
    table[name].as_str().expect("a message").to_owned()
}

fn values(net: &Net<Cpu>) -> (Vec<f32>, Vec<f32>) {
    (net.weight.to_vec1().expect("floats"), net.bias.to_vec1().expect("floats"))
}

/// A legacy stream of this pickle.
fn stream(pickle: &[u8]) -> Vec<u8> {
    let head = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}.".as_slice();
    [head, pickle, b"\x80\x02].".as_slice()].concat()
}

#[test]
fn a_call_of_a_foreign_function_is_named_with_its_key_and_never_made() {
    assert!(pytorch("print.pt").contains("Unsupported global: GLOBAL print was not an allowed global"));
    let file = open("print.pt");
    assert!(file.unsafe_globals().eq(["builtins.print"]));
    let error = net().load_state_dict(&state("print.pt"), Cpu).expect_err("an extra key").to_string();
    assert!(error.contains("print.pt: 2 of the model's 2 keys match"), "{error}");
    let expected =
        "Unexpected key(s) in state_dict:\n    \"hook\", no tensor but a call of `builtins.print`, which is not made";
    assert!(error.contains(expected), "{error}");
    // As `torch.load` goes on once the global is allowed.
    let options = LoadOptions::new().except("hook");
    let (loaded, _) = net().load_state_dict_with(&state("print.pt"), Cpu, &options).expect("the rest");
    assert_eq!(values(&loaded), (vec![1.0, 2.0], vec![3.0]));
    let Some(Value::Opaque(call)) = file.root().get("hook") else { panic!("{}", file.root()) };
    assert_eq!((call.global(), call.args().as_list()), ("builtins.print", Some([Value::from("called")].as_slice())));
}

#[test]
fn a_key_of_the_model_whose_entry_is_no_tensor_is_not_missing_and_always_an_error() {
    let message = pytorch("no_tensor.pt");
    assert!(message.contains("parameter named \"weight\", expected torch.Tensor or Tensor-like object"), "{message}");
    assert!(message.contains("received <class 'list'>") && message.contains("received <class 'int'>"), "{message}");
    let expected = "Size or dtype mismatch:\n    weight, expected: a tensor of shape [2], got: a value of type `list`\n    \
                    bias, expected: a tensor of shape [1], got: a value of type `int`";
    for options in [LoadOptions::new(), LoadOptions::new().strict(false)] {
        let error = net().load_state_dict_with(&state("no_tensor.pt"), Cpu, &options).expect_err("no tensors");
        let error = error.to_string();
        assert!(error.contains(expected) && !error.contains("Missing key"), "{error}");
    }
    let error = net().load_state_dict(&state("no_tensor.pt"), Cpu).expect_err("no tensors").to_string();
    assert!(error.contains("Unexpected key(s) in state_dict:\n    \"x\"\n    \"y\"\n    \"z\"\n"), "{error}");
    let options = LoadOptions::new().strict(false).except("weight").except("bias");
    let error = net().load_state_dict_with(&state("no_tensor.pt"), Cpu, &options).map(drop);
    let error = error.expect_err("a model without values").to_string();
    assert!(!error.contains("mismatch"), "{error}");
}

#[test]
fn a_pickle_of_protocol_5_is_read_and_what_no_pickle_of_pytorch_has_is_named_with_its_place() {
    assert!(pytorch("protocol_5.pt").contains("Unsupported operand 149"));
    let loaded = net().load_state_dict(&state("protocol_5.pt"), Cpu).expect("a state dict");
    assert_eq!(values(&loaded), (vec![1.0, 2.0], vec![3.0]));
    for (pickle, expected) in [
        (b"\x80\x02\xa7.".as_slice(), "byte 2: not a pickle opcode, got: 0xa7"),
        (b"\x80\x06N.", "byte 0 (PROTO): the pickle protocol is unknown, expected: at most 5, got: 6"),
        (b"\x80\x05\x97.", "byte 2 (NEXT_BUFFER): a buffer outside of the pickle"),
        (b"\x80\x02\x82\x01.", "byte 2 (EXT1): a class from the extension registry"),
    ] {
        let error = Checkpoint::from_bytes(stream(pickle)).expect_err("an opcode").to_string();
        assert!(error.starts_with("<bytes>: object (pickle at offset 25): ") && error.contains(expected), "{error}");
    }
}

#[test]
fn a_torchscript_archive_is_told_to_be_one_and_gives_its_tensors() {
    assert!(pytorch("../modules/script.pt").contains("Cannot use ``weights_only=True`` with TorchScript archives"));
    let file = open("../modules/script.pt");
    assert_eq!((file.format(), file.format().to_string().as_str()), (Format::TorchScript, "TorchScript archive"));
    assert_eq!(file.state_dict().expect("its tensors").len(), 15);
    let error = file.get("forward").expect_err("its code is not read").to_string();
    assert!(error.contains("script.pt: there is no entry `forward`") && error.contains("expected: one of"), "{error}");
}
