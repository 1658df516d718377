# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""What configs/kubernetes would make of a cluster: valid, with no privilege that is not needed."""

import re
import subprocess

import kubernetes_validate
import pytest
import yaml
from kubernetes_configs import (ALL, OVERLAYS, ROOT, SECRET, agent_of, build, environment_of,
                                objects, only, pod_of, settings_of)  # fmt: skip
from prometheus import CONFIGS, promtool
from watch import BINARY

# the oldest with all fields that are used, and the newest that the schemas are there for
VERSIONS = ("1.30", "1.37")
# not Kubernetes's own: whoever has them has their definitions
FOREIGN = {"PodMonitor", "SecurityContextConstraints"}
CAPABILITIES = ["BPF", "PERFMON", "SYS_PTRACE", "DAC_READ_SEARCH"]


@pytest.fixture(params=ALL)
def rendered(request):
    return objects(request.param)


@pytest.mark.parametrize("version", VERSIONS)
def test_schemas_of_kubernetes_take_them(rendered, version):
    for each in rendered:
        if each["kind"] not in FOREIGN:
            kubernetes_validate.validate(each, version, strict=True)


def test_the_schemas_notice_a_wrong_field():
    broken = yaml.safe_load((ROOT / "base" / "daemonset.yaml").read_text())
    broken["spec"]["template"]["spec"]["hostPid"] = True
    with pytest.raises(kubernetes_validate.ValidationError):
        kubernetes_validate.validate(broken, VERSIONS[0], strict=True)


def test_objects_are_labelled_and_at_home(rendered):
    for each in rendered:
        metadata = each["metadata"]
        assert metadata["labels"]["app.kubernetes.io/name"] == "loopscope", metadata
        if each["kind"] not in ("Namespace", "ClusterRole", "ClusterRoleBinding", "PriorityClass",
                                "SecurityContextConstraints"):  # fmt: skip
            assert metadata["namespace"] == "loopscope", metadata


def test_names_lead_to_what_is_there(rendered):
    """Those that a schema cannot check: accounts, classes, labels, ports."""
    pod, agent = pod_of(rendered), agent_of(rendered)
    labels = only("DaemonSet", rendered)["spec"]["template"]["metadata"]["labels"]
    assert pod["serviceAccountName"] == only("ServiceAccount", rendered)["metadata"]["name"]
    assert pod["priorityClassName"] == only("PriorityClass", rendered)["metadata"]["name"]
    binding = only("ClusterRoleBinding", rendered)
    assert binding["roleRef"]["name"] == only("ClusterRole", rendered)["metadata"]["name"]
    assert binding["subjects"][0]["name"] == pod["serviceAccountName"]
    selectors = [only("DaemonSet", rendered)["spec"]["selector"]["matchLabels"],
                 only("Service", rendered)["spec"]["selector"],
                 only("NetworkPolicy", rendered)["spec"]["podSelector"]["matchLabels"]]
    for selector in selectors:
        assert selector.items() <= labels.items()
    ports = {port["name"]: port["containerPort"] for port in agent["ports"]}
    for probe in ("startupProbe", "livenessProbe", "readinessProbe"):
        assert agent[probe]["httpGet"]["port"] in ports
    assert only("Service", rendered)["spec"]["ports"][0]["targetPort"] in ports
    assert {mount["name"] for mount in agent["volumeMounts"]} == {
        volume["name"] for volume in pod["volumes"]}  # fmt: skip


def test_the_role_of_openshift_names_its_constraints():
    """kustomize takes a name that a ConfigMap has as well for that, and puts its hash there."""
    made = objects("overlays/openshift")
    constraints = only("SecurityContextConstraints", made)["metadata"]["name"]
    names = [rule["resourceNames"] for each in made if each["kind"] in ("Role", "ClusterRole")
             for rule in each["rules"] if "resourceNames" in rule]  # fmt: skip
    assert names == [[constraints]]
    template = only("DaemonSet", made)["spec"]["template"]
    assert template["metadata"]["annotations"]["openshift.io/required-scc"] == constraints


def test_names_can_be_looked_up_on_openshift():
    ports = [(port["port"], port["protocol"])
             for rule in only("NetworkPolicy", objects("overlays/openshift"))["spec"]["egress"]
             for port in rule["ports"]]  # fmt: skip
    assert {(5353, "UDP"), (5353, "TCP")} < set(ports)


def test_alerts_find_what_the_operator_scrapes():
    """The job is what the pod's label says; LoopscopeDown asks for it by name."""
    made = objects("overlays/prometheus-operator")
    monitor = only("PodMonitor", made)["spec"]
    labels = only("DaemonSet", made)["spec"]["template"]["metadata"]["labels"]
    assert monitor["selector"]["matchLabels"].items() <= labels.items()
    (asked,) = re.findall(r'up\{job="(\w+)"\}', (CONFIGS / "prometheus/alerts.yaml").read_text())
    assert labels[monitor["jobLabel"]] == asked
    ports = {port["name"] for port in agent_of(made)["ports"]}
    assert {endpoint["port"] for endpoint in monitor["podMetricsEndpoints"]} <= ports


