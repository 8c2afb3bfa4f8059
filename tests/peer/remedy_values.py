"""What remedies with public code penalise, how they weigh it and which way they pull, from the formulas of their papers
and public codes in plain PyTorch. Shares no code with klbench (nor with them); tests/regularizers/peer_values_test.cpp
compares klbench's hooks and gradients with the values. What a case is: remedy_cases.py.

    /usr/bin/python3 tests/peer/remedy_values.py            # writes tests/regularizers/peer_values.json
    /usr/bin/python3 tests/peer/remedy_values.py --check    # exit code 1: other numbers; 77: no torch here
"""
import argparse
import json
import math
import pathlib
import sys

from remedy_cases import (D, DISENTANGLEMENT, SCALE, Z, add, cases, drawn, extra_of, kl_of, loss_case, numbers,
                          penalty_of, posterior_of, rows)  # exits where there is no torch
import torch

from remedy_batches import batches
from remedy_models import models

FILE = pathlib.Path(__file__).resolve().parents[1] / "regularizers" / "peer_values.json"


def penalties():
    loss_case("vae", "Kingma & Welling, ICLR 2014, appendix B", {}, penalty_of(lambda kl: kl.sum(1)))
    target = 1.2  # nats over all dimensions
    masked = lambda kl: torch.where(kl > target / D, kl, torch.zeros_like(kl)).sum(1)
    source = "bohanli/vae-pretraining-encoder text_anneal_fb.py, fb 2"
    loss_case("free_bits", source, {"total": target}, penalty_of(masked))
    loss_case("free_bits", source, {"lambda": target / D}, penalty_of(masked))
    loss_case("pretrain_fb", source, {"total": target}, penalty_of(masked))
    loss_case("free_bits", "the same, fb 1: gradients", {"per": "total_example", "total": 1.5},
              penalty_of(lambda kl: (kl.sum(1) > 1.5) * kl.sum(1), valued=False))
    for total in (0.5, 9.0):  # below and above the mean
        loss_case("free_bits", "the same, fb 3: gradients", {"per": "total_batch", "total": total},
                  penalty_of(lambda kl: (kl.sum(1).mean() > total) * kl.sum(1), valued=False))
    for epoch, capacity in ((3, 1.5), (15, 5.0)):  # rising to 5 in ten epochs; below and above the mean
        loss_case("capacity", DISENTANGLEMENT + ", AnnealedVAE", {"gamma": 20.0, "max_capacity": 5.0},
                  penalty_of(lambda kl, c=capacity: (20 * (kl.sum(1).mean() - c).abs()).expand(6)), epoch=epoch)


def extras():
    def mu_forcing(margin):
        # over batch and dimensions
        return extra_of(lambda mu, _scale, _parameters, _z: torch.relu(margin - ((mu - mu.mean(0))**2).mean()))
    for margin in (1.5, 0.5):
        loss_case("mu_forcing", "dayihengliu/Mu-Forcing-VRAE mu_Forcing.ipynb, aux_loss",
                  {"margin": margin, "weight": 2 / D}, mu_forcing(margin))

    def info_vae(_mu, _scale, _parameters, z):
        prior = drawn(*z.shape)
        kernel = lambda a, b: torch.exp(-((a[:, None] - b[None])**2).mean(2) / D).mean()
        return 5 * (kernel(z, z) + kernel(prior, prior) - 2 * kernel(z, prior))
    loss_case("info_vae", "ShengjiaZhao/MMD-Variational-Autoencoder mmd_vae.py, compute_mmd",
              {"alpha": 1.0, "lambda": 5.0}, extra_of(info_vae), seed=3, z=Z)


def root(delta, inside, outside):
    """Of ln x - x + 2 delta + 1, between a point where it is positive and one where it is not."""
    for _ in range(200):
        middle = (inside + outside) / 2
        if math.log(middle) - middle + 2 * delta + 1 > 0:
            inside = middle
        else:
            outside = middle
    return inside


WHITENING = "AliaksandrSiarohin/gan conditional_layers.py, DecorelationNormalization with cholesky"


def batch_norm(x, eps):
    return (x - x.mean(0)) / torch.sqrt(x.var(0, unbiased=False) + eps)


