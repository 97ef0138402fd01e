"""Reads deploy/monitoring with the parsers of the tests' own Python, and prints what is wrong.

Run by try_monitoring.py, with the folder as its argument. With --list it prints the queries of the
dashboards instead: a JSON list of panel, kind (promql or logql) and expression, in which the range
that Grafana chooses is left open.
"""

import json
import pathlib
import re
import sys

import hcl2
import promql_parser
import yaml

FOLDER = pathlib.Path(sys.argv[1])
DOCS = FOLDER.parent.parent / "docs"

# What Prometheus itself and the Blackbox exporter give.
OTHERS = {"up", "ALERTS", "probe_success", "probe_duration_seconds", "probe_ssl_earliest_cert_expiry"}


def panels():
    """Of each query of each dashboard: where it is, its kind, the query."""
    for file in sorted((FOLDER / "grafana/dashboards").glob("*.json")):
        for panel in json.loads(file.read_text(encoding="utf-8"))["panels"]:
            for target in panel["targets"]:
                kind = {"prometheus": "promql", "loki": "logql"}[target["datasource"]["type"]]
                yield f"{file.name}, {panel['title']}", kind, target["expr"]


def rules():
    """All rules, recording and alerting."""
    for file in sorted((FOLDER / "rules").glob("*.yml")):
        for group in yaml.safe_load(file.read_text(encoding="utf-8"))["groups"]:
            yield from group["rules"]


def known():
    """Every series that may be asked for."""
    described = (DOCS / "metrics.md").read_text(encoding="utf-8")
    names = set(re.findall(r"^\| `(\w+)`", described, re.MULTILINE))
    for name in list(names):
        names |= {f"{name}{ending}" for ending in ("_bucket", "_sum", "_count")}
    return names | OTHERS | {rule["record"] for rule in rules() if "record" in rule}


def wrong_query(where, query, names):
    """What is wrong with a query in PromQL."""
    try:
        # Which duration Grafana puts in does not matter to a parser.
        promql_parser.parse(query.replace("$__rate_interval", "1m"))
    except ValueError as error:
        yield f"{where}: {error}: {query}"
    for name in re.findall(r"\b(?:minitwit|process|probe)[_:][\w:]+", query):
        if name not in names:
            yield f"{where}: nobody exports {name}"


def wrong_queries():
    """What is wrong with the queries of dashboards and rules."""
    names = known()
    for where, kind, query in panels():
        if kind == "promql":
            yield from wrong_query(where, query, names)
    for rule in rules():
        yield from wrong_query(rule.get("alert") or rule["record"], rule["expr"], names)


def wrong_alerts():
    """Alerts that do not say what is needed, or are not tested."""
    headings = re.findall(r"^### (\w+)$", (DOCS / "monitoring.md").read_text(encoding="utf-8"),
                          re.MULTILINE)
    tests = (FOLDER / "tests/alerts.yml").read_text(encoding="utf-8")
    for rule in rules():
        if not (name := rule.get("alert")):
            continue
        said = rule["annotations"]
        if rule["labels"].get("severity") not in ("critical", "warning"):
            yield f"{name}: no severity"
        if not (said.get("summary") and said.get("description")):
            yield f"{name}: says not what it is and what to do"
        if said.get("runbook") != f"docs/monitoring.md#{name.lower()}" or name not in headings:
            yield f"{name}: docs/monitoring.md has nothing about it"
        if f'alertname="{name}"' not in tests:
            yield f"{name}: is never seen in tests/alerts.yml"


def wrong_services():
    """Services that take more of the machine than they should, or show it to others."""
    services = yaml.safe_load((FOLDER / "compose.yaml").read_text(encoding="utf-8"))["services"]
    for name, service in services.items():
        if not re.search(r":v?\d+\.\d+\.\d+}?$", service["image"]):
            yield f"{name}: {service['image']} is no certain version"
        if "mem_limit" not in service or "max-size" not in service["logging"]["options"]:
            yield f"{name}: memory or log has no bound"
        for port in service.get("ports", []):
            if not port.startswith("127.0.0.1:"):
                yield f"{name}: everybody reaches {port}"


def wrong_alloy():
    """Alloy's language is like HCL, but for the dots in the names of its blocks."""
    text = (FOLDER / "config.alloy").read_text(encoding="utf-8")
    block = re.compile(r'^(\s*)([a-z_]+(?:\.[a-z_]+)+)((?: "\w+")? \{)', re.MULTILINE)
    try:
        hcl2.loads(block.sub(lambda found: found[1] + found[2].replace(".", "_") + found[3], text))
    except Exception as error:  # pylint: disable=broad-except
        yield f"config.alloy: {error}"


def main():
    """Prints what is wrong, or the queries."""
    if "--list" in sys.argv:
        selector = re.search(r'selector = ("(?:[^"\\]|\\.)*")',
                             (FOLDER / "config.alloy").read_text(encoding="utf-8"))
        print(json.dumps([*panels(), ("config.alloy", "logql", json.loads(selector[1]))]))
        return
    wrong = [*wrong_queries(), *wrong_alerts(), *wrong_services(), *wrong_alloy()]
    print("\n".join(wrong), end="")
    raise SystemExit(bool(wrong))


main()
