"""Writes a measured file with PyTorch: `files.py SPECIFICATION`, a JSON file with the tensors, the format and the path."""

import json
import sys
from pathlib import Path

import torch
from safetensors.torch import save_file

SHARD = 200_000_000


def tensor(entry, generator):
    values = torch.empty(entry["shape"]).uniform_(-0.05, 0.05, generator=generator)
    # A layer norm scales by about one.
    if ".ln_" in entry["name"] and entry["name"].endswith(".weight"):
        values += 1
    return values.to(getattr(torch, entry["dtype"]))


def sharded(tensors, path):
    shards = [{}]
    for name, value in tensors.items():
        size = sum(other.nbytes for other in shards[-1].values())
        if shards[-1] and size + value.nbytes > SHARD:
            shards.append({})
        shards[-1][name] = value
    names = [f"model-{number:05}-of-{len(shards):05}.safetensors" for number in range(1, len(shards) + 1)]
    for name, shard in zip(names, shards):
        save_file(shard, path.parent / name, {"format": "pt"})
    weights = {key: name for name, shard in zip(names, shards) for key in shard}
    size = sum(value.nbytes for value in tensors.values())
    path.write_text(json.dumps({"metadata": {"total_size": size}, "weight_map": weights}))


def main():
    specification = json.loads(Path(sys.argv[1]).read_text())
    path, format = Path(specification["path"]), specification["format"]
    generator = torch.Generator().manual_seed(0)
    tensors = {entry["name"]: tensor(entry, generator) for entry in specification["entries"]}
    if format == "sharded":
        sharded(tensors, path)
    elif format == "safetensors":
        save_file(tensors, path, {"format": "pt"})
    else:
        torch.save(tensors, path, _use_new_zipfile_serialization=format == "zip")


main()
