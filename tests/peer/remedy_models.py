"""Remedies that predict words from z or ask the model again: its decoder is remedy_cases.rec, not a language model."""
import math

import torch

from remedy_cases import D, MU, Z, add, drawn, extra_of, kl_of, leaf, loss_case, numbers, rec, rows

F = torch.nn.functional


def bow():
    own = {"hidden.weight": rows(3, 0.4, 1.5), "hidden.bias": rows(1, 3.4, 1.0)[0], "words.weight": rows(50, 1.4, 1.5),
           "words.bias": rows(17, 4.4, 1.0).flatten()[:50]}

    def rule(words, mean):
        target = torch.tensor(words).t()[:, 1:]
        def of(_mu, _scale, parameters, z):
            hidden = torch.sigmoid(F.linear(z, parameters["hidden.weight"], parameters["hidden.bias"]))
            logits = F.linear(hidden, parameters["words.weight"], parameters["words.bias"])
            each = F.cross_entropy(logits[:, :, None].repeat(1, 1, target.shape[1]), target, reduction="none")
            if mean:
                return 0.5 * (each / target.shape[1]).sum(1).mean()
            return 0.5 * (each * torch.sign(target)).sum(1).mean()
        return of
    equal = [[1] * 6, [4, 5, 49, 7, 5, 8], [9, 5, 4, 3, 4, 6], [2] * 6]
    padded = [[1] * 6, [4, 5, 49, 7, 5, 8], [9, 2, 4, 3, 2, 6], [2, 0, 2, 2, 0, 2]]
    loss_case("bow", "zhangjf-nlp/DG-VAEs modules/decoders/decoder.py, reconstruct_error with add_bow: the gradient",
              {"weight": 0.5, "mean_of_words": True}, extra_of(rule(equal, True)), own, z=Z, x=equal)
    loss_case("bow", "snakeztc/NeuralDialog-CVAE models/cvae.py, avg_bow_loss, with the network of DG-VAEs",
              {"weight": 0.5}, extra_of(rule(padded, False)), own, z=Z, x=padded)


class Descent(torch.autograd.Function):
    """optim_n2n.py without clipping: the loss is the mean over the batch, Hessian times vector a difference of
    gradients."""
    iters, lr, momentum, eps = 3, 1.2, 0.5, 1e-5

    @staticmethod
    def gradients(mu, log_var, decoder, noise, beta):
        with torch.enable_grad():
            inputs = [leaf(value.detach()) for value in (mu, log_var, decoder)]
            z = inputs[0] + torch.exp(0.5 * inputs[1]) * noise
            loss = rec(z, inputs[2]).mean() + beta * kl_of(inputs[0], inputs[1]).sum(1).mean()
            return torch.autograd.grad(loss, inputs)

    @staticmethod
    def forward(ctx, mu, log_var, decoder, beta):
        ctx.steps, ctx.beta, ctx.decoder = [], beta, decoder
        x, velocity = [mu, log_var], [torch.zeros_like(mu), torch.zeros_like(mu)]
        for _ in range(Descent.iters):
            # The order of draws is klbench's: noise, then the seed of the pass.
            noise, seed = drawn(*mu.shape), torch.randint(1 << 62, (1,)).item()
            torch.manual_seed(seed)
            found = Descent.gradients(*x, decoder, noise, beta)
            ctx.steps.append((x, noise, found))
            velocity = [Descent.momentum * p - g for p, g in zip(velocity, found)]
            x = [value + Descent.lr * p for value, p in zip(x, velocity)]
        return tuple(x)

    @staticmethod
    def backward(ctx, *of_end):
        of_x, of_velocity = list(of_end), [torch.zeros_like(g) for g in of_end]
        of_decoder = torch.zeros_like(ctx.decoder)
        for x, noise, found in reversed(ctx.steps):
            of_velocity = [p + Descent.lr * g for p, g in zip(of_velocity, of_x)]
            moved = Descent.gradients(*(value + Descent.eps * p for value, p in zip(x, of_velocity)), ctx.decoder,
                                      noise, ctx.beta)
            products = [(a - b) / Descent.eps for a, b in zip(moved, found)]
            of_x = [g - product for g, product in zip(of_x, products)]
            of_decoder = of_decoder - products[2]
            of_velocity = [Descent.momentum * p for p in of_velocity]
        return (*of_x, of_decoder, None)


def sa_vae():
    def objective(beta):
        def of(mu, scale, own, _z):
            post_mu, log_var = Descent.apply(mu, scale, own["decoder"], beta)
            penalty = kl_of(post_mu, log_var).sum(1)
            return post_mu, log_var, penalty, 0, beta * penalty.mean()
        return of
    for beta in (1.0, 0.25):
        loss_case("sa_vae", "harvardnlp/sa-vae optim_n2n.py, forward_mom and backward_mom; train_text.py",
                  {"steps": Descent.iters, "lr": Descent.lr / len(MU), "momentum": Descent.momentum, "max_norm": 0.0},
                  objective(beta), seed=6, decoder=True, kl_weight=beta, gradient_tolerance=1e-3)


