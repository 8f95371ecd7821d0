//! Tensors whose numbers do not fit their storage, their types, or any machine.

use super::formats::{only, parts, zip};
use super::pickle::{
    call, dict, floats, global, hooks, int, ints, pickle, storage, storage_of, tensor, tensor_of, text, tuple,
};
use super::zip::{Part, archive};
use super::{Case, negated, read, refused, unreadable};

pub fn cases() -> Vec<Case> {
    [numbers(), shapes(), storages(), kinds()].into_iter().flatten().collect()
}

fn with(offset: i64, size: &[i64], stride: &[i64]) -> Vec<u8> {
    only(tensor_of(storage(), int(offset), ints(size), ints(stride)))
}

fn numbers() -> Vec<Case> {
    let wrong = |name: &str, offset: i64, size: &[i64], stride: &[i64], text| {
        refused(format!("tensor: {name}"), with(offset, size, stride), text)
    };
    let (range, past, overflow) = ("out of range", "past the end of its storage", "overflow");
    let many = vec![1i64; 100_000];
    vec![
        wrong("a negative size", 0, &[-2, 3], &[3, 1], range),
        wrong("a negative stride", 5, &[2, 3], &[-3, -1], range),
        wrong("a negative offset", -1, &[2, 3], &[3, 1], range),
        wrong("the least offset", i64::MIN, &[1], &[1], range),
        wrong("an offset past the end", 6, &[1], &[1], past),
        wrong("an offset of 2^62", 1 << 62, &[1], &[1], overflow),
        wrong("an offset whose bytes wrap to 0", 1 << 62, &[2, 3], &[3, 1], overflow),
        wrong("one row too many", 0, &[3, 3], &[3, 1], past),
        wrong("a stride past the end", 0, &[2, 3], &[4, 1], past),
        wrong("a stride of 2^62", 0, &[2, 3], &[1 << 62, 1], overflow),
        wrong("sizes whose product is 2^64", 0, &[1 << 32, 1 << 32], &[0, 0], overflow),
        wrong("sizes whose product wraps to 6", 0, &[6_148_914_691_236_517_206, 3], &[0, 0], overflow),
        wrong("a zero that hides an overflow", 0, &[0, 1 << 62, 1 << 62], &[1, 1, 1], overflow),
        wrong("reaches that wrap to nothing", 0, &[3, 3], &[1 << 62, 1 << 62], overflow),
        wrong("more strides than sizes", 0, &[6], &[3, 1], "differ in length"),
        wrong("more sizes than strides", 0, &[2, 3], &[1], "differ in length"),
        wrong("65 dimensions", 0, &[1; 65], &[1; 65], "too many dimensions"),
        wrong("100 000 dimensions", 0, &many, &many, "too many dimensions"),
        wrong("expanded to a petabyte", 0, &[1 << 48, 1], &[0, 1], "expanded far beyond"),
    ]
}

/// Sizes of other types, and odd ones that are right.
fn shapes() -> Vec<Case> {
    let range = "out of range";
    vec![
        refused(
            "tensor: a float for a size",
            only(tensor_of(storage(), int(0), b"(G\x40\0\0\0\0\0\0\0K\x03t".to_vec(), ints(&[3, 1]))),
            range,
        ),
        refused(
            "tensor: True for a size",
            only(tensor_of(storage(), int(0), b"(\x88K\x03t".to_vec(), ints(&[3, 1]))),
            range,
        ),
        refused(
            "tensor: sizes in a dict",
            only(tensor_of(storage(), int(0), b"}".to_vec(), ints(&[3, 1]))),
            "no tuple",
        ),
        read(
            "tensor: a size given as torch.Size",
            only(tensor_of(storage(), int(0), call("torch", "Size", &[ints(&[2, 3])]), ints(&[3, 1]))),
            "[2, 3]",
        ),
        read(
            "tensor: 64 dimensions beside it",
            beside(tensor_of(storage(), int(0), ints(&[1; 64]), ints(&[1; 64]))),
            "tensor",
        ),
        read(
            "tensor: an empty one past the end of its storage",
            beside(tensor_of(storage(), int(99), ints(&[0]), ints(&[1]))),
            "[0]",
        ),
        read(
            "tensor: windows that overlap",
            beside(tensor_of(storage(), int(0), ints(&[4, 3]), ints(&[1, 1]))),
            "[4, 3]",
        ),
        read(
            "tensor: one element, expanded",
            beside(tensor_of(storage(), int(0), ints(&[100, 100]), ints(&[0, 0]))),
            "[100, 100]",
        ),
        read("tensor: a transposed view", beside(tensor_of(storage(), int(0), ints(&[3, 2]), ints(&[1, 3]))), "[3, 2]"),
        read(
            "tensor: a scalar",
            beside(tensor_of(storage(), int(5), b")".to_vec(), b")".to_vec())),
            "tensor(float32, [])",
        ),
    ]
}

