"""A text VAE in plain PyTorch with the remedies of `make peer`, trained under the recipes of the public codes."""
import collections
import copy
import dataclasses
import math
import re

import torch
from torch import nn

CLIP, DROPOUT, BATCH = 5.0, 0.5, 32
EMBEDDING, HIDDEN, LATENT, MIN_COUNT = 24, 48, 8, 2
TAU = 0.3
PAD, START, END, UNKNOWN = range(4)


@dataclasses.dataclass
class Recipe:
    """As the public code runs it; decay_after: epochs done before a decay is possible."""
    encoder: float  # weights uniform within this (embeddings 0.1); None: PyTorch's
    decoder: float
    optimizer: str
    lr: float
    patience: int
    decay_after: int = 16
    start: float = 0.0
    warmup: int = 10
    cycles: int = 0
    ratio: float = 0.0
    max_decays: int = 5
    free_bits: float = 8.0
    gamma: float = 0.5


RECIPES = {
    "he2019": Recipe(0.01, 0.01, "sgd", 1.0, 2, start=0.1),
    "li2019": Recipe(0.01, 0.01, "sgd", 0.5, 5),
    "zhu2020": Recipe(None, 0.01, "sgd", 0.5, 5),
    "fu2019": Recipe(0.1, 0.1, "adam", 1e-3, 1, start=0.1, cycles=4, ratio=0.45, max_decays=0),
    "zhang2022": Recipe(0.01, 0.01, "sgd", 0.5, 5, free_bits=4.0, gamma=0.7),
    "shen2021": Recipe(None, 0.01, "sgd", 1.0, 5),
}


# ---- data

