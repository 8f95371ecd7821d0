"""Trains a small CNN on scikit-learn's handwritten digits and saves it the way people save models.

Run `python make_digits.py` in this folder. It writes

    digits.pt                a general checkpoint (zip): epoch, model, optimizer, accuracy, classes
    digits_legacy.pt         the bare state dict in the stream format that torch wrote before 1.6
    digits_cpu.pt            the bare state dict, saved on the CPU (zip)
    digits_test.safetensors  the held-out images and labels, and torch's own logits for them
    README.md                what these files are, with the numbers of this run

The first two say that their tensors live on `cuda:0`. On a machine without a GPU the training runs on the
CPU and only the tag is written as `cuda:0`, through torch's public `register_package`. A second run gives the same
files, but for `digits_legacy.pt`: that format names storages by their memory addresses, so its bytes differ while
its content does not.
"""

# torch==2.15.0 numpy==2.4.6 scikit-learn==1.9.1 safetensors==0.8.0

import os
from pathlib import Path

import safetensors.torch
import sklearn
import torch
import torch.nn.functional as F
from sklearn.datasets import load_digits
from sklearn.model_selection import train_test_split
from torch import nn

HERE = Path(__file__).resolve().parent
SEED = 0
EPOCHS = 8
BATCH = 64
TAG = "cuda:0"


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv1 = nn.Conv2d(1, 16, 3, padding=1)
        self.bn1 = nn.BatchNorm2d(16)
        self.conv2 = nn.Conv2d(16, 32, 3, padding=1)
        self.bn2 = nn.BatchNorm2d(32)
        self.pool = nn.MaxPool2d(2)
        self.head = nn.Sequential(
            nn.Flatten(), nn.Linear(32 * 2 * 2, 64), nn.ReLU(), nn.Dropout(0.25), nn.Linear(64, 10)
        )

    def forward(self, x):
        x = self.pool(F.relu(self.bn1(self.conv1(x))))
        x = self.pool(F.relu(self.bn2(self.conv2(x))))
        return self.head(x)


def data():
    """Images (N, 1, 8, 8) in 0..1 and labels, a stratified fifth of them held out."""
    digits = load_digits()
    images = torch.tensor(digits.images, dtype=torch.float32).div(16).unsqueeze(1)
    labels = torch.tensor(digits.target, dtype=torch.int64)
    train, test = train_test_split(range(len(labels)), test_size=0.2, stratify=digits.target, random_state=SEED)
    return images[train], labels[train], images[test], labels[test]


def accuracy(model, images, labels):
    model.eval()
    with torch.no_grad():
        return (model(images).argmax(1) == labels).double().mean().item()


def train(device):
    torch.manual_seed(SEED)
    torch.use_deterministic_algorithms(True)
    images, labels, test_images, test_labels = (t.to(device) for t in data())
    model = Net().to(device)
    optimizer = torch.optim.Adam(model.parameters(), lr=2e-3, weight_decay=1e-4)
    for epoch in range(1, EPOCHS + 1):
        model.train()
        order = torch.randperm(len(labels)).to(device)
        for batch in order.split(BATCH):
            loss = F.cross_entropy(model(images[batch]), labels[batch])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch:2}: held-out accuracy {accuracy(model, test_images, test_labels):.4f}")
    return model, optimizer, accuracy(model, test_images, test_labels)


def tag_as_cuda():
    """Makes `torch.save` write `cuda:0` for storages that are on the CPU; loading stays as it is."""
    torch.serialization.register_package(
        5,  # before torch's own cpu tagger, which has priority 10
        lambda storage: TAG if storage.device.type == "cpu" else None,
        lambda storage, location: None,
    )


