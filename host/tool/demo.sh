#!/usr/bin/env bash
# The demo: LeNet-5 on digits through the simulated chip.
#
#   host/tool/demo.sh BUILD [MNISTDIR]     from the top of the tree, with BUILD/weft built
#
# Digits come from MNISTDIR if given, else they are fetched once from a public mirror of MNIST and
# checked, else this script draws its own (and says so: the network was not trained on such).
set -eu
build=$1 dir=${2:-}
mirror=https://ossci-datasets.s3.amazonaws.com/mnist
images=t10k-images-idx3-ubyte labels=t10k-labels-idx1-ubyte
images_sha=0fa7898d509279e482958e8ce81c8e77db3f2f8254e26661ceb7762c4d494ce7
labels_sha=ff7bcfd416de33731a308c3f266cc351222c34898ecbeaf847f06e48f7ec33f2

fetch() { # name sha256 of the unpacked file
    curl -fsSL --max-time 20 "$mirror/$1.gz" 2>/dev/null | gunzip >"$build/mnist/$1" 2>/dev/null &&
        echo "$2  $build/mnist/$1" | sha256sum --check --status
}

draw() { # ten digits of a 5 x 7 font, each pixel 3 x 3, as idx files
    awk 'BEGIN {
        split("0E11131519110E 040C040404040E 0E11010204081F 1F02040201110E 02060A121F0202 1F101E0101110E 0608101E11110E 1F010204080808 0E11110E11110E 0E11110F01020C", font, " ")
        hex = "0123456789ABCDEF"
        for (d = 1; d <= 10; d++) for (y = 0; y < 28; y++) for (x = 0; x < 28; x++) {
            fy = int((y - 3) / 3); fx = int((x - 6) / 3); ink = 0
            if (y >= 3 && y < 24 && x >= 6 && x < 21) {
                byte = (index(hex, substr(font[d], 2 * fy + 1, 1)) - 1) * 16 + index(hex, substr(font[d], 2 * fy + 2, 1)) - 1
                ink = int(byte / 2 ^ (4 - fx)) % 2
            }
            printf ink ? "\\0377" : "\\0000"
        }
    }' | { printf '\\0000\\0000\\0010\\0003\\0000\\0000\\0000\\0012\\0000\\0000\\0000\\0034\\0000\\0000\\0000\\0034'; cat; } |
        { read -r text || true; printf '%b' "$text"; } >"$build/mnist/$images"
    printf '%b' '\0000\0000\0010\0001\0000\0000\0000\0012\0000\0001\0002\0003\0004\0005\0006\0007\0010\0011' >"$build/mnist/$labels"
}

if [ -z "$dir" ]; then
    dir=$build/mnist
    mkdir -p "$dir"
    if [ ! -s "$dir/$images" ] || [ -e "$dir/drawn" ]; then
        if fetch $images $images_sha && fetch $labels $labels_sha; then
            rm -f "$dir/drawn"
        else
            echo "MNIST is not at hand and could not be fetched: these digits are drawn by the demo itself."
            draw
            touch "$dir/drawn"
        fi
    fi
fi
exec "$build/weft" demo models/nets/lenet5/lenet5_int8.onnx --data "$dir" --via sim:
