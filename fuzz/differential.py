"""Compares what PyTorch and model-runtime read from mutated checkpoints (row B6 of docs/reliability.md).

    cargo build --bin describe
    python differential.py target/debug/describe 100000 [start of the random numbers]

Where both accept a file, the tensors must have the same keys, types, shapes and bytes. Known bugs of PyTorch, counted
apart: it does not check CRCs (a file whose bytes we refuse is no difference). What we keep as parts (sparse, quantised,
objects) is not compared, and all other tensors of such a file are. The mutants that only one of the two reads are counted
by class and listed by the other's reason, with numbers and names left out. Needs torch; without it, it says so and ends with status 0.
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

# Why only one reads a mutant: the first pattern that is in the other's reason decides.
ONLY_TORCH = [
    ("flags, disks and attributes that torch does not look at", r"disk|flags|attribute"),
    ("the local header says another name or other sizes than the directory", r"local header"),
    ("the data descriptor is wrong or missing", r"data descriptor"),
    ("a checksum does not match", r"checksum"),
    ("entries overlap or have bytes between them", r"overlaps|between this entry"),
    ("the end records contradict each other", r"end record|directory"),
    ("a pickle of a protocol that does not exist", r"protocol is unknown"),
    ("persistent ids with parts that torch does not look at", r"persistent id"),
    ("tensors past the end of their storage, which torch lets grow", r"past the end of its storage"),
]
ONLY_US = [
    ("opcodes that Python has and weights_only does not", r"Unsupported operand"),
    ("a global that weights_only refuses, which is data here", r"Unsupported global|Unsupported class|not an allowed"),
    ("torch fails to decode a text as UTF-8", r"UnicodeDecodeError"),
    ("an archive that torch's zip reader refuses", r"PytorchStreamReader"),
]


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


def listed(title, reasons, classes):
    print(title)
    counts = Counter()
    for reason, count in reasons.items():
        counts[next((name for name, pattern in classes if re.search(pattern, reason)), "other")] += count
    for name, count in counts.most_common():
        print(f"  {count:6} {name}")
    print(" in detail:")
    for reason, count in reasons.most_common(40):
        print(f"  {count:6} {reason}")


def main():
    binary, count = sys.argv[1], int(sys.argv[2]) if len(sys.argv) > 2 else 1000
    numbers = random.Random(int(sys.argv[3]) if len(sys.argv) > 3 else 1)
    seeds = [(FIXTURES / "checkpoints" / name).read_bytes() for name in SEEDS]
    both = neither = partly = 0
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
                    ours_read, torchs = map(order, rust["tensors"]), list(map(order, python))
                    is_same = Counter(ours_read) <= Counter(torchs) if rust["unreadable"] else sorted(ours_read) == sorted(torchs)
                    partly += rust["unreadable"]
                    if not is_same:
                        kept = Path(tempfile.gettempdir()) / "differential.pt"
                        kept.write_bytes(path.read_bytes())
                        sys.exit(f"DIFFERENT: {kept}\n  rust   {rust}\n  python {python}")
    only = f"only torch reads {theirs.total()}, only we read {ours.total()}"
    agree = f"both read {both} and agree ({partly} of them hold something that is kept as parts)"
    print(f"{count} mutants: {agree}, both refuse {neither}, {only}")
    listed("only torch reads, what we say:", theirs, ONLY_TORCH)
    listed("only we read, what torch says:", ours, ONLY_US)


main()
