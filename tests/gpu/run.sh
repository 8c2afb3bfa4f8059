#!/bin/sh
# klbench on a machine with a CUDA card, in about ten minutes: build against its LibTorch, train the same cells on CPU and
# card, hold the numbers against each other, resume on the card, deal cells to it. Prints what it found; exit code 1 where
# something is not as it should be, 77 without a card.
#   TORCH=/path/to/libtorch tests/gpu/run.sh [folder for results]     (default: the torch of python3)
set -eu
cd "$(dirname "$0")/../.."
out=${1:-build-gpu/results}
python=${PYTHON:-python3}
command -v nvidia-smi >/dev/null || { echo "skipped: no nvidia-smi here"; exit 77; }
nvidia-smi --query-gpu=name,memory.total --format=csv,noheader
torch=${TORCH:-$($python -c 'import torch; print(torch.utils.cmake_prefix_path)')}
cmake -S . -B build-gpu -G Ninja -DCMAKE_BUILD_TYPE=Release -DCMAKE_PREFIX_PATH="$torch" >/dev/null
cmake --build build-gpu --target klbench_program models_tests
klbench=build-gpu/klbench
mkdir -p "$out"
cat >"$out/card.yaml" <<'EOF'
study: card
data: {name: synthetic, train_size: 2000, valid_size: 200, test_size: 200, vocabulary_size: 200}
model: {embedding_dim: 64, hidden_dim: 128, latent_dim: 16}
trainer: {epochs: 6, precision: f32}
eval: {nll_samples: 50}
keep.samples: 5
sweep:
  regularizer: [vae, bn_vae, free_bits, sym_bn_vae]
  seed: {range: [0, 2]}
EOF
time_of() { start=$(date +%s.%N); "$@" >/dev/null; end=$(date +%s.%N); echo "$end - $start" | bc; }
echo "CPU, 1 worker: $(time_of $klbench run "$out/card.yaml" --results "$out/cpu" --workers 1) s"
set_cuda="--set trainer.device=cuda"
echo "card, 1 worker: $(time_of $klbench run "$out/card.yaml" $set_cuda --results "$out/one" --workers 1) s"
echo "card, 8 workers: $(time_of $klbench run "$out/card.yaml" $set_cuda --results "$out/eight" --workers 8 --launcher-option gpus=1) s"

# Stopped in the middle and gone on, on the card: the same numbers as in one go.
timeout -s INT 20 $klbench run "$out/card.yaml" $set_cuda --results "$out/resumed" --workers 1 >/dev/null || true
$klbench run "$out/card.yaml" $set_cuda --results "$out/resumed" --workers 1 >/dev/null

$python - "$out" <<'EOF'
import sys, h5py
out, bad = sys.argv[1], 0
def cells(name):
    with h5py.File(f"{out}/{name}/card.h5") as file:
        values = {metric: file[f"final/test/{metric}"][()].tolist() for metric in ("elbo", "rec", "kl", "nll")}
        return {key: {metric: of_cells[row] for metric, of_cells in values.items()}
                for row, key in enumerate(zip(file["cells/method"].asstr(), file["config/seed"]))}
cpu, one, eight, resumed = map(cells, ("cpu", "one", "eight", "resumed"))
for key in cpu:
    for metric, value in cpu[key].items():
        if abs(one[key][metric] - value) > 0.05 * max(1, abs(value)):  # training on another machine takes another way
            print("far from the CPU:", key, metric, value, one[key][metric])
            bad = 1
    for name, other in (("eight", eight), ("resumed", resumed)):
        if other[key] != one[key]:
            print(f"{name} is other than one go alone:", key, other[key], one[key])
            bad = 1
print("as it should be" if not bad else "not as it should be")
sys.exit(bad)
EOF
