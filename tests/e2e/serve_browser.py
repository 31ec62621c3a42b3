"""Use the page of `weft serve` in headless Chromium, through DevTools on a pipe: draw a one with the mouse, see the answer, give it as a file.

    serve_browser.py CHROMIUM URL OUT

Writes OUT.pgm, the drawing as the page sends it, and OUT.json, what came back; the class that the page shows must be the first of
that.  Prints one line on how long the page waited for its answer.
"""
import base64
import json
import os
import subprocess
import sys
import tempfile
import time


class Browser:
    """Messages end with a NUL byte; the browser reads descriptor 3 and writes 4."""

    def __init__(self, program, home):
        to_read, self.to = os.pipe()
        self.of, of_write = os.pipe()
        line = 'exec "$0" "$@" 3<&%d 4>&%d' % (to_read, of_write)
        self.process = subprocess.Popen(
            ["bash", "-c", line, program, "--headless", "--no-sandbox", "--disable-gpu", "--no-proxy-server",
             "--remote-debugging-pipe", "--user-data-dir=" + home],
            pass_fds=(to_read, of_write), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        os.close(to_read)
        os.close(of_write)
        self.number, self.session, self.rest = 0, None, b""

    def message(self):
        while b"\0" not in self.rest:
            more = os.read(self.of, 1 << 16)
            if not more:
                raise SystemExit("the browser has ended")
            self.rest += more
        one, self.rest = self.rest.split(b"\0", 1)
        return json.loads(one)

    def call(self, method, **params):
        self.number += 1
        text = {"id": self.number, "method": method, "params": params}
        if self.session:
            text["sessionId"] = self.session
        os.write(self.to, json.dumps(text).encode() + b"\0")
        while True:
            got = self.message()
            if got.get("id") == self.number:
                if "error" in got:
                    raise SystemExit("%s: %s" % (method, got["error"]))
                return got["result"]

    def evaluate(self, text):
        got = self.call("Runtime.evaluate", expression=text, awaitPromise=True, returnByValue=True)
        if "exceptionDetails" in got:
            raise SystemExit("%s: %s" % (text, got["exceptionDetails"]))
        return got["result"].get("value")

    def until(self, text):
        for _ in range(300):
            if self.evaluate(text):
                return
            time.sleep(0.1)
        raise SystemExit("never true: " + text)


def draw(b):
    box = b.evaluate('(() => { const r = at("draw").getBoundingClientRect(); return [r.left, r.top, r.width, r.height] })()')
    points = [(0.5 + 0.02 * k / 20, 0.15 + 0.7 * k / 20) for k in range(21)]
    where = [dict(x=box[0] + x * box[2], y=box[1] + y * box[3]) for x, y in points]
    b.call("Input.dispatchMouseEvent", type="mousePressed", button="left", buttons=1, clickCount=1, **where[0])
    for w in where[1:]:
        b.call("Input.dispatchMouseEvent", type="mouseMoved", button="left", buttons=1, **w)
    b.call("Input.dispatchMouseEvent", type="mouseReleased", button="left", clickCount=1, **where[-1])


def give(b, path):
    """The same as a file: after the empty picture of `clear` it is read again."""
    b.until("!busy && !next && !changed")
    answers = b.evaluate("document.body.dataset.answers")
    root = b.call("DOM.getDocument")["root"]["nodeId"]
    node = b.call("DOM.querySelector", nodeId=root, selector="#file")["nodeId"]
    b.call("DOM.setFileInputFiles", nodeId=node, files=[os.path.abspath(path)])
    b.until("Number(document.body.dataset.answers) > %s && !busy" % answers)
    if b.evaluate('at("says").textContent') != "1":
        raise SystemExit("the same one as a file is not read")


def use(b, url, out):
    target = b.call("Target.createTarget", url=url)["targetId"]
    b.session = b.call("Target.attachToTarget", targetId=target, flatten=True)["sessionId"]
    b.until('document.body && document.body.dataset.ready == "yes"')
    draw(b)
    b.until("document.body.dataset.answers >= 1 && !busy && !next && !changed")
    shown = b.evaluate('at("says").textContent')
    trouble = b.evaluate('at("trouble").textContent')
    drawn = base64.b64decode(b.evaluate("btoa(String.fromCharCode(...file_of(small())))"))
    said = b.evaluate('fetch("answer", { method: "POST", body: file_of(small()) }).then(r => r.text())')
    open(out + ".pgm", "wb").write(drawn)
    open(out + ".json", "w").write(said)
    first = json.loads(said)["top"][0]
    if shown != str(first["class"]) or shown != "1" or trouble:
        raise SystemExit('a one was drawn, the page shows "%s", the answer is %s %s' % (shown, first, trouble))
    if b.evaluate('document.querySelectorAll("#bars .bar").length') != 5:
        raise SystemExit("there are not five bars")
    b.evaluate('at("clear").click()')
    if b.evaluate("inked(at(\"draw\"))") is not None:
        raise SystemExit("the drawing is not cleared")
    give(b, out + ".pgm")
    rows = b.evaluate('[...document.querySelectorAll("#numbers tr")].map(r => r.textContent).join(", ")')
    return rows.split("seen from this page")[-1]


def main():
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as home:
        b = Browser(sys.argv[1], home)
        try:
            waited = use(b, sys.argv[2], sys.argv[3])
        finally:
            b.process.kill()
            b.process.wait()
    print("a one drawn in Chromium is read, %s from stroke to answer" % waited)


main()
