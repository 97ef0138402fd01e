"""Prometheus, Alertmanager and Blackbox exporter with a copy of deploy/monitoring in which time is
short, and the webhook that alerts arrive at."""

import contextlib
import http.server
import json
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import threading
import time
import urllib.parse

import watchers
from machine import ROOT, eventually
from servers import direct

SHORTER = 30
SECONDS = {"s": 1, "m": 60, "h": 3600, "d": 86400}

# What is not a duration, and too much to wait for.
LIMITS = {"rules/alerts.yml": {"timestamp_seconds > 900": "timestamp_seconds > 30",
                               "wal_size_bytes > 268435456": "wal_size_bytes > 4194304"}}


def free_port():
    """A port nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def replace(file, changes):
    """Changes a file's text; each change has to be needed."""
    text = file.read_text(encoding="utf-8")
    for old, new in changes.items():
        if old not in text:
            raise SystemExit(f"{file.name} lacks what was to be changed: {old}")
        text = text.replace(old, new)
    file.write_text(text, encoding="utf-8")


def shorten(file):
    """A thirtieth of each range and of each time that an alert waits; not of the week that the
    simulator's last call is remembered."""
    def shorter(found):
        return f"{found[1]}{max(2, int(found[2]) * SECONDS[found[3]] // SHORTER)}s{found[4]}"
    text = file.read_text(encoding="utf-8")
    text = re.sub(r"(\[)(\d+)([smh])(\])", shorter, text)
    text = re.sub(r"(for: )(\d+)([smhd])(\n)", shorter, text)
    file.write_text(text, encoding="utf-8")


class Webhook:
    """Where alerts arrive, as Alertmanager writes to Slack. Use it as a context."""

    def __init__(self):
        self.arrived, lock = [], threading.Lock()

        class Handler(http.server.BaseHTTPRequestHandler):
            """Takes one message."""

            def do_POST(handler):  # pylint: disable=invalid-name,no-self-argument
                """Notes it."""
                body = handler.rfile.read(int(handler.headers["Content-Length"]))
                message = json.loads(body)["attachments"][0]
                status, name = re.fullmatch(r"\[(\w+)\] (\w*)", message["title"]).groups()
                with lock:
                    self.arrived.append((status, name, message["text"], time.monotonic()))
                handler.send_response(200)
                handler.end_headers()

            def log_message(self, *_):
                """Says nothing."""

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}/services/alerts"

    def __enter__(self):
        threading.Thread(target=self.server.serve_forever, daemon=True).start()
        return self

    def __exit__(self, *_):
        self.server.shutdown()
        self.server.server_close()

    def firing(self):
        """What people were told of so far, and not that it is over."""
        last = {name: status for status, name, _, _ in list(self.arrived)}
        return {name for name, status in last.items() if status == "firing"}


class Watch:
    """The three programs, in a folder. Use it as a context."""

    def __init__(self, folder, webhook, metrics, page, certificates):
        """`metrics` is a server's address, `page` what people open, `certificates` a file with
        those that are trusted."""
        self.folder, self.stack, self.programs = folder / "monitoring", contextlib.ExitStack(), {}
        shutil.copytree(ROOT / "deploy/monitoring", self.folder)
        self.ports = {name: free_port() for name in ("prometheus", "alertmanager", "blackbox")}
        at = {name: f"127.0.0.1:{port}" for name, port in self.ports.items()}
        replace(self.folder / "prometheus.yml", {
            "_interval: 15s": "_interval: 1s", "scrape_timeout: 10s": "scrape_timeout: 1s",
            '"localhost:9090"': f'"{at["prometheus"]}"',
            '"alertmanager:9093"': f'"{at["alertmanager"]}"',
            '"blackbox:9115"': f'"{at["blackbox"]}"',
            ', "loki:3100", "alloy:12345", "grafana:3000"': ""})
        for name, target in (("minitwit", metrics), ("outside", page)):
            (self.folder / f"targets/{name}.yml").write_text(f'[{{targets: ["{target}"]}}]\n',
                                                             encoding="utf-8")
        for file in (self.folder / "rules").iterdir():
            shorten(file)
        for file, changes in LIMITS.items():
            replace(self.folder / file, changes)
        (self.folder / "alert_webhook").write_text(webhook.url, encoding="utf-8")
        replace(self.folder / "alertmanager.yml", {
            "/run/secrets/alert_webhook": f"{self.folder}/alert_webhook",
            "group_wait: 30s": "group_wait: 1s", "group_wait: 10s": "group_wait: 1s",
            "group_interval: 5m": "group_interval: 2s"})
        replace(self.folder / "blackbox.yml", {
            "preferred_ip_protocol": f"tls_config: {{ca_file: {certificates}}}\n"
                                     "      preferred_ip_protocol"})

    def __enter__(self):
        data = self.folder / "data"
        self.start("alertmanager", watchers.alertmanager(), f"--storage.path={data}/alertmanager",
                   "--cluster.listen-address=")
        self.start("blackbox", watchers.blackbox())
        self.start("prometheus", watchers.prometheus(), f"--storage.tsdb.path={data}/prometheus")
        return self

    def start(self, name, command, *options):
        """Starts one of them, and waits until it answers."""
        listen = f"127.0.0.1:{self.ports[name]}"
        with open(self.folder / f"{name}.log", "ab") as log:
            process = subprocess.Popen(
                [*command, f"--config.file={self.folder}/{name}.yml",
                 f"--web.listen-address={listen}", *options],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log)
        self.programs[name] = process
        self.stack.callback(process.wait)
        self.stack.callback(process.send_signal, signal.SIGKILL)

        def answers():
            if process.poll() is not None:
                raise SystemExit(pathlib.Path(log.name).read_text(encoding="utf-8"))
            with contextlib.suppress(OSError):
                return direct.open(f"http://{listen}/-/healthy", timeout=5).status == 200
        eventually(f"{name} to answer", answers)

    def end(self, name):
        """Ends one of them."""
        self.programs[name].kill()
        self.programs[name].wait()

    def __exit__(self, *_):
        self.stack.close()

    def ask(self, query):
        """What Prometheus answers to a query: a list of series."""
        address = (f"http://127.0.0.1:{self.ports['prometheus']}/api/v1/query?"
                   + urllib.parse.urlencode({"query": query}))
        with direct.open(address, timeout=10) as answer:
            return json.load(answer)["data"]["result"]
