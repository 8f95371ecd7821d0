//! Headers written by hand: what is read and what is refused, with the key in the message.

use super::*;
use crate::checkpoint::limits::Limits;

fn open_json(json: &str, data: usize) -> Result<Parts> {
    let length = json.len() as u64;
    let bytes = [&length.to_le_bytes(), json.as_bytes(), &(0..data).map(|i| i as u8).collect::<Vec<_>>()].concat();
    open(&Arc::new(Source::memory(bytes, Limits::default())), 0)
}

fn refused(json: &str, data: usize) -> String {
    open_json(json, data).unwrap_err().to_string()
}

#[test]
fn the_order_is_the_headers_and_the_metadata_is_kept() {
    let json = r#"{"__metadata__":{"format":"pt"},"b":{"dtype":"U8","shape":[2],"data_offsets":[1,3]},"a":{"dtype":"BOOL","shape":[],"data_offsets":[0,1]}}  "#;
    let parts = open_json(json, 3).unwrap();
    assert_eq!(parts.root.to_string(), r#"{"b": tensor(uint8, [2]), "a": tensor(bool, [])}"#);
    assert_eq!(parts.metadata, [("format".to_owned(), "pt".to_owned())]);
    assert_eq!(parts.root.get("b").unwrap().as_tensor().unwrap().read_bytes().unwrap(), [1, 2]);
    assert_eq!(parts.storages.len(), 2);
}

#[test]
fn an_empty_file_and_empty_tensors_are_read() {
    assert_eq!(open_json("{}", 0).unwrap().root.to_string(), "{}");
    let json = r#"{"a":{"dtype":"F32","shape":[0,3],"data_offsets":[0,0]},"b":{"dtype":"U8","shape":[1],"data_offsets":[0,1]}}"#;
    let parts = open_json(json, 1).unwrap();
    assert_eq!(parts.root.get("a").unwrap().as_tensor().unwrap().read_bytes().unwrap(), [0u8; 0]);
}

#[test]
fn ranges_fill_the_data_exactly() {
    let two = |a: &str, b: &str| {
        format!(
            r#"{{"a":{{"dtype":"U8","shape":[2],"data_offsets":{a}}},"b":{{"dtype":"U8","shape":[2],"data_offsets":{b}}}}}"#
        )
    };
    assert!(open_json(&two("[2,4]", "[0,2]"), 4).is_ok());
    assert!(refused(&two("[0,2]", "[1,3]"), 3).contains("key `b`: the tensor overlaps another"));
    assert!(refused(&two("[0,2]", "[3,5]"), 5).contains("key `b`: there are bytes before the tensor"));
    assert!(refused(&two("[0,2]", "[2,4]"), 5).contains("bytes after the last tensor"));
    assert!(refused(&two("[0,2]", "[2,4]"), 3).contains("key `b`: the tensor reaches past the end of the file"));
    assert!(refused(&two("[2,0]", "[2,4]"), 4).contains("key `a`: the tensor ends before it starts"));
    assert!(refused(&two("[0,2]", "[2,18446744073709551615]"), 4).contains("key `b`"));
}

#[test]
fn headers_that_can_be_read_two_ways_are_refused() {
    let entry = r#"{"dtype":"U8","shape":[1],"data_offsets":[0,1]}"#;
    assert!(refused(&format!(r#"{{"a":{entry},"\u0061":{entry}}}"#), 1).contains("key `a` is there twice"));
    assert!(refused(&format!(r#"{{"a":{entry}}}{{}}"#), 1).contains("trailing characters"));
    assert!(refused(&format!("{{\"a\":{entry}}}\0"), 1).contains("header"));
    assert!(
        refused(r#"{"a":{"dtype":"U8","dtype":"I8","shape":[1],"data_offsets":[0,1]}}"#, 1)
            .contains("key `a`: `dtype` is there twice")
    );
    assert!(
        refused(r#"{"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1],"more":1}}"#, 1)
            .contains("unknown field `more`")
    );
    assert!(refused(r#"{"a":{"dtype":"U8","shape":[1.0],"data_offsets":[0,1]}}"#, 1).contains("key `a`"));
    assert!(refused(r#"{"a":{"dtype":"U8","shape":[-1],"data_offsets":[0,1]}}"#, 1).contains("key `a`"));
    assert!(refused(r#"{"a":{"dtype":"U8","data_offsets":[0,1]}}"#, 1).contains("missing field `shape`"));
    assert!(refused(r#"{"__metadata__":{"a":1}}"#, 0).contains("key `__metadata__`"));
    assert!(refused(&format!("{}{}", r#"{"a":"#.repeat(500), "}".repeat(500)), 0).contains("header"));
}

#[test]
fn shapes_and_bytes_agree() {
    let one = |dtype: &str, shape: &str, end: usize| {
        format!(r#"{{"a":{{"dtype":"{dtype}","shape":{shape},"data_offsets":[0,{end}]}}}}"#)
    };
    assert!(
        refused(&one("F32", "[2]", 7), 7)
            .contains("key `a`: the tensor's bytes do not fit its shape, expected: 8 bytes")
    );
    assert!(refused(&one("F4", "[3]", 2), 2).contains("key `a`"));
    assert!(refused(&one("U8", "[0,4294967296,4294967296]", 0), 0).contains("overflow"));
    assert!(refused(&one("U8", &format!("{:?}", [1; 65]), 1), 1).contains("Limits::rank"));
}

#[test]
fn an_unknown_type_is_an_unreadable_entry() {
    for dtype in ["F4", "X9"] {
        let json = format!(r#"{{"a":{{"dtype":"{dtype}","shape":[2],"data_offsets":[0,1]}}}}"#);
        let parts = open_json(&json, 1).unwrap();
        assert_eq!(parts.root.get("a").unwrap().to_string(), format!("<unreadable: elements of type `{dtype}`>"));
    }
}

#[test]
fn a_header_past_the_end_or_the_limit_is_refused() {
    let bytes = [&100u64.to_le_bytes(), b"{}".as_slice()].concat();
    let error = open(&Arc::new(Source::memory(bytes, Limits::default())), 0).unwrap_err().to_string();
    assert!(error.contains("header: the file ends in its header, expected: 100 bytes, got: 2"), "{error}");
    let bytes = [&200_000_000u64.to_le_bytes(), b"{}".as_slice()].concat();
    let error = open(&Arc::new(Source::memory(bytes, Limits::default())), 0).unwrap_err().to_string();
    assert!(error.contains("safetensors_header_bytes"), "{error}");
}
