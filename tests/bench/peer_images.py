"""The VAEs of images of klbench's benchmarks in plain PyTorch: the peer of `make bench`.

usage: peer_images.py (mlp | pixelcnn) SECONDS
prints images per second of training: 28 x 28, 16 latent dimensions, batches of 50, Adam, gradients clipped.
"""
import sys
import time

import torch
from torch import nn
import torch.nn.functional as F

LATENT, HIDDEN, BATCH, SIDE = 16, 256, 50, 28
CHANNELS, MAPS, KERNELS = 32, 4, (7, 5, 5, 3)


class MaskedConv2d(nn.Conv2d):
    def __init__(self, kind, inputs, outputs, kernel):
        super().__init__(inputs, outputs, kernel, padding=kernel // 2, bias=False)
        mask = torch.ones(1, 1, kernel, kernel)
        mask[:, :, kernel // 2, kernel // 2 + (kind == "B"):] = 0
        mask[:, :, kernel // 2 + 1:] = 0
        self.register_buffer("mask", mask)

    def forward(self, x):
        return F.conv2d(x, self.weight * self.mask, padding=self.padding)


class Block(nn.Module):
    def __init__(self, kernel):
        super().__init__()
        half = CHANNELS // 2
        self.main = nn.Sequential(nn.Conv2d(CHANNELS, half, 1, bias=False), nn.ELU(), MaskedConv2d("B", half, half, kernel),
                                  nn.ELU(), nn.Conv2d(half, CHANNELS, 1, bias=False))

    def forward(self, x):
        return F.elu(self.main(x) + x)


class PixelCnn(nn.Module):
    def __init__(self):
        super().__init__()
        self.to_maps = nn.Linear(LATENT, MAPS * SIDE * SIDE)
        self.of_maps = nn.Conv2d(MAPS, CHANNELS, KERNELS[0], padding=KERNELS[0] // 2, bias=False)
        self.of_image = MaskedConv2d("A", 1, CHANNELS, KERNELS[0])
        self.rest = nn.Sequential(nn.ELU(), *[Block(kernel) for kernel in KERNELS[1:]],
                                  nn.Conv2d(CHANNELS, CHANNELS, 1, bias=False), nn.ELU(), nn.Conv2d(CHANNELS, 1, 1))

    def forward(self, x, z):
        maps = self.to_maps(z).view(-1, MAPS, SIDE, SIDE)
        return self.rest(self.of_image(x) + self.of_maps(maps))


class Mlp(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(LATENT, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, HIDDEN), nn.ReLU(),
                                    nn.Linear(HIDDEN, SIDE * SIDE))

    def forward(self, x, z):
        return self.layers(z).view_as(x)


def main():
    torch.set_num_threads(1)
    torch.manual_seed(1)
    encoder = nn.Sequential(nn.Flatten(), nn.Linear(SIDE * SIDE, HIDDEN), nn.ReLU(), nn.Linear(HIDDEN, HIDDEN), nn.ReLU(),
                            nn.Linear(HIDDEN, 2 * LATENT))
    decoder = {"mlp": Mlp, "pixelcnn": PixelCnn}[sys.argv[1]]()
    parameters = [*encoder.parameters(), *decoder.parameters()]
    optimizer = torch.optim.Adam(parameters, lr=1e-3)
    images = torch.bernoulli(torch.full((BATCH, 1, SIDE, SIDE), 0.3))

    def step():
        optimizer.zero_grad()
        mu, log_var = encoder(images).chunk(2, 1)
        z = mu + torch.exp(log_var / 2) * torch.randn_like(mu)
        kl = (mu**2 + log_var.exp() - log_var - 1).sum(1) / 2
        rec = F.binary_cross_entropy_with_logits(decoder(images, z), images, reduction="none").flatten(1).sum(1)
        (rec + kl).mean().backward()
        nn.utils.clip_grad_norm_(parameters, 5.0)
        optimizer.step()

    step()
    done, start = 0, time.perf_counter()
    while done == 0 or time.perf_counter() - start < float(sys.argv[2]):
        step()
        done += BATCH
    print(done / (time.perf_counter() - start))


main()
