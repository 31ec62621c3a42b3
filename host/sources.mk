# The library that runs programs, and the command.

DEVICE_C := \
    host/device/bank.c \
    host/device/counters.c \
    host/device/device.c \
    host/device/ended.c \
    host/device/hold.c \
    host/device/job.c \
    host/device/loaded.c \
    host/device/memory.c \
    host/device/move.c \
    host/device/open_all.c \
    host/device/parts.c \
    host/device/port_set.c \
    host/device/program.c \
    host/device/run.c \
    host/device/tensor_io.c \
    host/device/turn.c \
    host/device/version.c \
    host/device/wait.c \
    host/device/worker.c

TRANSPORT_C := \
    host/transport/link_requests.c \
    host/transport/link_session.c \
    host/transport/link_window.c \
    host/transport/listing.c \
    host/transport/packet.c \
    host/transport/module.c \
    host/transport/serial_port.c \
    host/transport/transport_link.c \
    host/transport/transport_list.c \
    host/transport/transport_ref.c \
    host/transport/transport_serial.c

# Devices on the USB, where there is libusb; libweft_usb and libweft_ftdi are this and a transport.
USB_WIRE_C := \
    host/transport/usb/usb_device.c \
    host/transport/usb/usb_ends.c \
    host/transport/usb/usb_stream.c \
    host/transport/usb/usb_transfers.c \
    host/transport/usb/usb_wire.c

USB_C := \
    host/transport/usb/transport_usb.c

# Where there is libftdi1 as well.
FTDI_C := \
    host/transport/ftdi/ftdi_fifo.c \
    host/transport/ftdi/ftdi_superspeed.c \
    host/transport/ftdi/transport_ftdi.c

SELFTEST_C := \
    host/tool/selftest.c \
    host/tool/selftest_array.c \
    host/tool/selftest_counters.c \
    host/tool/selftest_link.c \
    host/tool/selftest_memory.c \
    host/tool/selftest_shared.c

TOOL_C := \
    host/tool/calibration.c \
    host/tool/cmd_compare.c \
    host/tool/cmd_compile.c \
    host/tool/cmd_demo.c \
    host/tool/cmd_devices.c \
    host/tool/cmd_dump.c \
    host/tool/cmd_eval.c \
    host/tool/cmd_merge.c \
    host/tool/cmd_profile.c \
    host/tool/cmd_quantize.c \
    host/tool/cmd_run.c \
    host/tool/cmd_selftest.c \
    host/tool/cmd_serve.c \
    host/tool/cmd_sweep.c \
    host/tool/cmd_zoo.c \
    host/tool/dataset.c \
    host/tool/dataset_files.c \
    host/tool/dataset_labels.c \
    host/tool/dump_json.c \
    host/tool/dump_text.c \
    host/tool/dump_words.c \
    host/tool/eval_result.c \
    host/tool/exec.c \
    host/tool/feed.c \
    host/tool/fleet.c \
    host/tool/fleet_open.c \
    host/tool/json.c \
    host/tool/json_read.c \
    host/tool/main.c \
    host/tool/media/jpeg.c \
    host/tool/media/media.c \
    host/tool/media/npy.c \
    host/tool/media/picture.c \
    host/tool/media/png.c \
    host/tool/media/read.c \
    host/tool/media/wav.c \
    host/tool/media/zip.c \
    host/tool/model.c \
    host/tool/names.c \
    host/tool/options.c \
    host/tool/outputs.c \
    host/tool/predictions.c \
    host/tool/profile.c \
    host/tool/profile_html.c \
    host/tool/profile_plot.c \
    host/tool/profile_text.c \
    host/tool/profile_trace.c \
    host/tool/profile_work.c \
    $(SELFTEST_C) \
    host/tool/serve_address.c \
    host/tool/serve_http.c \
    host/tool/serve_net.c \
    host/tool/serve_page.c \
    host/tool/shard.c \
    host/tool/svg.c \
    host/tool/sweep_part.c \
    host/tool/sweep_show.c \
    host/tool/text_file.c \
    host/tool/tool.c

# What plugins share.
PLUGIN_C := \
    host/plugin/share/compile.c \
    host/plugin/share/devices.c \
    host/plugin/share/parts.c

# The execution provider of ONNX Runtime.
EP_C := \
    $(PLUGIN_C) \
    host/plugin/ort/claim.c \
    host/plugin/ort/context.c \
    host/plugin/ort/graph_model.c \
    host/plugin/ort/kernel.c \
    host/plugin/ort/model_tensor.c \
    host/plugin/ort/provider.c \
    host/plugin/ort/say.c

# The delegate of TensorFlow Lite and LiteRT.
DELEGATE_C := \
    $(PLUGIN_C) \
    host/plugin/tflite/cache.c \
    host/plugin/tflite/claim.c \
    host/plugin/tflite/delegate.c \
    host/plugin/tflite/fb_writer.c \
    host/plugin/tflite/graph_model.c \
    host/plugin/tflite/kernel.c \
    host/plugin/tflite/node_options.c
