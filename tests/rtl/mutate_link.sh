#!/usr/bin/env bash
# Do the benches of the link notice broken RTL?  Each mutant is one changed line of rtl/link; a bench of it has to fail.
#
#     tests/rtl/mutate_link.sh BUILD [name ..]         from the top of the tree; SEED in the environment
#
# Works in BUILD/mutate_link.  Exit status 1 if one survives or an expression no longer fits.
set -u
build=$(cd "$1" && pwd)
shift
out=$build/mutate_link
mkdir -p "$out"

# name ~ bench ~ file under rtl/link ~ sed expression
list() {
    grep -v '^#' <<'LIST'
# numbers and sessions
replay_executed ~ weft_link ~ weft_link_sequence.v ~ s/newer   = ours \&\& !is_older/newer   = ours/
gap_executed ~ weft_link ~ weft_link_sequence.v ~ s/(fresh || (is_next \&\& !halted))/(fresh || !halted)/
halted_executes ~ weft_link ~ weft_link_sequence.v ~ s/(is_next \&\& !halted)/is_next/
any_session ~ weft_link ~ weft_link_sequence.v ~ s/same_session <= frame_session == session;/same_session <= 1'b1;/
open_any ~ weft_link ~ weft_link_sequence.v ~ s/opens   = is_open \&\& same_session \&\& fits_open/opens   = is_open \&\& fits_open/
open_zero ~ weft_link ~ weft_link_sequence.v ~ s/ \&\& new_session != 16'd0;/;/
closed_executes ~ weft_link ~ weft_link_sequence.v ~ s/same_session \&\& session != 16'd0;/same_session;/
number_not_used ~ weft_link ~ weft_link_sequence.v ~ s/last     <= frame_sequence;/last     <= is_open ? frame_sequence : last;/
refused_read_lost ~ weft_link ~ weft_link_sequence.v ~ s/(is_older ? !is_read || is_last : !fresh)/(is_older ? !is_read : !fresh)/
asks_always ~ weft_link ~ weft_link_sequence.v ~ s/unasked = !reported || round != frame_round/unasked = 1'b1/
asks_once ~ weft_link ~ weft_link_sequence.v ~ s/unasked = !reported || round != frame_round/unasked = !reported/
session_survives_rst ~ weft_link ~ weft_link_sequence.v ~ s/            session  <= 16'd0;/            session  <= session;/
# execution
bad_crc_executed ~ weft_link ~ weft_link_exec.v ~ s/acts    = good \&\& !kind/acts    = !kind/
reply_types_executed ~ weft_link ~ weft_link_exec.v ~ s/good \&\& !kind\[7\] \&\&/good \&\&/
length_unchecked ~ weft_link ~ weft_link_exec.v ~ s/== second\[31:2\] + 30'd2;/>= 14'd2;/
end_unchecked ~ weft_link ~ weft_link_exec.v ~ s/is_memory  = memory_end <= {1'b0, MEM_SIZE}/is_memory  = memory_end <= {1'b0, MEM_SIZE} + 33'd64/
quiet_refusal ~ weft_link ~ weft_link_exec.v ~ s/if (result == 8'(weft_isa::PKTST_OK) \&\& is_mem_write \&\& flags\[1\])/if (is_mem_write \&\& flags[1])/
own_number ~ weft_link ~ weft_link_exec.v ~ s/3'd2:    reply_word = own_number ? sequence_number : last;/3'd2:    reply_word = sequence_number;/
half_stays ~ weft_link ~ weft_link_exec.v ~ s/reply_slot <= !reply_slot;/reply_slot <= reply_slot;/
done_overtaken ~ weft_link_notice ~ weft_link_exec.v ~ s/free  = !done_waiting;/free  = 1'b1;/
run_unnumbered ~ weft_link ~ weft_link_exec.v ~ s/run_sequence <= sequence_number;/run_sequence <= last + 32'd1;/
# receiver
third_frame ~ weft_packet_rx ~ weft_packet_rx.v ~ s/rx_ready     = waiting != 2'd2;/rx_ready     = 1'b1;/
stale_magic ~ weft_packet_rx ~ weft_packet_rx.v ~ s/stale        <= {1'b0, here} + 3'(4 - LINK_BYTES);/stale        <= 3'd0;/
half_mixed ~ weft_packet_rx ~ weft_packet_rx.v ~ s/put_word <= {slot_in,/put_word <= {1'b0,/
odd_length ~ weft_packet_rx ~ weft_packet_rx.v ~ s/ || word\[17:16\] != 2'b0;/;/
place_lost ~ weft_packet_rx ~ weft_packet_rx.v ~ s/place   <= found_at;/place   <= 2'd0;/
crc_first ~ weft_crc32 ~ weft_crc32.v ~ s/sum = first ? 32'hffffffff : crc;/sum = crc;/
# sender
early_check ~ weft_packet_tx ~ weft_packet_tx.v ~ s/{parts == 3'd0, 2'b00}/{parts == 3'd0, parts == 3'd1, 1'b0}/
half_of_next ~ weft_packet_tx ~ weft_packet_tx.v ~ s/next_word <= {data_slot,/next_word <= {1'b0,/
crc_goes_on ~ weft_packet_tx ~ weft_packet_tx.v ~ s/is_first  <= head_at == 3'd0;/is_first  <= 1'b0;/
# notices
alive_late_kind ~ weft_link_notice ~ weft_link_notice.v ~ s/notice_is_done <= done;/notice_is_done <= run_done;/
done_forgotten ~ weft_link_notice ~ weft_link_notice.v ~ s/assign done_waiting = done || run_done;/assign done_waiting = run_done;/
LIST
}

names=$* killed=0 bad=0
while IFS= read -r line; do
    IFS='~' read -r name bench file expression <<<"${line// \~ /\~}"
    [ -z "$names" ] || case " $names " in *" $name "*) ;; *) continue ;; esac
    dir=$out/$name
    rm -rf "$dir"
    mkdir -p "$dir"
    cp -r rtl "$dir/rtl"
    ln -s "$PWD/tests" "$dir/tests"
    sed -i "$expression" "$dir/rtl/link/$file"
    if [ "$(diff "rtl/link/$file" "$dir/rtl/link/$file" | grep -c '^[<>]')" != 2 ]; then
        echo "error    $name: the expression does not change exactly one line of rtl/link/$file"
        bad=$((bad + 1))
    elif mkdir -p "$dir/build/tests" && ln -s "$build/tests/rtl" "$dir/build/tests/rtl" &&
        (cd "$dir" && timeout 300 tests/rtl/bench.sh build "$bench" >log 2>&1); then
        echo "SURVIVED $name: rtl/link/$file: $expression"
        bad=$((bad + 1))
    elif ! grep -q FAIL "$dir/log"; then
        echo "error    $name: the bench did not run, see $dir/log"
        bad=$((bad + 1))
    else
        echo "killed   $name: $(grep -m1 FAIL "$dir/log" | cut -c1-110)"
        killed=$((killed + 1))
        rm -rf "$dir"
    fi
done < <(list)
echo "$([ $bad = 0 ] && echo ok || echo FAIL) mutate_link: $killed killed, $bad survived or out of date, seed ${SEED:-1}"
[ $bad = 0 ]