def posteriors():
    def delta_vae(delta, clamp):
        low, high = math.sqrt(root(delta, 1.0, 0.0)), math.sqrt(root(delta, 1.0, 4 * delta + 4))
        def rule(mu, scale, _parameters):
            denominator = 1 + torch.exp(-scale)
            sigma = low + (high - low) / (denominator.clamp(1, 50) if clamp else denominator)
            log_var = torch.log(sigma**2)
            return torch.sqrt(2 * delta + 1 + log_var - log_var.exp() + torch.relu(mu) + 1e-6), log_var
        return posterior_of(rule)
    source = "valdersoul/bn-vae modules/encoders/enc_lstm.py, DeltaGaussianLSTMEncoder"
    loss_case("delta_vae", source, {"sigmoid_min": 0.02}, delta_vae(0.15, True), scale=4 * SCALE)
    loss_case("delta_vae", source + "; delta as a total", {"total": 0.9, "sigmoid_min": 0.02}, delta_vae(0.3, True))
    loss_case("delta_vae", "Razavi et al., ICLR 2019, section 2.1", {}, delta_vae(0.15, False))

    def bn_vae(mu, scale, own):
        layer = torch.nn.BatchNorm1d(D, affine=False).double()
        return 0.7 * layer(mu) + own["norm.bias"], scale
    bias = torch.tensor([0.25, -0.5, 0.0], dtype=torch.float64)
    loss_case("bn_vae", "valdersoul/bn-vae modules/encoders/enc_lstm.py, GaussianLSTMEncoder", {"gamma": 0.7},
              posterior_of(bn_vae), {"norm.bias": bias})

    def du_vae(drop):
        def rule(mu, scale, own):
            floor = 1 / (2 * math.e * math.pi)
            # Projection of the weight itself: the gradient is the projected weight's.
            gain = own["norm.gain"]
            gain.data *= 0.5 / (gain.data**2).mean().sqrt()
            variance = scale.exp()
            if drop:
                kept = torch.dropout(torch.ones(mu.shape, dtype=torch.float32), drop, True) != 0
                variance = variance * kept / (1 - drop)
            return gain * batch_norm(mu, 1e-5) + own["norm.bias"], torch.log(variance + floor)
        return posterior_of(rule)
    own = {"norm.gain": torch.tensor([0.75, 0.125, -0.5], dtype=torch.float64), "norm.bias": bias}
    source = "SmilesDZgk/DU-VAE modules/encoders/enc_lstm.py and encoder.py"
    loss_case("du_vae", source, {"drop": 0.0}, du_vae(0), own)
    loss_case("du_vae", source, {"drop": 0.25}, du_vae(0.25), own, seed=5)
    annealed = posterior_of(lambda mu, scale, own: (du_vae(0)(mu, scale, own, None)[0], scale))
    loss_case("du_vae", source + ": while the KL is annealed", {"variance_from_epoch": 10}, annealed, own, epoch=9)

    def sym_bn_vae(mu, scale, own):
        tau, theta = 0.5, own["theta"]
        post_mu = batch_norm(mu, 1e-8) * torch.sqrt(tau + (1 - tau) * torch.sigmoid(theta))
        sigma = batch_norm(scale, 1e-8) * torch.sqrt((1 - tau) * torch.sigmoid(-theta))
        return post_mu, torch.log(sigma**2)
    theta = torch.tensor([0.0, 0.5, -1.25], dtype=torch.float64)
    loss_case("sym_bn_vae", "kexue.fm/archives/7381, Scaler", {"guard": 1e-12},
              posterior_of(sym_bn_vae), {"theta": theta})

    def whiten_bn(mu, scale, own):
        # Theirs whitens with the covariance over n - 1, and eps away: L_theirs = sqrt(n / (n - 1)) L.
        centred, n = (mu - mu.mean(0)).t(), len(mu)
        inverse = torch.linalg.inv(torch.linalg.cholesky(centred @ centred.t() / (n - 1)))
        return 0.7 * math.sqrt(n / (n - 1)) * (inverse @ centred).t() + own["bias"], scale
    loss_case("whiten_bn", WHITENING + ", train", {"gamma": 0.7}, posterior_of(whiten_bn), {"bias": bias})


