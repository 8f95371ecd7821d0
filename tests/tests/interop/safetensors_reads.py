"""Compares safetensors files, read by the reference library, with what they were converted from."""

import json
import sys
import warnings
from pathlib import Path

import torch
from safetensors import safe_open
from safetensors.torch import load_file

warnings.simplefilter("ignore")
folder = Path(sys.argv[1])


def bytes_of(tensor):
    tensor = tensor.detach().contiguous().reshape(-1)
    return tensor.view(torch.uint8).numpy().tobytes() if tensor.numel() else b""


def original(name):
    path = folder / f"{name}.original"
    return load_file(path) if path.read_bytes()[8:9] == b"{" else torch.load(path, weights_only=True)


def compare(expected, tensors, metadata):
    assert metadata["format"] == "pt", metadata
    for key, tensor in expected.items():
        found = tensors[key] if key in tensors else tensors[metadata[key]]
        assert (found.dtype, found.shape) == (tensor.dtype, tensor.shape), key
        assert bytes_of(found) == bytes_of(tensor), key
    assert not set(tensors) - set(expected)


names = sorted(path.stem for path in folder.glob("*.original"))
for name in names:
    path = folder / f"{name}.safetensors"
    with safe_open(path, "pt") as file:
        metadata = file.metadata()
    compare(original(name), load_file(path), metadata)
index = json.loads((folder / "sharded.safetensors.index.json").read_text())
shards = sorted(set(index["weight_map"].values()))
assert shards[0] == f"sharded-00001-of-{len(shards):05}.safetensors" and len(shards) > 1, shards
tensors = {}
for shard in shards:
    loaded = load_file(folder / shard)
    assert all(index["weight_map"][key] == shard for key in loaded)
    tensors.update(loaded)
compare(original("net_state_dict"), tensors, {"format": "pt"})
assert index["metadata"]["total_size"] == sum(len(bytes_of(tensor)) for tensor in tensors.values())
print("compared", names)
