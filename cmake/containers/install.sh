#!/bin/sh
# What both container files do in a system of Debian that has make: the steps of README.md, and the program to /usr/local.
set -eu
cd "$(dirname "$0")/../.."
make program
cmake --install build --prefix "${1:-/usr/local}"
