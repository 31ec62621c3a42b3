#!/usr/bin/env bash
# Networks of Keras, quantised by TensorFlow's converter, against TensorFlow Lite Micro, live.
#
#   tests/tflite/live_keras.sh BUILD [NAME...]      PYTHON= says which has tensorflow and tflite-micro
#
# Networks are kept in BUILD/test/live_keras, because converting them takes longer than judging.
set -u
build=$1
shift
exec "${PYTHON:-python3}" -W ignore tests/tflite/live_keras.py "$build/weft" "$build/test/live_keras" "$@"
