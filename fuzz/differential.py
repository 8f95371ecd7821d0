"""Compares what PyTorch and model-runtime read from mutated checkpoints (row B6 of docs/reliability.md).

    cargo build --bin describe
    python differential.py target/debug/describe 100000

Where both accept a file, the tensors must have the same keys, types, shapes and bytes. Known bugs of PyTorch, counted
apart: it does not check CRCs (a file whose bytes we refuse is no difference), and what we keep unread (sparse,
quantised, objects) is not compared. Needs torch; without it, it says so and ends with status 0.
"""

import hashlib
import json
import random
import subprocess
import sys
import tempfile
import warnings
from pathlib import Path

try:
    import torch
except ImportError:
    print("SKIPPED: there is no torch here, so nothing was compared")
    sys.exit(0)

warnings.simplefilter("ignore")
FIXTURES = Path(__file__).resolve().parent.parent / "tests" / "fixtures"
SEEDS = ["net_state_dict.pt", "net_state_dict_legacy.pt", "views.pt", "dtypes.pt", "protocol_3.pt", "root_list_legacy.pt"]
BATCH = 200


def tensors(value, path, found):
    if isinstance(value, torch.Tensor):
        if value.layout != torch.strided or value.is_quantized or value.is_meta:
            return
        value = value.detach().resolve_conj().resolve_neg().contiguous()
        flat = value.reshape(-1).view(torch.uint8).numpy().tobytes() if value.numel() else b""
        name = str(value.dtype).removeprefix("torch.")
        found.append([path, [name, list(value.shape), hashlib.sha256(flat).hexdigest()]])
    elif isinstance(value, dict):
        for key, item in value.items():
            tensors(item, path + [key if isinstance(key, (str, int)) else str(key)], found)
    elif isinstance(value, (list, tuple)) and not isinstance(value, torch.Size):
        for index, item in enumerate(value):
            tensors(item, path + [index], found)


def by_torch(path):
    try:
        found = []
        tensors(torch.load(path, map_location=lambda storage, tag: storage, weights_only=True), [], found)
        return found
    except Exception:
        return None


def main():
    binary, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    numbers = random.Random(1)
    seeds = [(FIXTURES / "checkpoints" / name).read_bytes() for name in SEEDS]
    both = ours = theirs = neither = 0
    with tempfile.TemporaryDirectory() as folder:
        for start in range(0, count, BATCH):
            paths = []
            for at in range(min(BATCH, count - start)):
                seed = bytearray(seeds[(start + at) % len(seeds)])
                for _ in range(numbers.randint(1, 4)):
                    place = numbers.randrange(len(seed))
                    seed[place] = numbers.choice([0, 1, 0x7F, 0x80, 0xFF, numbers.randrange(256), seed[place] ^ 1])
                path = Path(folder) / f"{at}.pt"
                path.write_bytes(seed)
                paths.append(path)
            told = subprocess.run([binary], input="\n".join(map(str, paths)), capture_output=True, text=True, check=True)
            for path, line in zip(paths, told.stdout.splitlines(), strict=True):
                rust, python = json.loads(line), by_torch(path)
                if "error" in rust:
                    neither, theirs = neither + (python is None), theirs + (python is not None)
                elif python is None:
                    ours += 1
                else:
                    both += 1
                    order = lambda entry: json.dumps(entry)
                    if sorted(rust["tensors"], key=order) != sorted(python, key=order) and not rust["unreadable"]:
                        kept = Path(tempfile.gettempdir()) / "differential.pt"
                        kept.write_bytes(path.read_bytes())
                        sys.exit(f"DIFFERENT: {kept}\n  rust   {rust}\n  python {python}")
    print(f"{count} mutants: both read {both} and agree, both refuse {neither}, only torch reads {theirs}, only we read {ours}")


main()