def running():
    batches = [(rows(8, i, 1.0) + i, rows(8, i + 0.5, 1.5)) for i in range(4)]
    torch_norm = torch.nn.BatchNorm1d(D).double()
    torch.nn.init.constant_(torch_norm.weight, 0.7)
    # Keras: what is kept has weight 0.99; the variance is the unbiased one.
    mean, var = [torch.zeros(D).double()] * 2, [torch.ones(D).double()] * 2
    covariance = torch.eye(D).double()
    for batch in batches:
        torch_norm(batch[0])
        mean = [0.99 * m + 0.01 * x.mean(0) for m, x in zip(mean, batch)]
        var = [0.99 * v + 0.01 * x.var(0, unbiased=True) for v, x in zip(var, batch)]
        covariance = 0.99 * covariance + 0.01 * torch.cov(batch[0].t())
    keras = [(x - m) / torch.sqrt(v + 1e-8) for x, m, v in zip(batches[-1], mean, var)]
    given = {"batches": [[numbers(mu), numbers(scale)] for mu, scale in batches]}
    torch_norm.eval()
    add("running", "bn_vae", "valdersoul/bn-vae: nn.BatchNorm1d(nz)", {"gamma": 0.7}, **given,
        posterior_mu=numbers(torch_norm(batches[-1][0])), log_var=numbers(batches[-1][1]))
    add("running", "sym_bn_vae", "kexue.fm/archives/7381: BatchNormalization of Keras, momentum 0.99", {"guard": 1e-12},
        **given, posterior_mu=numbers(math.sqrt(0.75) * keras[0]),
        log_var=numbers(torch.log((0.5 * keras[1])**2)))
    whitened = (torch.linalg.inv(torch.linalg.cholesky(covariance)) @ (batches[-1][0] - mean[0]).t()).t()
    add("running", "whiten_bn", WHITENING + ", test; momentum 0.99", {"gamma": 0.7, "momentum": 0.01}, **given,
        posterior_mu=numbers(0.7 * whitened), log_var=numbers(batches[-1][1]))


