#!/bin/sh
# Builds and tests the tracked files, as they are, on Debian 13, in a chroot that debootstrap makes from this system's
# mirror (build-trixie/, made once). usage, as root: tests/platforms.sh [TARGET OF MAKE]...; without: test demo. The one
# argument "container": the steps of the container files there, and the program that they install.
set -eu
cd "$(dirname "$0")/.."
suite=trixie root=$PWD/build-trixie

skip() {
  echo "skipped: $1"
  exit 0
}

[ "$(id -u)" = 0 ] || skip "a chroot wants root"
unshare --mount true 2>/dev/null || skip "nothing can be mounted here"
if [ ! -e "$root/made" ]; then
  command -v debootstrap >/dev/null || skip "no debootstrap; apt-get install debootstrap"
  mirror=$(sed -nE 's/^URIs: *([^ ]+).*/\1/p; s/^deb +(\[[^]]*\] *)?([^ ]+).*/\2/p' \
    /etc/apt/sources.list /etc/apt/sources.list.d/* 2>/dev/null | grep -m1 '/debian/*$') || skip "no Debian mirror in /etc/apt/sources*"
  rm -rf "$root"
  mkdir "$root"
  debootstrap --variant=minbase --include=make,ca-certificates "$suite" "$root" "$mirror" >"$root/debootstrap.log" 2>&1 ||
    skip "no $suite from $mirror: $(tail -n1 "$root/debootstrap.log")"
  touch "$root/made"
fi
mkdir -p "$root/klbench"
find "$root/klbench" -mindepth 1 -maxdepth 1 ! -name build -exec rm -rf {} +
git ls-files -z >"$root/files"  # alone, so that a git that fails ends this
tar --null -T "$root/files" -cf "$root/klbench.tar"
tar -xf "$root/klbench.tar" -C "$root/klbench"
cp /etc/resolv.conf "$root/etc/"
commands="make -C /klbench ${*:-test demo}"
if [ "$*" = container ]; then
  rm -rf "$root/src"
  commands="$(python3 tests/container_steps.py "$root")
    cd /tmp && klbench describe sym_bn_vae"
fi
# Mounts end with the last process in there.
# shellcheck disable=SC2016
unshare --mount sh -euc 'mount -t proc proc "$0/proc" && mount --rbind /dev "$0/dev"
  exec chroot "$0" env -i HOME=/root LANG=C.UTF-8 PATH=/usr/local/bin:/usr/bin:/usr/sbin:/bin:/sbin \
    ${http_proxy:+http_proxy="$http_proxy"} sh -euxc "$1"' "$root" "$commands"
