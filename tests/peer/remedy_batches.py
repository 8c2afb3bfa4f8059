"""Remedies that look at the batch as a whole: its aggregated posterior, pairs of its posteriors, discriminators."""
import math

import torch

from remedy_cases import D, DISENTANGLEMENT, SCALE, Z, drawn, extra_of, loss_case, rows

F = torch.nn.functional


def log_normal(x, mu, log_var):
    return -0.5 * (math.log(2 * math.pi) + log_var + (x - mu)**2 / log_var.exp())


def dg_vae():
    def gap(mu, log_var, samples):
        """Of one chunk. Theirs takes z^2 + 1e-6 over 2 + 1e-6 in the prior's density: 5e-7 of it, left out."""
        z = mu + torch.exp(0.5 * log_var) * drawn(samples, *mu.shape)
        z = z.view(-1, 1, D)
        log_q = log_normal(z, mu, log_var).exp().mean(1).log().mean(0)
        return (log_q - log_normal(z[:, 0], torch.zeros(1), torch.zeros(1)).mean(0)).sum()

    def objective(size):
        def of(mu, scale, _parameters, _z):
            chunks = [gap(*chunk, 4) for chunk in zip(mu.split(size), scale.split(size))]
            penalty = torch.stack(chunks).mean()
            return mu, scale, penalty.expand(6), 0, penalty
        return of
    source = "zhangjf-nlp/DG-VAEs modules/encoders/DGBasedKLD.py, DGBasedGaussianKLD"
    for size, aggregate in ((6, 0), (3, 3), (6, 4)):  # 4 does not divide 6
        loss_case("dg_vae", source, {"samples": 4, "aggregate": aggregate}, objective(size), seed=7)


def network(own, z, held=False):
    """Two logits: the second is for draws of the prior. Theirs has weights for both; only the difference matters, and
    the first is 0 here."""
    for i in range(3):
        weight, bias = (own[f"discriminator.layer{i}.{part}"] for part in ("weight", "bias"))
        if held:
            weight, bias = weight.detach(), bias.detach()
        z = F.linear(torch.sigmoid(z) if i else z, weight, bias)
    return torch.cat([torch.zeros_like(z), z], 1)


def weights_of_discriminator():
    own = {}
    for i, outputs in enumerate((3, 3, 1)):
        own[f"discriminator.layer{i}.weight"] = rows(outputs, 0.4 + i, 1.5)
        own[f"discriminator.layer{i}.bias"] = rows(1, 3.4 + i, 1.0)[0, :outputs]
    return own


def aae():
    def objective(mu, scale, own, _z):
        post = (mu + torch.exp(0.5 * scale) * drawn(4, *mu.shape)).view(-1, D)
        prior = drawn(*post.shape)
        ones, zeros = torch.ones(len(post)).long(), torch.zeros(len(post)).long()
        both = network(own, torch.cat([prior, post]).detach())
        penalty = F.cross_entropy(both, torch.cat([ones, zeros])) + F.cross_entropy(network(own, post, True), ones)
        return mu, scale, 1.5 * penalty.expand(6), 0, 1.5 * penalty
    loss_case("aae", "zhangjf-nlp/DG-VAEs modules/encoders/encoder.py, AAEGaussianLSTMEncoder",
              {"samples": 4, "weight": 1.5}, objective, weights_of_discriminator(), seed=8)


def factor_vae():
    def rule(_mu, _scale, own, z):
        shuffled = torch.stack([z.detach()[torch.randperm(len(z)), j] for j in range(D)], 1)
        real = network(own, z, True)
        total_correlation = (real[:, 1] - real[:, 0]).mean()
        of_real, of_shuffled = (torch.softmax(network(own, x), 1) for x in (z.detach(), shuffled))
        return 6 * total_correlation - 0.5 * (of_real[:, 1].log().mean() + of_shuffled[:, 0].log().mean())
    loss_case("factor_vae", DISENTANGLEMENT + ", FactorVAE, with the discriminator of aae",
              {"gamma": 6.0, "hidden_dim": 3}, extra_of(rule), weights_of_discriminator(), seed=9, z=Z)


