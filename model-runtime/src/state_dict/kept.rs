//! [`Memories`]: which of the tensors that a converter made can stay where the file's are.

use std::collections::HashMap;

use candle_core::{Layout, Result, Tensor};

use crate::module::{Leaf, LeafKind};
use crate::with::Tensors;

/// The memories of the tensors of a file, by address.
pub(super) struct Memories(HashMap<usize, Memory>);

struct Memory {
    /// The file's tensor, which is all that lies there; it can be a variable.
    loaded: Tensor,
    /// The same, as the converter gets it: what is done with a variable is recorded.
    plain: Tensor,
    /// How many tensors the converter made of it.
    made: usize,
}

impl Memories {
    /// Of what was loaded for a field, and the tensors of it for a converter.
    pub(super) fn of(loaded: impl Iterator<Item = (String, Tensor)>) -> (Tensors, Self) {
        let (mut tensors, mut memories) = (Tensors::new(), HashMap::new());
        for (name, loaded) in loaded {
            let plain = loaded.detach();
            tensors.insert(name, plain.clone());
            memories.insert(address(&plain), Memory { loaded, plain, made: 0 });
        }
        (tensors, Self(memories))
    }

    /// Counts the tensors that the converter made.
    pub(super) fn count<'t>(&mut self, made: impl Iterator<Item = &'t Tensor>) {
        for tensor in made {
            if let Some(memory) = self.0.get_mut(&address(tensor)) {
                memory.made += 1;
            }
        }
    }

    /// A tensor that the converter made, with memory of its own, since parts of one tensor would be tied by it: where it is,
    /// if all of what was loaded became this tensor, else a copy.
    pub(super) fn own(&self, tensor: &Tensor, leaf: &Leaf) -> Result<Tensor> {
        match self.0.get(&address(tensor)).filter(|memory| memory.is_for(leaf)) {
            Some(memory) if memory.plain.id() == tensor.id() => Ok(memory.loaded.clone()),
            Some(memory) if memory.can_be(tensor, leaf) => Ok(tensor.detach()),
            _ => tensor.detach().force_contiguous(),
        }
    }
}

impl Memory {
    /// Whether a leaf can have it: a parameter that nothing else is made of. A buffer is overwritten in place, and under
    /// another name of the file others may have the same memory.
    fn is_for(&self, leaf: &Leaf) -> bool {
        self.made == 1 && leaf.kind() == LeafKind::Parameter
    }

    /// Whether a tensor is all of it, in an order that the layer computes with.
    fn can_be(&self, tensor: &Tensor, leaf: &Leaf) -> bool {
        let layout = tensor.layout();
        let is_all = layout.start_offset() == 0 && self.plain.elem_count() == tensor.elem_count();
        is_all && (layout.is_contiguous() || leaf.spec().strided && is_permuted(layout))
    }
}

fn address(tensor: &Tensor) -> usize {
    std::ptr::from_ref(&*tensor.storage_and_layout().0).addr()
}

/// Whether it is contiguous but for the order of its dimensions: each element once, and nothing between them.
fn is_permuted(layout: &Layout) -> bool {
    let mut dims: Vec<_> = layout.dims().iter().zip(layout.stride()).filter(|(size, _)| **size != 1).collect();
    dims.sort_by_key(|(_, stride)| **stride);
    let mut step = 1;
    dims.into_iter().all(|(size, stride)| {
        let follows = *stride == step;
        step *= size;
        follows
    })
}

#[cfg(test)]
mod tests {
    use candle_core::{DType, Device, Var};

    use super::*;
    use crate::init::ZERO;
    use crate::module::Spec;

    fn file() -> Tensor {
        Tensor::arange(0u32, 12, &Device::Cpu).unwrap().reshape((4, 3)).unwrap().to_dtype(DType::F32).unwrap()
    }

    /// A leaf of a layer that computes with views, or of one that does not.
    fn leaf(kind: LeafKind, strided: bool) -> Leaf {
        let spec = Spec::new((3, 4), ZERO);
        Leaf::declared(kind, if strided { spec.strided() } else { spec })
    }

    /// Which of the tensors that are made of a file's stay where that is.
    fn stay(file: &Tensor, leaf: &Leaf, make: impl Fn(&Tensor) -> Vec<Tensor>) -> Vec<bool> {
        let (tensors, mut memories) = Memories::of([("weight".to_owned(), file.clone())].into_iter());
        let made = make(&tensors["weight"]);
        memories.count(made.iter());
        let stays = |made: &Tensor| {
            let own = memories.own(made, leaf).unwrap();
            assert_eq!(
                own.flatten_all().unwrap().to_vec1::<f32>().unwrap(),
                made.flatten_all().unwrap().to_vec1::<f32>().unwrap()
            );
            address(&own) == address(file)
        };
        made.iter().map(stays).collect()
    }

    #[test]
    fn a_transposed_view_stays_where_the_layer_computes_with_it() {
        let transposed = |file: &Tensor| vec![file.t().unwrap()];
        assert_eq!(stay(&file(), &leaf(LeafKind::Parameter, true), transposed), [true]);
        assert_eq!(stay(&file(), &leaf(LeafKind::Parameter, false), transposed), [false]);
        assert_eq!(stay(&file(), &leaf(LeafKind::Buffer, true), transposed), [false]);
        let other = |_: &Tensor| vec![file().t().unwrap()];
        assert_eq!(stay(&file(), &leaf(LeafKind::Parameter, true), other), [false]);
    }

    #[test]
    fn parts_and_what_is_shared_do_not_stay() {
        let leaf = leaf(LeafKind::Parameter, true);
        let part = |file: &Tensor| file.narrow(0, 0, 2).unwrap();
        assert_eq!(stay(&file(), &leaf, |file| vec![part(file)]), [false]);
        assert_eq!(stay(&file(), &leaf, |file| vec![file.t().unwrap(), part(file)]), [false, false]);
        let repeated = |file: &Tensor| vec![file.narrow(0, 0, 1).unwrap().broadcast_as((4, 3)).unwrap()];
        assert_eq!(stay(&file(), &leaf, repeated), [false]);
    }

    #[test]
    fn what_a_converter_leaves_alone_stays_for_one_parameter_only() {
        let (parameter, buffer) = (leaf(LeafKind::Parameter, false), leaf(LeafKind::Buffer, false));
        assert_eq!(stay(&file(), &parameter, |file| vec![file.clone()]), [true]);
        assert_eq!(stay(&file(), &parameter, |file| vec![file.clone(), file.clone()]), [false, false]);
        assert_eq!(stay(&file(), &buffer, |file| vec![file.clone()]), [false]);
    }

    #[test]
    fn what_a_converter_leaves_alone_is_the_variable_that_was_loaded_unless_two_leaves_get_it() {
        let (var, leaf) = (Var::from_tensor(&file()).unwrap(), leaf(LeafKind::Parameter, false));
        let (tensors, mut memories) = Memories::of([(String::new(), var.as_tensor().clone())].into_iter());
        let plain = &tensors[""];
        assert!(!plain.is_variable());
        memories.count([plain].into_iter());
        assert!(memories.own(plain, &leaf).unwrap().is_variable());
        memories.count([plain].into_iter());
        assert!(!memories.own(plain, &leaf).unwrap().is_variable());
    }
}
