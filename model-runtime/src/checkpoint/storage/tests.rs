//! The bytes of a storage, whole and in parts.

use super::*;
use crate::checkpoint::state_dict::{RawEntry, RawStateDict};
use crate::checkpoint::tensor::{Layout, TensorInfo};

fn storage(class: StorageClass, big_endian: bool, bytes: Vec<u8>) -> Storage {
    let nbytes = bytes.len();
    let storage = unread(class, big_endian, bytes);
    storage.set_record(Record::plain(0, nbytes as u64));
    storage
}

fn unread(class: StorageClass, big_endian: bool, bytes: Vec<u8>) -> Storage {
    let nbytes = bytes.len();
    let source = Arc::new(Source::memory(bytes, Limits::default()));
    let (key, location) = ("0".into(), "cuda:0".into());
    Storage::new(NewStorage { id: 0, key, location, class, nbytes, big_endian, source })
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

/// Tensors of bytes, each a part of a storage of its own with the checksum `crc`.
fn chunk(at: usize, of: &[u8], range: Range<usize>, crc: u32) -> (Vec<usize>, Arc<TensorInfo>) {
    let storage = unread(StorageClass::Typed(ScalarType::UInt8), false, of.to_vec());
    storage.set_record(Record { crc: Some(crc), ..Record::plain(0, of.len() as u64) });
    let view = StorageView::whole(Arc::new(storage), StorageClass::Typed(ScalarType::UInt8));
    let layout = Layout { dtype: ScalarType::UInt8, shape: vec![range.len()], strides: vec![1], offset: range.start };
    (vec![at], Arc::new(TensorInfo::new(layout, &view, false).unwrap()))
}

#[test]
fn the_checksum_of_each_piece_counts_whether_it_is_all_of_its_record_or_not() {
    let (a, b) = ([1u8, 2, 3, 4], [5u8, 6, 7, 8]);
    let (a_crc, b_crc) = (crc32fast::hash(&a), crc32fast::hash(&b));
    for (a_crc, b_crc, is_right) in [(a_crc, b_crc, true), (!a_crc, b_crc, false), (a_crc, !b_crc, false)] {
        for parts in [(0..4, 0..4), (0..4, 1..3), (1..3, 0..4), (1..3, 0..2)] {
            let shape = vec![parts.0.len() + parts.1.len()];
            let chunks = vec![chunk(0, &a, parts.0.clone(), a_crc), chunk(parts.0.len(), &b, parts.1.clone(), b_crc)];
            let assembly = Assembly::new(ScalarType::UInt8, shape.clone(), chunks).unwrap();
            let class = StorageClass::Typed(ScalarType::UInt8);
            let whole = Arc::new(unread(class, false, vec![0; shape[0]]).assembled(assembly));
            let layout = Layout { dtype: ScalarType::UInt8, shape, strides: vec![1], offset: 0 };
            let tensor = TensorInfo::new(layout, &StorageView::whole(whole, class), false).unwrap();
            let entry = RawEntry::Tensor(Arc::new(tensor));
            let entries = vec![("w".to_owned(), entry)];
            let raw = RawStateDict { path: String::new(), entries, metadata: None, other: Vec::new() };
            let state = crate::StateDict::of_checkpoint(raw, "file".to_owned());
            let read = state.get("w").unwrap().read();
            assert_eq!(read.is_ok(), is_right, "{parts:?}: {read:?}");
            if let Ok(read) = read {
                let expected = [&a[parts.0.clone()], &b[parts.1.clone()]].concat();
                assert_eq!(read.to_vec1::<u8>().unwrap(), expected);
            }
        }
    }
}

#[test]
fn a_tensor_without_bytes_is_refused_before_its_size_is_allocated() {
    let source = Arc::new(Source::memory(Vec::new(), Limits::default()));
    // Elements overlap, so that it would be read as a whole.
    let (shape, strides) = (vec![1 << 40, 2, 2], vec![5, 1, 1]);
    let layout = Layout { dtype: ScalarType::Float32, shape, strides, offset: 0 };
    let entry = RawEntry::Tensor(Arc::new(TensorInfo::meta(layout, &source, false).unwrap()));
    let entries = vec![("w".to_owned(), entry)];
    let raw = RawStateDict { path: String::new(), entries, metadata: None, other: Vec::new() };
    let state = crate::StateDict::of_checkpoint(raw, "file".to_owned());
    let error = state.get("w").unwrap().read().unwrap_err().to_string();
    assert!(error.contains("no bytes for this storage"), "{error}");
}
