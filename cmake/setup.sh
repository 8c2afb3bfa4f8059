#!/bin/sh
# Installs the packages of cmake/debian_packages.txt that are missing, on Debian 12, Debian 13 and Ubuntu (apt names those
# that its release lacks); needs no network when none is. Elsewhere it names the programs that are missing, and CMake the
# libraries. A build folder that came with a copy of the tree, of which CMake could make nothing, is named before.
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
# shellcheck disable=SC1091
[ ! -r /etc/os-release ] || . /etc/os-release
case "$ID $VERSION_ID" in
debian\ 12 | debian\ 13 | ubuntu\ *) ;;
*)
  missing=""
  for program in c++ cmake ninja gnuplot h5dump; do
    command -v $program >/dev/null || missing="$missing $program"
  done
  [ -z "$missing" ] && exit 0
  echo "missing:$missing; on $PRETTY_NAME nothing is installed by make (cmake/debian_packages.txt has Debian's names)" >&2
  exit 1
  ;;
esac
list=$(sed '/^#/d;/^$/d' cmake/debian_packages.txt)
missing=""
for package in $list; do
  [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null || true)" = installed ] || missing="$missing $package"
done
[ -z "$missing" ] && exit 0
echo "installing:$missing"
sudo=""
[ "$(id -u)" = 0 ] || sudo=sudo
$sudo apt-get update -qq
# shellcheck disable=SC2086
$sudo env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends $missing >/dev/null
