"""Compares what torch reads from the second file of each pair with what it reads from the first."""

import os
import sys
import types
import warnings
from pathlib import Path

os.environ["TORCH_SERIALIZATION_DEBUG"] = "1"
import torch  # noqa: E402


class Tagged(torch.Tensor):
    """The subclass that `fixtures/tensors/make_tensors.py` saves."""


sys.modules["annotations"] = types.ModuleType("annotations")
sys.modules["annotations"].Tagged = Tagged

warnings.simplefilter("ignore")


def same(a, b, at, seen):
    assert type(a) is type(b), (at, type(a), type(b))
    if id(a) in seen:
        assert seen[id(a)] == id(b) or isinstance(a, (str, int, float, bytes)) or a is None or a == (), at
        return
    if isinstance(a, torch.Tensor) and parts_of(a) is not None:
        same(parts_of(a), parts_of(b), at, seen)
    elif isinstance(a, torch.Tensor):
        assert (a.is_conj(), a.is_neg(), type(a)) == (b.is_conj(), b.is_neg(), type(b)), at
        same(vars(a), vars(b), at, seen)
        assert (a.dtype, a.shape, a.stride(), a.storage_offset()) == (b.dtype, b.shape, b.stride(), b.storage_offset()), at
        assert a.requires_grad == b.requires_grad and a.device == b.device, at
        if a.device.type != "meta":
            left, right = bytes_of(a), bytes_of(b)
            assert left == right, at
    elif isinstance(a, dict):
        assert [repr(key) for key in a] == [repr(key) for key in b], at
        for left, right in zip(list(a.values()), list(b.values())):
            same(left, right, at, seen)
        same(vars(a) if hasattr(a, "__dict__") else None, vars(b) if hasattr(b, "__dict__") else None, at, seen)
    elif isinstance(a, (list, tuple)):
        assert len(a) == len(b), at
        for left, right in zip(a, b):
            same(left, right, at, seen)
    elif isinstance(a, (float, complex)):
        assert repr(a) == repr(b), at
    elif torch.is_storage(a):
        assert list(a) == list(b), at
    elif hasattr(a, "__dict__") and not isinstance(a, type) and not callable(a):
        same(vars(a), vars(b), at, seen)
    else:
        assert a is b or repr(a) == repr(b), at
    seen[id(a)] = id(b)
    seen.setdefault("keep", []).append((a, b))


def parts_of(tensor):
    """The tensors and numbers inside of one that is not strided; None for one that is."""
    if tensor.is_quantized:
        scheme = tensor.qscheme()
        if scheme == torch.per_tensor_affine:
            return [tensor.int_repr(), str(scheme), tensor.q_scale(), tensor.q_zero_point()]
        return [tensor.int_repr(), str(scheme), tensor.q_per_channel_scales(), tensor.q_per_channel_zero_points()]
    if tensor.is_nested:
        return list(tensor.unbind())
    if tensor.layout == torch.sparse_coo:
        return [tensor._indices(), tensor._values(), list(tensor.shape), tensor.is_coalesced()]
    if tensor.layout in (torch.sparse_csr, torch.sparse_bsr):
        return [str(tensor.layout), tensor.crow_indices(), tensor.col_indices(), tensor.values(), list(tensor.shape)]
    if tensor.layout in (torch.sparse_csc, torch.sparse_bsc):
        return [str(tensor.layout), tensor.ccol_indices(), tensor.row_indices(), tensor.values(), list(tensor.shape)]
    return None


def bytes_of(tensor):
    tensor = tensor.detach().resolve_conj().resolve_neg()
    if tensor.numel() == 0:
        return b""
    if tensor.dim() == 0:
        tensor = tensor.reshape(1)
    return tensor.contiguous().view(torch.uint8).numpy().tobytes()


def load(path, **options):
    # Devices that are not here go to the CPU; that they are kept is a test of the reader's.
    try:
        return torch.load(path, map_location="cpu", weights_only=True, **options)
    except Exception as error:
        if "eights" not in str(error):
            raise
        return torch.load(path, map_location="cpu", weights_only=False, **options)


compared = refused = mapped = 0
for line in (Path(sys.argv[1]) / "pairs").read_text().splitlines():
    original, copy = line.split("\t")
    if "big_endian_" in original:
        continue  # torch does not swap the bytes of untyped storages, and reads the original wrongly
    if original.endswith("big_endian.pt") and torch.__version__.startswith("1."):
        continue  # it has no byte order yet, and reads the original wrongly
    try:
        a = load(original)
    except Exception:
        refused += 1  # newer than this torch, or an older format that it no longer reads
        continue
    if isinstance(a, torch.jit.ScriptModule):
        a = a.state_dict()
        assert list(a) == list(load(copy)), copy
        continue
    b = load(copy)
    same(a, b, original, {})
    compared += 1
    if hasattr(torch.serialization, "set_default_mmap_options"):
        same(b, load(copy, mmap=True), copy, {})
        config = getattr(torch.utils.serialization, "config", None)
        if config is not None:
            config.load.calculate_storage_offsets = True
            same(b, load(copy, mmap=True), copy, {})
            config.load.calculate_storage_offsets = False
        mapped += 1
print(torch.__version__, "compared", compared, "mapped", mapped, "refused originals", refused)
assert compared > 30
