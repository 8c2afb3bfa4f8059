#!/bin/sh
# Installs the packages of cmake/debian_packages.txt that are missing, on Debian 12, Debian 13 and Ubuntu (of which it names
# those that the release lacks); needs no network when none is. LibTorch's are left out where CMAKE_PREFIX_PATH or Torch_DIR
# names another. Elsewhere it names the programs that are missing, and CMake the libraries. A build folder that came with a
# copy of the tree, of which CMake could make nothing, is named before. OS_RELEASE: the file that says what system this is.
set -eu
cd "$(dirname "$0")/.."
for cache in build*/CMakeCache.txt; do
  [ -e "$cache" ] || continue
  folder=${cache%/*} home=$(sed -n 's/^CMAKE_HOME_DIRECTORY:INTERNAL=//p' "$cache")
  [ "$home" -ef . ] && continue
  echo "$folder/ was made in $home and this tree is a copy: rm -r $folder, then the same command again" >&2
  exit 1
done
ID="" VERSION_ID="" PRETTY_NAME="an unknown system"
# shellcheck disable=SC1090
[ ! -r "${OS_RELEASE:=/etc/os-release}" ] || . "$OS_RELEASE"
case "$ID $VERSION_ID" in
debian\ 12 | debian\ 13 | ubuntu\ *) ;;
*)
  missing=""
  for program in c++ cmake ninja python3 gnuplot h5dump; do
    command -v $program >/dev/null || missing="$missing $program"
  done
  [ -z "$missing" ] && exit 0
  echo "missing:$missing; on $PRETTY_NAME nothing is installed by make (cmake/debian_packages.txt has Debian's names)" >&2
  exit 1
  ;;
esac
named_torch() {
  [ -n "${Torch_DIR:-}" ] && return
  echo "${CMAKE_PREFIX_PATH:-}" | tr ':;' '\n\n' | while read -r prefix; do
    [ -n "$prefix" ] && find "$prefix/" -maxdepth 5 -name TorchConfig.cmake 2>/dev/null
  done | grep -q .
}
not_wanted='^#\|^$'
! named_torch || not_wanted="$not_wanted"'\|^libtorch-dev$\|^python3-torch$'
missing=""
for package in $(grep -v "$not_wanted" cmake/debian_packages.txt); do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
sudo=""
[ "$(id -u)" = 0 ] || sudo=sudo
$sudo apt-get update -qq
known=""
for package in $missing; do
  if [ "$ID" = ubuntu ] && ! apt-cache show "$package" >/dev/null 2>&1; then
    echo "$PRETTY_NAME has no package $package: where CMake asks for it, install it yourself" >&2
  else
    known="$known $package"
  fi
done
[ -z "$known" ] && exit 0
echo "installing:$known"
# shellcheck disable=SC2086
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $known >/dev/null
