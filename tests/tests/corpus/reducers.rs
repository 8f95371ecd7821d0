//! Known functions with arguments that are not theirs, and persistent ids that name no storage.

use super::formats::{beside, only};
use super::pickle::{call, dict, global, hooks, int, ints, list, pid, storage, tensor, text, tuple};
use super::{Case, read, refused};

pub fn cases() -> Vec<Case> {
    [arguments(), dtypes(), parameters(), unreadables(), plain(), ids()].into_iter().flatten().collect()
}

fn wrong(name: &str, value: Vec<u8>, text: &'static str) -> Case {
    refused(format!("reducer: {name}"), only(value), text)
}

fn rebuild(name: &str, args: &[Vec<u8>]) -> Vec<u8> {
    call("torch._utils", name, args)
}

/// The arguments of a tensor, and more.
fn full() -> [Vec<u8>; 9] {
    [storage(), int(0), ints(&[2, 3]), ints(&[3, 1]), b"\x89".to_vec(), hooks(), dict(&[]), int(1), int(2)]
}

const NOT: &str = "the arguments are not the function's";

fn arguments() -> Vec<Case> {
    let (full, not) = (full(), NOT);
    let mut cases: Vec<Case> = (0..10)
        .filter(|count| !matches!(count, 6 | 7))
        .map(|count| {
            wrong(&format!("_rebuild_tensor_v2 of {count}"), rebuild("_rebuild_tensor_v2", &full[..count.min(9)]), not)
        })
        .collect();
    for at in 0..6 {
        let mut args = full[..6].to_vec();
        args[at] = text("x");
        let what = ["no storage", "offset is out of range", "no tuple", "no tuple", not, "hooks"][at];
        let value = rebuild("_rebuild_tensor_v2", &args);
        if at == 5 {
            cases.push(super::unreadable("reducer: _rebuild_tensor_v2 with hooks", only(value), what));
        } else {
            cases.push(wrong(&format!("_rebuild_tensor_v2 with a str as argument {at}"), value, what));
        }
    }
    cases
}

fn dtypes() -> Vec<Case> {
    let (full, not) = (full(), NOT);
    let v3 = |dtype: Vec<u8>| rebuild("_rebuild_tensor_v3", &[&full[..6], &[dtype]].concat());
    vec![
        wrong("_rebuild_tensor_v3 of six", rebuild("_rebuild_tensor_v3", &full[..6]), not),
        wrong("_rebuild_tensor_v3 with a str for the dtype", v3(text("float32")), "no dtype"),
        wrong(
            "_rebuild_tensor_v3 with another dtype than its storage",
            v3(global("torch", "float64")),
            "different element types",
        ),
        super::unreadable(
            "reducer: a dtype that nobody knows",
            only(v3(global("torch", "float3"))),
            "elements of type `torch.float3`",
        ),
    ]
}

fn parameters() -> Vec<Case> {
    let (full, not) = (full(), NOT);
    vec![
        wrong("_rebuild_tensor of three", rebuild("_rebuild_tensor", &full[..3]), not),
        wrong(
            "_rebuild_parameter of a str",
            rebuild("_rebuild_parameter", &[text("x"), b"\x88".to_vec(), hooks()]),
            "no tensor",
        ),
        wrong("_rebuild_parameter of two", rebuild("_rebuild_parameter", &[tensor(), b"\x88".to_vec()]), not),
        wrong(
            "_rebuild_parameter_with_state of three",
            rebuild("_rebuild_parameter_with_state", &[tensor(), b"\x88".to_vec(), hooks()]),
            not,
        ),
        wrong("Parameter of nothing", call("torch.nn.parameter", "Parameter", &[]), not),
        wrong(
            "_rebuild_meta_tensor_no_storage of one",
            rebuild("_rebuild_meta_tensor_no_storage", &[global("torch", "float32")]),
            not,
        ),
        wrong(
            "a meta tensor of 2^120 elements",
            rebuild(
                "_rebuild_meta_tensor_no_storage",
                &[global("torch", "float32"), ints(&[1 << 60, 1 << 60]), ints(&[1 << 60, 1]), b"\x89".to_vec()],
            ),
            "overflow",
        ),
    ]
}

/// Tensors that are kept as the reason why they cannot be read.
fn unreadables() -> Vec<Case> {
    vec![
        super::unreadable("reducer: a sparse tensor", only(rebuild("_rebuild_sparse_tensor", &[])), "a sparse tensor"),
        super::unreadable("reducer: a quantised tensor", only(rebuild("_rebuild_qtensor", &[])), "a quantised tensor"),
        super::unreadable("reducer: a nested tensor", only(rebuild("_rebuild_nested_tensor", &[])), "a nested tensor"),
        super::unreadable(
            "reducer: a rebuild function that nobody knows",
            only(rebuild("_rebuild_from_the_future", &[])),
            "is not known",
        ),
        super::unreadable(
            "reducer: _rebuild_from_type_v2 in itself",
            only(call(
                "torch._tensor",
                "_rebuild_from_type_v2",
                &[
                    global("torch._tensor", "_rebuild_from_type_v2"),
                    global("torch", "Tensor"),
                    tuple(&[]),
                    b"N".to_vec(),
                ],
            )),
            "not known",
        ),
        super::unreadable(
            "reducer: _rebuild_from_type_v2 of os.system",
            only(call(
                "torch._tensor",
                "_rebuild_from_type_v2",
                &[global("os", "system"), global("torch", "Tensor"), tuple(&[text("x")]), b"N".to_vec()],
            )),
            "`os.system`",
        ),
    ]
}

