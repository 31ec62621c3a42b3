# Float networks to int8.

QUANTIZE_C := \
    models/quantize/export/onnx_qdq.c \
    models/quantize/export/onnx_writer.c \
    models/quantize/export/pb_writer.c \
    models/quantize/float/float_affine.c \
    models/quantize/float/float_edit.c \
    models/quantize/float/float_fold.c \
    models/quantize/float/float_invent.c \
    models/quantize/float/float_lower.c \
    models/quantize/float/float_net.c \
    models/quantize/float/float_run.c \
    models/quantize/float/float_upgrade.c \
    models/quantize/float/onnx_run.c \
    models/quantize/quant_calibrate.c \
    models/quantize/quant_check.c \
    models/quantize/quant_compare.c \
    models/quantize/quant_plan.c \
    models/quantize/quant_scale.c \
    models/quantize/quant_weights.c \
    models/quantize/quant_write.c \
    models/quantize/quantize.c
