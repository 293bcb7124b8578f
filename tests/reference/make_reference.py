#!/usr/bin/env python3
"""Makes the reference values that our tensor library and models are compared with, by PyTorch.

How to make them again, from the root of the repository:

    sudo apt-get install python3-torch          # or: pip install torch
    /usr/bin/python3 tests/reference/make_reference.py
    git status tests/reference                  # same machine, same PyTorch: nothing has changed

Works with PyTorch 1.13 and 2.x. `--out FOLDER` writes elsewhere; `--check` also says how far PyTorch itself is from
the values when it computes in float32, which tells what can be asked of any float32 code.

What is computed. Inputs and weights are random float32 numbers from seeded generators. PyTorch widens them to
float64, computes in float64, and only the result is rounded to float32: so the reference carries no float32 noise of
its own, and a difference is ours. Gradients are those of sum(output * r), r being random: under a plain sum many
mistakes cancel (softmax's gradient, say, would be 0).

What is written. For each group NAME a file NAME.safetensors, the format of our checkpoints (common/files/checkpoint.hpp
says how it looks). A tensor is called CASE/TENSOR, and all are float32. Token ids are small whole numbers, which float32
holds exactly.

    operations      for each case: in.0, in.1 ... the inputs; ids, where there are token ids; out; r; grad.0, grad.1 ...
    optimiser       AdamW's weights before and after each of 5 steps with given gradients; a schedule's learning rates
    bigram ... lstm a model each: weight/NAME, grad/NAME, tokens, targets, logits, loss, losses

A model's tokens and targets are (10, B, T): ten batches. Logits, loss and gradients belong to the first; losses are
those of ten steps of AdamW, one for each batch, taken before the step.
"""
import argparse
import json
import math
import pathlib
import struct
import sys

try:
    import torch
    import torch.nn.functional as F
except ImportError as error:
    sys.exit(f"make_reference: {error.name} is missing for {sys.executable} - install python3-torch and run this with "
             "/usr/bin/python3, or pip install torch")

HERE = pathlib.Path(__file__).resolve().parent


class Group:
    """One NAME.safetensors."""

    def __init__(self, name):
        self.name, self.header, self.numbers = name, {}, bytearray()

    def add(self, case, tensor_name, tensor):
        """Appends a tensor, rounded to float32."""
        values = tensor.detach().to(torch.float32).reshape(-1).tolist()
        begin = len(self.numbers)
        self.numbers += struct.pack(f"<{len(values)}f", *values)
        self.header[f"{case}/{tensor_name}"] = {
            "dtype": "F32", "shape": list(tensor.shape), "data_offsets": [begin, len(self.numbers)]}

    def write(self, folder):
        header = json.dumps(self.header, separators=(",", ":")).encode()
        header += b" " * (-len(header) % 8)  # the numbers begin at a multiple of 8
        (folder / f"{self.name}.safetensors").write_bytes(struct.pack("<Q", len(header)) + header + self.numbers)
        print(f"{self.name:12} {len(self.header):5} tensors {len(self.numbers) // 4:7} numbers")
        return len(self.numbers)


class WorstError:
    """How far float32 PyTorch is from the reference.

    The measure is the one of tests/reference/reference.hpp, |a - b| <= bound * (|b| + max|b|) / 2, element by element.
    """

    def __init__(self):
        self.worst = []

    def compare(self, what, a, b):
        a, b = a.detach().double(), b.detach().double()
        finite = torch.isfinite(b)
        if not torch.equal(a[~finite], b[~finite]):
            self.worst.append((math.inf, what))
        a, b = a[finite], b[finite]
        if b.numel() and b.abs().max() > 0:
            self.worst.append(((2 * (a - b).abs() / (b.abs() + b.abs().max())).max().item(), what))
        elif b.numel() and a.abs().max() > 0:
            self.worst.append((math.inf, what + f" (should be 0, is {a.abs().max().item():.1e})"))

    def report(self):
        for error, what in sorted(self.worst, reverse=True)[:15]:
            print(f"  float32 PyTorch is off by {error:.1e} in {what}")


errors = WorstError()


# ---- operations --------------------------------------------------------------------------------------------

def normal(*shape):
    return lambda generator: torch.randn(shape, generator=generator, dtype=torch.float32)


def positive(*shape):
    """In [0.5, 2.5): for log, sqrt and divisors."""
    return lambda generator: 0.5 + 2 * torch.rand(shape, generator=generator, dtype=torch.float32)


def scaled(factor, *shape, offset=0.0):
    return lambda generator: normal(*shape)(generator) * factor + offset


def given(*rows):
    return lambda generator: torch.tensor(rows, dtype=torch.float32)


def causal_mask(x):
    T = x.shape[-1]
    return x.masked_fill(torch.triu(torch.ones(T, T, dtype=torch.bool), diagonal=1), -math.inf)


def causal_attention(q, k, v):
    scores = q @ k.transpose(-2, -1) / math.sqrt(q.shape[-1])
    return F.softmax(causal_mask(scores), dim=-1) @ v