def mpd():
    def rule(eta, gamma):
        def of(mu, log_var, _parameters, _z):
            n, var, eye = len(mu), log_var.exp() + 1e-12, torch.eye(len(mu)).double()
            distance = (mu[:, None] - mu[None])**2 / var[None]
            divergence = 0.5 * (log_var.exp()[:, None] / var[None] + distance -
                                (log_var[:, None] - log_var[None]) - 1) * (1 - eye[:, :, None])
            mean = divergence.view(n * n, D).mean(0) * n / (n - 1)
            spread = (divergence.sum(2) + eye * mean.sum()).std() * math.sqrt((n**2 - 1) / (n**2 - n - 1))
            return gamma * spread - eta * F.logsigmoid(mean / eta).sum()
        return of
    for eta, gamma in ((2.5, 0.5), (0.75, 0.0)):
        loss_case("mpd", "XuezheMax/mae mae/modules/encoders/gaussian_encoder.py, _postKL; mae/modules/mae.py, loss",
                  {"eta": eta, "gamma": gamma}, extra_of(rule(eta, gamma)), scale=0.5 * SCALE)


def dip_vae():
    def rule(aggregate):
        def of(mu, log_var, _parameters, _z):
            mean = mu.mean(0)
            covariance = (mu[:, :, None] * mu[:, None]).mean(0) - mean[:, None] * mean[None]
            if aggregate:
                covariance = covariance + torch.diag_embed(log_var.exp()).mean(0)
            diagonal = torch.diagonal(covariance)
            off = covariance - torch.diag(diagonal)
            return 2 * (off**2).sum() + 5 * ((diagonal - 1)**2).sum()
        return of
    for covariance in ("mean", "aggregate"):
        loss_case("dip_vae", DISENTANGLEMENT + ", DIPVAE",
                  {"lambda_off": 2.0, "lambda_diag": 5.0, "covariance": covariance},
                  extra_of(rule(covariance == "aggregate")))


def beta_tc():
    def objective(alpha, beta, gamma):
        def of(mu, log_var, _parameters, z):
            # Theirs divides by the examples of the data set, too: a constant in each part.
            log_q = log_normal(z[:, None], mu[None], log_var[None])
            product = (torch.logsumexp(log_q, 1) - math.log(len(z))).sum(1)
            joint = torch.logsumexp(log_q.sum(2), 1) - math.log(len(z))
            own, prior = log_normal(z, mu, log_var).sum(1), log_normal(z, torch.zeros(1), torch.zeros(1)).sum(1)
            penalty = alpha * (own - joint) + beta * (joint - product) + gamma * (product - prior)
            return mu, log_var, penalty, 0, penalty.mean()
        return of
    for weights in ((1.0, 4.0, 0.75), (0.0, 2.0, 1.0)):  # with and without the mutual information
        loss_case("beta_tc", "rtqichen/beta-tcvae vae_quant.py, VAE.elbo with tcvae",
                  dict(zip(("alpha", "beta", "gamma"), weights)), objective(*weights), z=Z)


def wae_mmd():
    def rule(_mu, _scale, _parameters, z):
        prior, others, n = drawn(*z.shape), 1 - torch.eye(len(z)).double(), len(z)
        square = lambda a, b: ((a[:, None] - b[None])**2).sum(2)
        statistic = 0
        for scale in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0):
            c = 2 * D * scale
            within = (c / (c + square(z, z)) + c / (c + square(prior, prior))) * others
            statistic += within.sum() / (n * n - n) - 2 * (c / (c + square(z, prior))).mean()
        return 7 * statistic
    loss_case("wae_mmd", "tolstikhin/wae wae.py, mmd_penalty with IMQ", {"lambda": 7.0}, extra_of(rule, kl_weight=0),
              seed=4, z=Z, kl_weight=0)


def batches():
    for part in (dg_vae, aae, factor_vae, mpd, dip_vae, beta_tc, wae_mmd):
        part()
