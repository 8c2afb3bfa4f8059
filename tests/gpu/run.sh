#!/bin/sh
# klbench on a machine with a CUDA card. usage: tests/gpu/run.sh [build | run [argument of check.py]...]; without: both
#   build  build-gpu/, against the LibTorch of python3 (or TORCH=/path/to/libtorch) and, where tests/gpu/pack.sh packed it,
#          against build-gpu-needs/needs.tar.gz
#   run    tests/gpu/check.py: layers, cells and speed on the card
# Exit code 1 where something is not as it should be, 77 for `run` without a card. PYTHON: the one with torch and h5py.
set -eu
cd "$(dirname "$0")/../.."
python=${PYTHON:-python3}

build() {
  torch=${TORCH:-$($python -c 'import torch; print(torch.utils.cmake_prefix_path)')}
  prefix=$torch linked=""
  mkdir -p build-gpu
  if [ -e build-gpu-needs/needs.tar.gz ]; then
    needs=$PWD/build-gpu/needs
    mkdir -p "$needs"
    tar -xzf build-gpu-needs/needs.tar.gz -C "$needs"
    libraries=$needs/lib/$(c++ -print-multiarch)
    # Not a RUNPATH: that would not hold for what those libraries ask for.
    linked=-Wl,--disable-new-dtags,-rpath,$libraries,-rpath-link,$libraries
    prefix="$needs;$torch"
  fi
  cmake -S . -B build-gpu -G Ninja -DCMAKE_BUILD_TYPE=Release "-DCMAKE_PREFIX_PATH=$prefix" \
    "-DCMAKE_EXE_LINKER_FLAGS=$linked" "-DCMAKE_SHARED_LINKER_FLAGS=$linked" >build-gpu/configure.log 2>&1 || { cat build-gpu/configure.log; exit 1; }
  cmake --build build-gpu --target klbench_program models_tests
}

case ${1:-both} in
build) build ;;
run) shift && exec "$python" tests/gpu/check.py "$@" ;;
both)
  build
  exec "$python" tests/gpu/check.py
  ;;
*) sed -n 2,6p "$0" && exit 2 ;;
esac