fn beside(value: Vec<u8>) -> Vec<u8> {
    super::formats::beside(value)
}

fn storages() -> Vec<Case> {
    let sized = |name: &str, len: usize, text| {
        let mut all = parts(pickle(&dict(&[("w", tensor())])));
        let mut data = floats();
        data.resize(len, 0);
        all[2] = Part::new("a/data/0", &data);
        refused(format!("storage: {name}"), archive(&all), text)
    };
    let length = "another length";
    let names: Vec<u8> = (0..10_000).flat_map(|at| [text(&format!("w{at}")), b"h\x09".to_vec()].concat()).collect();
    let names = [b"}(".as_slice(), &text("w"), &tensor(), b"q\x09", &names, b"u"].concat();
    let wide = |class: &str, numel: i64| only(tensor_of(storage_of(class, "0", numel), int(0), ints(&[3]), ints(&[1])));
    vec![
        sized("shorter than its tensors say", 20, length),
        sized("longer than its tensors say", 28, length),
        sized("no whole number of elements", 23, length),
        sized("empty", 0, length),
        read("storage: 10 000 names for one tensor", zip(pickle(&names)), "w6"),
        refused(
            "storage: a typed one read as another type",
            only(call(
                "torch._utils",
                "_rebuild_tensor_v3",
                &[storage(), int(0), ints(&[3]), ints(&[1]), b"\x89".to_vec(), hooks(), global("torch", "int64")],
            )),
            "different element types",
        ),
        refused(
            "storage: first as floats and then as doubles",
            beside(tensor_of(storage_of("DoubleStorage", "0", 3), int(0), ints(&[4]), ints(&[1]))),
            "past the end",
        ),
        unreadable("storage: quantised", wide_unreadable("QInt32Storage", 6), "qint32"),
        refused("storage: of a class that is not the record's length", wide("DoubleStorage", 4), "another length"),
    ]
}

fn wide_unreadable(class: &str, numel: i64) -> Vec<u8> {
    only(tensor_of(storage_of(class, "0", numel), int(0), ints(&[3]), ints(&[1])))
}

fn kinds() -> Vec<Case> {
    let meta = |bits: Vec<u8>| {
        only(call(
            "torch._utils",
            "_rebuild_tensor_v2",
            &[storage(), int(0), ints(&[2, 3]), ints(&[3, 1]), b"\x89".to_vec(), hooks(), bits],
        ))
    };
    let grad = |class: &str, numel: i64| {
        only(call(
            "torch._utils",
            "_rebuild_tensor_v2",
            &[storage_of(class, "0", numel), int(0), ints(&[3]), ints(&[1]), b"\x88".to_vec(), hooks()],
        ))
    };
    vec![
        unreadable("tensor: conjugated", meta(dict(&[("conj", b"\x88".to_vec())])), "a conjugated view"),
        negated("tensor: negated", meta(dict(&[("neg", b"\x88".to_vec())])), "a negated view"),
        unreadable("tensor: conjugated by a number", meta(dict(&[("conj", int(1))])), "a conjugated view"),
        refused("tensor: metadata that is a list", meta(b"]".to_vec()), "metadata of a tensor is no dict"),
        refused("tensor: integers that require gradients", grad("LongStorage", 3), "only tensors of floats"),
        unreadable(
            "tensor: on the meta device",
            only(call(
                "torch._utils",
                "_rebuild_meta_tensor_no_storage",
                &[global("torch", "float32"), ints(&[2, 3]), ints(&[3, 1]), b"\x89".to_vec()],
            )),
            "meta device",
        ),
        refused(
            "tensor: under a key of a list",
            zip(pickle(&[b"}".to_vec(), b"]".to_vec(), tensor(), b"s".to_vec()].concat())),
            "cannot be a key",
        ),
        read(
            "tensor: two names that flatten to one are two tensors",
            zip(pickle(&dict(&[("a.w", tensor()), ("a", dict(&[("w", tensor())]))]))),
            "{\"a.w\": tensor(float32, [2, 3]), \"a\": {\"w\": tensor(float32, [2, 3])}}",
        ),
        refused("tensor: in a tuple under its name", only(tuple(&[tensor()])), "there is no state dict"),
    ]
}
