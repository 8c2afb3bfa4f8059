#!/bin/sh
# For a machine with a card and without a network: what klbench needs beside a compiler, CMake, ninja, CUDA and a python3 with
# torch and h5py, from this Debian machine, in build-gpu-needs/needs.tar.gz (30 MB), which tests/gpu/run.sh unpacks. Prints
# which glibc and libstdc++ it asks for: the other machine must have no older ones.
set -eu
cd "$(dirname "$0")/../.."
needs=$(mktemp -d) arch=$(c++ -print-multiarch)
trap 'rm -rf "$needs"' EXIT
mkdir -p build-gpu-needs "$needs/include" "$needs/lib/$arch" "$needs/share/wordnet"

owner() { dpkg -S "$1" | cut -d: -f1; }
for package in libyaml-cpp-dev libfmt-dev libspdlog-dev nlohmann-json3-dev libcli11-dev libdnnl-dev libxxhash-dev zlib1g-dev \
  catch2 libgnuplot-iostream-dev "$(owner "/usr/lib/$arch/libboost_iostreams.so")" \
  "$(owner "/usr/lib/$arch/libboost_filesystem.so")" "$(owner /usr/include/boost/version.hpp)"; do
  dpkg -L "$package" | grep -v '^/usr/include/boost/' | grep '^/usr/include/.\|\.cmake$\|^/usr/lib.*/lib\(Catch2\|boost\).*\.a$'
done | sed 's#^/usr/##' | tar -C /usr --no-recursion -cf - -T - | tar -C "$needs" -xf -
# Of Boost what the sources include.
grep -rl 'boost/\|gnuplot-iostream' src | sed 's/.*/#include "&"/' >"$needs/all.cpp"
c++ -std=c++20 -I. -Isrc -Ibuild/generated -M "$needs/all.cpp" | grep -o '/usr/include/boost/[^ ]*' | sed 's#^/usr/##' | sort -u |
  tar -C /usr -cf - -T - include/boost/config include/boost/predef | tar -C "$needs" -xf -
cp -r /usr/include/hdf5/serial/. "$needs/include"
rm "$needs/all.cpp"

libraries=""
for name in yaml-cpp fmt spdlog hdf5_serial hdf5_serial_hl z boost_iostreams boost_filesystem dnnl xxhash; do
  cp -P /usr/lib/"$arch/lib$name".so* "$needs/lib/$arch"
  libraries="$libraries /usr/lib/$arch/lib$name.so"
done
# shellcheck disable=SC2086
ldd $libraries | sed -n 's/.* => \(\/[^ ]*\) .*/\1/p' | sort -u |
  grep -v '/\(ld-linux.*\|lib\(c\|m\|dl\|rt\|pthread\|resolv\|stdc++\|gcc_s\|gomp\)\)\.so' | xargs -I{} cp -L {} "$needs/lib/$arch"
ln -s libhdf5_serial.so "$needs/lib/$arch/libhdf5.so"
ln -s libhdf5_serial_hl.so "$needs/lib/$arch/libhdf5_hl.so"
cp /usr/share/wordnet/data.* "$needs/share/wordnet"

objdump -T "$needs/lib/$arch"/*.so* 2>/dev/null | grep -o '\(GLIBC\|GLIBCXX\)_[0-9.]*' | sort -uV | awk -F_ '{last[$1] = $2}
  END {print "asks for glibc " last["GLIBC"] " and libstdc++ with GLIBCXX_" last["GLIBCXX"]}'
tar -czf build-gpu-needs/needs.tar.gz -C "$needs" .
du -h build-gpu-needs/needs.tar.gz
