//! Parts of a tar archive that are whole, and do not fit together.

use super::{Case, NUMBERS, archive, data, member, object, read, storages, tensors, wrong};
use crate::corpus::pickle::{call, dict, floats, global, hooks, int, ints, list, pickle, text, tuple};

pub fn cases() -> Vec<Case> {
    [described(), rebuilt()].into_iter().flatten().collect()
}

/// A storage `(key, location, class)` of the six floats, and this list of views.
fn described_as(about: &[Vec<u8>], views: &[u8]) -> Vec<u8> {
    [pickle(&int(1)), pickle(&tuple(about)), 6i64.to_le_bytes().to_vec(), floats(), pickle(views)].concat()
}

fn floats_at(key: i64, location: &str, module: &str, class: &str) -> Vec<u8> {
    described_as(&[int(key), text(location), global(module, class)], b"]")
}

fn views(all: &[[i64; 4]]) -> Vec<u8> {
    storages(6, &list(&all.iter().map(|view| ints(view)).collect::<Vec<_>>()))
}

/// The tensor over another storage or view.
fn tensor_over(key: i64, storage: i64, rank: i32, numbers: &[i64]) -> Vec<u8> {
    let about = tuple(&[int(key), int(storage), global("torch", "FloatTensor")]);
    let numbers = numbers.iter().flat_map(|number| number.to_le_bytes()).collect();
    [pickle(&int(1)), pickle(&about), rank.to_le_bytes().to_vec(), vec![0; 4], numbers].concat()
}

fn both(storages: Vec<u8>, tensors: Vec<u8>) -> Vec<u8> {
    archive(&[member("storages", storages), member("tensors", tensors), member("pickle", object("2"))])
}

/// Storages, views and tensors whose descriptions fit their types and not each other.
fn described() -> Vec<Case> {
    let (over_view, upper) = (tensor_over(2, 9, 2, NUMBERS), |upper: u8| {
        let mut bytes = tensors(2, NUMBERS);
        let at = bytes.len() - 5 * 8 - 1;
        bytes[at] = upper;
        data(1, bytes)
    });
    let twice = |at: usize, one: Vec<u8>| {
        let counted = pickle(&int(1)).len();
        let tail = if at == 0 { pickle(b"]").len() } else { 0 };
        let each = one[counted..one.len() - tail].repeat(2);
        data(at, [pickle(&int(2)), each, one[one.len() - tail..].to_vec()].concat())
    };
    vec![
        read("tar: a storage of CUDA", data(0, floats_at(1, "cuda:0", "torch.cuda", "FloatStorage")), "w"),
        read("tar: a view of all", both(views(&[[9, 1, 0, 6]]), over_view.clone()), "w"),
        read("tar: a view of a view", both(views(&[[8, 1, 0, 6], [9, 8, 0, 6]]), over_view.clone()), "w"),
        wrong(
            "a view of a later view",
            both(views(&[[9, 8, 0, 6], [8, 1, 0, 6]]), over_view.clone()),
            "no such storage",
        ),
        wrong("a view of itself", both(views(&[[9, 9, 0, 6]]), over_view.clone()), "no such storage"),
        wrong(
            "a view past the end of a view",
            both(views(&[[8, 1, 3, 3], [9, 8, 0, 6]]), over_view.clone()),
            "invalid",
        ),
        wrong("a view of -1 elements", both(views(&[[9, 1, 0, -1]]), over_view.clone()), "invalid"),
        wrong("a view at -1", both(views(&[[9, 1, -1, 6]]), over_view.clone()), "invalid"),
        wrong("a view whose end overflows", both(views(&[[9, 1, i64::MAX, i64::MAX]]), over_view.clone()), "invalid"),
        wrong(
            "a view that takes the place of its storage",
            both(views(&[[1, 1, 0, 3]]), tensors(2, NUMBERS)),
            "invalid",
        ),
        wrong("a tensor past the end of its view", both(views(&[[9, 1, 3, 3]]), over_view), "past the end"),
        wrong("a tensor with the number of its storage", data(1, tensor_over(1, 1, 2, NUMBERS)), "there twice"),
        wrong("a tensor of a tensor", data(1, tensor_over(2, 2, 2, NUMBERS)), "no such storage"),
        wrong("two tensors with one number", twice(1, tensors(2, NUMBERS)), "there twice"),
        wrong("two storages with one number", twice(0, storages(6, b"]")), "there twice"),
        wrong("the upper half of a rank", upper(1), "number of dimensions"),
        wrong("a tensor that is expanded", data(1, tensors(2, &[1 << 40, 3, 0, 1, 0])), "expanded"),
        wrong("a storage that is no class", data(0, described_as(&[int(1), text("cpu"), int(4)], b"]")), "storage `1`"),
        wrong("a storage of an unknown class", data(0, floats_at(1, "cpu", "os", "system")), "storage `1`"),
        wrong("a storage of bytes", data(0, floats_at(1, "cpu", "torch", "UntypedStorage")), ""),
        wrong("a storage of doubles", data(0, floats_at(1, "cpu", "torch", "DoubleStorage")), ""),
        wrong("a location of 1 MiB", data(0, floats_at(1, &"x".repeat(1 << 20), "torch", "FloatStorage")), "too long"),
        read(
            "tar: a storage with data on the meta device",
            data(0, floats_at(1, "meta", "torch", "FloatStorage")),
            "w",
        ),
        wrong(
            "a storage with a large number",
            data(
                0,
                described_as(
                    &[[b"\x8a\x09".as_slice(), &[1; 9]].concat(), text("cpu"), global("torch", "FloatStorage")],
                    b"]",
                ),
            ),
            "not described",
        ),
    ]
}

/// The pickle that names the tensors, with calls of its own.
fn rebuilt() -> Vec<Case> {
    let named = |value: Vec<u8>| data(2, pickle(&dict(&[("w", value)])));
    let id = |id: Vec<u8>| [id, b"Q".to_vec()].concat();
    let of = |storage: Vec<u8>, stride: &[i64]| {
        let args = [storage, int(0), ints(&[2, 3]), ints(stride), b"\x89".to_vec(), hooks()];
        call("torch._utils", "_rebuild_tensor_v2", &args)
    };
    let pid = || id(text("1"));
    vec![
        read("tar: a tensor that the pickle makes of a storage", named(of(pid(), &[3, 1])), "w"),
        wrong("a tensor that the pickle makes past the end", named(of(pid(), &[4, 1])), "past the end"),
        wrong("a tensor that the pickle makes of a tensor", named(of(id(text("2")), &[3, 1])), ""),
        wrong("an id that is a number", named(id(int(2))), "no number of a tensor"),
        wrong("an id that is a tuple", named(id(tuple(&[text("storage"), text("2")]))), "no number of a tensor"),
        wrong("an id past 64 bits", named(id(text("18446744073709551618"))), "no number of a tensor"),
        wrong("a call", named(call("os", "system", &[text("id")])), ""),
        wrong(
            "a call that is thrown away",
            named([call("os", "system", &[]), b"0".to_vec(), id(text("2"))].concat()),
            "thrown away",
        ),
    ]
}
