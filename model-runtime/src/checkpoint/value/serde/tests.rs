//! Types of every form, there and back.

use std::collections::BTreeMap;

use serde::{Deserialize, Serialize};

use super::*;
use crate::checkpoint::Checkpoint;

#[derive(Debug, PartialEq, Serialize, Deserialize)]
enum Schedule {
    Constant,
    Step { every: u32, gamma: f64 },
    Warmup(u32),
    Range(f32, f32),
}

#[derive(Debug, PartialEq, Serialize, Deserialize)]
struct Hyper {
    lr: f64,
    steps: u64,
    big: u64,
    layers: Vec<usize>,
    pair: (i8, char),
    name: Option<String>,
    none: Option<f32>,
    by_class: BTreeMap<i32, String>,
    schedules: Vec<Schedule>,
}

fn hyper() -> Hyper {
    Hyper {
        lr: 0.1,
        steps: 3,
        big: u64::MAX,
        layers: vec![64, 10],
        pair: (-1, 'x'),
        name: Some("run".into()),
        none: None,
        by_class: BTreeMap::from([(0, "cat".into()), (-1, "dog".into())]),
        schedules: vec![
            Schedule::Constant,
            Schedule::Step { every: 2, gamma: 0.5 },
            Schedule::Warmup(7),
            Schedule::Range(0.5, 1.0),
        ],
    }
}

#[test]
fn a_type_comes_back_from_its_value() {
    let value = Value::from_serialize(&hyper()).unwrap();
    assert_eq!(value.get("by_class").and_then(|dict| dict.as_dict()?.get_int(0)), Some(&Value::from("cat")));
    assert_eq!(value.deserialize::<Hyper>().unwrap(), hyper());
}

#[test]
fn what_does_not_fit_is_told_by_its_key() {
    let value = Value::dict([("optimizer", Value::dict([("lr", "fast")]))]);
    let error = value.deserialize::<BTreeMap<String, BTreeMap<String, f64>>>().unwrap_err().to_string();
    assert_eq!(error, "key `optimizer.lr`: invalid type: string \"fast\", expected f64");
    let map = BTreeMap::from([(vec![1], 2)]);
    assert!(Value::from_serialize(&map).unwrap_err().to_string().contains("cannot be a key"));
}

#[test]
fn the_attributes_of_a_namespace_become_a_struct() {
    #[derive(Deserialize)]
    struct Args {
        lr: f64,
        layers: Vec<u32>,
    }
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/checkpoints/opaque_values.pt");
    let checkpoint = Checkpoint::open(path).unwrap();
    let args: Args = checkpoint.get("args").unwrap().root().deserialize().unwrap();
    assert_eq!((args.lr, args.layers), (0.1, vec![1, 2]));
    let counts: BTreeMap<String, i64> = checkpoint.get("counts").unwrap().root().deserialize().unwrap();
    assert_eq!(counts, BTreeMap::from([("a".to_owned(), 1)]));
    assert!(checkpoint.get("model").unwrap().root().deserialize::<BTreeMap<String, f64>>().is_err());
}

#[test]
fn an_object_that_does_not_fit_is_told_by_its_class_and_its_key() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../tests/fixtures/checkpoints/opaque_values.pt");
    let checkpoint = Checkpoint::open(path).unwrap();
    let root = checkpoint.root();
    #[derive(Debug, Deserialize)]
    struct As<T> {
        #[serde(rename = "args")]
        _args: T,
    }
    let text = root.deserialize::<As<String>>().unwrap_err().to_string();
    assert_eq!(text, "key `args`: invalid type: an object of class `argparse.Namespace`, expected a string");
    let text = root.deserialize::<As<Vec<f64>>>().unwrap_err().to_string();
    assert!(text.contains("key `args`: invalid type: an object of class `argparse.Namespace`"), "{text}");
    let text = root.deserialize::<As<Hyper>>().unwrap_err().to_string();
    assert_eq!(text, "key `args`: missing field `steps`, in an object of class `argparse.Namespace`");
    let text = root.deserialize::<As<BTreeMap<String, f64>>>().unwrap_err().to_string();
    assert_eq!(text, "key `args.layers`: invalid type: sequence, expected f64");
}

#[test]
fn an_element_that_does_not_fit_is_told_by_its_number() {
    let value = Value::dict([("layers", Value::from(vec![Value::from(1), Value::from("two")]))]);
    let text = value.deserialize::<BTreeMap<String, Vec<u32>>>().unwrap_err().to_string();
    assert_eq!(text, "key `layers.1`: invalid type: string \"two\", expected u32");
    let text = value.deserialize::<BTreeMap<String, (u32,)>>().unwrap_err().to_string();
    assert_eq!(text, "key `layers`: invalid length 2, expected 1 element in sequence");
}
