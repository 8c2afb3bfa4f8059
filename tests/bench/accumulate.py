#!/usr/bin/env python3
"""Peak memory of a cell whose steps are of 512 sentences of 80 words (bn_vae, 256 LSTM units): as one batch, and accumulated
from 32 batches of 16. Prints both and their ratio. usage: accumulate.py KLBENCH"""
import json
import os
import pathlib
import subprocess
import sys
import tempfile

STUDY = """study: memory
data: {name: synthetic, train_size: 512, valid_size: 16, test_size: 16, vocabulary_size: 2000, min_length: 80, max_length: 80}
model: {latent_dim: 32, hidden_dim: 256}
trainer: {epochs: 1, precision: f32}
eval: {nll_samples: 1, mi_samples: 1}
sweep:
  - {regularizer: [bn_vae], trainer.batch_size: [512]}
  - {regularizer: [bn_vae], trainer.batch_size: [16], trainer.accumulate: [32]}
"""

with tempfile.TemporaryDirectory() as name:
    folder = pathlib.Path(name)
    (folder / "memory.yaml").write_text(STUDY)
    subprocess.run([os.path.abspath(sys.argv[1]), "run", "memory.yaml", "--workers", "1", "--quiet"], cwd=folder, check=True,
                   stdout=subprocess.DEVNULL, env={**os.environ, "XDG_CACHE_HOME": name})
    records = [json.loads(path.read_text()) for path in (folder / "results/memory").glob("*.run.json")]
peaks = {"trainer.accumulate" in record["identity"]: record["peak_rss_mb"] for record in records}
print(f"accumulate_memory: {peaks[False]:.0f} MiB as one batch, {peaks[True]:.0f} as 32 of 16, ratio {peaks[False] / peaks[True]:.2f}")
