//! The classes and functions that pickles name, and which of them `torch.load(weights_only=True)` refuses.

use std::sync::Arc;

use super::Checkpoint;
use super::scalar_type::ScalarType;
use crate::hash::FastSet;

/// What `torch._weights_only_unpickler._get_allowed_globals()` of PyTorch 2.15 lists, but for the families below.
const SAFE: &[&str] = &[
    "_codecs.encode",
    "builtins.bytearray",
    "builtins.complex",
    "builtins.set",
    "collections.Counter",
    "collections.OrderedDict",
    "torch.Size",
    "torch.Tensor",
    "torch._tensor._rebuild_from_type_v2",
    "torch.device",
    "torch.nn.parameter.Parameter",
    "torch.per_channel_affine",
    "torch.per_channel_affine_float_qparams",
    "torch.per_channel_symmetric",
    "torch.per_tensor_affine",
    "torch.per_tensor_symmetric",
    "torch.serialization._get_layout",
    "torch.storage.TypedStorage",
    "torch.storage.UntypedStorage",
];

/// `torch._utils._rebuild_...`.
const REBUILDS: &[&str] = &[
    "device_tensor_from_cpu_tensor",
    "device_tensor_from_numpy",
    "meta_tensor_no_storage",
    "parameter",
    "parameter_with_state",
    "qtensor",
    "sparse_tensor",
    "tensor",
    "tensor_v2",
    "tensor_v3",
    "wrapper_subclass",
];

/// `torch....` of the dtypes that no [`ScalarType`] is.
const DTYPES: &[&str] = &[
    "bcomplex32",
    "bits1x8",
    "bits2x4",
    "bits4x2",
    "bits8",
    "bits16",
    "float4_e2m1fn_x2",
    "int1",
    "int2",
    "int3",
    "int4",
    "int5",
    "int6",
    "int7",
    "qint8",
    "qint32",
    "quint2x4",
    "quint4x2",
    "quint8",
    "uint1",
    "uint2",
    "uint3",
    "uint4",
    "uint5",
    "uint6",
    "uint7",
];

/// `torch....Tensor` and `torch.cuda....Tensor`; all but `Bool` are in `torch.sparse` and `torch.cuda.sparse` too.
const TENSORS: &[&str] = &["BFloat16", "Bool", "Byte", "Char", "Double", "Float", "Half", "Int", "Long", "Short"];
/// `torch....Storage`, and in `torch.cuda` too if there is a tensor of that name or it is complex.
const STORAGES: &[&str] = &["ComplexDouble", "ComplexFloat"];
/// `torch....Storage` only.
const QUANTISED: &[&str] = &["QInt8", "QInt32", "QUInt8", "QUInt2x4", "QUInt4x2"];

impl Checkpoint {
    /// The classes and functions that the pickles of the file name, as `module.name`: each once, in the order of the file,
    /// also those that only PyTorch's own tensors need. A safetensors file has none. Nothing is imported or called.
    pub fn globals(&self) -> impl ExactSizeIterator<Item = &str> {
        self.file.globals.iter().map(|name| &**name)
    }

    /// The [`globals`](Self::globals) that `torch.load(weights_only=True)` of PyTorch 2.15 refuses. They are no danger
    /// here, where they are data, but show what a file would run elsewhere.
    ///
    /// Corresponds to [`torch.serialization.get_unsafe_globals_in_checkpoint`](
    /// https://docs.pytorch.org/docs/stable/notes/serialization.html#torch.serialization.get_unsafe_globals_in_checkpoint),
    /// for every format and pickle protocol.
    ///
    /// ```
    /// use model_runtime::Checkpoint;
    ///
    /// let stream = b"\x80\x02\x8a\nl\xfc\x9cF\xf9 j\xa8P\x19.\x80\x02M\xe9\x03.\x80\x02}.";
    /// let object = b"\x80\x02(ccollections\nOrderedDict\ncos\nsystem\nt.";
    /// let file = Checkpoint::from_bytes([&stream[..], object, b"\x80\x02]."].concat())?;
    /// assert!(file.globals().eq(["collections.OrderedDict", "os.system"]));
    /// assert!(file.unsafe_globals().eq(["os.system"]));
    /// # Ok::<(), model_runtime::checkpoint::CheckpointError>(())
    /// ```
    pub fn unsafe_globals(&self) -> impl Iterator<Item = &str> {
        self.globals().filter(|name| !is_safe(name))
    }
}

/// Whether `torch.load(weights_only=True)` accepts the class or function without being told to.
fn is_safe(name: &str) -> bool {
    let Some(rest) = name.strip_prefix("torch.") else { return SAFE.contains(&name) };
    let is_dtype = DTYPES.contains(&rest) || ScalarType::ALL.iter().any(|dtype| dtype.name() == rest);
    let rebuild = rest.strip_prefix("_utils._rebuild_");
    SAFE.contains(&name) || is_dtype || rebuild.is_some_and(|name| REBUILDS.contains(&name)) || is_class(rest)
}

/// A class of tensors or typed storages, without the `torch.`.
fn is_class(name: &str) -> bool {
    let (class, is_cuda) = name.strip_prefix("cuda.").map_or((name, false), |class| (class, true));
    if let Some(element) = class.strip_suffix("Storage") {
        let is_plain = TENSORS.contains(&element) || STORAGES.contains(&element);
        return is_plain || !is_cuda && QUANTISED.contains(&element);
    }
    let (class, is_sparse) = class.strip_prefix("sparse.").map_or((class, false), |class| (class, true));
    class.strip_suffix("Tensor").is_some_and(|element| TENSORS.contains(&element) && !(is_sparse && element == "Bool"))
}

/// Names, each once, in the order in which they came.
#[derive(Debug, Default)]
pub(super) struct Names {
    all: Vec<Arc<str>>,
    known: FastSet<Arc<str>>,
}

impl Names {
    /// Adds those that are not there yet.
    pub(super) fn add(&mut self, more: impl IntoIterator<Item = Arc<str>>) {
        for name in more {
            if !self.known.contains(&name) {
                self.known.insert(Arc::clone(&name));
                self.all.push(name);
            }
        }
    }

    pub(super) fn into_vec(self) -> Vec<Arc<str>> {
        self.all
    }
}
