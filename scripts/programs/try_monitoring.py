"""Checks deploy/monitoring: each file with the program that will read it, where there is one here."""

import json
import pathlib
import shutil
import subprocess
import sys
import tempfile

import watchers
from machine import ROOT
from try_files import TOOLS, names, run

FOLDER = "deploy/monitoring"
QUERIES = ROOT / "scripts/programs/queries.py"
LOGQL = ROOT / "scripts/programs/logql.cjs"

# What prometheus.yml and alertmanager.yml have to offer stands behind this mark.
OFFERED = "# + "


def check(report):
    """Everything that needs no server."""
    with tempfile.TemporaryDirectory() as scratch:
        copy = pathlib.Path(scratch, "monitoring")
        shutil.copytree(ROOT / FOLDER, copy)
        for offered in ("", ", with all it offers"):
            programs(report, copy, offered)
            for name in ("prometheus.yml", "alertmanager.yml"):
                take_offers(copy / name)
    stories = names(f"{FOLDER}/tests/*.yml")
    report.ran([*names(f"{FOLDER}/rules/*.yml"), *stories], "promtool test rules",
               run(watchers.promtool(), "test", "rules", *stories))
    report.ran(f"{FOLDER}/compose.yaml", "check-jsonschema: the compose specification",
               run("check-jsonschema", "--builtin-schema", "vendor.compose-spec",
                   f"{FOLDER}/compose.yaml"))
    dashboards = f"{FOLDER}/grafana/dashboards/*.json"
    report.ran([dashboards, f"{FOLDER}/rules/*.yml", f"{FOLDER}/compose.yaml",
                f"{FOLDER}/config.alloy"],
               "PromQL by promql-parser, of series that are exported; bounds of services; for each "
               "alert severity, runbook, story; Alloy's file as HCL, which it resembles",
               run("python", QUERIES, ROOT / FOLDER))
    report.ran([dashboards, f"{FOLDER}/config.alloy"], "LogQL by Grafana's grammar", wrong_logql())
    report.could_not([f"{FOLDER}/loki.yml", f"{FOLDER}/config.alloy", dashboards,
                      f"{FOLDER}/grafana/provisioning/*"],
                     "by Grafana, Loki and Alloy, which are not to be had as Debian packages")
    report.could_not([f"{FOLDER}/compose.yaml"], "the official images")


def programs(report, copy, offered):
    """The configuration of each program that Debian has."""
    file = f"{FOLDER}/prometheus.yml"
    report.ran([file, f"{FOLDER}/targets/*.yml"], f"promtool check config{offered}",
               run(watchers.promtool(), "check", "config", copy / "prometheus.yml"))
    report.ran(f"{FOLDER}/alertmanager.yml", f"amtool check-config{offered}",
               run(watchers.amtool(), "check-config", copy / "alertmanager.yml"))
    if not offered:
        report.ran(f"{FOLDER}/blackbox.yml", "blackbox-exporter --config.check",
                   run(*watchers.blackbox(), "--config.check", "--config.file",
                       copy / "blackbox.yml"))


def take_offers(file):
    """Takes the marks away, as the file tells."""
    lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
    file.write_text("".join(line.removeprefix(OFFERED) for line in lines), encoding="utf-8")


def queries(kind, interval="1m"):
    """Where and what: the queries in PromQL or LogQL, for that range."""
    printed = subprocess.run([TOOLS / "venv/bin/python", QUERIES, ROOT / FOLDER, "--list"],
                             check=True, text=True, stdout=subprocess.PIPE).stdout
    printed = printed.replace("$__rate_interval", interval)
    return [(where, query) for where, its_kind, query in json.loads(printed) if its_kind == kind]


def wrong_logql():
    """What Grafana's grammar does not take."""
    done = subprocess.run(["node", LOGQL], cwd=TOOLS, text=True, check=False,
                          input=json.dumps([query for _, query in queries("logql")]),
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    sys.stdout.flush()
    return (done.stdout or "node failed") if done.returncode else None