def grouped_attention(q, k, v):
    """Neighbouring heads of queries share a head of keys and values."""
    n = q.shape[1] // k.shape[1]
    return causal_attention(q, k.repeat_interleave(n, dim=1), v.repeat_interleave(n, dim=1))


def rms_norm(x, gain):
    return x * torch.rsqrt(x.square().mean(-1, keepdim=True) + 1e-5) * gain


def rotate(x):
    """Rotary positions, in complex numbers: channels i and i + hs / 2 are a point, turned by t * 10000^(-2i / hs)."""
    half = x.shape[-1] // 2
    places = torch.arange(x.shape[-2], dtype=torch.float64)
    angles = torch.outer(places, 10000.0 ** (-torch.arange(half, dtype=torch.float64) / half))
    turned = torch.complex(*x.double().split(half, dim=-1)) * torch.polar(torch.ones_like(angles), angles)
    return torch.cat([turned.real, turned.imag], dim=-1).to(x.dtype)


def lstm(x, weight, bias, recurrent, h=None, c=None):
    """What nn.LSTM calls. Its two biases are one of ours; its matrices lie the other way round. Outputs, then last h and c."""
    zeros = torch.zeros(x.shape[0], recurrent.shape[0], dtype=x.dtype)
    state = [zeros if s is None else s for s in (h, c)]
    weights = [weight.t(), recurrent.t(), bias, torch.zeros_like(bias)]
    outputs, *last = torch.lstm(x, [s.unsqueeze(0) for s in state], weights, True, 1, 0.0, True, False, True)
    return torch.cat([outputs, *(s.transpose(0, 1) for s in last)], dim=1)


def shape_name(*shapes):
    return ",".join("x".join(map(str, s)) if s else "scalar" for s in shapes)


