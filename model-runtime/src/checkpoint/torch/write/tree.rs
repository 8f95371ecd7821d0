//! A tree of values as a pickle, children first where Python's pickler has them first, and without recursion.

use std::sync::Arc;

use super::annotated::{self, Part};
use super::identity::identity;
use super::storages::Storages;
use super::tensor;
use crate::checkpoint::error::{CheckpointError, Result};
use crate::checkpoint::pickle::{BATCH, Encoder, Identity, OpCode};
use crate::checkpoint::tensor::TensorInfo;
use crate::checkpoint::value::{Construct, Dict, DictKind, Opaque, Value};

/// Classes that an archive of `torch.jit.save` brings along as code.
const SCRIPTED: &str = "__torch__.";

/// The pickle of `root`.
pub(super) fn encode(root: &Value, storages: &mut Storages) -> Result<Vec<u8>> {
    let mut tree = Tree { encoder: Encoder::new(), storages, pending: vec![Step::Value(root)] };
    while let Some(step) = tree.pending.pop() {
        match step {
            Step::Value(value) => tree.value(value)?,
            Step::Op(op) => tree.encoder.op(op),
            Step::Put(identity) => tree.encoder.put(identity),
            Step::Tuple(len, identity) => tree.encoder.tuple(len, identity),
            Step::Part(part) => part.write(&mut tree.encoder, tree.storages)?,
        }
    }
    Ok(tree.encoder.finish())
}

struct Tree<'a, 's> {
    encoder: Encoder,
    storages: &'s mut Storages,
    /// What is still to be written, the next one last.
    pending: Vec<Step<'a>>,
}