/// Values that are no tensors, beside a good one.
fn plain() -> Vec<Case> {
    let with =
        |name: &str, value: Vec<u8>, text: &'static str| refused(format!("reducer: {name}"), beside(value), text);
    let not = "the arguments are not the function's";
    vec![
        with("OrderedDict of a number", call("collections", "OrderedDict", &[int(1)]), not),
        with("OrderedDict of triples", call("collections", "OrderedDict", &[list(&[ints(&[1, 2, 3])])]), not),
        with("torch.Size of two", call("torch", "Size", &[ints(&[1]), ints(&[2])]), not),
        with("torch.Size of -1", call("torch", "Size", &[ints(&[-1])]), "out of range"),
        with("torch.Size of a float", call("torch", "Size", &[b"(G\x3f\xf0\0\0\0\0\0\0t".to_vec()]), "out of range"),
        with("torch.Size of a str", call("torch", "Size", &[text("ab")]), "no tuple"),
        with("torch.device of nothing", call("torch", "device", &[]), not),
        with("torch.device of a number", call("torch", "device", &[int(1)]), not),
        with("set of a number", call("builtins", "set", &[int(1)]), not),
        with("complex of a str", call("builtins", "complex", &[text("1"), text("2")]), not),
        with("bytearray of a number (a bomb in Python)", call("builtins", "bytearray", &[int(1 << 40)]), not),
        with("_codecs.encode of a number", call("_codecs", "encode", &[int(1), text("latin1")]), not),
        with(
            "_codecs.encode of other characters",
            call("_codecs", "encode", &[text("ключ"), text("latin1")]),
            "not latin-1",
        ),
        with("appending to an OrderedDict", [hooks(), b"Na".to_vec()].concat(), "is appended to"),
        with("a state of an OrderedDict that is a tuple", [hooks(), b")b".to_vec()].concat(), "no dict of attributes"),
        with(
            "entries of a torch.Size",
            [call("torch", "Size", &[ints(&[1])]), b"NNs".to_vec()].concat(),
            "is changed afterwards",
        ),
        read(
            "reducer: OrderedDict of pairs",
            beside(call("collections", "OrderedDict", &[list(&[list(&[int(1), int(2)])])])),
            "{1: 2}",
        ),
        read(
            "reducer: bytes by _codecs.encode",
            beside(call("_codecs", "encode", &[text("aé"), text("latin1")])),
            "<2 bytes>",
        ),
        read("reducer: torch.device", beside(call("torch", "device", &[text("cuda"), int(1)])), "cuda:1"),
    ]
}

fn ids() -> Vec<Case> {
    let float = || global("torch", "FloatStorage");
    let good = [text("storage"), float(), text("0"), text("cpu"), int(6)];
    let with = |name: &str, at: usize, value: Vec<u8>, what: &'static str| {
        let mut items = good.to_vec();
        items[at] = value;
        refused(format!("persistent id: {name}"), beside(pid(&items)), what)
    };
    let not = "the arguments are not the function's";
    let id =
        |name: &str, value: Vec<u8>, what: &'static str| refused(format!("persistent id: {name}"), beside(value), what);
    vec![
        with("another tag", 0, text("module"), "not of a storage"),
        with("a number for the tag", 0, int(1), "not of a storage"),
        with("a str for the class", 1, text("FloatStorage"), "no class"),
        with("os.system for the class", 1, global("os", "system"), "no storage of PyTorch"),
        with("a class that nobody knows", 1, global("torch", "FooStorage"), "no storage of PyTorch"),
        with("a class of another module", 1, global("evil", "FloatStorage"), "no storage of PyTorch"),
        with("a call for the class", 1, call("torch", "FloatStorage", &[]), "no class"),
        with("a number for the key", 2, int(0), not),
        with("a path for the key", 2, text("../data.pkl"), "has no record"),
        with("a key that is not there", 2, text("1"), "has no record"),
        with("an empty key", 2, text(""), "has no record"),
        with("a number for the location", 3, int(0), not),
        with("a location of 1000 bytes, after a good one", 3, text(&"x".repeat(1000)), "two devices"),
        with("another location for one storage", 3, text("cuda:0"), "two devices"),
        with("-1 elements", 4, int(-1), "out of range"),
        with("2^62 elements", 4, int(1 << 62), "overflows"),
        with("a float number of elements", 4, b"G\x40\x18\0\0\0\0\0\0".to_vec(), not),
        with("True elements", 4, b"\x88".to_vec(), not),
        with(
            "an int of 100 bits for the elements",
            4,
            b"\x8a\x0d\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\xff\x0f".to_vec(),
            not,
        ),
        with("another length for one storage", 4, int(5), "two sizes"),
        with("another type of another size for one storage", 1, global("torch", "DoubleStorage"), "two sizes"),
        id("a number", b"K\x01Q".to_vec(), "no tuple"),
        id("a str", [text("0"), b"Q".to_vec()].concat(), "no tuple"),
        id("nothing in it", pid(&[]), "not of a storage"),
        id("four items", pid(&good[..4]), not),
        id("six items, as in a legacy stream", pid(&[&good[..], &[b"N".to_vec()]].concat()), not),
        id(
            "a module, as in a legacy stream",
            pid(&[text("module"), float(), text("f"), text("s")]),
            "not of a storage",
        ),
    ]
}
