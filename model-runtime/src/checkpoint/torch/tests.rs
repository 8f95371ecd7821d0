//! Legacy streams written by hand: views of storages, and what their parts may not say.

use std::sync::Arc;

use super::open_legacy;
use crate::checkpoint::error::Result;
use crate::checkpoint::format::Parts;
use crate::checkpoint::limits::Limits;
use crate::checkpoint::source::Source;
use crate::checkpoint::value::Value;

const MAGIC: &[u8] = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.";
const PROTOCOL: &[u8] = b"\x80\x02M\xe9\x03.";

fn text(text: &str) -> Vec<u8> {
    [b"X", (text.len() as u32).to_le_bytes().as_slice(), text.as_bytes()].concat()
}

/// A persistent id of storage `key` with four floats.
fn pid(key: &str, view: &[u8]) -> Vec<u8> {
    [b"(".as_slice(), &text("storage"), b"ctorch\nFloatStorage\n", &text(key), &text("cuda:0"), b"K\x04", view, b"tQ"]
        .concat()
}

/// `_rebuild_tensor_v2` of two elements from `offset` on.
fn tensor(storage: &[u8], offset: u8) -> Vec<u8> {
    let function = b"ctorch._utils\n_rebuild_tensor_v2\n(".as_slice();
    [function, storage, &[b'K', offset], b"K\x02\x85K\x01\x85\x89ccollections\nOrderedDict\n)RtR"].concat()
}

fn stream(object: &[u8], keys: &[&str], count: i64, data: usize) -> Result<Parts> {
    let keys: Vec<u8> = keys.iter().flat_map(|key| text(key)).collect();
    let bytes = [MAGIC, PROTOCOL, b"\x80\x02}.", b"\x80\x02", object, b".", b"\x80\x02](", &keys, b"e."].concat();
    let floats: Vec<u8> = (0..data).flat_map(|i| (i as f32).to_le_bytes()).collect();
    let bytes = [bytes, count.to_le_bytes().to_vec(), floats].concat();
    open_legacy(&Arc::new(Source::memory(bytes, Limits::default())), 0)
}

fn refused(object: &[u8], keys: &[&str], count: i64, data: usize) -> String {
    stream(object, keys, count, data).unwrap_err().to_string()
}

fn view(key: &str, offset: u8, len: u8) -> Vec<u8> {
    [text(key).as_slice(), &[b'K', offset, b'K', len], b"\x87"].concat()
}

#[test]
fn a_view_of_a_storage_starts_where_it_says() {
    let object =
        [b"(".as_slice(), &tensor(&pid("10", b"N"), 1), &tensor(&pid("10", &view("11", 1, 3)), 1), b"t"].concat();
    let parts = stream(&object, &["10"], 4, 4).unwrap();
    let tensors: Vec<_> = parts.root.as_list().unwrap().iter().map(|value| value.as_tensor().unwrap()).collect();
    assert_eq!((tensors[0].offset(), tensors[1].offset()), (1, 2));
    assert_eq!(tensors[1].read_bytes().unwrap(), [2f32.to_le_bytes(), 3f32.to_le_bytes()].concat());
    assert_eq!((parts.storages.len(), tensors[1].location()), (1, "cuda:0"));
}

#[test]
fn a_view_stays_inside_its_storage_and_a_tensor_inside_its_view() {
    let one = |offset, len, first| tensor(&pid("10", &view("11", offset, len)), first);
    assert!(refused(&one(2, 3, 0), &["10"], 4, 4).contains("storage `10`: the view of the storage is invalid"));
    assert!(refused(&one(1, 2, 1), &["10"], 4, 4).contains("reaches past the end of its storage"));
    let two = [b"(".as_slice(), &one(0, 2, 0), &one(1, 2, 0), b"t"].concat();
    assert!(refused(&two, &["10"], 4, 4).contains("`11` twice"));
}

#[test]
fn the_keys_and_counts_are_those_of_the_tensors() {
    let object = tensor(&pid("10", b"N"), 0);
    assert!(stream(&object, &["10"], 4, 4).is_ok());
    assert!(refused(&object, &[], 4, 4).contains("storage `10`: its data are not in the file"));
    assert!(refused(&object, &["11"], 4, 4).contains("storage `11`: no tensor uses it"));
    assert!(refused(&object, &["10", "10"], 4, 4).contains("storage `10`: its data are listed twice"));
    assert!(refused(&object, &["10"], 5, 4).contains("storage `10`: its data have another length"));
    assert!(refused(&object, &["10"], -1, 4).contains("got: -1"));
    assert!(refused(&object, &["10"], 4, 3).contains("storage `10`: the file ends in its data"));
    assert!(refused(&object, &["10"], 4, 5).contains("bytes after the last storage"));
}

#[test]
fn the_magic_number_is_a_number_and_not_a_call() {
    let bytes = [b"\x80\x02cm\nf\n)R.".as_slice(), PROTOCOL].concat();
    let error = open_legacy(&Arc::new(Source::memory(bytes, Limits::default())), 0).unwrap_err().to_string();
    assert!(error.contains("a call where a plain value should be, got: `m.f`"), "{error}");
}

#[test]
fn a_tensor_takes_no_entries_and_no_state() {
    let plain = tensor(&pid("10", b"N"), 0);
    let with = |more: &[u8]| refused(&[&plain, more].concat(), &["10"], 4, 4);
    assert!(with(b"K\x01K\x02s").contains("the result of `torch._utils._rebuild_tensor_v2` is changed afterwards"));
    assert!(with(b"K\x01a").contains("is changed afterwards"));
    assert!(with(b"}b").contains("is changed afterwards"));
}

#[test]
fn plain_values_are_made_of_their_calls() {
    let read = |object: &[u8]| stream(&[b"(", object, &tensor(&pid("10", b"N"), 0), b"t"].concat(), &["10"], 4, 4);
    let shown = |object: &[u8]| match read(object).unwrap().root {
        Value::Tuple(items) => items[0].to_string(),
        other => other.to_string(),
    };
    assert_eq!(shown(b"ctorch\nSize\n(K\x02K\x03t\x85R"), "torch.Size([2, 3])");
    assert_eq!(shown(b"ctorch\ndevice\nX\x04\0\0\0cudaK\x01\x86R"), "device(\"cuda:1\")");
    assert_eq!(shown(b"ctorch\nfloat16\n"), "torch.float16");
    assert_eq!(shown(b"c_codecs\nencode\nX\x03\0\0\0a\xc3\xa9X\x06\0\0\0latin1\x86R"), "<2 bytes>");
    assert_eq!(shown(b"c__builtin__\nset\n](K\x01K\x02e\x85R"), "{1, 2}");
    assert_eq!(shown(b"ccollections\nOrderedDict\n]]K\x01aK\x02aa\x85R"), "{1: 2}");
    assert!(
        read(b"ctorch\nSize\n(K\x02J\xff\xff\xff\xfft\x85R").unwrap_err().to_string().contains("out of range, got: -1")
    );
}