pub(super) enum Step<'a> {
    Value(&'a Value),
    Op(OpCode),
    Put(Option<Identity>),
    Tuple(usize, Option<Identity>),
    Part(Part<'a>),
}

impl<'a> Tree<'a, '_> {
    /// Writes these before everything that is pending.
    fn then(&mut self, steps: Vec<Step<'a>>) {
        self.pending.extend(steps.into_iter().rev());
    }

    fn value(&mut self, value: &'a Value) -> Result<()> {
        let identity = identity(value);
        if identity.as_ref().is_some_and(|identity| self.encoder.get(identity)) {
            return Ok(());
        }
        match value {
            Value::None => self.encoder.op(OpCode::None),
            Value::Bool(value) => self.encoder.bool(*value),
            Value::Int(value) => self.encoder.int(*value),
            Value::BigInt(value) => self.encoder.big_int(value)?,
            Value::Float(value) => self.encoder.float(*value),
            Value::Complex(re, im) => self.complex(*re, *im)?,
            Value::Str(text) => self.encoder.utf8(text.as_bytes(), identity)?,
            Value::Wtf8(bytes) => self.encoder.utf8(bytes, identity)?,
            Value::Bytes(bytes) => self.encoder.bytes(bytes, identity)?,
            Value::ByteArray(bytes) => self.byte_array(bytes, identity)?,
            Value::List(items) => {
                self.encoder.op(OpCode::EmptyList);
                self.encoder.put(identity);
                self.then(appended(items));
            }
            Value::Tuple(items) => self.tuple(items, identity),
            Value::Set(items) => self.set("set", items, identity)?,
            Value::FrozenSet(items) => self.set("frozenset", items, identity)?,
            Value::Dict(dict) => self.dict(dict, identity)?,
            Value::Tensor(info) => self.tensor(info)?,
            Value::Storage(view) => tensor::storage(&mut self.encoder, self.storages, view.storage())?,
            Value::Size(sizes) => self.sizes(sizes, identity)?,
            Value::Device(device) => self.device(device, identity)?,
            Value::Dtype(dtype) => tensor::dtype(&mut self.encoder, *dtype)?,
            Value::Opaque(object) => self.object(object, identity)?,
            Value::Recursive | Value::Unreadable(_) => {
                return Err(CheckpointError::unsupported(format_args!("{value} cannot be saved")));
            }
        }
        Ok(())
    }

    fn tensor(&mut self, info: &'a Arc<TensorInfo>) -> Result<()> {
        if let Some(extras) = info.extras() {
            self.then(annotated::steps(info, extras));
            return Ok(());
        }
        let identity = Identity::Object("tensor", Arc::as_ptr(info).addr());
        tensor::tensor(&mut self.encoder, self.storages, info, identity)
    }

    fn complex(&mut self, re: f64, im: f64) -> Result<()> {
        self.encoder.global("__builtin__", "complex")?;
        self.encoder.float(re);
        self.encoder.float(im);
        self.encoder.tuple(2, None);
        self.encoder.op(OpCode::Reduce);
        self.encoder.put(None);
        Ok(())
    }

    fn byte_array(&mut self, bytes: &[u8], identity: Option<Identity>) -> Result<()> {
        self.encoder.global("__builtin__", "bytearray")?;
        if bytes.is_empty() {
            self.encoder.tuple(0, None);
        } else {
            self.encoder.bytes(bytes, None)?;
            self.encoder.tuple(1, None);
        }
        self.encoder.op(OpCode::Reduce);
        self.encoder.put(identity);
        Ok(())
    }

    fn tuple(&mut self, items: &'a [Value], identity: Option<Identity>) {
        if items.len() > 3 {
            self.encoder.op(OpCode::Mark);
        }
        let mut steps: Vec<_> = items.iter().map(Step::Value).collect();
        steps.push(Step::Tuple(items.len(), identity));
        self.then(steps);
    }

    /// `set([...])`.
    fn set(&mut self, name: &str, items: &'a [Value], identity: Option<Identity>) -> Result<()> {
        self.encoder.global("__builtin__", name)?;
        self.encoder.op(OpCode::EmptyList);
        self.encoder.put(None);
        let mut steps = appended(items);
        steps.extend([Step::Tuple(1, None), Step::Op(OpCode::Reduce), Step::Put(identity)]);
        self.then(steps);
        Ok(())
    }

    fn dict(&mut self, dict: &'a Dict, identity: Option<Identity>) -> Result<()> {
        let mut steps = match dict.kind() {
            DictKind::Plain => {
                self.encoder.op(OpCode::EmptyDict);
                self.encoder.put(identity);
                set_exact(dict)
            }
            DictKind::Ordered => {
                self.encoder.ordered_dict(identity)?;
                set(dict)
            }
            DictKind::Counter => {
                self.encoder.global("collections", "Counter")?;
                self.encoder.op(OpCode::EmptyDict);
                self.encoder.put(None);
                let mut steps = set_exact(dict);
                steps.extend([Step::Tuple(1, None), Step::Op(OpCode::Reduce), Step::Put(identity)]);
                steps
            }
            DictKind::Default => {
                self.encoder.global("collections", "defaultdict")?;
                let mut steps: Vec<_> = dict.factory().map(Step::Value).into_iter().collect();
                steps.push(Step::Tuple(steps.len(), None));
                steps.extend([Step::Op(OpCode::Reduce), Step::Put(identity)]);
                steps.extend(set(dict));
                steps
            }
        };
        steps.extend(dict.attributes().into_iter().flat_map(|state| [Step::Value(state), Step::Op(OpCode::Build)]));
        self.then(steps);
        Ok(())
    }

    /// `torch.Size((2, 3))`.
    fn sizes(&mut self, sizes: &[usize], identity: Option<Identity>) -> Result<()> {
        self.encoder.global("torch", "Size")?;
        self.encoder.sizes(sizes)?;
        self.encoder.tuple(1, None);
        self.encoder.op(OpCode::Reduce);
        self.encoder.put(identity);
        Ok(())
    }

    /// `torch.device("cuda", 1)`.
    fn device(&mut self, device: &str, identity: Option<Identity>) -> Result<()> {
        self.encoder.global("torch", "device")?;
        let indexed = device.split_once(':').and_then(|(kind, index)| Some((kind, index.parse::<i64>().ok()?)));
        let (kind, index) = indexed.map_or((device, None), |(kind, index)| (kind, Some(index)));
        self.encoder.utf8(kind.as_bytes(), None)?;
        if let Some(index) = index {
            self.encoder.int(index);
        }
        self.encoder.tuple(if index.is_some() { 2 } else { 1 }, None);
        self.encoder.op(OpCode::Reduce);
        self.encoder.put(identity);
        Ok(())
    }

    /// A class or function, or the call of one with what was done to the result.
    fn object(&mut self, object: &'a Opaque, identity: Option<Identity>) -> Result<()> {
        let unwritable = || CheckpointError::unsupported("an object of a form that protocol 2 does not have");
        let named = |error: CheckpointError| error.got(format_args!("`{}`", object.global()));
        if object.global().starts_with(SCRIPTED) {
            let error = CheckpointError::unsupported("a class of a TorchScript archive, which Python cannot import");
            return Err(named(error).fix("save the tensors alone: `checkpoint.state_dict()?.save(..)`"));
        }
        let (module, name) = object.global().rsplit_once('.').ok_or_else(|| named(unwritable()))?;
        let module = match module {
            "builtins" => "__builtin__",
            "copyreg" => "copy_reg",
            other => other,
        };
        let mut steps = match (object.construct, object.args()) {
            (Construct::Other, _) => return Err(named(unwritable())),
            (Construct::CallObject | Construct::NewObject, args) => call_of_object(args.as_list().unwrap_or_default()),
            (Construct::Call | Construct::New, args) => {
                self.encoder.global(module, name)?;
                if args.is_none() {
                    return Ok(());
                }
                vec![Step::Value(args)]
            }
        };
        let is_call = matches!(object.construct, Construct::Call | Construct::CallObject);
        steps.extend([Step::Op(if is_call { OpCode::Reduce } else { OpCode::NewObj }), Step::Put(identity)]);
        steps.extend(appended_one_by_one(object.items()));
        steps.extend(set(object.entries()));
        if !object.state().is_none() {
            steps.extend([Step::Value(object.state()), Step::Op(OpCode::Build)]);
        }
        self.then(steps);
        Ok(())
    }
}

