#!/usr/bin/env python3
"""What a program and its pages are made of, as a CycloneDX 1.5 document on standard output: sbom.py [CRATE]

From Cargo's own metadata and lock file (what is linked into the crate on Linux, returnfeed-cloud where none is named,
without what builds or tests it) and from the lock file of the pages (without what builds or tests them). The same
sources give the same bytes.
"""

import base64
import json
import pathlib
import subprocess
import sys
import tomllib

ROOT = pathlib.Path(__file__).resolve().parents[2]
TARGET = "x86_64-unknown-linux-gnu"
PROGRAM = sys.argv[1] if len(sys.argv) > 1 else "returnfeed-cloud"


def crates():
    command = ["cargo", "metadata", "--format-version=1", "--locked", f"--filter-platform={TARGET}"]
    known = json.loads(subprocess.run(command, cwd=ROOT, check=True, capture_output=True).stdout)
    packages = {package["id"]: package for package in known["packages"]}
    nodes = {node["id"]: node for node in known["resolve"]["nodes"]}
    [program] = [id for id, package in packages.items() if package["name"] == PROGRAM and package["source"] is None]
    reached, todo = set(), [program]
    while todo:
        for dependency in nodes[todo.pop()]["deps"]:
            linked = any(kind["kind"] is None for kind in dependency["dep_kinds"])
            if linked and dependency["pkg"] not in reached:
                reached.add(dependency["pkg"])
                todo.append(dependency["pkg"])
    lock = tomllib.loads((ROOT / "Cargo.lock").read_text())
    sums = {(package["name"], package["version"]): package.get("checksum") for package in lock["package"]}
    for id in reached:
        package = packages[id]
        if package["source"] is not None:  # ours are the document's own subject
            name, version = package["name"], package["version"]
            yield component(name, version, f"pkg:cargo/{name}@{version}", package["license"], "SHA-256", sums[name, version])


def pages():
    lock = json.loads((ROOT / "app/package-lock.json").read_text())
    for path, package in lock["packages"].items():
        if path and not package.get("dev"):
            name = path.rpartition("node_modules/")[2]
            algorithm, _, digest = package["integrity"].partition("-")
            digest = base64.b64decode(digest).hex()
            purl = f"pkg:npm/{name.replace('@', '%40')}@{package['version']}"
            yield component(name, package["version"], purl, package["license"], f"SHA-{algorithm.removeprefix('sha')}", digest)


def component(name, version, purl, licence, algorithm, digest):
    return {
        "type": "library",
        "bom-ref": purl,
        "name": name,
        "version": version,
        "purl": purl,
        "licenses": [{"expression": licence.replace("/", " OR ")}],
        "hashes": [{"alg": algorithm, "content": digest}],
    }


def main():
    version = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["version"]
    subject = {"type": "application", "bom-ref": PROGRAM, "name": PROGRAM, "version": version}
    subject["licenses"] = [{"expression": "MIT OR Apache-2.0"}]
    document = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.5",
        "version": 1,
        "metadata": {"component": subject},
        "components": sorted([*crates(), *pages()], key=lambda one: one["purl"]),
    }
    print(json.dumps(document, indent=1, ensure_ascii=False))


main()
