"""The text VAE of klbench's benchmarks in plain PyTorch, as public code writes it: the peer of `make bench`.

usage: peer_pytorch.py (train | iw_nll) V NI NH T B SECONDS [DEVICE]
prints tokens (train) or sentences (iw_nll, 500 samples, one sentence and 100 samples at a time) per second.
"""
import math
import sys
import time

import torch
from torch import nn
import torch.nn.functional as F

LATENT, SAMPLES, CHUNK = 32, 500, 100


class TextVae(nn.Module):
    def __init__(self, vocabulary, ni, nh):
        super().__init__()
        self.words_in = nn.Embedding(vocabulary, ni)
        self.encoder = nn.LSTM(ni, nh)
        self.to_latent = nn.Linear(nh, 2 * LATENT, bias=False)
        self.words_out = nn.Embedding(vocabulary, ni)
        self.to_state = nn.Linear(LATENT, nh, bias=False)
        self.decoder = nn.LSTM(ni + LATENT, nh)
        self.dropout = nn.Dropout(0.5)
        self.output = nn.Linear(nh, vocabulary, bias=False)

    def encode(self, tokens):
        _, (state, _) = self.encoder(self.words_in(tokens))
        return self.to_latent(state[0]).chunk(2, 1)

    def reconstruction(self, tokens, z):
        """-log p(x|z) of each column of tokens [T+1, B] for z [B, d]."""
        words = self.dropout(self.words_out(tokens[:-1]))
        steps = torch.cat([words, z.expand(words.size(0), -1, -1)], 2)
        cell = self.to_state(z).unsqueeze(0)
        states, _ = self.decoder(steps, (torch.tanh(cell), cell))
        logits = self.output(self.dropout(states))
        loss = F.cross_entropy(logits.flatten(0, 1), tokens[1:].flatten(), reduction="none")
        return loss.view(tokens.size(0) - 1, -1).sum(0)


def train_step(model, optimizer, tokens):
    optimizer.zero_grad()
    mu, log_var = model.encode(tokens)
    z = mu + torch.exp(log_var / 2) * torch.randn_like(mu)
    kl = (mu**2 + log_var.exp() - log_var - 1).sum(1) / 2
    (model.reconstruction(tokens, z) + kl).mean().backward()
    torch.nn.utils.clip_grad_norm_(model.parameters(), 5.0)
    optimizer.step()
    return tokens[1:].numel()


@torch.no_grad()
def importance_nll(model, sentence):
    mu, log_var = model.encode(sentence)
    weights = []
    for _ in range(SAMPLES // CHUNK):
        noise = torch.randn(CHUNK, LATENT)
        z = mu + torch.exp(log_var / 2) * noise
        rec = model.reconstruction(sentence.expand(-1, CHUNK), z)
        weights.append(-rec - (z**2).sum(1) / 2 + (noise**2 + log_var).sum(1) / 2)
    return math.log(SAMPLES) - torch.logsumexp(torch.cat(weights), 0)


def main():
    what = sys.argv[1]
    vocabulary, ni, nh, steps, batch = map(int, sys.argv[2:7])
    seconds = float(sys.argv[7])
    torch.set_num_threads(1)
    torch.manual_seed(1)
    device = sys.argv[8] if len(sys.argv) > 8 else "cpu"
    torch.backends.cuda.matmul.allow_tf32 = torch.backends.cudnn.allow_tf32 = False  # as klbench on a card
    model = TextVae(vocabulary, ni, nh).to(device)
    optimizer = torch.optim.SGD(model.parameters(), lr=1.0)
    tokens = torch.randint(4, vocabulary, (steps + 1, batch)).to(device)
    if what == "train":
        work = lambda: train_step(model, optimizer, tokens)
    else:
        model.eval()
        work = lambda: importance_nll(model, tokens[:, :1]).numel()
    wait = torch.cuda.synchronize if device != "cpu" else lambda: None
    work()
    wait()
    done, start = 0, time.perf_counter()
    while done == 0 or time.perf_counter() - start < seconds:
        done += work()
    wait()
    print(done / (time.perf_counter() - start))


main()
