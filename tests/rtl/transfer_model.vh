// The model of tb_weft_transfer, included in it: draws a transfer, does it as the contract says it, byte by byte,
// and packs it into a command.  Works on the variables of the bench (row, a, u, pitch, top, size, ...).

    // Draw a transfer inside buffer words [lo, hi) and memory [mem_lo, mem_hi); is_load: whole beats.
    task make(input integer lo, input integer hi, input integer mem_lo, input integer mem_hi, input is_load);
        integer words, span;
        begin
            row       = draw(4);
            u         = draw(3) == 0 ? draw(3 * W / M) * M : 0;
            row_bytes = 1 + draw(draw(2) ? 3 * M : 6 * W);
            if (is_load || draw(2)) row_bytes = (row_bytes + M - 1) / M * M;
            words = (u + row_bytes + W - 1) / W;
            if (words > (hi - lo) / 2) begin
                u = 0; row_bytes = M; words = 1;
            end
            pitch = words + draw(2);
            if (pitch > (hi - lo) / 2) pitch = words;
            span  = hi - lo - words;                        // the last slot may stick out of its ring
            size  = pitch + draw(span - pitch + 1);
            top   = lo + size + draw(span - size + 1);
            a     = top - size + draw(size);
            rows  = 1 + draw(draw(2) ? 4 : 24);
            stride = draw(2) ? row_bytes / M * M : draw(8) * M;
            if ((rows - 1) * stride + row_bytes > mem_hi - mem_lo) rows = 1;
            addr  = mem_lo + draw((mem_hi - mem_lo - (rows - 1) * stride - row_bytes) / M + 1) * M;
        end
    endtask

    // Do it in the model and note the beats it takes.
    integer beats;
    task act(input is_load);
        integer r, y, x, p, slot;
        begin
            beats = rows * ((row_bytes + M - 1) / M);
            r = row; slot = a;
            for (y = 0; y < rows; y = y + 1) begin
                for (x = 0; x < row_bytes; x = x + 1) begin
                    p = (r % 4) * BANK + (slot + (u + x) / W) % FB_WORDS * W + (u + x) % W;
                    if (is_load) begin
                        fb[p] = mem[addr + y*stride + x]; fb_may[p] = 1'b1;
                    end else begin
                        mem[addr + y*stride + x] = fb[p]; mem_may[addr + y*stride + x] = 1'b1;
                    end
                    if (addr + y*stride + x >= err_base && addr + y*stride + x < err_limit) want_error = 1;
                    last_bank = r % 4;
                    last_word = (slot + (u + x) / W) % FB_WORDS;
                end
                moved = moved + row_bytes;
                if (r % 4 == 3) begin
                    slot = slot + pitch;
                    if (slot >= top) slot = slot - size;
                end
                r = r + 1;
            end
        end
    endtask

    function [weft_isa::CMD_UNIT_W-1:0] packed_command(input is_load);
        begin
            packed_command = is_load ? weft_isa::OP_LOAD : weft_isa::OP_STORE;
            `WEFT_FIELD(packed_command, LOAD, ROW)     = row;
            `WEFT_FIELD(packed_command, LOAD, ADDR)    = addr;
            `WEFT_FIELD(packed_command, LOAD, STRIDE)  = stride;
            `WEFT_FIELD(packed_command, LOAD, ROWS)    = rows;
            `WEFT_FIELD(packed_command, LOAD, A_START) = a;
            `WEFT_FIELD(packed_command, LOAD, ROW_BYTES) = row_bytes;
            `WEFT_FIELD(packed_command, LOAD, PITCH)   = pitch;
            `WEFT_FIELD(packed_command, LOAD, TOP)     = top;
            `WEFT_FIELD(packed_command, LOAD, SIZE)    = size;
            `WEFT_FIELD(packed_command, LOAD, U_START) = u;
        end
    endfunction