def weights():
    def schedule(remedy, source, options, steps_per_epoch, epochs, values, kl=None):
        add("weights", remedy, source, options, steps_per_epoch=steps_per_epoch, epochs=epochs, weights=values,
            **({} if kl is None else {"kl": kl}))

    def linear(start, warm_up, per_epoch, steps):
        weight, values = start, []
        for _ in range(steps):
            weight = min(1.0, weight + (1.0 - start) / (warm_up * per_epoch))
            values.append(weight)
        return values
    for start, source in ((0.1, "jxhe/vae-lagging-encoder text.py"),
                          (0.0, "bohanli/vae-pretraining-encoder text_anneal_fb.py")):
        schedule("kl_annealing", source, {"start": start, "warmup_epochs": 3.0}, 7, 5, linear(start, 3, 7, 35))
    schedule("pretrain_fb", "bohanli/vae-pretraining-encoder text_beta.py, text_anneal_fb.py",
             {"pretrain_epochs": 2, "warmup_epochs": 3.0}, 5, 7, [0.0] * 10 + linear(0, 3, 5, 25))
    schedule("beta_vae", "zhangjf-nlp/DG-VAEs modules/vae.py, kl_beta", {"beta": 0.4}, 5, 1, [0.4] * 5)

    # PTB: 40 epochs in cycles of 10, warm-up 5 epochs at a rate that would lead from 0 to 1.
    weight, values = 0.0, []
    for epoch in range(40):
        if epoch % 10 == 0:
            weight = 0.1
        for _ in range(3):
            weight = min(1.0, weight + 1.0 / (5 * 3))
            values.append(weight)
    schedule("kl_annealing", "haofuml/cyclical_annealing language_model/train_text_cyc_ptb.py",
             {"schedule": "cyclical", "start": 0.1, "cycles": 4, "ratio": 0.45}, 3, 40, values)
    cycle = 20  # steps; half of them rise
    schedule("kl_annealing", "haofuml/cyclical_annealing dialog/models/cvae_cyc.py, semi/semi_yelp_cyc_pre.py",
             {"schedule": "cyclical", "cycles": 3}, 6, 10, [min((t % cycle + 1) / (cycle / 2), 1.0) for t in range(60)])
    # Optimus (frange_cycle_zero_linear): zero, then up, then 1; grown before each step as above.
    values = []
    for t in range(60):
        i, period = t % 12 + 1, 12
        values.append(0.0 if i <= 0.5 * period else min(1.0, (i - 0.5 * period) / (0.25 * period)))
    schedule("kl_annealing", "ChunyuanLI/Optimus, frange_cycle_zero_linear (as quoted in other public code)",
             {"schedule": "cyclical", "cycles": 5, "zero": 0.5, "ratio": 0.25}, 6, 10, values)

    # The first weight is 0; every later one comes from the KL of the step before.
    kp, ki, target = 0.01, -0.05, 3.0
    kl = [5.0, 4.5, 3.5] + [9.0] * 12 + [1.0] * 20 + [6.0] * 10
    integral, values = 0.0, [0.0]
    for found in kl[:-1]:
        error = target - found
        integral += ki * error
        values.append(min(1.0, max(0.0, kp / (1.0 + math.exp(error)) + integral)))
    schedule("control_vae", "shj1987/ControlVAE-ICML2020 Language_modeling/Text_gen_PTB/PID.py",
             {"target": target, "kp": kp, "ki": -ki, "windup": "public"}, 100, 1, values, [0.0] + kl[:-1])

    # The loss is KL + |w| (rate - KL): what the KL is weighed by is its derivative; w ascends. Theirs hands w to Adam,
    # too, by a name that its filter misses, clips it with all gradients and has it in its L2 term: not here.
    w, values = torch.nn.Parameter(torch.tensor([1.01], dtype=torch.float64)), []
    rmsprop, kl = torch.optim.RMSprop([w], 0.05), [5.0, 4.5, 3.5] + [9.0] * 12 + [1.0] * 20 + [6.0] * 10
    for found in kl:
        rate = torch.tensor(found, dtype=torch.float64, requires_grad=True)
        rmsprop.zero_grad()
        (rate + w.abs() * (3.0 - rate)).sum().backward()
        values.append(rate.grad.item())
        w.grad *= -1
        rmsprop.step()
    schedule("mdr", "tom-pelsmaeker/deep-generative-lm base_decoder.py, _compute_constraint; generative.py, train",
             {"rate": 3.0, "lr": 0.05}, 100, 1, values, [0.0] + kl[:-1])


def inner_loop():
    def steps(losses, tokens, examples):
        previous, current, words, step = 1e4, 0.0, 0, 1
        while step < 100:
            current += losses[min(step - 1, len(losses) - 1)] * examples
            words += tokens
            if step % 15 == 0:
                current /= words
                if previous - current < 0:
                    break
                previous, current, words = current, 0.0, 0
            step += 1
        return min(step, 99)
    for losses in ([30 - 0.1 * i for i in range(120)], [30 - 0.1 * i + 0.004 * i * i for i in range(120)]):
        add("inner_loop", "aggressive", "jxhe/vae-lagging-encoder toy.py, text.py", {}, losses=losses, tokens=10,
            examples=4, encoder_steps=steps(losses, 10, 4))


def differs(a, b):
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() != b.keys() or any(differs(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) != len(b) or any(differs(x, y) for x, y in zip(a, b))
    if isinstance(a, float) and isinstance(b, float):
        return abs(a - b) > 1e-6 * (1 + abs(a))
    return a != b


def rounded(value):
    if isinstance(value, float):
        return float(f"{value:.9g}")
    if isinstance(value, dict):
        return {key: rounded(item) for key, item in value.items()}
    return [rounded(item) for item in value] if isinstance(value, list) else value


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--check", action="store_true", help="compare with the file instead of writing it")
    check = parser.parse_args().check
    for part in (penalties, extras, posteriors, batches, models, running, weights, inner_loop):
        part()
    found = rounded(cases)
    if not check:
        FILE.write_text("[\n" + ",\n".join(json.dumps(case) for case in found) + "\n]\n")
        return 0
    stored = json.loads(FILE.read_text())
    for ours, theirs in zip(found, stored):
        if differs(ours, theirs):
            print(f"{FILE.name}: {ours['kind']} of {ours['remedy']} ({ours['source']}) has other numbers")
    return int(differs(found, stored))


if __name__ == "__main__":
    sys.exit(main())
