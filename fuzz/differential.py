"""Compares what PyTorch and model-runtime read from mutated checkpoints (row B6 of docs/reliability.md).

    cargo build --bin describe
    python differential.py target/debug/describe 100000 [start of the random numbers]

Where both accept a file, the tensors must have the same keys, types, shapes and bytes. Known bugs of PyTorch, counted
apart: it does not check CRCs (a file whose bytes we refuse is no difference), and what we keep unread (sparse,
quantised, objects) is not compared. The mutants that only one of the two reads are listed by the other's reason, with
numbers and names left out. Needs torch; without it, it says so and ends with status 0.
"""

import hashlib
import json
import random
import re
import subprocess
import sys
import tempfile
import warnings
from collections import Counter
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
        value = value.detach().resolve_conj().resolve_neg().clone(memory_format=torch.contiguous_format)
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
    """The tensors, or None and the reason."""
    try:
        found = []
        tensors(torch.load(path, map_location=lambda storage, tag: storage, weights_only=True), [], found)
        return found, ""
    except Exception as error:
        text = str(error)
        if "WeightsUnpickler error:" in text:
            text = text.split("WeightsUnpickler error:", 1)[1]
        return None, f"{type(error).__name__}: {text.strip()}"


def short(reason):
    """A reason without the file, the place and what was found there."""
    reason = re.sub(r"^.*?\.pt: ", "", reason.splitlines()[0] if reason else "").split(", expected:")[0]
    reason = re.sub(r"`[^`]*`|'[^']*'|\"[^\"]*\"", "_", reason)
    return re.sub(r"0x[0-9a-f]+|-?\d+", "N", reason)[:110]


def listed(title, reasons):
    print(title)
    for reason, count in reasons.most_common(40):
        print(f"  {count:6} {reason}")


def main():
    binary, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    numbers = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    seeds = [(FIXTURES / "checkpoints" / name).read_bytes() for name in SEEDS]
    both = neither = 0
    ours, theirs = Counter(), Counter()
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
                rust, (python, reason) = json.loads(line), by_torch(path)
                if "error" in rust and python is None:
                    neither += 1
                elif "error" in rust:
                    theirs[short(rust["error"])] += 1
                elif python is None:
                    ours[short(reason)] += 1
                else:
                    both += 1
                    order = lambda entry: json.dumps(entry)
                    if sorted(rust["tensors"], key=order) != sorted(python, key=order) and not rust["unreadable"]:
                        kept = Path(tempfile.gettempdir()) / "differential.pt"
                        kept.write_bytes(path.read_bytes())
                        sys.exit(f"DIFFERENT: {kept}\n  rust   {rust}\n  python {python}")
    only = f"only torch reads {theirs.total()}, only we read {ours.total()}"
    print(f"{count} mutants: both read {both} and agree, both refuse {neither}, {only}")
    listed("only torch reads, what we say:", theirs)
    listed("only we read, what torch says:", ours)


main()
