#!/usr/bin/env bash
# Compile one bench with Icarus and run it, with the vectors it wants, in the configurations it is meant for.
#
#   tests/rtl/bench.sh BUILD NAME [DEFINE]      NAME without tb_; from the top of the tree; SEED in the environment
#
# BUILD holds the vector programs.  Prints the one line of the last configuration if all pass.
set -eu
build=$1 name=$2
dir=$build/bench/$name
seed=${SEED:-1}
mkdir -p "$dir"

case $name in
weft_usb_* | weft_cdc_*) sources="$(cat rtl/phy/files.f) tests/rtl/usb_wire_fs.v tests/rtl/usb_wire_ulpi.v" ;;
weft_uart | weft_ft245) sources="$(cat rtl/phy/files.f) tests/rtl/ft245_chip.v" ;;
weft_sdram) sources="$(cat rtl/sdram/files.f) tests/rtl/sdram_chip.v" ;;
*) sources="$(cat rtl/files.f) tests/rtl/axi_mem.v tests/rtl/link_memory.v" ;;
esac

compile() { # parameters
    iverilog -g2012 -Wall -Wno-timescale -Irtl/lib -Itests/rtl -s "tb_$name" "$@" -o "$dir/bench.vvp" \
        $sources "tests/rtl/tb_$name.v"
}

run() { vvp -n "$dir/bench.vvp" "+seed=$seed" "+SEED=$seed" "$@" >"$dir/out" 2>&1 || { cat "$dir/out"; exit 1; }
    grep -q '^ok' "$dir/out" || { cat "$dir/out"; exit 1; }; }

each() { # runs once per configuration: lists of -P parameters, one word each, '+' between
    for config in "$@"; do
        compile $(echo "$config" | tr '+' '\n' | sed "s/^/-Ptb_$name./")
        run
    done
}

widths="8:1 32:4 4:4 8:2 16:1"              # of the memory port and of the streams of the link
with_widths() { # runs with and without stalls at each of them
    for width in $widths; do
        compile -Ptb_$name.MEM_BYTES=${width%:*} -Ptb_$name.LINK_BYTES=${width#*:}
        for stall in 0 30; do run "$@" "+stall=$stall"; done
    done
}

case $name in
weft_crc32 | weft_packet_rx | weft_packet_tx)
    SEED=$seed N=60 "$build/tests/rtl/vec_weft_packet" "$dir"
    case $name in
    weft_crc32) for bytes in 2 4 1; do compile -Ptb_$name.BYTES=$bytes && run "+vec=$dir/crc.bin"; done ;;
    weft_packet_rx) with_widths "+bytes=$dir/rx_bytes.bin" "+events=$dir/rx_events.bin" ;;
    weft_packet_tx) with_widths "+frames=$dir/tx_frames.bin" "+bytes=$dir/tx_bytes.bin" ;;
    esac ;;
weft_link)
    for width in $widths; do
        bytes=${width%:*}
        SEED=$seed N=$((bytes == 16 ? 150 : 60)) "$build/tests/rtl/vec_weft_link" "$dir" $bytes
        compile -Ptb_$name.MEM_BYTES=$bytes -Ptb_$name.LINK_BYTES=${width#*:}
        for stall in 0 30; do run "+script=$dir/link_script.bin" "+want=$dir/link_want.bin" "+stall=$stall"; done
    done ;;
weft_control)
    for shape in "4 4 512 64 4 1" "12 8 512 128 8 1" "12 8 512 128 8 0"; do
        set -- $shape
        "$build/tests/rtl/vec_weft_control" "$dir" $1 $2 $3 $4 $5 60 "$seed"
        compile -Ptb_$name.ROWS=$1 -Ptb_$name.COLS=$2 -Ptb_$name.FB_WORDS=$3 -Ptb_$name.ACC_DEPTH=$4 -Ptb_$name.MEM_BYTES=$5 -Ptb_$name.SMALL=$6
        run "+dir=$dir"
    done ;;
weft_requant | weft_post)
    "$build/tests/rtl/vec_$name" "$seed" >"$dir/vectors.hex"
    for form in "" -DSYNTHESIS; do      # as simulated, and as hardware
        compile $form
        run "+VEC=$dir/vectors.hex"
    done
    [ $name = weft_post ] || for kind in 0 1; do
        compile -DSYNTHESIS -Ptb_$name.LEFT_OUT=$kind
        run "+VEC=$dir/vectors.hex"
    done ;;
weft_accumulator | weft_alu | weft_array | weft_feed | weft_pool)    # likewise
    for form in "" -DSYNTHESIS; do
        compile $form
        run
    done ;;
weft_feature_buffer)
    compile -DSYNTHESIS                     # as hardware
    run
    each ROWS=16+COLS=16+MEM_BYTES=16 ROWS=4+COLS=4+MEM_BYTES=4+FB_WORDS=4 ROWS=12+COLS=8+MEM_BYTES=8 ROWS=8+COLS=8+MEM_BYTES=32 ;;
weft_transfer) each ROWS=16+COLS=16+MEM_BYTES=16+ROUNDS=15 ROWS=4+COLS=4+MEM_BYTES=4+ROUNDS=15 ROWS=12+COLS=8+MEM_BYTES=16+ROUNDS=15 ;;
weft_mem_read | weft_mem_write) each MEM_BYTES=16+CYCLES=6000 MEM_BYTES=4+CYCLES=6000 ;;
weft_usb_device_ulpi) each ${SPEEDS:-HIGH=0 HIGH=1} ;;
weft_ft245) each WORD_BYTES=1+STREAM_BYTES=1 WORD_BYTES=1+STREAM_BYTES=4+CLK_PS=23000 WORD_BYTES=2+STREAM_BYTES=2 WORD_BYTES=2+STREAM_BYTES=1+CLK_PS=12500 \
    WORD_BYTES=4+STREAM_BYTES=4+CLK_PS=9300 WORD_BYTES=4+STREAM_BYTES=1 WORD_BYTES=4+STREAM_BYTES=8+CLK_PS=19000 WORD_BYTES=4+STREAM_BYTES=2+CLK_PS=6100 ;;
weft_uart) each BAUD=12000000 BAUD=11059200+SKEW=20 CLOCK_HZ=50000000+SKEW=30 CLOCK_HZ=50000000+SKEW=-30 \
    CLOCK_HZ=60000000+BAUD=115200+NOISE=1+BYTES=30 CLOCK_HZ=100000000+FLOW=1+NOISE=1+BYTES=200 FLOW=1+BAUD=12000000 ;;
weft_sdram) each ${SDRAM:-CLOCK_HZ=133000000+CAS=3+BURSTS=800 MEM_BYTES=8+CLOCK_HZ=100000000+BURSTS=400 MEM_BYTES=16+CLOCK_HZ=50000000+CAS=3+COL_BITS=10+BURSTS=200 CLOCK_HZ=80000000+BURSTS=800 CLOCK_HZ=40000000+BURSTS=200} ;;
weft_regs) each COUNTERS=0 COUNTERS=1 ;;
weft_weights) each COLS=16+MEM_BYTES=16 COLS=5+MEM_BYTES=32 COLS=32+MEM_BYTES=8 ;;
*)
    compile
    run ;;
esac
grep '^ok' "$dir/out" | tail -n 1