def operation_cases():
    """(operation, variant, function of the inputs, inputs, token ids or None)"""
    same = lambda *s: (s, s)
    pairs = [same(3, 4), same(1, 1), ((2, 3, 4), (4,)), ((2, 3, 4), (3, 1)), ((4,), (2, 3, 4)), ((3, 1), (1, 4)),
             ((2, 1, 3, 1), (4, 1, 5)), ((1, 5), (2, 4, 5)), ((), (2, 3)), ((2, 3), (1,)), ((2, 1, 3), (2, 4, 3))]
    for a, b in pairs:
        yield "add", shape_name(a, b), lambda x, y: x + y, [normal(*a), normal(*b)], None
        yield "subtract", shape_name(a, b), lambda x, y: x - y, [normal(*a), normal(*b)], None
        yield "multiply", shape_name(a, b), lambda x, y: x * y, [normal(*a), normal(*b)], None
        yield "divide", shape_name(a, b), lambda x, y: x / y, [normal(*a), positive(*b)], None

    scalar_forms = {"add_number": lambda x: x + 1.5, "subtract_number": lambda x: x - 1.5,
                    "multiply_number": lambda x: x * 1.5, "divide_number": lambda x: x / 1.5,
                    "number_add": lambda x: 1.5 + x, "number_subtract": lambda x: 1.5 - x,
                    "number_multiply": lambda x: 1.5 * x, "number_divide": lambda x: 1.5 / x, "negate": lambda x: -x}
    for name, f in scalar_forms.items():
        yield name, "2x3", f, [positive(2, 3)], None

    functions = {"exp": torch.exp, "log": torch.log, "tanh": torch.tanh, "sqrt": torch.sqrt, "relu": torch.relu,
                 "gelu": lambda x: F.gelu(x, approximate="tanh")}
    for name, f in functions.items():
        inputs = positive if name in ("log", "sqrt") else normal
        for shape in [(), (1, 1), (3, 1, 5), (67,)]:  # 67 is no multiple of a vector register's width
            yield name, shape_name(shape), f, [inputs(*shape)], None
    extreme = given(-100, -20, -8, -5, -3, -1e-3, 1e-3, 3, 5, 8, 20, 100)
    for name in ("tanh", "relu", "gelu"):
        yield name, "extreme", functions[name], [extreme], None
    for x in (-80, -10, -1e-3, 10, 80):  # one by one: beside e^80 all else would be too small to be looked at
        yield "exp", str(x), torch.exp, [given(x)], None
    for x in (1e-30, 1e-3, 0.99, 1.01, 1e30):
        yield "log", str(x), torch.log, [given(x)], None

    products = [((3, 4), (4, 5)), ((1, 4), (4, 1)), ((4, 1), (1, 3)), ((1, 1), (1, 1)), ((17, 33), (33, 19)),
                ((2, 3, 4), (2, 4, 5)), ((2, 3, 4), (4, 5)), ((2, 3, 5, 4), (4, 3)), ((2, 3, 5, 4), (2, 3, 4, 6)),
                ((2, 1, 1, 4), (2, 1, 4, 1))]
    swap = lambda s: (*s[:-2], s[-1], s[-2])
    for a, b in products:
        yield "matmul", shape_name(a, b), torch.matmul, [normal(*a), normal(*b)], None
        t = lambda x: x.transpose(-2, -1)
        yield "matmul_a_transposed", shape_name(a, b), lambda x, y: t(x) @ y, [normal(*swap(a)), normal(*b)], None
        yield "matmul_b_transposed", shape_name(a, b), lambda x, y: x @ t(y), [normal(*a), normal(*swap(b))], None
    yield "matmul_both_transposed", "2x3x4,2x4x5", lambda x, y: t(x) @ t(y), [normal(2, 4, 3), normal(2, 5, 4)], None
    for shape in [(1, 5), (2, 3), (2, 3, 4), (2, 3, 4, 5)]:
        yield "transpose", shape_name(shape), lambda x: x.transpose(-2, -1), [normal(*shape)], None

    for shape in [(4,), (1, 4), (3, 4), (2, 3, 4), (2, 1, 3, 4)]:
        x, w, b = normal(*shape), normal(4, 5), normal(5)
        yield "linear", shape_name(shape), lambda x, w: x @ w, [x, w], None
        yield "linear_with_bias", shape_name(shape), lambda x, w, b: x @ w + b, [x, w, b], None
    yield "linear_with_bias", "to_one", lambda x, w, b: x @ w + b, [normal(2, 3, 1), normal(1, 1), normal(1)], None

    for axes, shape in [((1, 0), (3, 4)), ((2, 0, 1), (2, 3, 4)), ((1, 2, 0), (2, 3, 4)), ((1, 0, 2), (2, 3, 4)),
                        ((2, 1, 0), (2, 1, 4)), ((0, 2, 1, 3), (2, 3, 4, 5)), ((3, 1, 0, 2), (2, 3, 4, 5)),
                        ((2, 3, 0, 1), (2, 1, 3, 1)), ((0, 1, 2, 3), (2, 3, 1, 2))]:
        name = "permute_" + "".join(map(str, axes))
        yield name, shape_name(shape), lambda x: x.permute(axes), [normal(*shape)], None
    for before, after in [((2, 3, 4), (4, 6)), ((24,), (2, 3, 4)), ((1,), ()), ((2, 6), (2, 1, 3, 2))]:
        name = "reshape_to_" + shape_name(after)
        yield name, shape_name(before), lambda x: x.reshape(after), [normal(*before)], None
    yield "slice_axis_0_from_1_to_3", "4x3", lambda x: x[1:3], [normal(4, 3)], None
    yield "slice_axis_1_from_0_to_1", "2x3x4", lambda x: x[:, 0:1], [normal(2, 3, 4)], None
    yield "slice_axis_-1_from_2_to_5", "2x3x5", lambda x: x[..., 2:5], [normal(2, 3, 5)], None
    yield "slice_axis_0_from_0_to_2", "2", lambda x: x[0:2], [normal(2)], None
    for axis, shapes in [(0, [(2, 3), (1, 3)]), (1, [(2, 1, 4), (2, 3, 4), (2, 2, 4)]), (-1, [(2, 3, 4)] * 3),
                         (-1, [(2, 1), (2, 5)]), (0, [(3,)]), (-2, [(2, 1, 3, 2), (2, 1, 1, 2)])]:
        yield (f"concatenate_axis_{axis}", shape_name(*shapes), lambda *parts: torch.cat(parts, dim=axis),
               [normal(*s) for s in shapes], None)

    reductions = {"sum": lambda x, a: x.sum(a, keepdim=True), "mean": lambda x, a: x.mean(a, keepdim=True),
                  "max": lambda x, a: x.max(a, keepdim=True).values}
    for name, f in reductions.items():
        for axis, shape in [(0, (5,)), (0, (2, 3, 4)), (1, (2, 3, 4)), (-1, (2, 3, 4)), (1, (2, 1, 3)),
                            (-2, (2, 3, 4, 5)), (-1, (2, 67))]:
            yield f"{name}_axis_{axis}", shape_name(shape), lambda x: f(x, axis), [normal(*shape)], None
    for shape in [(), (1,), (2, 3, 4), (67,)]:
        yield "sum_all", shape_name(shape), torch.sum, [normal(*shape)], None
        yield "mean_all", shape_name(shape), torch.mean, [normal(*shape)], None

    far_apart = given((1000, 999, -1000, 0), (-1000, -1001, -999, -1000), (88, 89, 90, 87), (0, 0, 0, 1e4))
    for name, f in [("softmax", F.softmax), ("log_softmax", F.log_softmax)]:
        for shape in [(5,), (1, 1), (3, 4), (2, 3, 4), (2, 2, 3, 67)]:
            yield name, shape_name(shape), lambda x: f(x, dim=-1), [normal(*shape)], None
        yield name, "extreme", lambda x: f(x, dim=-1), [far_apart], None
    for shape in [(1, 1), (5, 5), (2, 1, 1), (2, 3, 4, 4)]:
        masked = lambda x: F.softmax(causal_mask(x), dim=-1)
        yield "causal_mask", shape_name(shape), causal_mask, [normal(*shape)], None
        yield "softmax_of_causal_mask", shape_name(shape), masked, [normal(*shape)], None

    pick = lambda x, ids: x.gather(-1, ids.unsqueeze(-1)).squeeze(-1)
    loss = lambda x, ids: F.cross_entropy(x.reshape(-1, x.shape[-1]), ids.reshape(-1))
    for name, f in [("pick", pick), ("cross_entropy", loss)]:
        for shape, ids in [((1, 1, 4), [[2]]), ((2, 3, 5), [[0, 4, 4], [1, 0, 3]]), ((3, 1, 2), [[1], [0], [1]]),
                           ((1, 5, 67), [[66, 0, 31, 31, 7]])]:
            yield name, shape_name(shape), f, [normal(*shape)], ids
    far_apart_4 = lambda generator: far_apart(generator).reshape(2, 2, 4)
    yield "cross_entropy", "extreme_and_right", loss, [far_apart_4], [[0, 2], [2, 3]]
    yield "cross_entropy", "extreme_and_wrong", loss, [far_apart_4], [[2, 1], [3, 0]]

    for (V, C), ids in [((5, 3), [[1, 1, 4], [0, 1, 4]]), ((1, 1), [[0, 0]]), ((7, 16), [[6], [2], [6]])]:
        yield "embedding", shape_name((V, C)), lambda table, ids: F.embedding(ids, table), [normal(V, C)], ids

    normalise = lambda x, g, b: F.layer_norm(x, x.shape[-1:], g, b, eps=1e-5)
    for shape in [(4,), (1, 1, 6), (3, 4), (2, 3, 5), (2, 2, 3, 3), (4, 67)]:
        C = shape[-1]
        yield "layer_norm", shape_name(shape), normalise, [normal(*shape), normal(C), normal(C)], None
    yield "layer_norm", "wide", normalise, [scaled(100, 2, 3, 8), normal(8), normal(8)], None
    yield "layer_norm", "narrow", normalise, [scaled(1e-3, 2, 3, 8), normal(8), normal(8)], None
    yield "layer_norm", "off_centre", normalise, [scaled(1, 2, 3, 8, offset=5.0), normal(8), normal(8)], None
    yield ("layer_norm_epsilon_0.1", "2x3x5", lambda x, g, b: F.layer_norm(x, x.shape[-1:], g, b, eps=0.1),
           [normal(2, 3, 5), normal(5), normal(5)], None)

    for name in ("causal_attention", "composed_causal_attention"):
        for shape in [(1, 4), (5, 4), (2, 5, 3), (2, 3, 1, 4), (2, 3, 5, 4), (1, 2, 5, 1), (1, 2, 19, 20)]:
            yield name, shape_name(shape), causal_attention, [normal(*shape) for _ in range(3)], None
        yield name, "sharp", causal_attention, [scaled(1.5, 2, 5, 4), scaled(1.5, 2, 5, 4), normal(2, 5, 4)], None

    # A value used more than once, by the same operation and by several.
    yield "used_twice", "2x3", lambda x: (x + x) * x, [normal(2, 3)], None
    yield "attends_to_itself", "2x5x4", lambda x: causal_attention(x, x, x), [normal(2, 5, 4)], None

    # Since the paper.
    for name, f in [("silu", F.silu), ("relu_squared", lambda x: torch.relu(x) ** 2)]:
        for shape in [(), (3, 1, 5), (67,)]:
            yield name, shape_name(shape), f, [normal(*shape)], None
        yield name, "extreme", f, [extreme], None
    for shape in [(1,), (3, 1, 5), (67,)]:
        yield "silu_gate", shape_name(shape), lambda g, v: F.silu(g) * v, [normal(*shape), normal(*shape)], None
    for shape in [(4,), (1, 1, 6), (2, 3, 5), (4, 67)]:
        yield "rms_norm", shape_name(shape), rms_norm, [normal(*shape), normal(shape[-1])], None
    yield "rms_norm", "off_centre", rms_norm, [scaled(1, 2, 3, 8, offset=5.0), normal(8)], None
    for shape in [(1, 2), (5, 4), (2, 3, 7, 6), (1, 2, 19, 10)]:
        yield "rotate", shape_name(shape), rotate, [normal(*shape)], None
    for q, k in [((2, 4, 5, 3), (2, 2, 5, 3)), ((1, 3, 7, 2), (1, 1, 7, 2)), ((2, 6, 1, 4), (2, 3, 1, 4)),
                 ((1, 4, 37, 5), (1, 2, 37, 5))]:
        yield ("grouped_causal_attention", shape_name(q, k), grouped_attention, [normal(*q), normal(*k), normal(*k)],
               None)

    # Recurrent: x, W_x, b, W_h, and the first state.
    for B, T, C, H in [(1, 1, 1, 1), (2, 1, 3, 5), (1, 7, 2, 3), (3, 5, 4, 7), (2, 11, 9, 13), (5, 3, 8, 19)]:
        weights = [scaled(C ** -0.5, C, 4 * H), normal(4 * H), scaled(H ** -0.5, H, 4 * H)]
        inputs = [normal(B, T, C), *weights]
        yield "lstm", shape_name((B, T, C), (B, H)), lstm, [*inputs, normal(B, H), normal(B, H)], None
        yield "lstm_from_zeros", shape_name((B, T, C), (B, H)), lstm, inputs, None


def make_operations():
    group = Group("operations")
    generator = torch.Generator().manual_seed(1)
    for operation, variant, function, makers, ids in operation_cases():
        case = f"{operation}:{variant}"
        inputs = [make(generator) for make in makers]
        extra = [] if ids is None else [torch.tensor(ids)]
        wide = [x.double().requires_grad_() for x in inputs]
        out = function(*wide, *extra)
        r = torch.randn(out.shape, generator=generator, dtype=torch.float32)
        gradients = torch.autograd.grad(out, wide, grad_outputs=r.double())

        for i, x in enumerate(inputs):
            group.add(case, f"in.{i}", x)
        if ids is not None:
            group.add(case, "ids", extra[0])
        group.add(case, "out", out)
        group.add(case, "r", r)
        for i, gradient in enumerate(gradients):
            group.add(case, f"grad.{i}", gradient)

        narrow = [x.clone().requires_grad_() for x in inputs]
        narrow_out = function(*narrow, *extra)
        errors.compare(f"{case} out", narrow_out, out)
        for i, g in enumerate(torch.autograd.grad(narrow_out, narrow, grad_outputs=r)):
            errors.compare(f"{case} grad.{i}", g, gradients[i])
    return group


# ---- optimiser ---------------------------------------------------------------------------------------------

