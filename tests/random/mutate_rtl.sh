#!/usr/bin/env bash
# Do the random programs notice a broken chip?  Each line of the list below breaks one line of the RTL; the chip
# is built again with it and has to fail tests/random/rand_cmds at one shape within N programs.
#
#   tests/random/mutate_rtl.sh BUILD [name ..]       from the top of the tree, after `make test-programs`
#   N=6000 programs a mutant, SEED=1, JOBS=2 at a time, KEEP=1 leaves the programs in BUILD/mutants
#
# Prints killed (with what was seen first) or survived for each; a mutation must change exactly one line and must
# build, else it is an error.  A survivor is a hole in the tests, unless the list says why it makes no difference; a
# mutant that is listed so and is killed is an error too.  Exit status 1 on any of these.  Works in BUILD/mutants;
# about 20 seconds a mutant.
set -u
build=$1
shift
out=$build/mutants
export N=${N:-6000} SEED=${SEED:-1}
mkdir -p "$out"

# name ~ shape ~ file under rtl ~ sed expression [~ why nothing can notice it]
# 12x8 where the fault needs fewer lanes than columns or rows that do not fill a word.
list() {
    grep -v '^#' <<'LIST'
none ~ 4x4 ~ weft_top.v ~ ~ nothing is changed
none_12x8 ~ 12x8 ~ weft_top.v ~ ~ nothing is changed
# addresses and loops
ring_wrap ~ 4x4 ~ compute/weft_ring_pkg.v ~ s/((ahead \& .mask) != 0/(ahead > mask + 16'd1/
ring_pitch ~ 4x4 ~ compute/weft_ring_pkg.v ~ s/> 3'd3;/> 3'd4;/
ring_medium ~ 4x4 ~ compute/weft_ring_pkg.v ~ s/medium_way = less_1\[17\]/medium_way = 1'b1/
ring_long ~ 4x4 ~ compute/weft_ring_pkg.v ~ s/: less_2\[18\]/: 1'b1/
ring_rows ~ 4x4 ~ compute/weft_agen.v ~ s/carries\[1\] ? row_2 : //
row_sign ~ 4x4 ~ compute/weft_agen.v ~ s/r_first = {{2{r_start\[15\]}}, r_start}/r_first = {2'd0, r_start}/
index_keeps ~ 4x4 ~ compute/weft_agen.v ~ s/^                sums <= 0;/                sums <= sums;/
phase_late ~ 4x4 ~ compute/weft_agen.v ~ s/phase <= (phase == 8'd0 ? phases : phase) - 8'd1/phase <= phase == 8'd0 ? phases : phase - 8'd1/
tap_stays ~ 4x4 ~ compute/weft_agen.v ~ s/u_next = seg_end ? up + .*/u_next = up;/
kernel_row ~ 4x4 ~ compute/weft_agen.v ~ s/kr <= kr + {9'd0, row_rows}/kr <= kr + {16'd0, pass_q}/
span_place ~ 4x4 ~ compute/weft_agen.v ~ s/wp + (seg_end ? tap_step/wp + (seg_end ? {{4{tap_du[19]}}, tap_du}/
block_step ~ 4x4 ~ compute/weft_agen.v ~ s/u_next = ub + {{4{blk_u\[19\]}}, blk_u}/u_next = ub + {4'd0, blk_u}/
# feed
span_ignored ~ 4x4 ~ compute/weft_feed.v ~ s/single = dense \&\& (!span ||/single = dense \&\& (1'b1 ||/
one_group ~ 4x4 ~ compute/weft_feed.v ~ s/{1'b0, seg_place} + ROWS\[20:0\]/{1'b0, seg_place} + ROWS[20:0] - 21'd1/
right_edge ~ 4x4 ~ compute/weft_feed.v ~ s/hi0_1 <= clip(end_0 - place)/hi0_1 <= clip(end_0 - place + 24'sd1)/
left_edge ~ 4x4 ~ compute/weft_feed.v ~ s/lo_1 = most(lo_1, th1_1)/lo_1 = th1_1/
lower_edge ~ 4x4 ~ compute/weft_feed.v ~ s/row_1 < rows_s/row_1 <= rows_s/
krows_ignored ~ 4x4 ~ compute/weft_feed.v ~ s/kernel_row + 18'd1 < krows_u \&\& //
plain_always ~ 4x4 ~ compute/weft_feed.v ~ s/plain = use_g\[0\] \&\& lo_0 == 0 \&\& hi_0 >= ROWS\[TW-1:0\]/plain = use_g[0] \&\& lo_0 == 0/
constants_early ~ 4x4 ~ compute/weft_feed.v ~ s/ctl_2 <= {paired, use_g, row_low_1, zero_point/ctl_2 <= {paired, use_g, row_low_1, zp/
plain_span ~ 4x4 ~ compute/weft_feed.v ~ s/plain = SHORT != 0 \&\& dense \&\& use_g\[0\] \&\& lo_0 == 0 \&\& hi_0 >= ROWS\[TW-1:0\]/plain = dense \&\& use_g[0] \&\& lo_0 == 0/
next_slot ~ 4x4 ~ compute/weft_feed.v ~ s/word_2 = (row_low_1\[1\] /word_2 = (row_low_1[0] /
pair_edge ~ 4x4 ~ compute/weft_feed.v ~ s/pair != 16'd0 ? row_end - later : row_end/row_end/
pair_masked ~ 4x4 ~ compute/weft_feed.v ~ s/(lo_0 < hi_0 || later_any)/lo_0 < hi_0/
pair_step ~ 4x4 ~ compute/weft_feed.v ~ s/a_step <= step;/a_step <= 1;/
pair_half ~ 4x4 ~ mem/weft_feature_buffer.v ~ s/word\[0\] ? word\[AW-1:1\] : other)/word[AW-1:1])/
pair_even ~ 4x4 ~ ctrl/weft_decode.v ~ s/(paired \&\& (!dw || !pair\[0\]))/(paired \&\& !dw)/
# issue, weights, operand
weights_early ~ 4x4 ~ compute/weft_issue.v ~ s/ \&\& !shadow_full)/ \&\& 1'b0)/
header_early ~ 4x4 ~ compute/weft_issue.v ~ s/(block_first \&\& !header_ready)/1'b0/
wait_ignored ~ 4x4 ~ compute/weft_issue.v ~ s/!cmd_wait \&\& cmd_pooling/cmd_pooling/
path_mixed ~ 4x4 ~ compute/weft_issue.v ~ s/ \&\& cmd_pooling == pooled//
three_in_flight ~ 4x4 ~ compute/weft_issue.v ~ s/ \&\& !in_flight\[1\]//
lanes_short ~ 12x8 ~ compute/weft_issue.v ~ s/lanes_busy <= TURNS\[5:0\] - 6'd1/lanes_busy <= 6'd0/
operand_early ~ 4x4 ~ compute/weft_issue.v ~ s/need_operand = leaves \&\& cmd_operand \&\& !operand_ready/need_operand = 1'b0/
operand_promise ~ 4x4 ~ compute/weft_operand.v ~ s/unpromised <= reserve ? unpromised - 1'b1 : unpromised + 1'b1/unpromised <= unpromised + 1'b1/
operand_room ~ 4x4 ~ compute/weft_operand.v ~ s/walking \&\& room != 0/walking/
operand_row ~ 4x4 ~ compute/weft_operand.v ~ s/r <= r + out_dr;/r <= r;/
shadow_overrun ~ 4x4 ~ compute/weft_loader.v ~ s/weight_ok = !shadow_full || swap/weight_ok = 1'b1/
header_overrun ~ 4x4 ~ compute/weft_loader.v ~ s/header_ok = row != 5'd0 || !slots_used\[2\]/header_ok = 1'b1/
shadow_clear ~ 4x4 ~ compute/weft_loader.v ~ s/pass_end || (shadow_full \&\& !swap)/(pass_end || shadow_full) \&\& !swap/ ~ a swap and the last row of a pass meet only with one row
delay_short ~ 4x4 ~ compute/weft_delay.v ~ s/LAST = N - 1;/LAST = N - 2;/
# array, accumulator, header
stale_swap ~ 4x4 ~ array/weft_array.v ~ s/sw\[0\]\[0\] = {16{vec_valid \&\& swap}}/sw[0][0] = {16{swap}}/
weight_sign ~ 4x4 ~ array/weft_array.v ~ s/hs\[c+1\]\[c+1\] = `WEFT_INT16(four\[15:8\])/hs[c+1][c+1] = {8'd0, four[15:8]}/
chain_hold ~ 12x8 ~ array/weft_array.v ~ s/(was_depthwise ? HOLD : SHIFT)/SHIFT/
second_word ~ 4x4 ~ array/weft_array.v ~ s/two\[0\]\[0\] = {16{mode_in > HOLD \&\& groups == 2}}/two[0][0] = {16{mode_in > HOLD \&\& groups == 3}}/
pair_ignored ~ 4x4 ~ array/weft_array.v ~ s/pairs\[0\]\[0\] = {16{mode_in > CHAIN + PAIR}}/pairs[0][0] = 0/
pair_stops ~ 12x8 ~ array/weft_array.v ~ s/pair) early_left <= PASSAGE/pair) early_left <= 4/
pair_row ~ 12x8 ~ array/weft_array.v ~ s/e2\[EARLY2-1\]\[c\]/e2[EARLY2-2][c]/
acc_slot ~ 4x4 ~ array/weft_accumulator.v ~ s/odd = !odd;/odd = 1'b0;/
acc_max_sign ~ 4x4 ~ array/weft_accumulator.v ~ s/if (\$signed(sums\[32\*c +: 32\]) > \$signed(acc\[index\]\[c\]))/if (sums[32*c +: 32] > acc[index][c])/
acc_bias ~ 4x4 ~ array/weft_accumulator.v ~ s/(first \&\& bias_en) begin/(first) begin/
header_byte ~ 4x4 ~ array/weft_header.v ~ s/rows\[b\[3:0\] + 4'd9\]/rows[b[3:0] + 4'd8]/
pool_sign ~ 4x4 ~ compute/weft_pool.v ~ s/{{K-8{v\[7\]}}, v}/{{K-8{1'b0}}, v}/
pool_fourth ~ 4x4 ~ compute/weft_pool.v ~ s/(groups > 3'd3 ? extend(b_3)/(groups > 3'd4 ? extend(b_3)/
# post unit and results
round_div ~ 4x4 ~ post/weft_requant.v ~ s/kind3 == DIV ? x3\[i\] + h3\[i\] : b/kind3 == DIV ? x3[i] : b/
round_tflite ~ 4x4 ~ post/weft_requant.v ~ s/64'h3fffffff : 64'h40000000/64'h40000000 : 64'h40000000/
round_float ~ 4x4 ~ post/weft_requant.v ~ s/a = x9\[i\] \& (f | lost9\[i\] | (x9\[i\] >> 1)) \& 1/a = x9[i] \& 1/
clamp_low ~ 4x4 ~ post/weft_post.v ~ /clamp_first/,/q_11\[/ s/a = a < lo ? lo : a > hi/a = a > hi/
alu_minimum ~ 4x4 ~ post/weft_alu.v ~ s/else if ((op == MAX) == (\$signed(x) > \$signed(y)))/else if (\$signed(x) > \$signed(y))/
lut_of_other ~ 4x4 ~ post/weft_post.v ~ s/lut_25 = v\[25\] \&\& (c\[25\] ?/lut_25 = v[25] \&\& (c[24] ?/ ~ an empty cycle lies between the results of two commands and keeps the older configuration
part_turn ~ 12x8 ~ post/weft_post.v ~ s/part_shift = in_shift\[8\*LANES\*turn +: 8\*LANES\]/part_shift = in_shift[0 +: 8*LANES]/
result_last ~ 4x4 ~ compute/weft_result.v ~ s/wanted = last_block ?/wanted = 1'b0 ?/
result_edge ~ 4x4 ~ compute/weft_result.v ~ s/(left_1\[22:6\] != 0 || left_1\[5:0\] > count_1) ? count_1 : left_1\[5:0\]/count_1/
result_row ~ 4x4 ~ compute/weft_result.v ~ s/weft_ring::carry(ro, out_dr)/weft_ring::carry(ri, out_dr)/
result_next ~ 4x4 ~ compute/weft_result.v ~ s/if (over) begin/if (fresh) begin/
# memory side
store_strobe ~ 4x4 ~ mem/weft_store.v ~ s/beat_row_last \&\& tail != 0 ? tail_strb/1'b0 ? tail_strb/
store_left_early ~ 4x4 ~ mem/weft_store.v ~ s/left_q <= s_take \&\& beat_last/left_q <= cmd_take/
store_done_early ~ 4x4 ~ mem/weft_store.v ~ s/done_q <= req_done \&\& flag/done_q <= s_take \&\& beat_last/
load_done_early ~ 4x4 ~ mem/weft_load.v ~ s/done_q <= l_take \&\& beat_last/done_q <= cmd_take/
load_merge ~ 4x4 ~ mem/weft_load.v ~ s/start_merge(stride == {12'd0, row_bytes})/start_merge(1'b1)/
beats_ring ~ 4x4 ~ mem/weft_beats.v ~ s/a_up >= top ? a_up - size : a_up/a_up/
bursts_room ~ 4x4 ~ mem/weft_bursts.v ~ s/assign room = {1'b0, taken} + .*/assign room = 1'b1;/
weights_sync ~ 4x4 ~ mem/weft_weights.v ~ s/may_ask = !ask_sync || released != 0/may_ask = 1'b1/
fifo_depth ~ 4x4 ~ lib/weft_fifo.v ~ s/assign in_ready *= .*/assign in_ready = 1'b1;/
port_b_order ~ 4x4 ~ mem/weft_feature_buffer.v ~ s/x_blocked = w_en \&\& w_bank == x_bank/x_blocked = 1'b0/
write_part ~ 4x4 ~ mem/weft_feature_buffer.v ~ s/b_odd_be\[w_bank\]    <= w_word\[0\] ? w_moved_be\[W-1:0\]/b_odd_be[w_bank]    <= w_word[0] ? {W{1'b1}}/
# control
token_lost ~ 4x4 ~ ctrl/weft_tokens.v ~ s/count_0 != 0};/1'b1};/
token_race ~ 4x4 ~ ctrl/weft_control.v ~ s/compute_at_hand \&\& compute_pop_load \&\& !some\[0\]/1'b0/
depth_unchecked ~ 4x4 ~ ctrl/weft_decode.v ~ s/product > 48'(ACC_DEPTH)/product > 48'(2*ACC_DEPTH)/
window_end ~ 4x4 ~ ctrl/weft_decode.v ~ s/last > {16'd0, win_limit}/last > {16'd0, win_limit} + 48'd64/
wait_push ~ 4x4 ~ compute/weft_compute.v ~ s/finished_push = result_finished \&\& push_store\[oldest\]/finished_push = result_finished \&\& push_store[!oldest]/
sync_streamless ~ 4x4 ~ compute/weft_compute.v ~ s/ \&\& !(pooling \&\& raw);/;/
# clock gates
gate_weights ~ 4x4 ~ ctrl/weft_control.v ~ s/ || (weights_valid \&\& weights_ready)//
gate_decode ~ 16x16 ~ weft_core.v ~ s/weft_gate #(.LINGER(64))/weft_gate #(.LINGER(4))/
gate_regs ~ 4x4 ~ weft_core.v ~ s/ || reg_valid || reset_req)/ || reset_req)/
gate_end ~ 4x4 ~ ctrl/weft_control.v ~ s/ || (running \&\& ended \&\& empty)// ~ no host here keeps the memory busy for 64 cycles when a run ends
gate_error ~ 4x4 ~ ctrl/weft_control.v ~ s/ || load_error || store_error || weights_error;/;/ ~ the memory here refuses nothing; tests/host/test_chip.c sees it
gate_late ~ 4x4 ~ compute/weft_compute.v ~ s/LINGER(POST_CYCLES + COLS .* LANES + 5)/LINGER(POST_CYCLES - 2)/
gate_operand ~ 4x4 ~ compute/weft_compute.v ~ s/ || operand_promise || x_valid || x_rsp_valid//
gate_store ~ 4x4 ~ weft_core.v ~ s/ || store_busy || wr_req_valid/ || wr_req_valid/ ~ a store's bursts are open from a few cycles after its start to its end
gate_write ~ 4x4 ~ weft_core.v ~ s/ || store_busy || wr_req_valid || !write_idle/ || wr_req_valid/
gate_read ~ 4x4 ~ weft_core.v ~ s/ || fetch_valid || !read_rests/ || fetch_valid/ ~ who asks keeps m_axi_arvalid up; only a refused burst waits without, and commands are checked before they ask
gate_request ~ 4x4 ~ weft_core.v ~ s/|| m_axi_arvalid || (wjob_valid/|| (wjob_valid/
gate_answer ~ 4x4 ~ weft_core.v ~ s/\.pin(m_axi_rvalid)/.pin(1'b0)/
gate_job ~ 4x4 ~ weft_core.v ~ s/ || (wjob_valid \&\& wjob_ready)//
gate_loader ~ 4x4 ~ weft_core.v ~ s/ || row_awake;/;/
gate_swap ~ 4x4 ~ compute/weft_compute.v ~ s/row_awake = swap || /row_awake = /
gate_header ~ 4x4 ~ compute/weft_compute.v ~ s/row_awake = swap || header_take || block_done/row_awake = swap || block_done/
gate_slot ~ 4x4 ~ compute/weft_compute.v ~ s/header_take || block_done || /header_take || /
gate_linger ~ 16x16 ~ weft_core.v ~ s/LINGER(8)) u_read_gate/LINGER(2)) u_read_gate/
gate_port_b ~ 4x4 ~ weft_core.v ~ s/late_wanted(s_valid || l_valid)/late_wanted(1'b0)/
gate_rows ~ 4x4 ~ weft_core.v ~ s/ || (row_valid \&\& row_ready)//
LIST
}

variable() { make -pnq 2>/dev/null | sed -n "s/^$1 :*= //p" | head -n 1; }
eval "flags=($(variable VFLAGS))"
includes=$(verilator --getenv VERILATOR_ROOT)/include
objects="$build/obj/tests/random/rand_cmds.o $(ls "$build"/obj/tests/random/*.o | grep -v '/rand_') $build/obj/tests/models/onnx_sample.o
    $(ls "$build"/obj/sim/*.o) $build/verilated/models_native.o $build/verilated/runtime_native.o"

# Build the chip of directory $1 at shape $2 and link rand_cmds with it in place of the good one.
link_mutant() {
    local dir=$1 shape=$2 sim params
    params=$(variable "PARAM_$shape")
    verilator "${flags[@]}" -Wno-fatal -Wno-lint $params --prefix "Vweft_$shape" --Mdir "$dir/chip" $(sed "s,^rtl/,$dir/rtl/," rtl/files.f) &&
        make -s -C "$dir/chip" -f "Vweft_$shape.mk" OPT_FAST=-O1 OPT_SLOW=-O0 OPT_GLOBAL=-O1 "Vweft_${shape}__ALL.a" || return 1
    g++ -O1 -I. -Ihost/include -I"$dir/chip" -I"$includes" -I"$includes/vltstd" -DWEFT_SIM_SHAPE="$shape" \
        -DWEFT_SIM_TABLE="weft_sim_model_$shape" -DWEFT_SIM_PREFIX="Vweft_$shape" -c sim/weft_sim.cpp -o "$dir/chip/weft_sim.o" || return 1
    sim=$(for m in $(variable MODELS); do
        [ "$m" = "$shape" ] && echo "$dir/chip/weft_sim.o $dir/chip/Vweft_${m}__ALL.a" || echo "$build/verilated/$m/native/chip.o"
    done)
    g++ -o "$dir/rand_cmds" $objects $sim "$build/libweft.a" -lprotobuf-c -lz -lm -lpthread
}

mutant() { # name shape file expression reason
    local name=$1 shape=$2 file=$3 expression=$4 reason=$5 dir=$out/$1 rc changed
    rm -rf "$dir" "$out/$name.result"
    mkdir -p "$dir"
    cp -r rtl "$dir/rtl"
    sed -i "$expression" "$dir/rtl/$file"
    changed=$(diff "rtl/$file" "$dir/rtl/$file" | grep -c '^[<>]')
    if [ "$changed" != "$([ -n "$expression" ] && echo 2 || echo 0)" ]; then
        echo "error      $name: the expression does not change exactly one line of rtl/$file" >"$out/$name.result"
        return
    fi
    if link_mutant "$dir" "$shape" >"$out/$name.log" 2>&1; then
        SHAPE=$shape timeout 600 "$dir/rand_cmds" >"$out/$name.log" 2>&1
        rc=$?
    else
        echo "error      $name: does not build, see $out/$name.log" >"$out/$name.result"
        return
    fi
    if [ $rc = 0 ] && [ -n "$reason" ]; then
        echo "equivalent $name: $reason" >"$out/$name.result"
    elif [ $rc = 0 ]; then
        echo "SURVIVED   $name: rtl/$file: $expression" >"$out/$name.result"
    elif [ -n "$reason" ]; then
        echo "error      $name: listed as equivalent, but: $(grep -m1 . "$out/$name.log")" >"$out/$name.result"
    else
        echo "killed     $name ($shape): $(grep -m1 -E 'FAIL|%Error|weft_' "$out/$name.log" | cut -c1-120) (status $rc)" >"$out/$name.result"
    fi
    [ -n "${KEEP:-}" ] || rm -rf "$dir"
}

names=
while IFS= read -r line; do
    IFS='~' read -r name shape file rest <<<"${line// \~ /\~}"
    expression=${rest%%\~*} reason=
    case $rest in *\~*) reason=${rest#*\~} reason=${reason# } ;; esac
    [ $# = 0 ] || case " $* " in *" $name "*) ;; *) continue ;; esac
    names="$names $name"
    while [ "$(jobs -rp | wc -l)" -ge "${JOBS:-2}" ]; do wait -n; done
    mutant "$name" "$shape" "$file" "$expression" "$reason" &
done < <(list)
wait
for name in $names; do cat "$out/$name.result"; done | tee "$out/report"
count() { grep -cE "^($1)" "$out/report"; }
echo "$([ "$(count 'SURVIVED|error')" = 0 ] && echo ok || echo FAIL) mutate_rtl: $(count killed) killed, $(count SURVIVED) survived," \
    "$(count equivalent) equivalent, $(count error) errors, N=$N seed $SEED"
[ "$(count 'SURVIVED|error')" = 0 ]
