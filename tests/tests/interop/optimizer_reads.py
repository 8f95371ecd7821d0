"""Loads the states that Rust wrote into torch's optimizers, and compares further steps with those of one never stopped."""

import json
import sys
from pathlib import Path

import torch
from torch import nn

folder, fixtures = Path(sys.argv[1]), Path(sys.argv[2])
gradients = json.loads((fixtures / "steps.json").read_text())["gradients"]


def adamw(net):
    return torch.optim.AdamW(net.named_parameters(), lr=0.5)


def sgd(net):
    return torch.optim.SGD([{"params": [net.weight]}, {"params": [net.bias]}], lr=0.5)


def step(net, optimizer, gradient):
    for name, parameter in net.named_parameters():
        parameter.grad = torch.tensor(gradient[name]).reshape(parameter.shape)
    optimizer.step()


def resumed(make, model, optimizer):
    net = nn.Linear(3, 2)
    net.load_state_dict(model)
    made = make(net)
    made.load_state_dict(optimizer)
    return net, made


def load(path):
    return torch.load(path, weights_only=True)


def plain(net):
    return torch.optim.AdamW(net.parameters(), lr=0.5)


# A state that was read and written again is the same state.
for name, make in [("adamw.pt", adamw), ("sgd.pt", sgd), ("older.pt", plain)]:
    original, copy = load(fixtures / name), load(folder / name)
    runs = [resumed(make, original["model_state_dict"], state) for state in (original["optimizer_state_dict"], copy)]
    for gradient in gradients[3:]:
        for net, optimizer in runs:
            step(net, optimizer, gradient)
    for left, right in zip(runs[0][0].parameters(), runs[1][0].parameters()):
        assert torch.equal(left, right), name
    for left, right in zip(runs[0][1].param_groups, runs[1][1].param_groups):
        assert left.get("param_names") == right.get("param_names"), name

# Three steps in torch, three in Rust, three in torch again; and nine in torch.
original, copy = load(fixtures / "adamw.pt"), load(folder / "continued.pt")
whole = resumed(adamw, original["model_state_dict"], original["optimizer_state_dict"])
for gradient in gradients[3:]:
    step(*whole, gradient)
parts = resumed(adamw, copy["model_state_dict"], copy["optimizer_state_dict"])
assert parts[1].param_groups[0]["param_names"] == ["weight", "bias"]
assert parts[1].state[parts[0].weight]["step"] == whole[1].state[whole[0].weight]["step"] == 6
for gradient in gradients[:3]:
    step(*whole, gradient)
    step(*parts, gradient)
for left, right in zip(whole[0].parameters(), parts[0].parameters()):
    assert torch.allclose(left, right, rtol=0, atol=1e-6), (left, right)
# A load names the parameters of an optimizer without names, if the file has them.
named = resumed(plain, copy["model_state_dict"], copy["optimizer_state_dict"])[1]
assert named.state_dict()["param_groups"][0]["param_names"] == ["weight", "bias"]
print(torch.__version__, "went on")