def learning_rate(step, peak, lowest, warm_up, steps):
    """nanoGPT's schedule: up in a straight line over the first steps, then down along half a cosine."""
    if step < warm_up:
        return peak * (step + 1) / (warm_up + 1)
    if step > steps:
        return lowest
    share = (step - warm_up) / (steps - warm_up)
    return lowest + 0.5 * (1 + math.cos(math.pi * share)) * (peak - lowest)


def make_optimiser():
    group = Group("optimiser")
    cases = {  # learning rates are large, so that a mistake in a step shows in the weights
        "adamw_defaults": dict(lr=0.05, betas=(0.9, 0.999), weight_decay=0.01),
        "adamw_gpt": dict(lr=0.1, betas=(0.9, 0.99), weight_decay=0.1),
        "adamw_clipped": dict(lr=0.1, betas=(0.9, 0.99), weight_decay=0.1, clip=1.0),
        "adamw_scheduled": dict(lr=0.1, betas=(0.9, 0.99), weight_decay=0.1, clip=1.0, warm_up=2),
    }
    for case, settings in cases.items():
        generator = torch.Generator().manual_seed(2)
        weights = [torch.randn(shape, generator=generator) * 0.2 for shape in [(3, 5), (7,)]]
        for i, w in enumerate(weights):
            group.add(case, f"before.{i}", w)
        weights = [w.double().requires_grad_() for w in weights]
        optimiser = torch.optim.AdamW(weights, lr=settings["lr"], betas=settings["betas"], eps=1e-8,
                                      weight_decay=settings["weight_decay"])
        norms = []
        for step in range(5):
            size = [0.05, 1.0, 0.1, 3.0, 0.5][step]  # so that some are clipped and some are not
            for i, w in enumerate(weights):
                gradient = torch.randn(w.shape, generator=generator) * size
                group.add(case, f"step.{step}.gradient.{i}", gradient)
                w.grad = gradient.double()
            if "clip" in settings:
                # As torch.nn.utils.clip_grad_norm_, but without the 1e-6 that it adds to the norm.
                norm = torch.sqrt(sum((w.grad ** 2).sum() for w in weights))
                for w in weights:
                    w.grad *= min(1.0, settings["clip"] / norm.item())
                norms.append(norm)
            if "warm_up" in settings:
                rate = learning_rate(step, 0.1, 0.01, warm_up=2, steps=4)
                group.add(case, f"step.{step}.rate", torch.tensor(rate))
                optimiser.param_groups[0]["lr"] = rate
            optimiser.step()
            for i, w in enumerate(weights):
                group.add(case, f"step.{step}.after.{i}", w)
        if norms:
            group.add(case, "norms", torch.stack(norms))
    rates = [learning_rate(step, 1e-3, 1e-4, warm_up=5, steps=20) for step in range(24)]
    group.add("schedule", "rates", torch.tensor(rates, dtype=torch.float64))  # peak 1e-3, lowest 1e-4, 5 and 20 steps
    return group


# ---- models ------------------------------------------------------------------------------------------------
# Small ones, since all their weights are committed. A model is a dictionary of weights, with the names that the C++
# classes give their parameters, and a function from (weights, tokens) to logits. Matrices are (in, out), as ours are.

V, C, H, L = 13, 12, 3, 2     # symbols, channels, heads, blocks
HS = C // H                   # head size
BATCHES, B, BLOCK_SIZE = 10, 4, 6


