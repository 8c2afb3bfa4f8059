#!/bin/sh
# Installs the Debian packages of cmake/debian_packages.txt that are missing; needs no network when none is.
set -eu
list=$(sed '/^#/d;/^$/d' "$(dirname "$0")/debian_packages.txt")
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
