# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""A headless Chromium that shows files, spoken to over a pipe by its DevTools protocol.

    with Browser() as browser:
        browser.show(path)
        browser.evaluate("document.title")
"""

import fcntl
import json
import os
import shutil
import subprocess
import tempfile

CHROMIUM = shutil.which("chromium")
FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-extensions",
    "--disable-background-networking", "--remote-debugging-pipe", "--window-size=1220,800",
)  # fmt: skip


def put_at(*descriptors):
    """As 3, 4, ...: where Chromium looks for the pipe."""
    aside = [fcntl.fcntl(each, fcntl.F_DUPFD_CLOEXEC, 10) for each in descriptors]
    for number, each in enumerate(aside, 3):
        os.dup2(each, number)


class Browser:
    def __init__(self):
        self.sent = 0
        self.session = None

    def __enter__(self):
        # what its children still write while they end is nobody's concern
        self.profile = tempfile.TemporaryDirectory(ignore_cleanup_errors=True)
        theirs_in, self.to = os.pipe()
        from_them, theirs_out = os.pipe()
        command = [CHROMIUM, *FLAGS, f"--user-data-dir={self.profile.name}"]
        self.process = subprocess.Popen(
            [*command, "about:blank"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
            close_fds=False, preexec_fn=lambda: put_at(theirs_in, theirs_out))  # fmt: skip
        os.close(theirs_in)
        os.close(theirs_out)
        self.answers = os.fdopen(from_them, "rb")
        return self

    def __exit__(self, *_):
        self.session = None
        try:
            self.call("Browser.close")
            self.process.wait(timeout=10)
        except (AssertionError, OSError, subprocess.TimeoutExpired):
            self.process.kill()
            self.process.wait()
        os.close(self.to)
        self.answers.close()
        self.profile.cleanup()

    def show(self, path):
        """In a tab of its own, which what follows is about."""
        self.session, self.events = None, []
        target = self.call("Target.createTarget", url="about:blank")["targetId"]
        self.session = self.call("Target.attachToTarget", targetId=target, flatten=True)[
            "sessionId"]  # fmt: skip
        self.call("Page.enable")
        self.call("Runtime.enable")
        self.call("Page.navigate", url=f"file://{path}")
        while not any(event["method"] == "Page.loadEventFired" for event in self.events):
            self.events.append(self.read())

    def read(self):
        text = bytearray()
        while (byte := self.answers.read(1)) != b"\0":
            assert byte, "Chromium has ended"
            text += byte
        return json.loads(text)

    def call(self, method, **parameters):
        self.sent += 1
        message = {"id": self.sent, "method": method, "params": parameters}
        if self.session:
            message["sessionId"] = self.session
        os.write(self.to, json.dumps(message).encode() + b"\0")
        while (answer := self.read()).get("id") != self.sent:
            self.events.append(answer)
        assert "error" not in answer, answer
        return answer["result"]

    def evaluate(self, expression):
        """The value of the script; what it throws fails the test."""
        answer = self.call("Runtime.evaluate", expression=expression, returnByValue=True)
        assert "exceptionDetails" not in answer, answer["exceptionDetails"]
        return answer["result"].get("value")

    def click(self, x, y):
        for kind in ("mousePressed", "mouseReleased"):
            self.call("Input.dispatchMouseEvent", type=kind, x=x, y=y, button="left", clickCount=1)

    def press(self, key):
        self.call("Input.dispatchKeyEvent", type="keyDown", key=key)

    def failures(self):
        """What scripts threw, and dialogs that they opened."""
        bad = ("Runtime.exceptionThrown", "Page.javascriptDialogOpening")
        return [event for event in self.events if event["method"] in bad]