class Weights(dict):
    """Draws weights in the order in which they are asked for."""

    def __init__(self, seed):
        super().__init__()
        self.generator = torch.Generator().manual_seed(seed)

    def normal(self, name, *shape, mean=0.0, std=1.0):
        self[name] = torch.randn(shape, generator=self.generator, dtype=torch.float32) * std + mean

    def linear(self, name, n_in, n_out, bias):
        bound = math.sqrt(3 / n_in)  # keeps the variance, so that no gradient drowns in rounding
        uniform = lambda *shape: (2 * torch.rand(shape, generator=self.generator, dtype=torch.float32) - 1) * bound
        self[f"{name}.weight"] = uniform(n_in, n_out)
        if bias:
            self[f"{name}.bias"] = uniform(n_out)

    def norm(self, name):
        self.normal(f"{name}.gain", C, mean=1.0, std=0.2)
        self.normal(f"{name}.bias", C, std=0.2)

    def embeddings(self, positions=BLOCK_SIZE):
        self.normal("token_embedding.weight", V, C, std=0.7)
        self.normal("position_embedding.weight", positions, C, std=0.7)

    def queries_keys_values(self, name, size):
        for part in ("query", "key", "value"):
            self.linear(f"{name}.{part}", C, size, bias=False)

    def heads(self, name):
        for h in range(H):
            self.queries_keys_values(f"{name}.heads.{h}", HS)


def embed(w, tokens):
    return F.embedding(tokens, w["token_embedding.weight"]) + w["position_embedding.weight"][:tokens.shape[1]]


def affine(w, name, x):
    return x @ w[f"{name}.weight"] + w[f"{name}.bias"]


def one_head(w, name, x):
    return causal_attention(*(x @ w[f"{name}.{part}.weight"] for part in ("query", "key", "value")))


def list_of_heads(w, name, x):
    return torch.cat([one_head(w, f"{name}.heads.{h}", x) for h in range(H)], dim=-1)


def all_heads(w, name, x):
    """One product gives all heads' queries: head h owns columns h * HS to (h + 1) * HS - 1."""
    split = lambda y: y.view(y.shape[0], y.shape[1], H, HS).transpose(1, 2)  # (B, T, C) -> (B, H, T, hs)
    q, k, v = (split(x @ w[f"{name}.{part}.weight"]) for part in ("query", "key", "value"))
    return causal_attention(q, k, v).transpose(1, 2).reshape(x.shape)


def bigram():
    w = Weights(10)
    w.normal("table.weight", V, V)
    return w, lambda w, tokens: F.embedding(tokens, w["table.weight"])


def transformer(seed, add_body, body, positions=BLOCK_SIZE):
    """Embeddings at the bottom, logits at the top. add_body(w) draws the weights of what is between, body(w, x)."""
    w = Weights(seed)
    w.embeddings(positions)
    add_body(w)
    w.linear("output", C, V, bias=True)
    return w, lambda w, tokens: affine(w, "output", body(w, embed(w, tokens)))


def self_attention():
    return transformer(11, lambda w: w.queries_keys_values("body", C), lambda w, x: one_head(w, "body", x))


def multi_head_attention():
    return transformer(12, lambda w: w.heads("body"), lambda w, x: list_of_heads(w, "body", x))


def add_plain_block(w, name):
    w.heads(f"{name}.attention")
    w.linear(f"{name}.feed_forward.hidden", C, C, bias=True)


def plain_block(w, name, x):
    return torch.relu(affine(w, f"{name}.feed_forward.hidden", list_of_heads(w, f"{name}.attention", x)))


def feed_forward():
    return transformer(13, lambda w: add_plain_block(w, "body"), lambda w, x: plain_block(w, "body", x))


def blocks_plain():
    def add_body(w):
        for i in range(L):
            add_plain_block(w, f"body.blocks.{i}")

    def body(w, x):
        for i in range(L):
            x = plain_block(w, f"body.blocks.{i}", x)
        return x

    return transformer(14, add_body, body)


def residual_blocks(seed, norms, body_name="body.", positions=BLOCK_SIZE):
    """Chapter 5's other two stages; with norms it is the GPT too."""
    def add_body(w):
        for i in range(L):
            block = f"{body_name}blocks.{i}"
            w.queries_keys_values(f"{block}.attention", C)
            w.linear(f"{block}.attention.projection", C, C, bias=True)
            w.linear(f"{block}.feed_forward.hidden", C, 4 * C, bias=True)
            w.linear(f"{block}.feed_forward.projection", 4 * C, C, bias=True)
            if norms:
                w.norm(f"{block}.norm_1")
                w.norm(f"{block}.norm_2")
        if norms:
            w.norm(f"{body_name}norm")

    def norm(w, name, x):
        return F.layer_norm(x, (C,), w[f"{name}.gain"], w[f"{name}.bias"], eps=1e-5) if norms else x

    def body(w, x):
        for i in range(L):
            block = f"{body_name}blocks.{i}"
            attended = all_heads(w, f"{block}.attention", norm(w, f"{block}.norm_1", x))
            x = x + affine(w, f"{block}.attention.projection", attended)
            hidden = torch.relu(affine(w, f"{block}.feed_forward.hidden", norm(w, f"{block}.norm_2", x)))
            x = x + affine(w, f"{block}.feed_forward.projection", hidden)
        return norm(w, f"{body_name}norm", x)

    return transformer(seed, add_body, body, positions)


