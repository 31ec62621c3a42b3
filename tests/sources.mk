# The tests: C_TESTS and SIM_TESTS are programs (the second with the simulated chip), the others are what they share.

C_TESTS := \
    tests/compiler/test_compiler \
    tests/e2e/check_dump \
    tests/e2e/check_trace \
    tests/host/fuzz_link \
    tests/host/fuzz_packet \
    tests/host/test_device \
    tests/host/test_ended \
    tests/host/test_ends \
    tests/host/test_loaded \
    tests/host/test_media \
    tests/host/test_mem_model \
    tests/host/test_null \
    tests/host/test_packet \
    tests/host/test_ports \
    tests/host/test_profile_plot \
    tests/host/test_transport_link \
    tests/host/test_threads \
    tests/host/test_unplug \
    tests/host/test_uri \
    tests/models/fuzz_compile \
    tests/models/fuzz_onnx \
    tests/models/fuzz_tflite \
    tests/models/fuzz_weft_file \
    tests/models/test_averages \
    tests/models/test_cmsis \
    tests/models/test_compile \
    tests/models/test_copy \
    tests/models/test_graph \
    tests/models/test_interpolations \
    tests/models/test_mapping \
    tests/models/test_multipliers \
    tests/models/test_onnx \
    tests/models/test_onnx_file \
    tests/models/test_onnx_refusals \
    tests/models/test_ref_compute \
    tests/models/test_ref_device \
    tests/models/test_ref_ops \
    tests/models/test_ref_ops2 \
    tests/models/test_ref_random \
    tests/models/test_requantize \
    tests/models/test_tflite \
    tests/models/test_judge \
    tests/models/test_views \
    tests/models/test_weft_file \
    tests/models/test_weft_source \
    tests/models/test_zoo \
    tests/onnx/test_conformance \
    tests/onnx/test_functions \
    tests/onnx/test_idx \
    tests/onnx/test_onnx_networks \
    tests/quantize/fuzz_quantize \
    tests/quantize/test_quantize \
    tests/random/rand_layers \
    tests/tflite/test_refusals \
    tests/tflite/test_tflm_cases

# Of C_TESTS those that need neither protobuf nor zlib: they are cross-compiled (aarch64.sh).
BARE_TESTS := \
    tests/host/fuzz_link \
    tests/host/fuzz_packet \
    tests/host/test_device \
    tests/host/test_ends \
    tests/host/test_mem_model \
    tests/host/test_packet \
    tests/host/test_transport_link \
    tests/host/test_uri \
    tests/models/fuzz_weft_file \
    tests/models/test_averages \
    tests/models/test_cmsis \
    tests/models/test_compile \
    tests/models/test_copy \
    tests/models/test_graph \
    tests/models/test_interpolations \
    tests/models/test_mapping \
    tests/models/test_multipliers \
    tests/models/test_ref_compute \
    tests/models/test_ref_device \
    tests/models/test_ref_ops \
    tests/models/test_ref_ops2 \
    tests/models/test_ref_random \
    tests/models/test_requantize \
    tests/models/test_views \
    tests/models/test_weft_file \
    tests/models/test_weft_source \
    tests/random/rand_layers

SIM_TESTS := \
    tests/e2e/rand_qdq \
    tests/e2e/rand_tflite \
    tests/e2e/test_cases \
    tests/e2e/test_limits \
    tests/e2e/test_networks \
    tests/e2e/test_steps \
    tests/host/fuzz_chip \
    tests/host/test_chip \
    tests/host/test_costly \
    tests/host/test_selftest \
    tests/host/test_serial \
    tests/host/test_stream \
    tests/host/test_transport \
    tests/perf/perf_conv \
    tests/perf/perf_link \
    tests/random/rand_cmds \
    tests/random/rand_rtl

RTL_VECTORS := \
    tests/rtl/vec_weft_packet \
    tests/rtl/vec_weft_link \
    tests/rtl/vec_weft_control \
    tests/rtl/vec_weft_requant \
    tests/rtl/vec_weft_post

RANDOM_C := \
    tests/random/gen_elementwise.c \
    tests/random/gen_join.c \
    tests/random/gen_layers.c \
    tests/random/gen_move.c \
    tests/random/gen_ops.c \
    tests/random/gen_tensors.c \
    tests/random/run_program.c \
    tests/random/run_steps.c

SAMPLE_C := \
    tests/models/onnx_sample.c \
    tests/models/one_conv.c \
    tests/models/one_node.c \
    tests/models/cmsis_case.c \
    tests/models/cmsis_cases.c \
    tests/models/cmsis_conv.c \
    tests/models/cmsis_run.c \
    tests/models/recorded.c \
    tests/models/small_net.c \
    tests/models/view_where.c \
    tests/models/view_who.c \
    tests/models/weft_sample.c \
    tests/onnx/conformance_data.c \
    tests/onnx/conformance_required.c \
    tests/onnx/conformance_run.c \
    tests/onnx/conformance_table.c \
    tests/tflite/tflm_file.c \
    host/plugin/tflite/fb_writer.c \
    tests/tflite/tfl_writer.c \
    tests/quantize/gen_float.c \
    tests/quantize/gen_node.c \
    tests/e2e/json_read.c

E2E_C := \
    tests/e2e/e2e.c \
    tests/e2e/steps_nets.c \
    tests/tflite/gen_attention.c \
    tests/tflite/gen_tflite.c \
    tests/tflite/gen_tflite_move.c \
    tests/tflite/gen_tflite_ops.c \
    tests/tflite/gen_tflite_rare.c \
    tests/tflite/gen_tflite_window.c
