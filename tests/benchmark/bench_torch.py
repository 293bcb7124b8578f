#!/usr/bin/env python3
"""The models of bench_models.cpp in PyTorch, timed in the same way, for `./learn bench` to compare with.

    python3 bench_torch.py blocks --threads 2 --seconds 3

Written the way PyTorch is fastest on a processor: heads in one batch, fused attention where the version has it. Debian's
PyTorch multiplies with whichever BLAS is installed; without libopenblas it has a slow one, and with an old OpenBLAS on a
new processor OPENBLAS_CORETYPE=SkylakeX or =Haswell names kernels that it would not choose by itself.

--compile and --bfloat16 (autocast) are what else a reader who knows PyTorch would try; both with AdamW in one pass.
"""
import argparse
import json
import statistics
import time

import torch
import torch.nn.functional as F
from torch import nn

VOCABULARY = 65
# batch, context, channels, heads, blocks, dropout
SIZES = {
    "bigram": (32, 8, 0, 0, 0, 0.0),
    "blocks": (32, 8, 32, 4, 3, 0.0),
    "lstm": (16, 64, 128, 0, 1, 0.0),
    "gpt-small": (16, 32, 64, 4, 4, 0.0),
    "gpt-laptop": (12, 64, 128, 4, 4, 0.0),
    "gpt-lecture": (64, 256, 384, 6, 6, 0.2),
    "gpt2": (1, 1024, 768, 12, 12, 0.0),
}
GPT2_PIECES = 50257  # its vocabulary; it only speaks, beside `bench_gpt2 speak`


