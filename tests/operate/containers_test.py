"""The container files and the alerts, held against the rules they promise and against the server's own settings.

No container engine runs here: what is parsed and checked is what an engine would be given. The configuration of nginx is
run for real in tests/browser/nginx.test.mjs.
"""

import os
import pathlib
import re
import subprocess
import tomllib
import unittest

import yaml

ROOT = pathlib.Path(__file__).resolve().parents[2]
DOCKER = ROOT / "installers/docker"
# Everything that may be reached from elsewhere.
OPEN = {"443/tcp", "80/tcp", "8890/udp", "8189/udp", "8189/tcp"}


def settings():
    """The server's settings as it tells them itself."""
    program = pathlib.Path(os.environ["RETURNFEED_BIN"]) / "returnfeed-cloud"
    said = subprocess.run([program, "serve", "--help"], check=True, capture_output=True, text=True).stdout
    return set(re.findall(r"\[env: (RETURNFEED_[A-Z_]+)", said))


class Compose(unittest.TestCase):
    def setUp(self):
        self.file = yaml.safe_load((DOCKER / "compose.yaml").read_text())
        self.services = self.file["services"]

    def test_it_has_the_services_that_it_promises_and_watching_is_a_profile(self):
        self.assertEqual(set(self.services), {"server", "database", "nginx", "prometheus", "grafana"})
        self.assertEqual({name for name, of in self.services.items() if of.get("profiles") == ["watch"]}, {"prometheus", "grafana"})
        self.assertRegex(self.services["database"]["image"], r"^postgres:15")

    def test_only_the_needed_ports_are_open_to_others(self):
        published = set()
        for name, service in self.services.items():
            for port in service.get("ports", []):
                address, rest = (port.rsplit(":", 2)[0], port) if port.count(":") == 2 else ("", port)
                if address == "127.0.0.1":
                    continue
                outside, protocol = rest.split(":")[0], rest.rpartition("/")[2]
                published.add(f"{outside}/{protocol}")
        self.assertEqual(published, OPEN)
        self.assertNotIn("ports", self.services["database"])
        self.assertTrue(self.file["networks"]["back"]["internal"])

    def test_every_service_is_read_only_healthy_and_gains_nothing(self):
        for name, service in self.services.items():
            with self.subTest(name):
                self.assertIs(service["read_only"], True)
                self.assertIn("no-new-privileges:true", service["security_opt"])
                self.assertEqual(service["restart"], "unless-stopped")
                if name != "server":  # its check is in its image
                    self.assertIn("test", service["healthcheck"])
                self.assertRegex(service["image"], r":[\w.-]*\d", "a version, and not the newest of the day")
                if name != "database":  # its own program changes its user
                    self.assertEqual(service["cap_drop"], ["ALL"])

    def test_secrets_come_from_the_environment_and_have_no_default(self):
        text = (DOCKER / "compose.yaml").read_text()
        used = set(re.findall(r"\$\{([A-Z_]+)", text))
        told = dict(re.findall(r"^([A-Z_]+)=(.*)$", (DOCKER / ".env.example").read_text(), re.M))
        self.assertEqual(used, set(told))
        for name in used:
            if "PASSWORD" in name:
                self.assertEqual(told[name], "")
        self.assertIn("${POSTGRES_PASSWORD:?", text)

    def test_the_server_knows_each_of_its_variables_and_drains_within_its_grace(self):
        server = self.services["server"]
        self.assertLessEqual(set(server["environment"]), settings())
        grace = int(server["stop_grace_period"].removesuffix("s"))
        self.assertGreater(grace, int(server["environment"]["RETURNFEED_DRAIN_SECONDS"]) + 20)

    def test_the_word_of_nginx_alone_is_taken(self):
        [front] = self.file["networks"]["front"]["ipam"]["config"]
        self.assertEqual(self.services["server"]["environment"]["RETURNFEED_TRUSTED_PROXY"], front["subnet"])
        members = {name for name, service in self.services.items() if "front" in service["networks"]}
        self.assertEqual(members, {"server", "nginx"})

    def test_files_that_are_mounted_are_there(self):
        for service in self.services.values():
            for volume in service.get("volumes", []):
                source = volume.split(":")[0]
                if source.startswith(".") and "$" not in source:
                    self.assertTrue((DOCKER / source).exists(), source)
        [scrape] = yaml.safe_load((DOCKER / "prometheus.yml").read_text())["scrape_configs"]
        self.assertEqual(scrape["job_name"], "returnfeed", "the alerts ask for this job")

    def test_nginx_is_given_each_name_of_its_template(self):
        template = (ROOT / "installers/nginx/returnfeed.conf.template").read_text()
        names = set(re.findall(r"\$\{(\w+)\}", re.sub(r"^#.*$", "", template, flags=re.M)))
        self.assertLessEqual(names, set(self.services["nginx"]["environment"]))


