//! [`Module::to_dtype`](super::Module::to_dtype): the walk that converts floating-point leaves.

use std::collections::HashMap;

use candle_core::DType;

use super::Module;
use super::leaf::{Identity, Leaf};
use super::walk::{At, VisitorMut, WalkMut};
use crate::error::{Result, Unsupported};

/// Converts the floating-point leaves of `module`, declared ones too.
pub(super) fn to_dtype<M: Module>(mut module: M, dtype: DType) -> Result<M> {
    check_float(dtype)?;
    module.walk_mut(&mut WalkMut::new(&mut Convert { dtype, converted: HashMap::new() }))?;
    Ok(module)
}

/// The one check that a dtype is one that a model can have.
pub(crate) fn check_float(dtype: DType) -> Result<()> {
    if !matches!(dtype, DType::F32 | DType::F16 | DType::BF16 | DType::F64) {
        let got = dtype.as_str();
        let error = Unsupported::new("a module is only converted to floating-point dtypes");
        return Err(error.expected("f32, f16, bf16 or f64").got(got).into());
    }
    Ok(())
}

/// Converts leaves, each tensor once, so that ties survive.
struct Convert {
    dtype: DType,
    converted: HashMap<Identity, Leaf>,
}

impl VisitorMut for Convert {
    fn leaf(&mut self, at: At<'_>, leaf: &mut Leaf) -> Result<()> {
        if !self.converts(leaf) {
            return Ok(());
        }
        let identity = leaf.identity();
        let converted = match self.converted.get(&identity) {
            Some(converted) => converted.clone(),
            None => converted(leaf, self.dtype).map_err(|error| error.at(at.key))?,
        };
        *leaf = converted.clone();
        self.converted.insert(identity, converted);
        Ok(())
    }

    fn shared(&mut self, at: At<'_>, leaf: &Leaf) -> Result<()> {
        if !self.converts(leaf) {
            return Ok(());
        }
        let what =
            "several `Arc`s or `Rc`s hold the module of this tensor, and `to_dtype` would convert it for all of them";
        let fix = "call `to` first, which gives the model one of its own, as in `net.to(device)?.to_dtype(dtype)?`";
        Err(Unsupported::new(what).key(at.key).fix(fix).into())
    }
}

impl Convert {
    fn converts(&self, leaf: &Leaf) -> bool {
        leaf.dtype().is_float() && leaf.dtype() != self.dtype
    }
}

fn converted(leaf: &Leaf, dtype: DType) -> Result<Leaf> {
    let Some(tensor) = leaf.tensor() else {
        return Ok(leaf.redeclared(|spec| spec.dtype(dtype)));
    };
    leaf.replaced(tensor.detach().to_dtype(dtype)?)
}
