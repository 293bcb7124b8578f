#!/usr/bin/env python3
"""Makes a small GPT-2 in the form of the published files, and its logits by PyTorch: tests/reference/gpt2.

    /usr/bin/python3 tests/reference/make_gpt2.py [--out FOLDER] [--sizes V,block_size,C,H,L] [--seed N]

Random weights, two blocks of 48 channels unless told otherwise. Three folders have the same weights as F32, F16 and BF16,
the second as HuggingFace writes them from a model with a head (names begin with "transformer.", and the causal masks and
the output layer are there too). logits.safetensors has tokens (T) and, for each folder, the logits (T, V): computed in
float64 from the weights as they are stored, and rounded to float32.
"""
import argparse
import json
import math
import pathlib
import struct

import torch
import torch.nn.functional as F

arguments = argparse.ArgumentParser()
arguments.add_argument("--out", type=pathlib.Path, default=pathlib.Path(__file__).resolve().parent / "gpt2")
arguments.add_argument("--sizes", default="61,24,48,4,2")
arguments.add_argument("--seed", type=int, default=20)
options = arguments.parse_args()
V, block_size, C, H, L = map(int, options.sizes.split(","))
dice = torch.Generator().manual_seed(options.seed)


def write(file, tensors, metadata=None):
    """A safetensors file; each tensor with its type's name."""
    names = {torch.float32: "F32", torch.float16: "F16", torch.bfloat16: "BF16", torch.uint8: "U8"}
    header, numbers = {}, bytearray()
    if metadata:
        header["__metadata__"] = metadata
    for name, tensor in tensors.items():
        begin = len(numbers)
        flat = tensor.contiguous().reshape(-1)
        bits = {torch.float32: torch.int32, torch.float16: torch.int16, torch.bfloat16: torch.int16,
                torch.uint8: torch.uint8}[tensor.dtype]
        code = {torch.int32: "i", torch.int16: "h", torch.uint8: "B"}[bits]
        numbers += struct.pack(f"<{flat.numel()}{code}", *flat.view(bits).tolist())
        header[name] = {"dtype": names[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [begin, len(numbers)]}
    text = json.dumps(header, separators=(",", ":")).encode()  # not padded: published files aren't all
    file.write_bytes(struct.pack("<Q", len(text)) + text + numbers)


def normal(*shape, deviation):
    return torch.randn(*shape, generator=dice) * deviation


weights = {"wte.weight": normal(V, C, deviation=0.3), "wpe.weight": normal(block_size, C, deviation=0.2)}
for l in range(L):
    block = f"h.{l}."
    for norm in ("ln_1", "ln_2"):
        weights[block + norm + ".weight"] = 1 + normal(C, deviation=0.2)
        weights[block + norm + ".bias"] = normal(C, deviation=0.2)
    for layer, rows, columns in (("attn.c_attn", C, 3 * C), ("attn.c_proj", C, C), ("mlp.c_fc", C, 4 * C),
                                 ("mlp.c_proj", 4 * C, C)):
        weights[block + layer + ".weight"] = normal(rows, columns, deviation=1.5 / math.sqrt(rows))
        weights[block + layer + ".bias"] = normal(columns, deviation=0.2)
weights["ln_f.weight"] = 1 + normal(C, deviation=0.2)
weights["ln_f.bias"] = normal(C, deviation=0.2)


def forward(w, tokens):
    T = len(tokens)
    x = w["wte.weight"][tokens] + w["wpe.weight"][:T]
    mask = torch.tril(torch.ones(T, T, dtype=torch.bool))
    for l in range(L):
        def p(name):
            return w[f"h.{l}.{name}"]

        y = F.layer_norm(x, (C,), p("ln_1.weight"), p("ln_1.bias"), 1e-5)
        q, k, v = (y @ p("attn.c_attn.weight") + p("attn.c_attn.bias")).split(C, dim=-1)
        q, k, v = (t.view(T, H, C // H).transpose(0, 1) for t in (q, k, v))
        scores = (q @ k.transpose(1, 2) / math.sqrt(C // H)).masked_fill(~mask, float("-inf"))
        y = (scores.softmax(-1) @ v).transpose(0, 1).reshape(T, C)
        x = x + y @ p("attn.c_proj.weight") + p("attn.c_proj.bias")
        y = F.layer_norm(x, (C,), p("ln_2.weight"), p("ln_2.bias"), 1e-5)
        y = F.gelu(y @ p("mlp.c_fc.weight") + p("mlp.c_fc.bias"), approximate="tanh")
        x = x + y @ p("mlp.c_proj.weight") + p("mlp.c_proj.bias")
    return F.layer_norm(x, (C,), w["ln_f.weight"], w["ln_f.bias"], 1e-5) @ w["wte.weight"].T


tokens = torch.randint(0, V, (block_size,), generator=dice)
results = {"tokens": tokens.float()}
for name, dtype in (("F32", torch.float32), ("F16", torch.float16), ("BF16", torch.bfloat16)):
    folder = options.out / name
    folder.mkdir(parents=True, exist_ok=True)
    stored = {key: value.to(dtype) for key, value in weights.items()}
    results[name] = forward({key: value.double() for key, value in stored.items()}, tokens).float()
    if name == "F16":
        stored = {"transformer." + key: value for key, value in stored.items()}
        for l in range(L):
            stored[f"transformer.h.{l}.attn.bias"] = torch.tril(torch.ones(block_size, block_size, dtype=torch.uint8)).view(
                1, 1, block_size, block_size)
        stored["lm_head.weight"] = stored["transformer.wte.weight"]
    write(folder / "model.safetensors", stored, {"format": "pt"})
    (folder / "config.json").write_text(json.dumps({
        "activation_function": "gelu_new", "layer_norm_epsilon": 1e-5, "model_type": "gpt2", "n_ctx": block_size,
        "n_embd": C, "n_head": H, "n_layer": L, "n_positions": block_size, "vocab_size": V}, indent=2) + "\n")
write(options.out / "logits.safetensors", results)
print(f"{sum(t.numel() for t in weights.values())} weights, logits up to {results['F32'].abs().max():.2f}")