def modern(seed, heads, groups, norm, pre, feed_forward, tied, biases, qk_norm, positions):
    """Chapter 7's model in a mixture of parts; chapter 6's heads and its own place of the norms are others."""
    hs, hidden = C // heads, 10
    w = Weights(seed)
    w.normal("token_embedding.weight", V, C, std=0.7)
    if positions == "table":
        w.normal("position_embedding.weight", BLOCK_SIZE, C, std=0.7)

    def add_norm(name):
        if norm == "layer":
            w.norm(name)
        else:
            w.normal(f"{name}.gain", C, mean=1.0, std=0.2)

    for i in range(L):
        block = f"blocks.{i}"
        add_norm(f"{block}.norm_1")
        w.linear(f"{block}.attention.query", C, C, bias=False)
        w.linear(f"{block}.attention.key", C, groups * hs, bias=False)
        w.linear(f"{block}.attention.value", C, groups * hs, bias=False)
        w.linear(f"{block}.attention.projection", C, C, bias=biases)
        if qk_norm:
            w.normal(f"{block}.attention.query_norm.gain", hs, mean=1.0, std=0.2)
            w.normal(f"{block}.attention.key_norm.gain", hs, mean=1.0, std=0.2)
        add_norm(f"{block}.norm_2")
        for part in ("gate", "value") if feed_forward == "swiglu" else ("hidden",):
            w.linear(f"{block}.feed_forward.{part}", C, hidden, bias=biases)
        w.linear(f"{block}.feed_forward.projection", hidden, C, bias=biases)
    if pre:
        add_norm("norm")
    if not tied:
        w.linear("output", C, V, bias=biases)

    def layer(w, name, x):
        return affine(w, name, x) if f"{name}.bias" in w else x @ w[f"{name}.weight"]

    def normed(w, name, x):
        if norm == "layer":
            return F.layer_norm(x, (C,), w[f"{name}.gain"], w[f"{name}.bias"], eps=1e-5)
        return rms_norm(x, w[f"{name}.gain"])

    def attention(w, name, x):
        def split(part, n):
            y = (x @ w[f"{name}.{part}.weight"]).view(x.shape[0], x.shape[1], n, hs)
            if qk_norm and part != "value":
                y = rms_norm(y, w[f"{name}.{part}_norm.gain"])
            y = y.transpose(1, 2)
            return rotate(y) if positions == "rotary" and part != "value" else y

        mixed = grouped_attention(split("query", heads), split("key", groups), split("value", groups))
        return layer(w, f"{name}.projection", mixed.transpose(1, 2).reshape(x.shape))

    def think(w, name, x):
        if feed_forward == "swiglu":
            hidden = F.silu(layer(w, f"{name}.gate", x)) * layer(w, f"{name}.value", x)
        else:
            hidden = F.gelu(layer(w, f"{name}.hidden", x), approximate="tanh")
        return layer(w, f"{name}.projection", hidden)

    def forward(w, tokens):
        x = embed(w, tokens) if positions == "table" else F.embedding(tokens, w["token_embedding.weight"])
        for i in range(L):
            for part, name in (attention, "attention"), (think, "feed_forward"):
                norm_name = f"blocks.{i}.norm_{1 if part is attention else 2}"
                if pre:
                    x = x + part(w, f"blocks.{i}.{name}", normed(w, norm_name, x))
                else:
                    x = normed(w, norm_name, x + part(w, f"blocks.{i}.{name}", x))
        x = normed(w, "norm", x) if pre else x
        return x @ w["token_embedding.weight"].T if tied else layer(w, "output", x)

    return w, forward


def recurrent(seed, gates, run, residual):
    """Chapter 8's models. PyTorch's nn.RNN and nn.LSTM call `run`, have two biases for our one, and lay their matrices the
    other way round; their layers stand one on the other without a way past, so each is called by itself."""
    w = Weights(seed)
    w.normal("token_embedding.weight", V, C, std=0.7)
    for i in range(L):
        w.linear(f"body.layers.{i}.input", C, gates * C, bias=True)
        w.linear(f"body.layers.{i}.hidden", C, gates * C, bias=False)
    w.linear("output", C, V, bias=True)

    def forward(w, tokens):
        x = F.embedding(tokens, w["token_embedding.weight"])
        zeros = torch.zeros(1, tokens.shape[0], C, dtype=x.dtype)
        for i in range(L):
            name = f"body.layers.{i}"
            bias = w[f"{name}.input.bias"]
            weights = [w[f"{name}.input.weight"].t(), w[f"{name}.hidden.weight"].t(), bias, torch.zeros_like(bias)]
            states = run(x, zeros if gates == 1 else [zeros, zeros], weights, True, 1, 0.0, True, False, True)[0]
            x = x + states if residual else states
        return affine(w, "output", x)

    return w, forward


