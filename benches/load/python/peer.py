"""The measured process of the peers in Python, with the arguments and the answer of `src/child.rs`:

peer.py WHAT PEER PATH[,PATH...] THREADS REPEATS OUT TOKEN[,TOKEN...]
"""

import json
import os
import sys
import time
import zlib
from pathlib import Path

import torch
from safetensors.torch import load_file, save_file


def status(field):
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(field):
            return int(line.split()[1]) * 1024
    raise KeyError(field)


def bytes_read():
    for line in Path("/proc/self/io").read_text().splitlines():
        if line.startswith("read_bytes:"):
            return int(line.split()[1])
    raise KeyError("read_bytes")


def load(peer, paths):
    if peer == "torch-load":
        return torch.load(paths[0], weights_only=True)
    if peer == "torch-load-mmap":
        return torch.load(paths[0], weights_only=True, mmap=True)
    if peer == "load-file":
        return {name: tensor for path in paths for name, tensor in load_file(path).items()}
    raise ValueError(peer)


def forward(peer, paths, tokens):
    from gpt2 import model_of

    with torch.no_grad():
        return model_of(load(peer, paths))(torch.tensor([tokens]))


def checksum(tensors):
    crc = 0
    # As Rust orders strings: by their bytes.
    for name, tensor in sorted(tensors.items(), key=lambda item: item[0].encode()):
        bytes = tensor.contiguous().reshape(-1).view(torch.uint8).numpy()
        crc = zlib.crc32(name.encode(), crc)
        crc = zlib.crc32(zlib.crc32(bytes).to_bytes(4, "little"), crc)
    return crc


def repeated(repeats, call):
    def timed():
        start = time.perf_counter()
        made = call()
        return time.perf_counter() - start, made

    before = status("VmRSS:")
    first, made = timed()
    peak, read = status("VmHWM:"), bytes_read()
    del made
    start = time.perf_counter()
    took = [timed()[0] for _ in range(repeats)]
    repeats_took = time.perf_counter() - start
    return dict(first=first, repeats=took, repeats_took=repeats_took, peak=peak, before=before, read=read)


def save(peer, paths, out):
    tensors = load_file(paths[0]) if paths[0].endswith(".safetensors") else torch.load(paths[0], weights_only=True)
    Path("/proc/self/clear_refs").write_text("5")
    before = status("VmRSS:")
    start = time.perf_counter()
    if peer == "torch-save":
        torch.save(tensors, out)
    else:
        save_file(tensors, out)
    # What is saved is on the disk.
    with open(out, "rb") as file:
        os.fsync(file.fileno())
    return dict(first=time.perf_counter() - start, peak=status("VmHWM:"), before=before)


def main():
    what, peer, paths, threads, repeats, out, tokens = sys.argv[1:]
    paths, repeats, tokens = paths.split(","), int(repeats), [int(token) for token in tokens.split(",")]
    torch.set_num_threads(int(threads))
    measured = dict(first=0.0, repeats=[], repeats_took=0.0, peak=0, before=0, read=0, checksum=None)
    if what == "load":
        measured |= repeated(repeats, lambda: load(peer, paths))
    elif what == "verify":
        measured["checksum"] = checksum(load(peer, paths))
    elif what == "forward":
        from gpt2 import model_of  # the import is not measured

        measured |= repeated(repeats, lambda: forward(peer, paths, tokens))
    elif what == "logits":
        Path(out).write_bytes(forward(peer, paths, tokens).numpy().tobytes())
    elif what == "save":
        measured |= save(peer, paths, out)
    else:
        raise ValueError(what)
    print(json.dumps(measured))


main()
