#!/usr/bin/env bash
# Install those of the named Debian packages that are missing; says which before it asks for rights, and does
# nothing when all are there.
#
#     host/tool/packages.sh PACKAGE...
#
# Where there is no apt it says what those packages hold, if the tools to build are not all there, and leaves the
# installing to the user.
set -eu
if ! command -v apt-get >/dev/null || ! command -v dpkg-query >/dev/null; then
    missing=
    for tool in cc c++ make pkg-config protoc-c verilator; do
        case " $* " in *" $tool "*) ;; *) [ $tool != verilator ] || continue ;; esac
        command -v $tool >/dev/null || missing="$missing $tool"
    done
    [ -z "$missing" ] && exit 0
    echo "There is no apt here and these tools are missing:$missing."
    echo "Install with your own package manager what Debian calls: $*"
    exit 0
fi
missing=
for package in "$@"; do
    dpkg-query -W -f '${Status}\n' "$package" 2>/dev/null | grep -q 'ok installed' || missing="$missing $package"
done
[ -n "$missing" ] || exit 0
echo "These packages are missing and get installed (make DEPS=0 goes on without):$missing"
as=
if [ "$(id -u)" != 0 ]; then
    as=sudo
    command -v sudo >/dev/null || { echo "That takes the rights of root, and there is no sudo: install them as root." >&2; exit 1; }
fi
$as apt-get update -qq
# shellcheck disable=SC2086
DEBIAN_FRONTEND=noninteractive $as apt-get install -y -qq $missing >/dev/null