/// What is called, which comes first, and the tuple of its arguments.
fn call_of_object(args: &[Value]) -> Vec<Step<'_>> {
    let Some((callee, args)) = args.split_first() else { return Vec::new() };
    let mut steps = vec![Step::Value(callee)];
    steps.extend((args.len() > 3).then_some(Step::Op(OpCode::Mark)));
    steps.extend(args.iter().map(Step::Value));
    steps.push(Step::Tuple(args.len(), None));
    steps
}

/// The elements of a list, in batches; one by itself has an opcode of its own.
fn appended(items: &[Value]) -> Vec<Step<'_>> {
    if let [only] = items {
        return vec![Step::Value(only), Step::Op(OpCode::Append)];
    }
    items.chunks(BATCH).flat_map(|batch| batched(batch.iter().map(Step::Value).collect(), OpCode::Appends)).collect()
}

/// The elements of a subclass of `list`, which the pickler iterates over.
fn appended_one_by_one(items: &[Value]) -> Vec<Step<'_>> {
    items.chunks(BATCH).flat_map(appended).collect()
}

/// The entries of a subclass of `dict`, which the pickler iterates over.
fn set(dict: &Dict) -> Vec<Step<'_>> {
    let entries: Vec<_> = dict.iter().collect();
    entries.chunks(BATCH).flat_map(batch).collect()
}

fn batch<'a>(entries: &[(&'a Value, &'a Value)]) -> Vec<Step<'a>> {
    match entries {
        [(key, value)] => vec![Step::Value(key), Step::Value(value), Step::Op(OpCode::SetItem)],
        entries => batched(pairs(entries), OpCode::SetItems),
    }
}

/// The entries of a `dict` itself: only a dict of one has the short form, and a full last batch is followed by an empty
/// one.
fn set_exact(dict: &Dict) -> Vec<Step<'_>> {
    let entries: Vec<_> = dict.iter().collect();
    if entries.len() <= 1 {
        return set(dict);
    }
    let batches = entries.chunks(BATCH).flat_map(|entries| batched(pairs(entries), OpCode::SetItems));
    let mut steps: Vec<_> = batches.collect();
    if entries.len().is_multiple_of(BATCH) {
        steps.extend(batched(Vec::new(), OpCode::SetItems));
    }
    steps
}

fn pairs<'a>(entries: &[(&'a Value, &'a Value)]) -> Vec<Step<'a>> {
    entries.iter().flat_map(|(key, value)| [Step::Value(key), Step::Value(value)]).collect()
}

fn batched(mut steps: Vec<Step<'_>>, end: OpCode) -> Vec<Step<'_>> {
    steps.insert(0, Step::Op(OpCode::Mark));
    steps.push(Step::Op(end));
    steps
}
