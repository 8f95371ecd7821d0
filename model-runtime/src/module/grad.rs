//! Which parameters are trained: candle variables, lent to optimizers.

use std::collections::{HashMap, HashSet};
use std::marker::PhantomData;
use std::ops::Deref;

use candle_core::{DType, Var};

use super::Module;
use super::data::Trained;
use super::leaf::{Identity, Leaf, LeafKind};
use super::walk::{At, VisitorMut, WalkMut};
use super::{named, ties};
use crate::error::{Result, Unsupported};

/// The variables of a model's trained parameters, in declaration order, each once. They borrow the model.
///
/// ```compile_fail,E0505
/// use model_runtime::prelude::*;
///
/// let net = Linear::new(4, 2).init(Cpu)?;
/// let parameters = net.parameters()?;
/// let moved = net.to(Auto)?; // the optimizer would go on training the old model
/// println!("{}", parameters.len());
/// # Ok::<(), model_runtime::Error>(())
/// ```
#[derive(Debug)]
#[must_use = "the variables are for an optimizer"]
pub struct Parameters<'m> {
    vars: Vec<Var>,
    module: PhantomData<&'m ()>,
}

impl Deref for Parameters<'_> {
    type Target = [Var];

    fn deref(&self) -> &[Var] {
        &self.vars
    }
}

/// The variables of `module`.
pub(super) fn parameters<M: Module>(module: &M) -> Result<Parameters<'_>> {
    let leaves = named::leaves(module, LeafKind::Parameter);
    let mut vars = Vec::new();
    for (_, leaf) in &leaves {
        vars.extend(leaf.var()?);
    }
    if vars.is_empty() && !leaves.is_empty() {
        if leaves.iter().all(|(_, leaf)| leaf.tensor().is_none()) {
            let fix = "call `init(device)`, or `load_state_dict(&state, device)` and `requires_grad(true)`, and train the \
                       model that it returns";
            let what = "the model is only declared, and has no parameters to train yet";
            return Err(Unsupported::new(what).fix(fix).into());
        }
        let frozen = named::frozen(module);
        if leaves.iter().all(|(_, leaf)| frozen.contains(&leaf.identity())) {
            let fix = "call `requires_grad(true)` on the field to train it all the same";
            return Err(Unsupported::new("every parameter is in a field with `#[module(frozen)]`").fix(fix).into());
        }
        let what = format!("none of the {} parameters is trained", leaves.len());
        let fix = "call `net.requires_grad(true)?`, and `net.train()`, before an optimizer is made";
        return Err(Unsupported::new(what).fix(fix).into());
    }
    Ok(Parameters { vars, module: PhantomData })
}

/// Makes every parameter a variable, or a plain tensor that shares the variable's data.
pub(super) fn requires_grad<M: Module>(module: &mut M, requires_grad: bool) -> Result<()> {
    // All that can fail happens before the first parameter changes.
    ties::check(module)?;
    let frozen = if requires_grad { named::frozen(module) } else { HashSet::new() };
    let mut trained = HashMap::new();
    for (key, leaf) in named::leaves(module, LeafKind::Parameter) {
        if frozen.contains(&leaf.identity()) {
            continue;
        }
        let dtype = leaf.data(&key)?.dtype();
        // A parameter that is not trained, and is not to be, stays as it is.
        if requires_grad || leaf.requires_grad() {
            check_trainable(&key, dtype)?;
            trained.insert(leaf.identity(), leaf.prepare_trained()?);
        }
    }
    module.walk_mut(&mut WalkMut::new(&mut SetTrained { trained, requires_grad }))
}

fn check_trainable(key: &str, dtype: DType) -> Result<()> {
    if dtype.is_float() {
        return Ok(());
    }
    let dtype = dtype.as_str();
    let error = Unsupported::new("only parameters of floating-point dtypes can require gradients").key(key);
    Err(error.got(dtype).fix("declare it a `Buffer`").into())
}

/// Makes leaves what was prepared for them.
struct SetTrained {
    trained: HashMap<Identity, Option<Trained>>,
    requires_grad: bool,
}

impl VisitorMut for SetTrained {
    fn leaf(&mut self, _at: At<'_>, leaf: &mut Leaf) -> Result<()> {
        if let Some(trained) = self.trained.get_mut(&leaf.identity()) {
            leaf.set_trained(trained.take(), self.requires_grad);
        }
        Ok(())
    }

    fn shared(&mut self, at: At<'_>, leaf: &Leaf) -> Result<()> {
        // All clones of a leaf are trained, or none.
        self.leaf(at, &mut leaf.clone())
    }
}
