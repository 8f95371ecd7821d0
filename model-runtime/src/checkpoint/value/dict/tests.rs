use super::*;

fn text(text: &str) -> Value {
    Value::Str(text.into())
}

fn dict(keys: Vec<Value>) -> Dict {
    Dict::from_entries(keys.into_iter().zip(0..).map(|(key, i)| (key, Value::Int(i))).collect()).unwrap_or_default()
}

#[test]
fn a_repeated_key_keeps_its_place_and_takes_the_last_value() {
    for filler in [0, 20] {
        let mut keys = vec![text("a"), text("b"), text("a")];
        keys.extend((0..filler).map(Value::Int));
        let dict = dict(keys);
        assert_eq!(dict.iter().next().and_then(|(key, _)| key.as_str()), Some("a"));
        assert_eq!(dict.get("a").and_then(Value::as_int), Some(2));
        assert_eq!(dict.len(), 2 + filler as usize);
    }
}

#[test]
fn an_int_and_its_text_are_two_keys_but_one_and_true_are_one() {
    let dict = dict(vec![Value::Int(0), text("0"), Value::Bool(true), Value::Float(1.0), Value::Float(0.5)]);
    assert_eq!(dict.len(), 4);
    assert_eq!(dict.get("0").and_then(Value::as_int), Some(1));
    assert_eq!(dict.get_int(0).and_then(Value::as_int), Some(0));
    assert_eq!(dict.get_int(1).and_then(Value::as_int), Some(3));
}

#[test]
fn tuples_are_keys_and_lists_are_not() {
    let tuple = |items: Vec<Value>| Value::Tuple(Arc::new(items.into()));
    assert_eq!(dict(vec![tuple(vec![Value::Int(1)]), tuple(vec![Value::Bool(true)])]).len(), 1);
    let list = Value::List(Arc::new(vec![].into()));
    assert!(Dict::from_entries(vec![(tuple(vec![list]), Value::None)]).is_err());
}