def coupled_vae():
    def rule(euclidean):
        def of(mu, log_var, own, z):
            code = F.linear(torch.cat([mu, log_var], 1), own["code.weight"], own["code.bias"])
            distance = ((z - code.detach())**2).sum(1)
            if not euclidean:
                scales = (2 * D * scale for scale in (0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0))
                distance = -sum(c / (c + distance) for c in scales)
            return 1.5 * rec(code, own["decoder"]).mean() + 0.25 * distance.mean()
        return of
    own = {"code.weight": rows(6, 0.7, 0.8).view(3, 6), "code.bias": rows(1, 2.7, 0.5)[0]}
    for distance in ("imq", "euclidean"):
        loss_case("coupled_vae", "ChenWu98/Coupled-VAE Coupled-VAE/Experiment.py, vae-couple, compute_imq_dist_couple",
                  {"twin": 1.5, "match": 0.25, "distance": distance}, extra_of(rule(distance == "euclidean")), own,
                  z=Z, decoder=True)


def iwae():
    def objective(mu, log_var, own, z):
        draws = [z] + [mu + torch.exp(0.5 * log_var) * drawn(*mu.shape) for _ in range(2)]
        sigma = torch.exp(0.5 * log_var)
        normal = lambda x: -math.log(2 * math.pi) * D / 2 - (x**2).sum(1) / 2
        log_w = torch.stack([normal(x) - normal((x - mu) / sigma) + log_var.sum(1) / 2 - rec(x, own["decoder"])
                             for x in draws], 1)
        share = torch.softmax(log_w.detach(), 1)
        bound = torch.logsumexp(log_w, 1) - math.log(len(draws))
        return mu, log_var, kl_of(mu, log_var).sum(1), -bound.mean(), -(share * log_w).sum(1).mean()
    loss_case("iwae", "yburda/iwae iwae.py, log_weightsIq_samples and gradIminibatch_srng", {"samples": 3}, objective,
              seed=12, z=Z, decoder=True, kl_weight=0)


def fraternal():
    words = 2
    def rule(_mu, _scale, own, z):
        states = (z @ own["decoder"]).repeat_interleave(words, 0)
        first, second = (states * torch.dropout(torch.ones(states.shape), 0.5, True) for _ in range(2))
        # Theirs is beside a mean over words, klbench's loss is by sentence.
        return words * 0.3 * ((first - second)**2).mean()
    loss_case("fraternal", "kondiz/fraternal-dropout main.py, l2_kappa, of states instead of logits", {"kappa": 0.3},
              extra_of(rule), seed=13, z=Z, decoder=True, words=words)


def skip_decoder():
    words, hidden, vocabulary = 6, 8, 7
    def values(phase, *shape):
        return rows(math.prod(shape), phase, 0.8).flatten()[:math.prod(shape)].view(*shape)
    own = {"embedding.weight": values(0.4, vocabulary, words), "to_state.weight": values(1.2, hidden, D),
           "lstm.weight_ih": values(2.1, 4 * hidden, words + D), "lstm.weight_hh": values(3.3, 4 * hidden, hidden),
           "lstm.bias_ih": values(4.6, 4 * hidden), "lstm.bias_hh": values(5.2, 4 * hidden),
           "output.weight": values(6.1, vocabulary, hidden + D)}
    x = [[1, 1, 1], [4, 5, 6], [6, 6, 4], [5, 2, 5], [2, 0, 6], [0, 0, 2]]  # <s> 1, </s> 2, padding 0
    tokens, z = torch.tensor(x), leaf(Z[:3])
    leaves = {name: leaf(value) for name, value in own.items()}
    c = F.linear(z, leaves["to_state.weight"])
    h, loss = torch.tanh(c), 0
    for fed, wanted in zip(tokens[:-1], tokens[1:]):
        step = torch.cat([F.embedding(fed, leaves["embedding.weight"]), z], 1)
        h, c = torch.lstm_cell(step, (h, c), *(leaves["lstm." + name] for name in
                                               ("weight_ih", "weight_hh", "bias_ih", "bias_hh")))
        logits = F.linear(torch.cat([h, z], 1), leaves["output.weight"])
        loss = loss + F.cross_entropy(logits, wanted, reduction="none", ignore_index=0)
    loss.sum().backward()
    add("decoder", "skip_decoder", "yoonkim/skip-vae models_text_skip.py, _dec_forward with skip 1",
        x=x, z=numbers(z), parameters={name: numbers(value) for name, value in own.items()}, rec=numbers(loss),
        grad_z=numbers(z.grad), grad_parameters={name: numbers(value.grad) for name, value in leaves.items()})


def models():
    for part in (bow, sa_vae, coupled_vae, iwae, fraternal, skip_decoder):
        part()
