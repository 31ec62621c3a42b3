#!/usr/bin/env bash
# The Debian packages as their users get them: make deb, what lintian says, and deb_inside.sh in a clean Debian, which installs them, runs the
# first command of the manual and the Python package, and removes them; nothing is left.
#
#     tests/host/test_deb.sh BUILD [PACKAGES]      PACKAGES: a directory where make deb has put them before
#
# Of the chips only 16x16 is built.  The clean Debian is made of the sources that apt has here; skipped where they cannot be reached.
set -u
build=$1 packages=${2:-$1/deb} out=$(realpath "$1")/test/deb
for tool in dpkg-buildpackage dh lintian mmdebstrap; do
    command -v $tool >/dev/null || { echo "no $tool here: make deps-long installs it"; exit 77; }
done
rm -rf "$out"
mkdir -p "$out/packages"
if [ $# -lt 2 ]; then
    make --no-print-directory B="$build" SIM=1 LIB_MODELS=16x16 SIM_TRAIN=0 deb >"$out/make.txt" 2>&1 || { echo "FAIL deb: $(tail -n 3 "$out/make.txt")"; exit 1; }
fi
lintian --fail-on error --tag-display-limit 0 "$packages"/*.changes >"$out/lintian.txt" 2>&1 || { echo "FAIL deb: lintian: $(grep '^E:' "$out/lintian.txt" || tail -n 3 "$out/lintian.txt")"; exit 1; }
find "$packages" -name '*.deb' ! -name '*-dbgsym_*' -exec cp {} "$out/packages" \;

sources=$(find /etc/apt/sources.list /etc/apt/sources.list.d -name '*.list' -o -name '*.sources' 2>/dev/null)
# shellcheck disable=SC2086
clean() { mmdebstrap --variant=apt --skip=cleanup/apt "$@" '' /dev/null $sources; }
clean --customize-hook="copy-in '$out/packages' tests/host/deb_inside.sh /mnt" --customize-hook='chroot "$1" bash /mnt/deb_inside.sh' \
    --customize-hook="copy-out /mnt/said /mnt/done '$out'" >"$out/log.txt" 2>&1
if [ ! -e "$out/done" ]; then
    grep '^FAIL deb' "$out/log.txt" && exit 1
    unreachable=$(grep -m 1 -E 'Could not resolve|Could not connect|Unable to connect' "$out/log.txt") && { echo "skipped: the sources of apt cannot be reached: $unreachable"; exit 77; }
    echo "FAIL deb: $(tail -n 5 "$out/log.txt")"
    exit 1
fi
echo "ok deb: $(ls "$out/packages" | wc -l) packages, lintian: $(grep -c '^E:' "$out/lintian.txt") errors and $(grep -c '^W:' "$out/lintian.txt") warnings; in a clean Debian: $(cat "$out/said")"
