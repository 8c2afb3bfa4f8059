#!/bin/sh
# klbench on a machine with a CUDA card, in a quarter of an hour: build against its LibTorch, layers of the card against
# those of the CPU, the same cells trained on both, stopped and resumed, eight at a time against one, a quickstart cell, and
# the speed beside tests/bench/peer_pytorch.py on the same card. Prints what it found; exit code 1 where something is not as
# it should be or below its target (1.2 times PyTorch, 4 times one cell), 77 without a card.
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
bad=0
KLBENCH_TEST_DEVICE=cuda build-gpu/models_tests "plain layers on the device*" || bad=1
cat >"$out/card.yaml" <<'EOF'
study: card
data: {name: synthetic, train_size: 2000, valid_size: 200, test_size: 200, vocabulary_size: 200}
model: {embedding_dim: 64, hidden_dim: 128, latent_dim: 16}
trainer: {epochs: 6, precision: f32}
eval: {nll_samples: 50}
keep.samples: 5
sweep:
  regularizer: [vae, bn_vae, free_bits, sa_vae]
  seed: {range: [0, 2]}
EOF
cat >"$out/more.yaml" <<'EOF'
study: more
data: {name: synthetic, train_size: 500, valid_size: 100, test_size: 100, vocabulary_size: 200}
trainer: {epochs: 1, precision: f32, device: cuda}
eval: {nll_samples: 10}
sweep:
  - {model.posterior: [iaf, {name: vmf, kappa: 20}]}
  - {model.decoder: [transformer, dilated_cnn], regularizer: [bn_vae]}
EOF
time_of() { start=$(date +%s.%N); "$@" >/dev/null; end=$(date +%s.%N); echo "$end - $start" | bc; }
echo "CPU, 1 worker: $(time_of $klbench run "$out/card.yaml" --results "$out/cpu" --workers 1) s"
set_cuda="--set trainer.device=cuda"
$klbench run "$out/more.yaml" --results "$out/more" || bad=1
echo "quickstart, a cell: $(time_of $klbench run experiments/quickstart/study.yaml --set seed=0 --set regularizer=bn_vae \
  $set_cuda --results "$out/quickstart") s"
one=$(time_of $klbench run "$out/card.yaml" $set_cuda --results "$out/one" --workers 1)
eight=$(time_of $klbench run "$out/card.yaml" $set_cuda --results "$out/eight" --workers 8 --gpus 1)
echo "card, the 8 cells: one at a time $one s, all at a time $eight s"
$python -c "import sys; sys.exit($one < 4 * $eight)" || bad=1

# Stopped in the middle and gone on, on the card: the same numbers as in one go.
timeout -s INT 20 $klbench run "$out/card.yaml" $set_cuda --results "$out/resumed" --workers 1 >/dev/null || true
$klbench run "$out/card.yaml" $set_cuda --results "$out/resumed" --workers 1 >/dev/null

# Tokens a second of training at both sizes of make bench, one process on the card.
speed() {  # NAME VOCABULARY NI NH LENGTH BATCH
  cat >"$out/$1.yaml" <<EOF
study: $1
data: {name: synthetic, train_size: $((200 * $6)), valid_size: 64, test_size: 64, vocabulary_size: $2, min_length: $(($5 - 1)), max_length: $(($5 - 1))}
model: {latent_dim: 32, embedding_dim: $3, hidden_dim: $4, decoder: {name: lstm, dropout_in: 0.5, dropout_out: 0.5}, encoder: lstm}
trainer: {epochs: 4, batch_size: $6, optimizer: sgd, lr: 1.0, precision: f32, device: cuda}
eval: {nll_samples: 2, every: 4}
sweep: {regularizer: [vae]}
EOF
  $klbench run "$out/$1.yaml" --results "$out/speed" >/dev/null
  peer=$($python tests/bench/peer_pytorch.py train "$2" "$3" "$4" "$5" "$6" 10 cuda)
  $klbench export "$out/speed/$1.h5" --format json | $python -c '
import json, sys
ours = next(row["value"] for row in json.load(sys.stdin) if row["metric"] == "tokens_per_second")
ratio = ours / float(sys.argv[2])
print(f"{sys.argv[1]}: {ours:.0f} tokens/s, PyTorch {float(sys.argv[2]):.0f}, ratio {ratio:.2f}")
sys.exit(ratio < 1.2)' "$1" "$peer" || bad=1
}
speed small 5436 128 256 10 32
speed paper 20000 512 1024 40 32

$python - "$out" <<'EOF' || bad=1
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
sys.exit(bad)
EOF
[ $bad = 0 ] && echo "as it should be" || echo "not as it should be"
exit $bad
