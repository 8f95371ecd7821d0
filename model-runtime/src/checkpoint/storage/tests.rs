//! The bytes of a storage, whole and in parts.

use super::*;

fn storage(class: StorageClass, big_endian: bool, bytes: Vec<u8>) -> Storage {
    let nbytes = bytes.len();
    let source = Arc::new(Source::memory(bytes, Limits::default()));
    let (key, location) = ("0".into(), "cuda:0".into());
    let storage = Storage::new(NewStorage { id: 0, key, location, class, nbytes, big_endian, source });
    storage.set_record(Record::plain(0, nbytes as u64));
    storage
}

#[test]
fn a_big_endian_storage_is_swapped_by_its_element() {
    let typed = |dtype| storage(StorageClass::Typed(dtype), true, vec![1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(typed(ScalarType::Int64).read().unwrap(), [8, 7, 6, 5, 4, 3, 2, 1]);
    assert_eq!(typed(ScalarType::Complex64).read().unwrap(), [4, 3, 2, 1, 8, 7, 6, 5]);
    assert_eq!(typed(ScalarType::Int16).read().unwrap(), [2, 1, 4, 3, 6, 5, 8, 7]);
    assert_eq!(typed(ScalarType::UInt8).read().unwrap(), [1, 2, 3, 4, 5, 6, 7, 8]);
    let mut part = [0; 2];
    typed(ScalarType::Int16).read_into(2, &mut part).unwrap();
    assert_eq!(part, [4, 3]);
    assert!(typed(ScalarType::Int16).read_into(1, &mut part).is_err());
}

#[test]
fn a_big_endian_storage_of_plain_bytes_is_swapped_by_its_first_tensor() {
    let plain = || storage(StorageClass::Untyped, true, vec![1, 2, 3, 4, 5, 6, 7, 8]);
    assert_eq!(plain().read().unwrap(), [1, 2, 3, 4, 5, 6, 7, 8]);
    let viewed = plain();
    viewed.view_as(ScalarType::UInt16).unwrap();
    viewed.view_as(ScalarType::Float16).unwrap();
    assert_eq!(viewed.read().unwrap(), [2, 1, 4, 3, 6, 5, 8, 7]);
    let error = viewed.view_as(ScalarType::UInt32).unwrap_err().to_string();
    assert!(error.contains("numbers of 2 bytes, got: uint32"), "{error}");
    assert_eq!(viewed.read().unwrap(), [2, 1, 4, 3, 6, 5, 8, 7]);
    assert!(storage(StorageClass::Untyped, false, vec![0; 8]).view_as(ScalarType::UInt32).is_ok());
}

#[test]
fn an_error_names_the_storage() {
    let error = storage(StorageClass::Untyped, false, vec![0; 4]).read_into(3, &mut [0; 2]).unwrap_err();
    assert!(error.to_string().starts_with("<bytes>: storage `0`: a read past the end"), "{error}");
}
