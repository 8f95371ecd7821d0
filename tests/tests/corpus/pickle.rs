//! Pickles written by hand, value by value.

pub fn text(text: &str) -> Vec<u8> {
    [b"X".as_slice(), &(text.len() as u32).to_le_bytes(), text.as_bytes()].concat()
}

pub fn int(value: i64) -> Vec<u8> {
    [b"\x8a\x08".as_slice(), &value.to_le_bytes()].concat()
}

pub fn global(module: &str, name: &str) -> Vec<u8> {
    format!("c{module}\n{name}\n").into_bytes()
}

pub fn tuple(items: &[Vec<u8>]) -> Vec<u8> {
    [b"(".as_slice(), &items.concat(), b"t"].concat()
}

pub fn ints(values: &[i64]) -> Vec<u8> {
    tuple(&values.iter().map(|value| int(*value)).collect::<Vec<_>>())
}

pub fn list(items: &[Vec<u8>]) -> Vec<u8> {
    [b"](".as_slice(), &items.concat(), b"e"].concat()
}

pub fn dict(entries: &[(&str, Vec<u8>)]) -> Vec<u8> {
    let entries: Vec<u8> = entries.iter().flat_map(|(key, value)| [text(key), value.clone()].concat()).collect();
    [b"}(".as_slice(), &entries, b"u"].concat()
}

pub fn call(module: &str, name: &str, args: &[Vec<u8>]) -> Vec<u8> {
    [global(module, name), tuple(args), b"R".to_vec()].concat()
}

/// A persistent id.
pub fn pid(items: &[Vec<u8>]) -> Vec<u8> {
    [tuple(items), b"Q".to_vec()].concat()
}

pub fn storage_of(class: &str, key: &str, numel: i64) -> Vec<u8> {
    pid(&[text("storage"), global("torch", class), text(key), text("cpu"), int(numel)])
}

/// The storage of the good tensor.
pub fn storage() -> Vec<u8> {
    storage_of("FloatStorage", "0", 6)
}

pub fn hooks() -> Vec<u8> {
    call("collections", "OrderedDict", &[])
}

pub fn tensor_of(storage: Vec<u8>, offset: Vec<u8>, size: Vec<u8>, stride: Vec<u8>) -> Vec<u8> {
    call("torch._utils", "_rebuild_tensor_v2", &[storage, offset, size, stride, b"\x89".to_vec(), hooks()])
}

/// The good tensor: six floats in two rows.
pub fn tensor() -> Vec<u8> {
    tensor_of(storage(), int(0), ints(&[2, 3]), ints(&[3, 1]))
}

pub fn pickle(value: &[u8]) -> Vec<u8> {
    [b"\x80\x02".as_slice(), value, b"."].concat()
}

/// The bytes of the good tensor.
pub fn floats() -> Vec<u8> {
    (0u8..6).flat_map(|value| f32::from(value).to_le_bytes()).collect()
}

/// The bytes of the good tensor with the other sign.
pub fn negated_floats() -> Vec<u8> {
    (0u8..6).flat_map(|value| (-f32::from(value)).to_le_bytes()).collect()
}
