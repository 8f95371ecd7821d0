//! Equality of values, without recursion: a tree can be deeper than a stack.

use std::sync::Arc;

use super::{Dict, Opaque, Value};
use crate::checkpoint::tensor::TensorInfo;

/// Equality of type and content, in order.
///
/// * Floats are compared bit for bit: a NaN is equal to itself, and `0.0` and `-0.0` differ. `1`, `1.0` and `True`
///   differ too. (As keys of one dict they are the same key, as in Python.)
/// * Dicts are equal if they are of one [kind](super::DictKind) and have the same entries in the same order; sets go by
///   order too.
/// * Tensors are equal if they are the same view of the same storage. Nothing is read: two files with the same bytes
///   hold different storages.
impl PartialEq for Value {
    fn eq(&self, other: &Self) -> bool {
        let mut pending = vec![(self, other)];
        while let Some((left, right)) = pending.pop() {
            if !same(left, right) {
                return false;
            }
            if same_container(left, right) {
                continue;
            }
            let (left, right) = (left.children(), right.children());
            if left.len() != right.len() {
                return false;
            }
            pending.extend(left.into_iter().zip(right));
        }
        true
    }
}

/// Entries, order, kind and attributes.
impl PartialEq for Dict {
    fn eq(&self, other: &Self) -> bool {
        same_dict(self, other)
            && self.iter().zip(other.iter()).all(|(left, right)| left == right)
            && self.attributes() == other.attributes()
            && self.factory() == other.factory()
    }
}

/// Whether both are one shared container, so that its contents need no look.
fn same_container(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::List(a), Value::List(b)) | (Value::Tuple(a), Value::Tuple(b)) => Arc::ptr_eq(a, b),
        (Value::Dict(a), Value::Dict(b)) => Arc::ptr_eq(a, b),
        (Value::Tensor(a), Value::Tensor(b)) => Arc::ptr_eq(a, b),
        (Value::Opaque(a), Value::Opaque(b)) => Arc::ptr_eq(a, b),
        _ => false,
    }
}

/// Whether two values are the same but for their children.
fn same(left: &Value, right: &Value) -> bool {
    match (left, right) {
        (Value::None, Value::None) | (Value::Recursive, Value::Recursive) => true,
        (Value::Bool(a), Value::Bool(b)) => a == b,
        (Value::Int(a), Value::Int(b)) => a == b,
        (Value::BigInt(a), Value::BigInt(b)) => a == b,
        (Value::Float(a), Value::Float(b)) => a.to_bits() == b.to_bits(),
        (Value::Complex(a, b), Value::Complex(c, d)) => (a.to_bits(), b.to_bits()) == (c.to_bits(), d.to_bits()),
        (Value::Str(a), Value::Str(b)) | (Value::Device(a), Value::Device(b)) => a == b,
        (Value::Unreadable(a), Value::Unreadable(b)) => a == b,
        (Value::Wtf8(a), Value::Wtf8(b)) | (Value::Bytes(a), Value::Bytes(b)) => a == b,
        (Value::ByteArray(a), Value::ByteArray(b)) => a == b,
        (Value::Size(a), Value::Size(b)) => a == b,
        (Value::Dtype(a), Value::Dtype(b)) => a == b,
        (Value::List(a), Value::List(b)) | (Value::Tuple(a), Value::Tuple(b)) => a.len() == b.len(),
        (Value::Set(a), Value::Set(b)) | (Value::FrozenSet(a), Value::FrozenSet(b)) => a.len() == b.len(),
        (Value::Dict(a), Value::Dict(b)) => same_dict(a, b),
        (Value::Opaque(a), Value::Opaque(b)) => same_object(a, b),
        (Value::Tensor(a), Value::Tensor(b)) => same_tensor(a, b),
        (Value::Storage(a), Value::Storage(b)) => {
            a.storage().identity() == b.storage().identity() && (a.start, a.nbytes) == (b.start, b.nbytes)
        }
        _ => false,
    }
}

fn same_dict(left: &Dict, right: &Dict) -> bool {
    left.kind() == right.kind()
        && left.len() == right.len()
        && left.attributes().is_some() == right.attributes().is_some()
        && left.factory().is_some() == right.factory().is_some()
}

fn same_object(left: &Opaque, right: &Opaque) -> bool {
    left.global == right.global
        && left.construct == right.construct
        && left.items.len() == right.items.len()
        && same_dict(&left.entries, &right.entries)
}

fn same_tensor(left: &TensorInfo, right: &TensorInfo) -> bool {
    left.storage().identity() == right.storage().identity()
        && left.dtype() == right.dtype()
        && left.shape() == right.shape()
        && left.strides() == right.strides()
        && left.offset() == right.offset()
        && left.location() == right.location()
        && left.requires_grad() == right.requires_grad()
        && left.is_parameter() == right.is_parameter()
        && left.extras().is_some() == right.extras().is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn floats_are_compared_bit_for_bit() {
        assert_eq!(Value::from(f64::NAN), Value::from(f64::NAN));
        assert_ne!(Value::from(f64::NAN), Value::from(f64::from_bits(f64::NAN.to_bits() | 1)));
        assert_ne!(Value::from(0.0), Value::from(-0.0));
        assert_ne!(Value::from(1), Value::from(1.0));
        assert_ne!(Value::from(true), Value::from(1));
    }

    #[test]
    fn order_and_kind_count() {
        let dict = || Value::dict([("a", 1), ("b", 2)]);
        assert_eq!(dict(), dict());
        assert_ne!(dict(), Value::dict([("b", 2), ("a", 1)]));
        assert_ne!(dict(), Value::ordered_dict([("a", 1), ("b", 2)]));
        assert_ne!(Value::list([1]), Value::tuple([1]));
        assert_ne!(Value::list([1]), Value::list([1, 2]));
    }

    #[test]
    fn a_deep_tree_is_compared_on_a_small_stack() {
        let deep = || (0..150_000).fold(Value::Int(1), |inner, _| Value::list([inner]));
        let compare = move || assert!(deep() == deep());
        std::thread::Builder::new().stack_size(256 << 10).spawn(compare).unwrap().join().unwrap();
    }
}
