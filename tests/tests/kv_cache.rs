//! Caches of keys and values: what they return, and the arguments with which candle would hang or panic.

use model_runtime::prelude::*;
use model_runtime::tensor::kv_cache::{
    Cache, ConcatKvCache, InterleavedKvCache, KvCache, RotatingCache, RotatingKvCache, ScatteredCacheBuilder,
};

/// The numbers `start, start + 1, ...`, one for each place along dimension 0.
fn places(start: u8, count: u8) -> Tensor<Cpu> {
    Tensor::arange(f32::from(start), f32::from(start + count), Cpu).unwrap()
}

fn values(tensor: &Tensor<Cpu>) -> Vec<f32> {
    tensor.flatten_all().unwrap().to_vec1().unwrap()
}

#[test]
fn a_cache_returns_all_so_far_also_after_it_had_to_grow() {
    let (mut ahead, mut concat) = (KvCache::new(0, 2), ConcatKvCache::new(0));
    let mut expected = Vec::new();
    for (start, count) in [(0, 1), (1, 1), (2, 3), (5, 1)] {
        let new = places(start, count);
        expected.extend(values(&new));
        for (k, v) in [ahead.append(&new, &new).unwrap(), concat.append(&new, &new).unwrap()] {
            assert_eq!(values(&k), expected);
            assert_eq!(values(&v), expected);
        }
    }
    assert_eq!((ahead.current_seq_len(), concat.current_seq_len()), (6, 6));
    ahead.reset();
    concat.reset();
    assert_eq!((ahead.current_seq_len(), concat.current_seq_len()), (0, 0));
    assert!(ahead.k().unwrap().is_none() && concat.is_empty());
}

/// Each query of three, after two places, with a window of four places.
#[test]
fn a_rotating_cache_says_when_each_place_was_and_who_sees_it() {
    let mut cache = RotatingKvCache::new(0, 4);
    let _ = cache.append(&places(0, 2), &places(0, 2)).unwrap();
    assert_eq!(cache.positions(3).unwrap(), [4, 1, 2, 3]);
    let mask = cache.attn_mask(3).unwrap().unwrap();
    // Place 2 sees 1 and 2; place 3 sees 1, 2, 3; place 4 sees all.
    assert_eq!(mask.to_vec2::<u8>().unwrap(), [[1, 0, 0, 1], [1, 0, 0, 0], [0, 0, 0, 0]]);
    let (k, _) = cache.append(&places(2, 3), &places(2, 3)).unwrap();
    assert_eq!(values(&k), [4.0, 1.0, 2.0, 3.0]);
    assert!(cache.attn_mask(1).unwrap().is_none());
}

#[test]
fn sequences_of_a_batch_go_on_one_by_one() {
    let mut builder = ScatteredCacheBuilder::new(2, 3, DType::F32, Cpu).unwrap();
    let mut cache = builder.make_cache(1, 1).unwrap();
    for (step, goes_on) in [(1f32, [true, true]), (2.0, [false, true])] {
        let places = builder.indices_and_mask(1, &goes_on).unwrap();
        assert_eq!(places.mask().dims(), [2, 1, 1, 3]);
        let new = Tensor::full(step, (2, 1, 1, 1), Cpu).unwrap();
        let _ = cache.append(&new, &new, &places).unwrap();
    }
    assert_eq!(builder.positions(), [1, 2]);
    assert_eq!(values(&cache.k().i((1, 0, .., 0)).unwrap()), [1.0, 2.0, 0.0]);
    builder.reset_batch_index(1).unwrap();
    assert_eq!(builder.positions(), [1, 0]);
}

#[test]
fn keys_and_values_of_other_lengths_change_nothing() {
    let mut cache = KvCache::new(0, 4);
    let _ = cache.append(&places(0, 1), &places(0, 1)).unwrap();
    let message = cache.append(&places(1, 2), &places(1, 1)).unwrap_err().to_string();
    assert!(message.contains("expected: values of length 2, got: 1"), "{message}");
    assert_eq!(values(&cache.k().unwrap().unwrap()), [0.0]);

    let mut cache = ConcatKvCache::new(0);
    assert!(cache.append(&places(1, 2), &places(1, 1)).is_err());
    assert!(cache.is_empty());
}

/// Values of another dtype, of another size, and not contiguous: each is found out after the keys were.
#[test]
fn values_that_do_not_fit_leave_the_keys_as_they_were() {
    let new = |start: f32, size: usize| Tensor::full(start, (2, size), Cpu).unwrap();
    let (f64s, wide) = (new(1.0, 2).to_dtype(DType::F64).unwrap(), new(1.0, 3));
    let bad = [(f64s, "expected: f32, got: f64"), (wide, "expected: shape [2, 2], got: [2, 3]")];

    let (mut ahead, mut rotating) = (KvCache::new(0, 3), RotatingKvCache::new(0, 3));
    let _ = ahead.append(&new(0.0, 2), &new(0.0, 2)).unwrap();
    let _ = rotating.append(&new(0.0, 2), &new(0.0, 2)).unwrap();
    for (v, expected) in &bad {
        let message = ahead.append(&new(1.0, 2), v).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
        let message = rotating.append(&new(1.0, 2), v).unwrap_err().to_string();
        assert!(message.contains(expected), "{message}");
    }
    assert!(ahead.append(&new(1.0, 2), &new(1.0, 2).t().unwrap()).is_err());
    assert_eq!((ahead.current_seq_len(), rotating.current_seq_len(), rotating.offset()), (2, 2, 2));
    assert_eq!(values(&ahead.k().unwrap().unwrap()), [0.0; 4]);
    assert_eq!(values(&ahead.v().unwrap().unwrap()), [0.0; 4]);
    assert_eq!(values(&rotating.k_cache().all_data().unwrap().clone()), [0.0; 6]);

    let (k, v) = ahead.append(&new(2.0, 2), &new(3.0, 2)).unwrap();
    assert_eq!((values(&k)[4..].to_vec(), values(&v)[4..].to_vec()), (vec![2.0; 4], vec![3.0; 4]));
}

/// A first append that fails leaves no room of the wrong shape behind.
#[test]
fn a_cache_is_empty_after_a_first_append_that_failed() {
    let mut cache = Cache::new(0, 4);
    let wide = Tensor::ones((3, 2), DType::F32, Cpu).unwrap();
    assert!(cache.append(&wide.t().unwrap()).is_err());
    assert!(cache.all_data().is_none());
    cache.append(&wide).unwrap();
    assert_eq!(cache.current_seq_len(), 3);
}

#[test]
fn values_that_do_not_fit_leave_the_keys_of_a_batch_as_they_were() {
    let mut builder = ScatteredCacheBuilder::new(1, 3, DType::F32, Cpu).unwrap();
    let mut cache = builder.make_cache(1, 2).unwrap();
    let places = builder.indices_and_mask(1, &[true]).unwrap();
    let new = |size: usize| Tensor::ones((1, 1, 1, size), DType::F32, Cpu).unwrap();
    assert!(cache.append(&new(2), &new(3), &places).is_err());
    assert!(cache.append(&new(2), &new(2).to_dtype(DType::F64).unwrap(), &places).is_err());
    assert_eq!(values(cache.k()), [0.0; 6]);
    let _ = cache.append(&new(2), &new(2), &places).unwrap();
    assert_eq!(values(cache.k()), [1.0, 1.0, 0.0, 0.0, 0.0, 0.0]);
}

/// What a rotating cache returned is a view of the cache.
#[test]
fn what_a_rotating_cache_returned_can_be_appended_to_it() {
    let mut cache = RotatingCache::new(0, 4);
    let all = cache.append(&places(1, 2)).unwrap();
    assert_eq!(values(&cache.append(&all).unwrap()), [1.0, 2.0, 1.0, 2.0]);
}

#[test]
fn arguments_with_which_candle_would_hang_or_panic_are_errors() {
    let message = Cache::new(0, 0).append(&places(0, 1)).unwrap_err().to_string();
    assert!(message.contains("`max_seq_len` of at least 1, got: 0"), "{message}");
    let mut rotating = RotatingCache::<Cpu>::new(0, 0);
    assert!(rotating.append(&places(0, 1)).is_err());
    assert!(rotating.positions(1).is_err() && rotating.attn_mask(2).is_err());

    assert!(ScatteredCacheBuilder::new(1, 0, DType::F32, Cpu).is_err());
    let mut builder = ScatteredCacheBuilder::new(1, 2, DType::F32, Cpu).unwrap();
    let message = builder.indices_and_mask(1, &[true, true]).unwrap_err().to_string();
    assert!(message.contains("a `batch_mask` of 1, got: 2"), "{message}");
    assert!(builder.reset_batch_index(1).unwrap_err().to_string().contains("an index below 1, got: 1"));

    let x = Tensor::zeros((1, 1, 1, 3), DType::F32, Cpu).unwrap();
    let message = InterleavedKvCache::new(2).append(&x, &x).unwrap_err().to_string();
    assert!(message.contains("expected: (1, heads, length, 2), got: [1, 1, 1, 3]"), "{message}");
}