def test_no_file_of_the_host_is_mounted(rendered):
    kinds = {key for volume in pod_of(rendered)["volumes"] for key in volume if key != "name"}
    assert kinds == {"configMap", "emptyDir", "projected"}
    assert not pod_of(rendered).get("hostNetwork")
    assert agent_of(rendered)["securityContext"]["readOnlyRootFilesystem"]


@pytest.mark.parametrize("kustomization", [each for each in ALL if "privileged" not in each])
def test_four_capabilities_and_no_more(kustomization):
    rendered = objects(kustomization)
    pod, context = pod_of(rendered), agent_of(rendered)["securityContext"]
    assert context["capabilities"] == {"drop": ["ALL"], "add": CAPABILITIES}
    assert context["privileged"] is False and context["allowPrivilegeEscalation"] is False
    assert pod["securityContext"]["seccompProfile"]["type"] == "RuntimeDefault"


def test_the_service_has_the_same_capabilities():
    unit = (CONFIGS / "systemd" / "loopscope-agent.service").read_text()
    (listed,) = re.findall(r"^CapabilityBoundingSet=(.*)$", unit, re.MULTILINE)
    assert listed.split() == [f"CAP_{name}" for name in CAPABILITIES]


def test_the_privileged_overlay_is_it():
    context = agent_of(objects("overlays/privileged"))["securityContext"]
    assert context["privileged"] and "capabilities" not in context


def test_the_nonroot_overlay_runs_as_nobody_else():
    agent = agent_of(objects("overlays/nonroot"))
    assert agent["securityContext"]["runAsUser"] == 65532
    assert agent["command"] == ["/usr/libexec/loopscope/loopscope"]


def rules_of(kustomization):
    return only("ClusterRole", objects(kustomization))["rules"]


def test_pods_are_all_that_may_be_read():
    pods = [{"apiGroups": [""], "resources": ["pods"], "verbs": ["get", "list", "watch"]}]
    kubelet = [{"apiGroups": [""], "resources": ["nodes/pods"], "verbs": ["get"]}]
    for kustomization in ALL:
        expected = kubelet if kustomization == "overlays/kubelet" else pods
        assert rules_of(kustomization) == expected, kustomization


def run_agent(tmp_path, rendered, flag):
    file = tmp_path / "loopscope.yaml"
    file.write_text(settings_of(rendered))
    result = subprocess.run([BINARY, "agent", "--config", file, flag], capture_output=True,
                            text=True, env=environment_of(rendered), timeout=60)  # fmt: skip
    assert result.returncode == 0, result.stderr
    return result.stdout


def in_force(tmp_path, kustomization):
    return yaml.safe_load(run_agent(tmp_path, objects(kustomization), "--print-config"))


def test_the_agent_takes_its_settings(tmp_path, rendered):
    run_agent(tmp_path, rendered, "--check-config")


def test_settings_in_force(tmp_path):
    settings = in_force(tmp_path, ".")
    assert settings["kubernetes"]["pods"] == "api"
    assert settings["kubernetes"]["node_name"] == "node-1"
    assert settings["kubernetes"]["kubelet"]["endpoint"] == "https://192.0.2.7:10250"
    assert settings["prometheus"]["listen"] == ":9464"
    assert settings["agent"]["pod_name"] == "loopscope-x7k2p"
    assert settings["export"]["otlp"]["endpoint"] == "http://192.0.2.7:4318/v1/metrics"


@pytest.mark.parametrize("overlay, path, value", [
    ("kubelet", "kubernetes.pods", "kubelet"),
    ("otlp-collector", "export.otlp.endpoint",
     "http://otel-collector.observability.svc:4318/v1/metrics"),
    ("prometheus-operator", "export.to", "none"),
])  # fmt: skip
def test_overlays_change_settings(tmp_path, overlay, path, value):
    settings = in_force(tmp_path, f"overlays/{overlay}")
    for key in path.split("."):
        settings = settings[key]
    assert settings == value


def test_the_lock_file_can_be_written(tmp_path):
    lock = in_force(tmp_path, ".")["agent"]["lock_file"]
    writable = [mount["mountPath"] for mount in agent_of(objects("."))["volumeMounts"]
                if not mount.get("readOnly")]  # fmt: skip
    assert any(lock.startswith(f"{path}/") for path in writable)


def test_the_last_export_has_time_to_end(tmp_path):
    limit_ms = in_force(tmp_path, ".")["agent"]["shutdown_timeout_ms"]
    assert pod_of(objects("."))["terminationGracePeriodSeconds"] * 1000 > limit_ms


def test_the_image_is_that_of_this_version():
    version = re.search(r"^VERSION := (\S+)", (CONFIGS.parent / "Makefile").read_text(),
                        re.MULTILINE)[1]  # fmt: skip
    assert agent_of(objects("."))["image"] == f"localhost/loopscope:{version}"


def test_each_component_has_its_overlay_and_is_explained():
    assert OVERLAYS == sorted(path.name for path in (ROOT / "components").iterdir())
    readme = (ROOT / "README.md").read_text()
    for name in OVERLAYS:
        assert f"`{name}`" in readme, name


