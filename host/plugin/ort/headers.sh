#!/usr/bin/env bash
# Fetch the C headers of ONNX Runtime with go, from a module that holds them (MIT), into a directory.
#
#     host/plugin/ort/headers.sh DIRECTORY      exit status 77 where there is no go or the module cannot be had
set -u
module=github.com/yalue/onnxruntime_go@v1.27.0
command -v go >/dev/null || { echo "go is not installed: install Debian's golang-go, or name a directory of the headers in ORT_HEADERS="; exit 77; }
said=$(cd "${TMPDIR:-/tmp}" && go mod download -json "$module" 2>&1)
from=$(sed -n 's/.*"Dir": "\(.*\)".*/\1/p' <<<"$said")
[ -n "$from" ] || { echo "$module cannot be had: ${said:0:300}"; exit 77; }
mkdir -p "$1" && cp -f "$from"/onnxruntime_c_api.h "$from"/onnxruntime_ep_c_api.h "$1" && chmod u+w "$1"/*.h