def batches(T):
    """Pieces of a made-up text. The next symbol mostly follows from the last, so there is something to learn."""
    generator = torch.Generator().manual_seed(3)
    draw = lambda n, *shape: torch.randint(n, shape, generator=generator)
    text = [0]
    for noise in draw(8, 400).tolist():
        text.append((5 * text[-1] + 3 + (noise if noise < 3 else 0)) % V)
    starts = draw(len(text) - T, BATCHES * B).tolist()
    pieces = torch.tensor([text[s:s + T + 1] for s in starts]).view(BATCHES, B, T + 1)
    return pieces[..., :-1], pieces[..., 1:]


def loss_of(forward, weights, tokens, targets):
    logits = forward(weights, tokens)
    return logits, F.cross_entropy(logits.reshape(-1, V), targets.reshape(-1))


def make_model(name, weights, forward, lr, T=BLOCK_SIZE):
    group = Group(name)
    tokens, targets = batches(T)

    def gradients_of(dtype):
        w = {key: value.to(dtype).requires_grad_() for key, value in weights.items()}
        logits, loss = loss_of(forward, w, tokens[0], targets[0])
        loss.backward()
        return w, logits, loss

    def train(dtype):
        w = {key: value.to(dtype).requires_grad_() for key, value in weights.items()}
        optimiser = torch.optim.AdamW(w.values(), lr=lr, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.01)
        losses = []
        for step in range(BATCHES):
            _, loss = loss_of(forward, w, tokens[step], targets[step])
            optimiser.zero_grad()
            loss.backward()
            optimiser.step()
            losses.append(loss.detach())
        return torch.stack(losses)

    w, logits, loss = gradients_of(torch.float64)
    losses = train(torch.float64)
    for key, value in weights.items():
        group.add(name, f"weight/{key}", value)
        group.add(name, f"grad/{key}", w[key].grad)
    results = {"tokens": tokens, "targets": targets, "logits": logits, "loss": loss, "losses": losses}
    for key, value in results.items():
        group.add(name, key, value)

    narrow_w, narrow_logits, narrow_loss = gradients_of(torch.float32)
    errors.compare(f"{name} logits", narrow_logits, logits)
    errors.compare(f"{name} loss", narrow_loss, loss)
    for key in weights:
        errors.compare(f"{name} grad/{key}", narrow_w[key].grad, w[key].grad)
    errors.compare(f"{name} losses", train(torch.float32), losses)
    return group


def main():
    parser = argparse.ArgumentParser(description="Makes the reference values of the tests, by PyTorch.")
    parser.add_argument("--out", type=pathlib.Path, default=HERE, help="folder to write to (default: this script's)")
    parser.add_argument("--check", action="store_true", help="also say how far float32 PyTorch is from the values")
    arguments = parser.parse_args()

    torch.set_num_threads(1)  # sums in one order: the same numbers each time
    torch.use_deterministic_algorithms(True)
    print(f"PyTorch {torch.__version__}")
    groups = [
        make_operations(),
        make_optimiser(),
        make_model("bigram", *bigram(), lr=1e-2),
        make_model("self_attention", *self_attention(), lr=1e-3),
        make_model("multi_head_attention", *multi_head_attention(), lr=1e-3),
        make_model("feed_forward", *feed_forward(), lr=1e-3),
        make_model("blocks_plain", *blocks_plain(), lr=1e-3),
        make_model("blocks_residual", *residual_blocks(15, norms=False), lr=1e-3),
        make_model("blocks_norm", *residual_blocks(16, norms=True), lr=1e-3),
        # Room for more positions than the texts have.
        make_model("gpt", *residual_blocks(17, norms=True, body_name="", positions=BLOCK_SIZE + 2), lr=1e-3),
        make_model("modern", *modern(18, heads=6, groups=2, norm="rms", pre=True, feed_forward="swiglu", tied=True,
                                     biases=False, qk_norm=True, positions="rotary"), lr=1e-3),
        make_model("modern_post", *modern(19, heads=3, groups=1, norm="layer", pre=False, feed_forward="gelu", tied=False,
                                          biases=True, qk_norm=False, positions="table"), lr=1e-3),
        make_model("rnn", *recurrent(20, 1, torch.rnn_tanh, residual=False), lr=1e-3),
        make_model("lstm", *recurrent(21, 4, torch.lstm, residual=False), lr=1e-3),
        make_model("lstm_residual", *recurrent(22, 4, torch.lstm, residual=True), lr=1e-3),
    ]
    arguments.out.mkdir(parents=True, exist_ok=True)
    total = sum(group.write(arguments.out) for group in groups)
    print(f"{total / 1000:.0f} kB of numbers in {arguments.out}")
    if arguments.check:
        errors.report()


if __name__ == "__main__":
    main()
