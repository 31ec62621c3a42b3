#!/usr/bin/env bash
# Do the benches notice a broken link or SDRAM controller?  Each line of the list below breaks one line of rtl/phy or rtl/sdram; the benches
# named have to fail with it.
#
#   tests/rtl/mutate_phy.sh BUILD [name ..]       from the top of the tree; SEED=1, JOBS=2 at a time
#
# Prints killed (with what was seen first) or SURVIVED for each; a mutation must change exactly one line, else it is an error.  A
# survivor is a hole in the benches, unless the list says why nothing can notice it; a mutant that is listed so and is killed is an
# error too.  Exit status 1 on any of these.  Works in BUILD/mutants_phy; up to a minute a mutant.
set -u
build=$1
shift
out=$build/mutants_phy
mkdir -p "$out"

# name ~ bench .. ~ file under rtl/phy, or room/file ~ sed expression [~ why nothing can notice it]; benches without weft_ or weft_usb_, device_ulpi at
# high speed only but for device_ulpi_full
list() {
    grep -v '^#' <<'LIST'
none ~ rx in out fs device_ulpi device_ulpi_full device_fs ~ weft_usb_rx.v ~ s/^$// ~ nothing is changed
# UART
uart_start_unchecked ~ uart ~ weft_uart_rx.v ~ s/if (value) state <= WAIT/if (1'b0) state <= WAIT/
uart_stop_unchecked ~ uart ~ weft_uart_rx.v ~ s/valid       <= value;/valid       <= 1'b1;/
uart_no_vote ~ uart ~ weft_uart_rx.v ~ s/value = sum\[1\];/value = line;/
uart_phase ~ uart ~ weft_uart_rx.v ~ s/state == BUSY ? now : STEP >> 1/now/
uart_half_clock ~ uart ~ weft_uart_rx.v ~ s/state == BUSY ? now : STEP >> 1/state == BUSY ? now : (STEP << 1) + (STEP >> 1)/
uart_no_wait ~ uart ~ weft_uart_rx.v ~ s/state       <= value ? IDLE : WAIT/state       <= IDLE/
uart_break_is_error ~ uart ~ weft_uart_rx.v ~ s/!value \&\& bits != 0/!value/
uart_rx_order ~ uart ~ weft_uart_rx.v ~ s/bits <= {value, bits\[7:1\]}/bits <= {bits[6:0], value}/
uart_tx_pause_ignored ~ uart ~ weft_uart_tx.v ~ s/ready = !pause \&\& /ready = /
uart_tx_gap ~ uart ~ weft_uart_tx.v ~ s/ || (tick \&\& left == 4'd1))/)/
uart_tx_phase_lost ~ uart ~ weft_uart_tx.v ~ s/phase <= left == 0 ?/phase <= left == 0 || begins ?/
uart_tx_short_stop ~ uart ~ weft_uart_tx.v ~ s/BITS = 4'd10/BITS = 4'd9/
uart_rate ~ uart ~ weft_uart.v ~ s/+ (64'(CLOCK_HZ) >> 1)) \/ 64'(CLOCK_HZ)/) \/ 64'(CLOCK_HZ) + 64'd400/
uart_rts_late ~ uart ~ weft_uart.v ~ s/FILL    = RX_DEPTH - RTS_ROOM/FILL    = RX_DEPTH - 4/
uart_overruns ~ uart ~ weft_uart.v ~ s/came \&\& !room \&\& /came \&\& /
uart_rts_never ~ uart ~ weft_uart.v ~ s/rts_n <= FLOW != 0 \&\& count/rts_n <= FLOW == 0 \&\& count/
# SDRAM controller
sd_rcd ~ sdram ~ sdram/weft_sdram_rows.v ~ s/may_go        = !use_wait\[1\]/may_go        = 1'b1/
sd_rp ~ sdram ~ sdram/weft_sdram_rows.v ~ s/(closes \&\& mine) ? OPEN_MOST'(ones(RP))/(closes \&\& mine) ? OPEN_MOST'(ones(RP - 1))/
sd_ras ~ sdram ~ sdram/weft_sdram_rows.v ~ s/mine ? CLOSE_MOST'(ones(OPEN_LEAST))/mine ? CLOSE_MOST'(ones(2))/
sd_rc ~ sdram ~ sdram/weft_sdram_rows.v ~ s/OPEN_LEAST = RAS > RC - RP ? RAS : RC - RP/OPEN_LEAST = RCD + WORDS/
sd_rrd ~ sdram ~ sdram/weft_sdram_rows.v ~ s/ \&\& !other_wait\[0\]// ~ four cycles lie between two of them anyway
sd_wr ~ sdram ~ sdram/weft_sdram_rows.v ~ s/WRITTEN    = WORDS - 1 + WR/WRITTEN    = WORDS/
sd_rfc ~ sdram ~ sdram/weft_sdram_rows.v ~ s/renews ? OPEN_MOST'(ones(RFC))/renews ? OPEN_MOST'(ones(RFC - 2))/
sd_mrd ~ sdram ~ sdram/weft_sdram_rows.v ~ s/sets_mode ? OPEN_MOST'(ones(MRD))/sets_mode ? OPEN_MOST'(ones(1))/ ~ a burst is looked at for two cycles before its row is opened
sd_turn ~ sdram ~ sdram/weft_sdram_rows.v ~ s/TURN       = CAS + WORDS + 1/TURN       = CAS + WORDS/
sd_spaced ~ sdram ~ sdram/weft_sdram_rows.v ~ s/spaced        = !beat_wait\[0\]/spaced        = 1'b1/
sd_read_cut ~ sdram ~ sdram/weft_sdram_rows.v ~ s/beat_mine ? CLOSE_MOST'(ones(WORDS)) : /beat_mine ? {CLOSE_MOST{1'b0}} : /
sd_closes_used ~ sdram ~ sdram/weft_sdram.v ~ s/ \&\& !(run_valid \&\& run_bank == next_bank)//
sd_any_row ~ sdram ~ sdram/weft_sdram_rows.v ~ s/row_same      = rows\[bank\] == row/row_same      = rows[bank][11:0] == row[11:0] || 1'b1/
sd_power_up ~ sdram ~ sdram/weft_sdram.v ~ s/cycles(T_POWER_UP, CLOCK_HZ) + 8/cycles(T_POWER_UP, CLOCK_HZ) - 8/
sd_refresh ~ sdram ~ sdram/weft_sdram.v ~ s/INTERVAL(weft_sdram_times::cycles(T_REFRESH, CLOCK_HZ) - 1)/INTERVAL(weft_sdram_times::cycles(T_REFRESH, CLOCK_HZ) + 20)/
sd_refresh_lost ~ sdram ~ sdram/weft_sdram_refresh.v ~ s/left  <= ended ? INTERVAL_LESS/left  <= renews ? INTERVAL_LESS/
sd_refresh_owed ~ sdram ~ sdram/weft_sdram_refresh.v ~ s/owed <= owed + 3'd1/owed <= 3'd1/
sd_no_mode ~ sdram ~ sdram/weft_sdram_refresh.v ~ s/started = starting \&\& renewed == 3'd7/started = starting \&\& renewed == 3'd0/
sd_refresh_open ~ sdram ~ sdram/weft_sdram.v ~ s/EMPTY:     if (refresh_due) step <= CLOSE_ALL/EMPTY:     if (refresh_due) step <= RENEW/
sd_last ~ sdram ~ sdram/weft_sdram.v ~ s/due_last <= {due_last\[WAY-1:0\], ends}/due_last <= {due_last[WAY-1:0], beat}/
sd_mask ~ sdram ~ sdram/weft_sdram.v ~ s/mask  <= beat ? ~wstrb/mask  <= beat ? {MEM_BYTES{1'b0}}/
sd_words ~ sdram ~ sdram/weft_sdram.v ~ s/out   <= beat ? wdata : out >> 16/out   <= beat ? wdata : out/
sd_drives ~ sdram ~ sdram/weft_sdram.v ~ s/{WORDS{1'b1}} : driven >> 1/{WORDS{1'b1}} : driven/
sd_way ~ sdram ~ sdram/weft_sdram.v ~ s/WAY = CAS + PAD_CYCLES + WORDS;/WAY = CAS + PAD_CYCLES + WORDS + 1;/
sd_bvalid ~ sdram ~ sdram/weft_sdram.v ~ s/bvalid <= ends \&\& run_write/bvalid <= goes \&\& next_write/
sd_unfair ~ sdram ~ sdram/weft_sdram.v ~ s/pick_write = awvalid \&\& (turn_write || !arvalid)/pick_write = awvalid \&\& !arvalid/
sd_wait ~ sdram ~ sdram/weft_sdram.v ~ s/turned \&\& wvalid : 1'b1/turned : 1'b1/
# FIFO chips
ft_no_turn_around ~ ft245 ~ weft_ft245_bus.v ~ s/writes    = may_write \&\&/writes    = (may_write || (!rd_n \&\& !reads \&\& out_valid)) \&\&/
ft_rd_with_oe ~ ft245 ~ weft_ft245_bus.v ~ s/rd_n  <= !reads;/rd_n  <= !(reads || open);/
ft_twice ~ ft245 ~ weft_ft245_bus.v ~ s/given     = !wr_n \&\& !txe_n/given     = !wr_n/
ft_in_vain ~ ft245 ~ weft_ft245_bus.v ~ s/writes    = may_write \&\& !txe_n/writes    = may_write/
ft_came_late ~ ft245 ~ weft_ft245_bus.v ~ s/came      <= !rd_n \&\& !rxf_n;/came      <= !rd_n;/
ft_overrun ~ ft245 ~ weft_ft245_bus.v ~ s/MOST    = COUNT_W'(FIFO_WORDS - 3)/MOST    = COUNT_W'(FIFO_WORDS - 1)/
ft_short_goes_on ~ ft245 ~ weft_ft245_bus.v ~ s/ \&\& !was_short / /
ft_never_yields ~ ft245 ~ weft_ft245_bus.v ~ s/enough    = words == TURN/enough    = 1'b0/
ft_always_yields ~ ft245 ~ weft_ft245_bus.v ~ s/enough    = words == TURN/enough    = 1'b1/
ft_reads_first ~ ft245 ~ weft_ft245_bus.v ~ s/!(can_write \&\& !wrote)/1'b1/
ft_small_reads ~ ft245 ~ weft_ft245_bus.v ~ s/waiting <= FEW/waiting <= MOST/ ~ the queue between the clocks holds 512 words; short bursts cost only once that is full
ft_no_siwu ~ ft245 ~ weft_ft245_bus.v ~ s/if (gave) unsent <= 1'b1/if (1'b0) unsent <= 1'b1/
ft_packets_open ~ ft245 ~ weft_packets.v ~ s/quota == 0 \&\& quiet == LINGER\[QUIET_W-1:0\])/quota == 0 \&\& count != 0)/
ft_packets_kept ~ ft245 ~ weft_packets.v ~ s/else if (quota == 0 \&\& quiet == LINGER\[QUIET_W-1:0\]) .*/else if (1'b0) quota <= count;/
ft_gear_order ~ ft245 ~ weft_gearbox.v ~ s/kept    = take ? held >> (8 \* OUT_BYTES)/kept    = take ? held >> 8/
ft_gear_grows ~ ft245 ~ weft_gearbox.v ~ s/in_ready  = !partial \&\& /in_ready  = /
ft_gear_keeps ~ ft245 ~ weft_gearbox.v ~ s/partial = quiet == LINGER\[QUIET_W-1:0\]/partial = 1'b0/
ft_bytes_wrong ~ ft245 ~ weft_ft245.v ~ s/in_bytes = WORD_W'(i + 1)/in_bytes = WORD_W'(WORD_BYTES)/
ft_enables ~ ft245 ~ weft_ft245.v ~ s/WORD_W\]} > i;/WORD_W]} >= i;/
ft_reset_one_side ~ ft245 ~ weft_cdc_reset.v ~ s/clk_rst <= ask || answered;/clk_rst <= 1'b0;/
ft_reset_not_across ~ ft245 ~ weft_cdc_reset.v ~ s/other_rst <= left != 0/other_rst <= 1'b0/
ft_reset_forgets ~ ft245 ~ weft_cdc_reset.v ~ s/clk_rst <= ask || answered/clk_rst <= ask/ ~ the bench's clocks are so near each other that the last edges of ask are enough
# pins of USB
fs_unstuff ~ fs ~ weft_usb_fs_rx.v ~ s/stuffed = ones == 3'd6/stuffed = ones == 3'd5/
fs_stuffing_unchecked ~ fs device_fs ~ weft_usb_fs_rx.v ~ s/rx_error <= stuffed \&\& same/rx_error <= 1'b0/
fs_phase ~ fs device_fs ~ weft_usb_fs_rx.v ~ s/read = phase == 2'd1/read = phase == 2'd3/
fs_clock_free ~ fs device_fs ~ weft_usb_fs_rx.v ~ s/edge_seen ? 2'd0 : phase + 2'd1/phase + 2'd1/
fs_hears_itself ~ device_fs ~ weft_usb_fs_rx.v ~ s/if (rst || mute)/if (rst)/
fs_stuff_late ~ fs ~ weft_usb_fs_tx.v ~ s/stuff     = ones == 3'd6/stuff     = ones == 3'd7/
fs_turns_early ~ device_fs ~ weft_usb_fs_tx.v ~ s/quiet == 4'(TURN)/quiet == 4'd1/
fs_short_end ~ fs device_fs ~ weft_usb_fs_tx.v ~ s/END0: if (tick) state <= END1/END0: if (tick) state <= END_J/
# ULPI
ulpi_turn_read ~ device_ulpi ~ weft_usb_ulpi.v ~ s/rx_valid <= dir_1 \&\& !turn/rx_valid <= dir_1/
ulpi_write_lost ~ device_ulpi ~ weft_usb_ulpi.v ~ s/written  <= written;/written  <= wanted;/
ulpi_otg_lost ~ device_ulpi ~ weft_usb_ulpi.v ~ s/otg_done <= otg_done;/otg_done <= 1'b1;/
ulpi_not_again ~ device_ulpi ~ weft_usb_ulpi.v ~ s/again    <= state == SEND \&\& (first || raw)/again    <= state == SEND \&\& raw/
ulpi_chirp_broken ~ device_ulpi ~ weft_usb_ulpi.v ~ s/dropping <= state == SEND \&\& !(first || raw)/dropping <= state == SEND \&\& !first/
ulpi_rest_sent ~ device_ulpi ~ weft_usb_ulpi.v ~ s/dropping <= state == SEND \&\& !(first || raw)/dropping <= 1'b0/
ulpi_error_unheard ~ device_ulpi ~ weft_usb_ulpi.v ~ s/rx_error  <= data_1\[5\] \&\& data_1\[4\]/rx_error  <= 1'b0/
ulpi_turns_early ~ device_ulpi_full ~ weft_usb_ulpi.v ~ s/quiet == 4'(TURN)/quiet == 4'd2/
ulpi_drives_late ~ device_ulpi ~ weft_usb_ulpi.v ~ s/data_drive = !dir \&\& !dir_1/data_drive = !dir_1/
ulpi_no_stop ~ device_ulpi ~ weft_usb_ulpi.v ~ /if (!next_valid) begin/,/state <= STOP/s/stp   <= 1'b1/stp   <= 1'b0/
# packets
rx_crc5 ~ rx ~ weft_usb_rx.v ~ s/ \&\& crc5({newer, older}) == RESIDUE5//
rx_crc16 ~ rx device_fs ~ weft_usb_rx.v ~ s/seen >= 3'd3 \&\& crc == RESIDUE/seen >= 3'd3/
rx_identifier ~ rx ~ weft_usb_rx.v ~ s/if (rx_data\[3:0\] != ~rx_data\[7:4\])/if (1'b0)/
rx_long_token ~ rx ~ weft_usb_rx.v ~ s/seen == 3'd3 \&\& crc5/seen >= 3'd3 \&\& crc5/
rx_long_handshake ~ rx ~ weft_usb_rx.v ~ s/is_handshake ? seen == 3'd1/is_handshake ? 1'b1/
rx_error_forgotten ~ rx device_ulpi ~ weft_usb_rx.v ~ s/if (rx_error) damaged <= 1'b1/if (1'b0) damaged <= 1'b1/
tx_empty ~ device_fs ~ weft_usb_tx.v ~ s/src_any ? PAYLOAD : CRC_LOW/PAYLOAD/
tx_crc ~ rx ~ weft_usb_tx.v ~ s/CRC_HIGH: tx_data = ~crc/CRC_HIGH: tx_data = crc/
tx_interrupted ~ device_ulpi ~ weft_usb_core.v ~ s/rst || bus_reset || end_valid/rst || bus_reset/
# bulk buffers
in_full_alone ~ in device_fs ~ weft_usb_in.v ~ s/waiting\[9:0\] - {9'd0, exact}/waiting[9:0]/
in_grows ~ in device_ulpi ~ weft_usb_in.v ~ s/if (!sent \&\& !start) begin/if (!start) begin/
in_never_pauses ~ in ~ weft_usb_in.v ~ s/(waiting != 0 \&\& paused)/1'b0/
in_overrun ~ in ~ weft_usb_in.v ~ s/assign in_ready = .*/assign in_ready = 1'b1;/
in_not_forgotten ~ in device_ulpi ~ weft_usb_in.v ~ s/if (acked || forget) begin/if (acked) begin/
in_impatient ~ in ~ weft_usb_in.v ~ s/(waiting != 0 \&\& paused)/(waiting != 0)/
out_kept ~ out device_ulpi ~ weft_usb_out.v ~ s/wr_at    <= good_at;/wr_at    <= wr_at;/
out_too_long ~ out device_fs ~ weft_usb_out.v ~ s/if (push \&\& !write) too_long/if (1'b0) too_long/
out_room ~ out device_ulpi ~ weft_usb_out.v ~ s/room     <= free >= .*/room     <= 1'b1;/
out_room_two ~ out device_ulpi ~ weft_usb_out.v ~ s/room_two <= free >= .*/room_two <= 1'b1;/
out_early ~ out ~ weft_usb_out.v ~ s/fetch = rd_at != good_at/fetch = rd_at != wr_at/
# endpoint 0
control_address_early ~ device_ulpi ~ weft_usb_control.v ~ s/if (in_acked \&\& state == STATUS \&\& action/if (state == STATUS \&\& action/
control_toggle ~ device_ulpi ~ weft_usb_control.v ~ s/toggle       <= !toggle/toggle       <= toggle/
control_no_abort ~ device_ulpi ~ weft_usb_control.v ~ s/if (setup_begin) state <= STALLED/if (1'b0) state <= STALLED/ ~ until its data the answers to a SETUP are those of the transfer before, and nothing asks in between
control_length ~ device_ulpi ~ weft_usb_control.v ~ s/whole   = asked != 8'd0 || wanted > length/whole   = wanted > length/
control_data_taken ~ device_ulpi ~ weft_usb_control.v ~ s/ || (!to_host \&\& wants_data)//
control_unconfigured ~ device_ulpi ~ weft_usb_control.v ~ s/(configured || !rom_data\[7\]) \&\& //
control_speed ~ device_ulpi_full ~ weft_usb_control.v ~ s/(high_speed || !rom_data\[5\]) \&\& //
control_capable ~ device_fs ~ weft_usb_control.v ~ s/(CAPABLE || !rom_data\[6\])/1'b1/
control_resent ~ device_ulpi ~ weft_usb_control.v ~ s/in_start        ? base/in_start        ? at/
control_halt_toggle ~ device_ulpi ~ weft_usb_control.v ~ /ACT_CLEAR_IN): begin/,/end/s/reset_in <= 1'b1/reset_in <= 1'b0/
control_patched ~ device_ulpi ~ weft_usb_control.v ~ s/rom_data\[0\] || (at_first \&\& patched)/rom_data[0] || patched/
control_setup_long ~ device_ulpi ~ weft_usb_control.v ~ s/if (setup_count != 4'd9) setup_count/if (setup_count != 4'd8) setup_count/
# transactions
bulk_twice ~ device_ulpi ~ weft_usb_transact.v ~ s/else if (pid\[3\] == toggle_out) begin/else begin/
bulk_no_room ~ device_fs ~ weft_usb_transact.v ~ s/if (!room) tx_pid <= NAK/if (1'b0) tx_pid <= NAK/
bulk_no_nyet ~ device_ulpi ~ weft_usb_transact.v ~ s/if (high_speed \&\& !out_room_two)/if (1'b0)/
bulk_ping ~ device_ulpi ~ weft_usb_transact.v ~ s/out_room ? ACK : NAK/ACK/
bulk_late_ack ~ device_ulpi ~ weft_usb_transact.v ~ s/if (end_valid) expected <= NOTHING/if (end_valid \&\& end_good \&\& pid != 4'h5) expected <= NOTHING/
bulk_halt_out ~ device_ulpi ~ weft_usb_transact.v ~ s/if (halt_out) tx_pid <= STALL/if (1'b0) tx_pid <= STALL/
bulk_halt_in ~ device_ulpi ~ weft_usb_transact.v ~ s/halt_in ? STALL : NAK/NAK/
bulk_others ~ device_ulpi ~ weft_usb_transact.v ~ s/for_us  = token_address == address/for_us  = 1'b1/
bulk_unconfigured ~ device_ulpi ~ weft_usb_transact.v ~ s/to_in   = for_us \&\& configured/to_in   = for_us/
bulk_reset_token ~ device_ulpi ~ weft_usb_transact.v ~ /if (bus_reset) begin/,/end/s/expected <= NOTHING/expected <= expected/
setup_length ~ device_ulpi ~ weft_usb_transact.v ~ s/if (setup_whole \&\& pid == DATA0)/if (pid == DATA0)/
setup_toggle ~ device_ulpi ~ weft_usb_transact.v ~ s/if (setup_whole \&\& pid == DATA0)/if (setup_whole)/
# state of the bus
line_filter ~ device_fs ~ weft_usb_line.v ~ s/FULL:      if (steady \&\& line == SE0)/FULL:      if (line == SE0)/
line_chirps ~ device_ulpi ~ weft_usb_line.v ~ s/pulses == 3'd6/pulses == 3'd3/
line_short_chirps ~ device_ulpi ~ weft_usb_line.v ~ s/else if (steady \&\& line == pulse) pulses/else if (line == pulse) pulses/
line_revert ~ device_ulpi ~ weft_usb_line.v ~ s/next = line == SE0 ? CHIRP : SUSPENDED/next = CHIRP/
line_awake ~ device_fs ~ weft_usb_line.v ~ s/else if (spent == W'(3 \* MS) \&\& line == J)/else if (1'b0)/
line_asleep ~ device_fs ~ weft_usb_line.v ~ s/\&\& (line != was || rx_active))/\&\& 1'b0)/
line_resume ~ device_ulpi ~ weft_usb_line.v ~ s/next = high_speed ? HIGH : FULL/next = FULL/
line_reset_asleep ~ device_ulpi ~ weft_usb_line.v ~ s/SUSPENDED: if (steady \&\& line == SE0)/SUSPENDED: if (1'b0)/
line_speed_kept ~ device_ulpi ~ weft_usb_line.v ~ s/if (next == CHIRP || next == OFF) high_speed/if (next == OFF) high_speed/
rom_serial ~ device_ulpi ~ weft_usb_rom.v ~ s/SERIAL\[8\*(weft_usb::SERIAL_CHARS-1-i)/SERIAL[8*i/
LIST
}

mutant() { # name benches file expression reason
    local name=$1 benches=$2 file=rtl/phy/$3 expression=$4 reason=$5 dir=$out/$1 changed bench speeds seen=
    case $3 in */*) file=rtl/$3 ;; esac
    rm -rf "$dir" "$out/$name.result"
    mkdir -p "$dir/tests"
    cp -r rtl "$dir/rtl"
    cp -r tests/rtl "$dir/tests/rtl"
    sed -i "$expression" "$dir/$file"
    changed=$(diff "$file" "$dir/$file" | grep -c '^[<>]')
    if [ "$changed" != "$([ "$name" = none ] && echo 0 || echo 2)" ]; then
        echo "error      $name: the expression does not change exactly one line of $file" >"$out/$name.result"
        return
    fi
    for bench in $benches; do
        speeds=HIGH=1
        case $bench in *_full) speeds=HIGH=0 ;; esac
        [ -e "tests/rtl/tb_weft_$bench.v" ] || bench=usb_${bench%_full}
        (cd "$dir" && ulimit -t 200 && SPEEDS=$speeds SDRAM="${SDRAM:-CLOCK_HZ=133000000+CAS=3+BURSTS=300 CLOCK_HZ=80000000+BURSTS=300 CLOCK_HZ=40000000+BURSTS=200}" tests/rtl/bench.sh build "weft_$bench") >"$out/$name.log" 2>&1 && continue
        seen="$bench: $(grep -m1 -E 'FAIL|error|FATAL' "$out/$name.log" | sed 's/.*FAIL //' | cut -c1-110)"
        case $seen in *': ') seen="$bench: no end in 200 s of computing" ;; esac
        break
    done
    if grep -qE 'syntax error|error\(s\) during elaboration|rtl/(phy|sdram).*error' "$out/$name.log"; then
        echo "error      $name: does not build, see $out/$name.log" >"$out/$name.result"
    elif [ -z "$seen" ] && [ -n "$reason" ]; then
        echo "equivalent $name: $reason" >"$out/$name.result"
    elif [ -z "$seen" ]; then
        echo "SURVIVED   $name: $file: $expression" >"$out/$name.result"
    elif [ -n "$reason" ]; then
        echo "error      $name: listed as equivalent, but $seen" >"$out/$name.result"
    else
        echo "killed     $name by $seen" >"$out/$name.result"
    fi
    rm -rf "$dir"
}

names=
while IFS= read -r line; do
    IFS=$'\x01' read -r name benches file expression reason <<<"${line// \~ /$'\x01'}"
    [ $# = 0 ] || case " $* " in *" $name "*) ;; *) continue ;; esac
    names="$names $name"
    while [ "$(jobs -rp | wc -l)" -ge "${JOBS:-2}" ]; do wait -n; done
    mutant "$name" "$benches" "$file" "$expression" "$reason" &
done < <(list)
wait
for name in $names; do cat "$out/$name.result"; done | tee "$out/report"
count() { grep -cE "^($1)" "$out/report"; }
echo "$([ "$(count 'SURVIVED|error')" = 0 ] && echo ok || echo FAIL) mutate_phy: $(count killed) killed, $(count SURVIVED) survived," \
    "$(count equivalent) equivalent, $(count error) errors, seed ${SEED:-1}"
[ "$(count 'SURVIVED|error')" = 0 ]
