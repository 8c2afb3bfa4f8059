"""What the cases of remedy_values.py are made of: fixed inputs, and the list of cases.

A case has the key and options of a remedy, `source` (whose code or paper says so), and, by `kind`,
  loss        raw outputs of the encoder -> posterior, penalty by example, extra loss, and gradients of their sum and a
              pull on the posterior, in place of the decoder's: mean (mu pull[0] + ln sigma^2 pull[1]). Where there is
              a `decoder`, the remedy asks a model whose -ln p(x|z) is `rec` below
  running     batches seen in training -> posterior of the last one under running statistics
  weights     KL of the batches before each step -> weight on the KL at each step
  decoder     words, z and parameters of the LSTM decoder of a remedy -> -ln p(x|z) by example, gradients of the sum
  inner_loop  loss of encoder steps -> how many are made before one of the decoder
"""
import sys

try:
    import torch
except ImportError:
    sys.exit(77)

D = 3  # latent dimensions
# Public code of others, where none of the authors was found.
DISENTANGLEMENT = "google-research/disentanglement_lib methods/unsupervised/vae.py (not the authors')"
cases = []


def rows(n, phase, size):
    """[n, D] numbers without pattern, the same on every machine, exact in single precision."""
    x = torch.arange(n * D, dtype=torch.float64).view(n, D)
    return (torch.sin(x * x * 0.7 + x + phase) * size * 256).round() / 256


MU, SCALE = rows(6, 0.3, 1.5) + 0.5, rows(6, 1.1, 1.2) - 0.5
PULL = rows(6, 2.9, 1.0), rows(6, 4.1, 0.5)
Z, DECODER, EXAMPLES = rows(6, 2.2, 1.3), rows(3, 0.9, 1.2), rows(6, 5.3, 1.0)


def leaf(values):
    return values.clone().requires_grad_()


def numbers(tensor):
    return tensor.detach().double().tolist()


def drawn(*shape):
    """Standard normal, the numbers that single precision draws at this point of the random stream."""
    return torch.randn(shape, dtype=torch.float32).double()


def kl_of(mu, log_var):
    return 0.5 * (mu**2 + log_var.exp() - log_var - 1)


def rec(z, decoder):
    """-ln p(x|z) [B] of the model that cases with a decoder ask."""
    return 0.5 * ((torch.tanh(z @ decoder) - EXAMPLES)**2).sum(1)


def add(kind, remedy, source, options=None, **values):
    cases.append({"kind": kind, "remedy": remedy, "options": options or {}, "source": source, **values})


def loss_case(remedy, source, options, objective, parameters=None, seed=None, z=None, epoch=0, scale=SCALE,
              decoder=False, **more):
    """objective(mu, scale, parameters, z) -> posterior mean, log variance, penalty [B] (None: only its gradient is
    meant), extra loss or 0, and the scalar that is differentiated. With `decoder` the parameters have the model's.
    `more` goes into the case: x (words of the batch), words (that the model predicts of each example), kl_weight (of
    the step; 0: the remedy says so itself), gradient_tolerance."""
    given, mu, scale = scale, leaf(MU), leaf(scale)
    owned = {name: leaf(value) for name, value in (parameters or {}).items()}
    if decoder:
        owned["decoder"] = leaf(DECODER)
    latent = None if z is None else leaf(z)
    if seed is not None:
        torch.manual_seed(seed)
    post_mu, log_var, penalty, extra, total = objective(mu, scale, owned, latent)
    (total + (post_mu * PULL[0] + log_var * PULL[1]).mean()).backward()
    zero = torch.zeros_like(MU)
    case = {"mu": numbers(MU), "scale": numbers(given), "pull": [numbers(pull) for pull in PULL], "epoch": epoch,
            "posterior_mu": numbers(post_mu), "log_var": numbers(log_var),
            "grad_mu": numbers(zero if mu.grad is None else mu.grad),
            "grad_scale": numbers(zero if scale.grad is None else scale.grad)}
    if penalty is not None:
        case["penalty"] = numbers(penalty)
    if torch.is_tensor(extra):
        case["extra"] = extra.item()
    if decoder:
        case["decoder"], case["examples"] = numbers(DECODER), numbers(EXAMPLES)
        case["grad_decoder"] = numbers(owned.pop("decoder").grad)
    if owned:
        case["parameters"] = {name: numbers(value) for name, value in (parameters or {}).items()}
        case["grad_parameters"] = {name: numbers(value.grad) for name, value in owned.items()}
    if latent is not None:
        case["z"], case["grad_z"] = numbers(z), numbers(latent.grad)
    if seed is not None:
        case["seed"] = seed
    add("loss", remedy, source, options, **case, **more)


def penalty_of(rule, valued=True):
    """A remedy that changes what of the KL [B, D] is paid for, of the posterior N(mu, exp(scale))."""
    def objective(mu, scale, _parameters, _z):
        penalty = rule(kl_of(mu, scale))
        return mu, scale, penalty if valued else None, 0, penalty.mean()
    return objective


def posterior_of(rule):
    """A remedy that makes the posterior; the KL is paid for as it is."""
    def objective(mu, scale, parameters, _z):
        post_mu, log_var = rule(mu, scale, parameters)
        penalty = kl_of(post_mu, log_var).sum(1)
        return post_mu, log_var, penalty, 0, penalty.mean()
    return objective


def extra_of(rule, kl_weight=1):
    """A remedy that adds a loss to the weighed KL."""
    def objective(mu, scale, parameters, z):
        extra, penalty = rule(mu, scale, parameters, z), kl_of(mu, scale).sum(1)
        return mu, scale, penalty, extra, kl_weight * penalty.mean() + extra
    return objective