def verify(name):
    """The file loads with map_location="cpu" and, on a machine without CUDA, with nothing else."""
    tags = []
    torch.load(HERE / name, map_location=lambda s, tag: tags.append(tag) or s, weights_only=True)
    # Adam keeps its step counters on the CPU, also when it trains on a GPU.
    assert TAG in tags and set(tags) <= {TAG, "cpu"}, tags
    loaded = torch.load(HERE / name, map_location="cpu", weights_only=True)
    if not torch.cuda.is_available():
        try:
            torch.load(HERE / name, weights_only=True)
        except RuntimeError as error:
            assert "Attempting to deserialize object on a CUDA device" in str(error), error
        else:
            raise AssertionError(f"{name} loaded without map_location and without CUDA")
    return loaded


README = """\
# Digits

A small CNN trained with PyTorch {torch} on the handwritten digits of scikit-learn {sklearn} (UCI "Optical
Recognition of Handwritten Digits", test part: 1797 images of 8x8 pixels, CC BY 4.0). `make_digits.py` made every
file here, this one included; it holds the model's class.

| file | what it is |
| --- | --- |
| `digits.pt` | zip format: `{{epoch, model_state_dict, optimizer_state_dict, test_accuracy, classes}}` |
| `digits_legacy.pt` | the stream format from before PyTorch 1.6: the bare `state_dict()` |
| `digits_cpu.pt` | zip format: the bare `state_dict()`, saved on the CPU |
| `digits_test.safetensors` | `images` f32 ({n}, 1, 8, 8), `labels` i64 ({n}), `logits` f32 ({n}, 10) |

The images are pixels divided by 16. The {n} in `digits_test.safetensors` are a stratified fifth that was never
trained on; `logits` are PyTorch's own answers in evaluation mode, on the CPU. {right} of {n} are right: accuracy
{accuracy:.4f}.

The first two were {how}, so
`torch.load("digits.pt")` fails on a machine without CUDA and `torch.load("digits.pt", map_location="cpu")` works.

Logits of the first image (label {label}):

    {first}
"""


def main():
    cuda = torch.cuda.is_available()
    os.environ.setdefault("CUBLAS_WORKSPACE_CONFIG", ":4096:8")
    model, optimizer, test_accuracy = train("cuda:0" if cuda else "cpu")
    on_cpu = model.state_dict()
    on_cpu.update({key: value.cpu() for key, value in on_cpu.items()})
    torch.save(on_cpu, HERE / "digits_cpu.pt")
    if cuda:
        how = f"saved from a GPU ({torch.cuda.get_device_name(0)}): their storages are tagged `{TAG}`"
    else:
        how = (
            f"trained on a CPU, with their storages tagged `{TAG}` through\n"
            "`torch.serialization.register_package`, as a model saved on a GPU has them"
        )
        tag_as_cuda()

    torch.save(
        {
            "epoch": EPOCHS,
            "model_state_dict": model.state_dict(),
            "optimizer_state_dict": optimizer.state_dict(),
            "test_accuracy": test_accuracy,
            "classes": [str(digit) for digit in range(10)],
        },
        HERE / "digits.pt",
    )
    torch.save(model.state_dict(), HERE / "digits_legacy.pt", _use_new_zipfile_serialization=False)

    # The logits come from the files as written, read on the CPU.
    _, _, images, labels = data()
    logits = []
    for state in (verify("digits.pt")["model_state_dict"], verify("digits_legacy.pt")):
        reloaded = Net()
        reloaded.load_state_dict(state)
        reloaded.eval()
        with torch.no_grad():
            logits.append(reloaded(images))
    assert torch.equal(*logits)
    safetensors.torch.save_file(
        {"images": images.contiguous(), "labels": labels, "logits": logits[0]},
        HERE / "digits_test.safetensors",
    )

    right = (logits[0].argmax(1) == labels).sum().item()
    text = README.format(
        torch=torch.__version__.split("+")[0],
        sklearn=sklearn.__version__,
        n=len(labels),
        right=right,
        accuracy=right / len(labels),
        how=how,
        label=labels[0].item(),
        first=", ".join(f"{x:.4f}" for x in logits[0][0].tolist()),
    )
    (HERE / "README.md").write_text(text)
    print("digits.pt and digits_legacy.pt were " + how.replace("\n", " ") + ".")
    print(f"{right} of {len(labels)} held-out images are right.")


if __name__ == "__main__":
    main()