class Dockerfile(unittest.TestCase):
    def test_the_last_stage_is_small_nobody_and_watched(self):
        text = (DOCKER / "Dockerfile").read_text()
        stages = re.split(r"^FROM ", text, flags=re.M)[1:]
        self.assertGreaterEqual(len(stages), 3)
        last = stages[-1]
        self.assertTrue(last.startswith("debian:bookworm-slim"))
        self.assertRegex(last, r"(?m)^USER \d+:\d+$")
        self.assertIn("HEALTHCHECK", last)
        self.assertIn("/healthz", last, "a server that drains is healthy, though not ready")
        self.assertNotIn("cargo", last)
        for copied in re.findall(r"^COPY (?!--from)([^\n]+)$", text, re.M):
            for source in copied.split()[:-1]:
                self.assertTrue((ROOT / source).exists(), source)
        rust = tomllib.loads((ROOT / "Cargo.toml").read_text())["workspace"]["package"]["rust-version"]
        self.assertIn(f"FROM rust:{rust}-slim-bookworm", text)


class Kubernetes(unittest.TestCase):
    def setUp(self):
        documents = yaml.safe_load_all((ROOT / "installers/kubernetes/returnfeed.yaml").read_text())
        self.kinds = {document["kind"]: document for document in documents}
        self.pod = self.kinds["StatefulSet"]["spec"]["template"]["spec"]

    def test_host_network_anti_affinity_and_disruption_budget(self):
        self.assertIs(self.pod["hostNetwork"], True)
        self.assertEqual(self.pod["dnsPolicy"], "ClusterFirstWithHostNet")
        [rule] = self.pod["affinity"]["podAntiAffinity"]["requiredDuringSchedulingIgnoredDuringExecution"]
        labels = self.kinds["StatefulSet"]["spec"]["template"]["metadata"]["labels"]
        self.assertEqual((rule["topologyKey"], rule["labelSelector"]["matchLabels"]), ("kubernetes.io/hostname", labels))
        budget = self.kinds["PodDisruptionBudget"]["spec"]
        self.assertEqual((budget["maxUnavailable"], budget["selector"]["matchLabels"]), (0, labels))

    def test_it_drains_within_its_grace_and_is_alive_meanwhile(self):
        [server] = self.pod["containers"]
        config = tomllib.loads(self.kinds["ConfigMap"]["data"]["cloud.toml"])
        pause = int(server["lifecycle"]["preStop"]["exec"]["command"][1])
        self.assertGreater(self.pod["terminationGracePeriodSeconds"], pause + config["drain_seconds"] + 20)
        self.assertEqual(server["readinessProbe"]["httpGet"]["path"], "/readyz")
        self.assertEqual(server["livenessProbe"]["httpGet"]["path"], "/healthz")

    def test_nobody_and_read_only(self):
        [server] = self.pod["containers"]
        self.assertIs(server["securityContext"]["readOnlyRootFilesystem"], True)
        self.assertIs(server["securityContext"]["allowPrivilegeEscalation"], False)
        self.assertEqual(server["securityContext"]["capabilities"], {"drop": ["ALL"]})
        self.assertIs(self.pod["securityContext"]["runAsNonRoot"], True)
        mounts = {mount["name"] for mount in server["volumeMounts"]}
        claims = {claim["metadata"]["name"] for claim in self.kinds["StatefulSet"]["spec"]["volumeClaimTemplates"]}
        self.assertEqual(mounts, claims | {volume["name"] for volume in self.pod["volumes"]})

    def test_the_server_understands_its_settings(self):
        keys = {f"RETURNFEED_{key.upper()}" for key in tomllib.loads(self.kinds["ConfigMap"]["data"]["cloud.toml"])}
        [server] = self.pod["containers"]
        keys |= {variable["name"] for variable in server["env"]}
        self.assertLessEqual(keys, settings())


class Unit(unittest.TestCase):
    def test_the_package_s_settings_are_understood_and_fit_the_unit(self):
        config = tomllib.loads((ROOT / "installers/debian/cloud.toml").read_text())
        self.assertLessEqual({f"RETURNFEED_{key.upper()}" for key in config}, settings())
        unit = (ROOT / "installers/systemd/returnfeed-cloud.service").read_text()
        for line in ["Type=notify", "WatchdogSec=20", "AmbientCapabilities=CAP_NET_BIND_SERVICE", "LimitNOFILE=65536"]:
            self.assertIn(f"\n{line}\n", unit)
        self.assertIn(f"StateDirectory={pathlib.Path(config['data_dir']).name}", unit)


class Alerts(unittest.TestCase):
    def test_each_has_a_heading_of_its_own_that_says_what_to_do_and_no_heading_is_left_over(self):
        rules = yaml.safe_load((ROOT / "installers/prometheus/returnfeed.rules.yml").read_text())
        alerts = [rule for group in rules["groups"] for rule in group["rules"] if "alert" in rule]
        text = (ROOT / "docs/operations.md").read_text()
        headings = dict(re.findall(r"^#### (\w+)\n((?:.+\n)+)", text, re.MULTILINE))
        self.assertEqual(set(headings), {rule["alert"] for rule in alerts})
        for rule in alerts:
            with self.subTest(rule["alert"]):
                self.assertEqual(rule["annotations"]["runbook"], "docs/operations.md#" + rule["alert"].lower())
                self.assertGreater(len(headings[rule["alert"]].split()), 15)


if __name__ == "__main__":
    unittest.main()
