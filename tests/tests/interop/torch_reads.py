"""Compares what torch reads from the second file of each pair with what it reads from the first."""

import os
import sys
import warnings
from pathlib import Path

os.environ["TORCH_SERIALIZATION_DEBUG"] = "1"
import torch  # noqa: E402

warnings.simplefilter("ignore")


def same(a, b, at, seen):
    assert type(a) is type(b), (at, type(a), type(b))
    if id(a) in seen:
        assert seen[id(a)] == id(b) or isinstance(a, (str, int, float, bytes)) or a is None or a == (), at
        return
    if isinstance(a, torch.Tensor):
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


def bytes_of(tensor):
    tensor = tensor.detach()
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
