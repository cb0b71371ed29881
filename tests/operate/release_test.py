"""What a release is made of: one version everywhere, licences that may be linked, and a list of all that is in it."""

import json
import os
import pathlib
import re
import subprocess
import tomllib
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
CARGO = tomllib.loads((ROOT / "Cargo.toml").read_text())
VERSION = CARGO["workspace"]["package"]["version"]


def metadata():
    said = subprocess.run(["cargo", "metadata", "--format-version=1", "--locked"], cwd=ROOT, check=True, capture_output=True)
    return json.loads(said.stdout)


class Versions(unittest.TestCase):
    def test_one_number_everywhere(self):
        for package in metadata()["packages"]:
            if package["source"] is None:
                self.assertEqual(package["version"], VERSION, package["name"])
        lock = tomllib.loads((ROOT / "Cargo.lock").read_text())
        for package in lock["package"]:
            if "source" not in package:
                self.assertEqual(package["version"], VERSION, package["name"])
        for folder in ["app", "tests/browser"]:
            for name in ["package.json", "package-lock.json"]:
                self.assertEqual(json.loads((ROOT / folder / name).read_text()).get("version", VERSION), VERSION, f"{folder}/{name}")
        for name in ["installers/docker/compose.yaml", "installers/kubernetes/returnfeed.yaml"]:
            self.assertEqual(set(re.findall(r"returnfeed-cloud:([\w.-]+)", (ROOT / name).read_text())), {VERSION}, name)
        program = pathlib.Path(os.environ["RETURNFEED_BIN"]) / "returnfeed-cloud"
        said = subprocess.run([program, "--version"], check=True, capture_output=True, text=True).stdout
        self.assertEqual(said.strip(), f"returnfeed-cloud {VERSION}")

    def test_what_is_not_released_yet_stands_first_in_the_changelog(self):
        headings = re.findall(r"^## (.+)$", (ROOT / "CHANGELOG.md").read_text(), re.M)
        self.assertTrue(headings[0] == "Unreleased" or headings[0].startswith(VERSION), headings)


class Licences(unittest.TestCase):
    """The rule of deny.toml, on what cargo itself knows: `cargo deny` reads the same file, and advisories too."""

    def setUp(self):
        deny = tomllib.loads((ROOT / "deny.toml").read_text())
        self.allowed = set(deny["licenses"]["allow"])
        self.excepted = {one["crate"]: set(one["allow"]) for one in deny["licenses"].get("exceptions", [])}
        self.banned = {one["crate"] for one in deny["bans"]["deny"]}

    def may(self, expression, allowed):
        """SPDX: OR is a choice, AND is both, and `/` is an OR of the time before."""
        text = re.sub(r"([()])", r" \1 ", expression.replace("/", " OR "))
        tokens, python = text.split(), []
        while tokens:
            word = tokens.pop(0)
            if word in "()":
                python.append(word)
            elif word in ("OR", "AND"):
                python.append(word.lower())
            else:
                if tokens[:1] == ["WITH"]:
                    word = " ".join([word, tokens.pop(0), tokens.pop(0)])
                python.append(str(word in allowed))
        return eval(" ".join(python), {"__builtins__": {}})  # of True, False, and, or and brackets alone

    def test_every_crate_that_is_linked_may_be(self):
        seen = 0
        for package in metadata()["packages"]:
            if package["source"] is None:
                self.assertEqual(package["license"], "MIT OR Apache-2.0", package["name"])
                continue
            allowed = self.allowed | self.excepted.get(package["name"], set())
            self.assertTrue(self.may(package["license"] or "none", allowed), f"{package['name']}: {package['license']}")
            self.assertNotIn(package["name"], self.banned)
            self.assertTrue(package["source"].startswith("registry+"), package["id"])
            seen += 1
        self.assertGreater(seen, 200)

    def test_the_rule_itself_refuses_what_it_must(self):
        self.assertFalse(self.may("GPL-3.0-only", self.allowed))
        self.assertFalse(self.may("MIT AND GPL-2.0", self.allowed))
        self.assertTrue(self.may("GPL-2.0 OR MIT", self.allowed))
        self.assertTrue(self.may("MIT/Apache-2.0", self.allowed))
        self.assertFalse(self.may("none", self.allowed))

    def test_what_the_pages_carry_may_be_carried(self):
        lock = json.loads((ROOT / "app/package-lock.json").read_text())
        carried = {path: of for path, of in lock["packages"].items() if path and not of.get("dev")}
        self.assertGreater(len(carried), 2)
        for path, package in carried.items():
            self.assertTrue(self.may(package.get("license", "none"), self.allowed), f"{path}: {package.get('license')}")


class BillOfMaterials(unittest.TestCase):
    def test_it_names_all_that_the_server_and_the_pages_are_made_of_and_is_the_same_each_time(self):
        def made():
            said = subprocess.run(["python3", "installers/release/sbom.py"], cwd=ROOT, check=True, capture_output=True, text=True)
            return said.stdout

        text = made()
        self.assertEqual(text, made())
        bill = json.loads(text)
        self.assertEqual((bill["bomFormat"], bill["specVersion"]), ("CycloneDX", "1.5"))
        self.assertEqual(bill["metadata"]["component"]["version"], VERSION)
        names = {component["purl"] for component in bill["components"]}
        for part in ["pkg:cargo/tokio@", "pkg:cargo/str0m@", "pkg:npm/react@"]:
            self.assertTrue(any(name.startswith(part) for name in names), part)
        self.assertFalse(any(name.startswith(("pkg:cargo/tempfile@", "pkg:npm/vitest@")) for name in names), "tests are not shipped")
        for component in bill["components"]:
            self.assertTrue(component["version"] and component["licenses"], component)
            self.assertIn(component["hashes"][0]["alg"], {"SHA-256", "SHA-512"})


if __name__ == "__main__":
    unittest.main()