def write_sentences(wordnet, folder, sizes):
    """Definitions of nouns of 4 to 14 words, evenly spaced over WordNet, one a line."""
    sentences = {}
    for line in (wordnet / "data.noun").read_text(encoding="ascii", errors="ignore").splitlines():
        if line.startswith(" "):
            continue
        words = re.findall(r"[a-z0-9]+|[^\sa-z0-9]", line.split(" | ", 1)[1].split('; "')[0].lower())
        if 4 <= len(words) <= 14:
            sentences[" ".join(words)] = None
    total = sum(sizes.values())
    sentences = list(sentences)
    sentences = sentences[:: len(sentences) // total][:total]
    splits = iter(sentences[i * 7 % total] for i in range(total))  # 7 and `total` share no factor
    for split, size in sizes.items():
        (folder / f"{split}.txt").write_text("".join(f"{next(splits)}\n" for _ in range(size)))


def read_sentences(folder, sizes):
    lines = {split: [line.split() for line in (folder / f"{split}.txt").read_text().splitlines()] for split in sizes}
    counts = collections.Counter(word for line in lines["train"] for word in line)
    counts.pop("<unk>", None)  # an unknown word already
    known = sorted((word for word in counts if counts[word] >= MIN_COUNT), key=lambda word: (-counts[word], word))
    ids = {word: i + 4 for i, word in enumerate(known)}
    numbered = {split: [[ids.get(word, UNKNOWN) for word in line] for line in lines[split]] for split in sizes}
    return numbered, len(ids) + 4


def batches_of(sentences, size):
    """[T + 1, B] batches of one length each; a remainder below 8 joins the batch before it, a single sentence its
    neighbour."""
    by_length = collections.defaultdict(list)
    for row in torch.randperm(len(sentences)).tolist():
        by_length[len(sentences[row])].append(row)
    groups = []
    for _, rows in sorted(by_length.items()):
        cuts = list(range(0, len(rows), size))
        if len(cuts) > 1 and len(rows) - cuts[-1] < min(8, size):
            cuts.pop()
        groups += [rows[begin:end] for begin, end in zip(cuts, cuts[1:] + [len(rows)])]
    while len(groups) > 1 and min(len(group) for group in groups) == 1:
        at = next(i for i, group in enumerate(groups) if len(group) == 1)
        alone = groups.pop(at)
        groups[max(0, at - 1)] += alone
    padded = [[torch.tensor([START, *sentences[row], END]) for row in group] for group in groups]
    return [nn.utils.rnn.pad_sequence(chosen, padding_value=PAD) for chosen in padded]


# ---- model

class Norm(nn.Module):
    """(x - mean) / sqrt(var + eps): of the batch in training, of the training split in evaluation."""

    def __init__(self, eps):
        super().__init__()
        self.eps, self.mean, self.var = eps, None, None

    def forward(self, x):
        mean, var = (x.mean(0), x.var(0, unbiased=False)) if self.training else (self.mean, self.var)
        return (x - mean) / torch.sqrt(var + self.eps)

    def gather(self, x):
        self.mean, self.var = x.mean(0), x.var(0, unbiased=False)


class LogMeanExp(nn.Module):
    """x - ln mean e^x, so that the mean of e^x is 1."""

    def forward(self, x):
        return x - (torch.logsumexp(x, 0) - math.log(len(x)) if self.training else self.mean)

    def gather(self, x):
        self.mean = torch.logsumexp(x, 0) - math.log(len(x))


class Vae(nn.Module):
    def __init__(self, method, vocabulary, recipe):
        super().__init__()
        self.method, self.recipe = method, recipe
        self.words_in, self.words_out = nn.Embedding(vocabulary, EMBEDDING), nn.Embedding(vocabulary, EMBEDDING)
        self.encoder = nn.LSTM(EMBEDDING, HIDDEN)
        self.to_latent = nn.Linear(HIDDEN, 2 * LATENT, bias=False)
        self.to_state = nn.Linear(LATENT, HIDDEN, bias=False)
        self.decoder = nn.LSTM(EMBEDDING + LATENT, HIDDEN)
        self.dropout = nn.Dropout(DROPOUT)
        self.output = nn.Linear(HIDDEN, vocabulary, bias=False)
        self.initialise(recipe.encoder, self.words_in, self.encoder, self.to_latent)
        self.initialise(recipe.decoder, self.words_out, self.to_state, self.decoder, self.output)
        if method == "bn_vae":
            self.norm, self.bias = Norm(1e-5), nn.Parameter(torch.zeros(LATENT))
        if method == "sym_bn_vae":
            self.norm, self.norm_sigma, self.theta = Norm(1e-8), LogMeanExp(), nn.Parameter(torch.zeros(LATENT))

    @staticmethod
    def initialise(bound, *parts):
        for part in parts if bound else ():
            for parameter in part.parameters():
                nn.init.uniform_(parameter, -bound, bound)
            if isinstance(part, nn.Embedding):
                nn.init.uniform_(part.weight, -0.1, 0.1)

    def raw(self, batch):
        states, _ = self.encoder(self.words_in(batch))
        last = (batch != PAD).sum(0) - 1
        return self.to_latent(states[last, torch.arange(batch.shape[1])]).chunk(2, 1)

    def posterior(self, batch):
        mu, scale = self.raw(batch)
        if self.method == "bn_vae":
            return self.recipe.gamma * self.norm(mu) + self.bias, scale
        if self.method == "sym_bn_vae":
            share = torch.sigmoid(self.theta)
            log_var = torch.log((1 - TAU) * (1 - share)) + self.norm_sigma(scale)
            return torch.sqrt(TAU + (1 - TAU) * share) * self.norm(mu), log_var
        return mu, scale

    def forward(self, batch):
        """rec [B], KL by dimension [B, d]; one z a sentence."""
        mu, log_var = self.posterior(batch)
        kl = 0.5 * (mu ** 2 + log_var.exp() - log_var - 1)
        z = mu + torch.exp(0.5 * log_var) * torch.randn_like(mu)
        inputs, targets = batch[:-1], batch[1:]
        words = torch.cat([self.dropout(self.words_out(inputs)), z.expand(len(inputs), *z.shape)], 2)
        c0 = self.to_state(z)
        states, _ = self.decoder(words, (torch.tanh(c0)[None], c0[None]))
        logits = self.output(self.dropout(states))
        nll = nn.functional.cross_entropy(logits.flatten(0, 1), targets.flatten(), ignore_index=PAD, reduction="none")
        return nll.view(targets.shape).sum(0), kl

    def penalty(self, kl):
        return (kl * (kl > self.recipe.free_bits / LATENT)).sum(1) if self.method == "free_bits" else kl.sum(1)


# ---- training

@torch.no_grad()
def gather_statistics(model, batches):
    if hasattr(model, "norm"):
        mu, scale = (torch.cat(parts) for parts in zip(*(model.raw(batch) for batch in batches)))
        model.norm.gather(mu)
        if hasattr(model, "norm_sigma"):
            model.norm_sigma.gather(scale)


@torch.no_grad()
def evaluate(model, batches):
    model.eval()
    parts = [model(batch) for batch in batches]
    return {"rec": torch.cat([rec for rec, _ in parts]).mean().item(),
            "kl": torch.cat([kl.sum(1) for _, kl in parts]).mean().item()}


def kl_weight(recipe, method, done, epochs):
    """Weight on the KL; `done`: epochs, with the step under way."""
    if method == "vae":
        return 1.0
    if recipe.cycles:
        cycle = done * recipe.cycles / epochs
        return recipe.start + (1 - recipe.start) * min(1.0, (cycle - math.floor(cycle)) / recipe.ratio)
    return recipe.start + (1 - recipe.start) * min(1.0, done / recipe.warmup)


def annealed_epochs(recipe, method, epochs):
    if method == "vae":
        return 0
    return epochs * (recipe.cycles - 1 + recipe.ratio) / recipe.cycles if recipe.cycles else recipe.warmup


def train(folder, sizes, recipe, method, seed, epochs):
    """Final rec and KL of valid and test by (split, metric), with the weights of the best valid ELBO after the annealing."""
    torch.set_num_threads(1)
    torch.manual_seed(1000 + seed)
    splits, vocabulary = read_sentences(folder, sizes)
    model = Vae(method, vocabulary, recipe)
    batches = batches_of(splits["train"], BATCH)
    held_out = {split: batches_of(splits[split], 64) for split in ("valid", "test")}

    def make_optimizer(lr):
        return torch.optim.Adam(model.parameters(), lr=lr) if recipe.optimizer == "adam" else torch.optim.SGD(model.parameters(), lr=lr)

    lr, step = recipe.lr, 0
    optimizer = make_optimizer(lr)
    best, to_beat, without_gain, decays = (math.inf, None), math.inf, 0, 0
    for epoch in range(1, epochs + 1):
        model.train()
        for index in torch.randperm(len(batches)).tolist():
            rec, kl = model(batches[index])
            weight = kl_weight(recipe, method, (step + 1) / len(batches), epochs)
            optimizer.zero_grad()
            (rec.mean() + weight * model.penalty(kl).mean()).backward()
            nn.utils.clip_grad_norm_(model.parameters(), CLIP)
            optimizer.step()
            step += 1
        gather_statistics(model, batches)
        if epoch < annealed_epochs(recipe, method, epochs):
            continue
        valid = sum(evaluate(model, held_out["valid"]).values())
        if valid < best[0]:
            best = (valid, copy.deepcopy(model))
        if recipe.max_decays == 0 or epoch == epochs:
            continue
        without_gain = 0 if valid < to_beat else without_gain + 1
        to_beat = min(valid, to_beat)
        if without_gain >= recipe.patience and epoch >= recipe.decay_after:
            decays, without_gain, to_beat, lr = decays + 1, 0, valid, lr / 2
            if decays == recipe.max_decays:
                break
            model = copy.deepcopy(best[1])
            optimizer = make_optimizer(lr)
    return {(split, metric): value for split in held_out for metric, value in evaluate(best[1], held_out[split]).items()}