def pieces_of_the_readme(directory):
    """What an operator copies, each in the file that its first line names."""
    files = dict(re.findall(r"^```yaml\n# (\S+)\n(.*?)^```", (ROOT / "README.md").read_text(),
                            re.DOTALL | re.MULTILINE))  # fmt: skip
    (directory / "loopscope").symlink_to(ROOT)
    for name, text in files.items():
        (directory / name).write_text(text)
    return files


def test_the_kustomization_of_the_readme_builds(tmp_path):
    """Registry, cluster name, settings of one's own, components."""
    files = pieces_of_the_readme(tmp_path)
    assert {"kustomization.yaml", "loopscope.yaml"} <= files.keys()
    made = build(tmp_path)
    assert agent_of(made)["image"].startswith("registry.example/")
    assert environment_of(made)["K8S_CLUSTER_NAME"]
    run_agent(tmp_path, made, "--check-config")
    assert settings_of(made) == files["loopscope.yaml"]


def with_piece(tmp_path, name, component=None, **fields):
    pieces_of_the_readme(tmp_path)
    components = [f"loopscope/components/{component}"] if component else []
    (tmp_path / "kustomization.yaml").write_text(yaml.safe_dump({
        "apiVersion": "kustomize.config.k8s.io/v1beta1", "kind": "Kustomization", **fields,
        "resources": ["loopscope/base"], "components": components, "patches": [{"path": name}],
    }))  # fmt: skip
    return build(tmp_path)


def test_first_on_a_few_nodes(tmp_path):
    made = with_piece(tmp_path, "canary.yaml")
    assert pod_of(made)["nodeSelector"] == {"loopscope/agent": "canary"}
    strategy = only("DaemonSet", made)["spec"]["updateStrategy"]
    assert strategy == {"type": "RollingUpdate", "rollingUpdate": {"maxUnavailable": "1%"}}


def test_nodes_that_it_goes_to():
    """Of the kind that it is tested on, and not those that are labelled so."""
    affinity = pod_of(objects("."))["affinity"]["nodeAffinity"]
    (term,) = affinity["requiredDuringSchedulingIgnoredDuringExecution"]["nodeSelectorTerms"]
    asked = {each["key"]: (each["operator"], each["values"]) for each in term["matchExpressions"]}
    assert asked == {"kubernetes.io/os": ("In", ["linux"]), "kubernetes.io/arch": ("In", ["amd64"]),
                     "loopscope/agent": ("NotIn", ["off"])}  # fmt: skip


def test_the_label_that_an_operator_asks_for(tmp_path):
    made = with_piece(tmp_path, "monitor.yaml", component="prometheus-operator")
    monitor = only("PodMonitor", made)
    assert monitor["metadata"]["labels"] == {
        "app.kubernetes.io/name": "loopscope", "release": "kube-prometheus-stack"}  # fmt: skip
    assert monitor["spec"]["scrapeNativeHistograms"] and monitor["spec"]["jobLabel"]


def test_prometheus_takes_the_scrape_without_an_operator(tmp_path):
    pieces_of_the_readme(tmp_path)
    result = promtool("check", "config", tmp_path / "prometheus.yaml")
    assert result.returncode == 0, result.stdout + result.stderr
    (scrape,) = yaml.safe_load((tmp_path / "prometheus.yaml").read_text())["scrape_configs"]
    (kept,) = [rule["regex"] for rule in scrape["relabel_configs"] if "regex" in rule]
    labels = only("DaemonSet", objects("."))["spec"]["template"]["metadata"]["labels"]
    ports = [port["name"] for port in agent_of(objects("."))["ports"]]
    assert kept.split(";") == [labels["app.kubernetes.io/name"], *ports]


def test_a_token_and_an_authority_from_a_secret(tmp_path):
    made = with_piece(tmp_path, "gateway.yaml")
    (mount,) = [each["mountPath"] for each in agent_of(made)["volumeMounts"]
                if each["name"] == "gateway"]  # fmt: skip
    environment = environment_of(made)
    authority = environment["OTEL_EXPORTER_OTLP_CERTIFICATE"]
    assert authority == f"{mount}/ca.crt"
    settings = yaml.safe_load(run_agent(tmp_path, made, "--print-config"))["export"]["otlp"]
    assert settings["endpoint"] == "https://otel-gateway.example:4318/v1/metrics"
    assert settings["tls"]["ca_file"] == authority
    assert list(settings["headers"]) == ["authorization"]
    assert SECRET.rpartition("%20")[2] not in str(settings)


def test_in_a_namespace_that_others_share(tmp_path):
    made = with_piece(tmp_path, "namespace.yaml", namespace="observability")
    assert "Namespace" not in {each["kind"] for each in made}
    places = {each["metadata"].get("namespace", "observability") for each in made}
    (subject,) = only("ClusterRoleBinding", made)["subjects"]
    assert places == {subject["namespace"]} == {"observability"}
    settings_of(made)  # the ConfigMap is still found by its name