class TransformerBlock(nn.Module):
    def __init__(self, channels, heads, context, dropout):
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.norm_1, self.norm_2 = nn.LayerNorm(channels), nn.LayerNorm(channels)
        self.queries_keys_values = nn.Linear(channels, 3 * channels, bias=False)
        self.projection = nn.Linear(channels, channels)
        self.hidden, self.back = nn.Linear(channels, 4 * channels), nn.Linear(4 * channels, channels)
        self.register_buffer("future", torch.ones(context, context).triu(1).bool())

    def attend(self, x, memory=None):
        """With a memory, a list of the keys and values so far, x is what comes after those: all of a text, or one more token."""
        batch, context, channels = x.shape
        parts = self.queries_keys_values(x).view(batch, context, 3, self.heads, channels // self.heads)
        q, k, v = parts.permute(2, 0, 3, 1, 4)
        if memory is not None:
            if memory:
                k, v = torch.cat([memory[0], k], dim=2), torch.cat([memory[1], v], dim=2)
            memory[:] = k, v
        p = self.dropout if self.training else 0.0
        newest = k.shape[2] > context  # it sees all of them
        if hasattr(F, "scaled_dot_product_attention"):
            y = F.scaled_dot_product_attention(q, k, v, dropout_p=p, is_causal=not newest)
        else:
            scores = (q @ k.transpose(-2, -1)) / (channels // self.heads) ** 0.5
            if not newest:
                scores = scores.masked_fill(self.future[:context, :context], float("-inf"))
            y = F.dropout(scores.softmax(-1), p) @ v
        return self.projection(y.transpose(1, 2).reshape(batch, context, channels))

    def forward(self, x, memory=None):
        x = x + F.dropout(self.attend(self.norm_1(x), memory), self.dropout, self.training)
        return x + F.dropout(self.back(F.relu(self.hidden(self.norm_2(x)))), self.dropout, self.training)


class LanguageModel(nn.Module):
    def __init__(self, context, channels, heads, blocks, dropout, vocabulary=VOCABULARY):
        super().__init__()
        self.context, self.channels = context, channels
        self.tokens = nn.Embedding(vocabulary, channels or vocabulary)
        if channels:
            self.positions = nn.Embedding(context, channels)
            self.blocks = nn.Sequential(*(TransformerBlock(channels, heads, context, dropout) for _ in range(blocks)))
            self.norm = nn.LayerNorm(channels)
            self.output = nn.Linear(channels, vocabulary)

    def forward(self, ids):
        x = self.tokens(ids)
        if not self.channels:
            return x
        x = x + self.positions.weight[: ids.shape[1]]
        return self.output(self.norm(self.blocks(x)))

    def read(self, ids, memories):
        """The logits after the next tokens, with a memory for each block, which it adds to."""
        x = self.tokens(ids)
        if not self.channels:
            return x[:, -1]
        first = memories[0][0].shape[2] if memories[0] else 0
        x = x + self.positions.weight[first : first + ids.shape[1]]
        for block, memory in zip(self.blocks, memories):
            x = block(x, memory)
        return self.output(self.norm(x[:, -1]))


class LSTMModel(nn.Module):
    """One LSTM between an embedding and the logits. Its state is the memory that it speaks with."""

    def __init__(self, channels):
        super().__init__()
        self.tokens = nn.Embedding(VOCABULARY, channels)
        self.lstm = nn.LSTM(channels, channels, batch_first=True)
        self.output = nn.Linear(channels, VOCABULARY)
        self.channels, self.blocks = channels, [self.lstm]

    def forward(self, ids):
        return self.output(self.lstm(self.tokens(ids))[0])

    def read(self, ids, memories):
        x, memories[0][:] = self.lstm(self.tokens(ids), tuple(memories[0]) or None)
        return self.output(x[:, -1])


def time_steps(model, batch, context, seconds, bfloat16=False, compiled=False):
    """Median and minimum of the milliseconds of a training step; the first is left out."""
    text = torch.randint(VOCABULARY, (1_000_000,))
    optimiser = torch.optim.AdamW(model.parameters(), lr=1e-3, **({"fused": True} if bfloat16 or compiled else {}))
    model = torch.compile(model) if compiled else model
    times, start = [], time.perf_counter()
    while len(times) < 3 or time.perf_counter() - start < seconds:
        began = time.perf_counter()
        first = torch.randint(len(text) - context, (batch, 1))
        windows = text[first + torch.arange(context + 1)]
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=bfloat16):
            logits = model(windows[:, :-1])
            loss = F.cross_entropy(logits.reshape(-1, VOCABULARY), windows[:, 1:].reshape(-1))
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        optimiser.step()
        times.append(1e3 * (time.perf_counter() - began))
    return statistics.median(times[1:]), min(times[1:])


@torch.no_grad()
def generation_rate(model, context, tokens):
    """Tokens a second, the whole window computed again for each."""
    model.eval()
    ids = torch.zeros(1, max(1, context - 1), dtype=torch.long)
    model(ids)
    start = time.perf_counter()
    for _ in range(tokens):
        p = model(ids[:, -context:])[:, -1].softmax(-1)
        ids = torch.cat([ids, torch.multinomial(p, 1)], dim=1)
    return tokens / (time.perf_counter() - start)


@torch.no_grad()
def cached_generation_rate(model, context, tokens, prompt=None):
    """The same with keys and values kept. When the window is full, the newer half of it is read again, as ours does. An LSTM
    has a state instead, and no window."""
    model.eval()
    ids = torch.zeros(1, prompt or max(1, context - 1), dtype=torch.long)
    memories = [[] for _ in range(len(model.blocks) if model.channels else 0)]
    logits, known = model.read(ids, memories), ids.shape[1]
    start = time.perf_counter()
    for _ in range(tokens):
        ids = torch.cat([ids, torch.multinomial(logits.softmax(-1), 1)], dim=1)
        if known == context and not isinstance(model, LSTMModel):
            memories = [[] for _ in memories]
            unread, known = ids[:, -max(1, context // 2) :], 0
        else:
            unread = ids[:, -1:]
        logits, known = model.read(unread, memories), known + unread.shape[1]
    return tokens / (time.perf_counter() - start)


def main():
    options = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    options.add_argument("configs", nargs="+", choices=SIZES)
    options.add_argument("--threads", type=int, default=torch.get_num_threads())
    options.add_argument("--seconds", type=float, default=3.0)
    options.add_argument("--bfloat16", action="store_true")
    options.add_argument("--compile", action="store_true")
    options.add_argument("--steps-only", action="store_true")
    arguments = options.parse_args()
    torch.set_num_threads(arguments.threads)
    for config in arguments.configs:
        torch.manual_seed(1337)
        batch, context, *rest = SIZES[config]
        if config == "gpt2":
            model = LanguageModel(context, *rest, GPT2_PIECES)
            model = model.bfloat16() if arguments.bfloat16 else model  # all weights, as we keep them
            print(json.dumps({"peer": "PyTorch " + torch.__version__, "config": config, "threads": torch.get_num_threads(),
                              "cached_tokens_per_s": round(cached_generation_rate(model, context, 50, prompt=1), 1)}), flush=True)
            continue
        model = LSTMModel(rest[0]) if config == "lstm" else LanguageModel(context, *rest)
        median, fastest = time_steps(model, batch, context, arguments.seconds, arguments.bfloat16, arguments.compile)
        found = {"peer": "PyTorch " + torch.__version__, "config": config, "threads": torch.get_num_threads(),
                 "parameters": sum(p.numel() for p in model.parameters()), "step_ms_median": round(median, 4),
                 "step_ms_min": round(fastest, 4)}
        if not arguments.steps_only:
            tokens = 20 if config == "gpt-lecture" else 100
            found["generate_tokens_per_s"] = round(generation_rate(model, context, tokens), 1)
            found["cached_tokens_per_s"] = round(cached_generation_rate(model, context, 5 * tokens), 1)
        print(json.dumps(found), flush=True)


if __name__ == "__main__":
    main()
