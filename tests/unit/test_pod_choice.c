/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Whom the settings have us ask for pods, and what is said of settings that cannot be. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "identity/kubernetes/pod_watch_parts.h"

static char none[] = "", node[] = "node-1", kubelet[] = "https://127.0.0.1:10250";
static char open_kubelet[] = "http://127.0.0.1:10255";
static char kubeconfig[] = "/tmp/loopscope-kubeconfig-XXXXXX", missing[] = "/nowhere/kubeconfig";

static struct kubernetes_settings settings_of(enum pods_from pods)
{
	return (struct kubernetes_settings){
		.pods = pods,
		.cluster_name = none,
		.node_name = node,
		.kubeconfig = none,
		.kubelet_endpoint = kubelet,
		.kubelet_ca_file = none,
		.kubelet_interval_ms = 10000,
	};
}

static void check(const struct kubernetes_settings *settings, bool api, const char *kubelet_server)
{
	struct pod_watch_drivers drivers;
	char error[POD_WATCH_ERROR_LEN];
	sd_event *event;

	assert_true(sd_event_new(&event) >= 0);
	if (pod_watch_drivers_new(event, settings, &drivers, error))
		fail_msg("%s", error);
	assert_int_equal(drivers.has_api, api);
	assert_int_equal(drivers.has_kubelet, !!kubelet_server);
	if (api) {
		assert_string_equal(drivers.api.server, "https://10.0.0.1:6443");
		drivers.api.free(drivers.api.context);
	}
	if (kubelet_server) {
		assert_string_equal(drivers.kubelet.server, kubelet_server);
		drivers.kubelet.free(drivers.kubelet.context);
	}
	sd_event_unref(event);
}

static void check_error(const struct kubernetes_settings *settings, int expected, const char *word)
{
	const struct pod_watch_options options = {.settings = settings};
	struct pod_watch *watch;
	char error[POD_WATCH_ERROR_LEN] = "";
	sd_event *event;

	assert_true(sd_event_new(&event) >= 0);
	assert_int_equal(pod_watch_new(event, &options, &watch, error), expected);
	if (!strstr(error, word))
		fail_msg("'%s' does not say '%s'", error, word);
	sd_event_unref(event);
}

static void test_in_no_pod(void **state)
{
	struct kubernetes_settings settings = settings_of(PODS_FROM_AUTO);

	(void)state;
	check(&settings, false, NULL);
	settings.node_name = none;
	check(&settings, false, NULL);
	settings = settings_of(PODS_FROM_NONE);
	check(&settings, false, NULL);
	settings = settings_of(PODS_FROM_API);
	check_error(&settings, -ENOENT, "set kubernetes.kubeconfig");
	check_error(&settings, -ENOENT, "kubernetes.pods is api, but this process is in no pod");
}

static void test_kubeconfig(void **state)
{
	struct kubernetes_settings settings = settings_of(PODS_FROM_AUTO);

	(void)state;
	settings.kubeconfig = kubeconfig;
	check(&settings, true, kubelet);
	settings.kubelet_endpoint = none;
	check(&settings, true, NULL);
	settings.kubelet_endpoint = kubelet;
	settings.pods = PODS_FROM_API;
	check(&settings, true, NULL);
	settings.pods = PODS_FROM_KUBELET;
	check(&settings, false, kubelet);
}

static void test_kubelet(void **state)
{
	struct kubernetes_settings settings = settings_of(PODS_FROM_KUBELET);

	(void)state;
	check(&settings, false, kubelet);
	settings.kubelet_endpoint = open_kubelet;
	settings.node_name = none; /* a kubelet knows which node it is */
	check(&settings, false, open_kubelet);
	settings.kubelet_endpoint = none;
	check_error(&settings, -EINVAL, "kubernetes.kubelet.endpoint");
}

static void test_wrong(void **state)
{
	struct kubernetes_settings settings = settings_of(PODS_FROM_AUTO);

	(void)state;
	settings.kubeconfig = kubeconfig;
	settings.node_name = none;
	check_error(&settings, -EINVAL, "kubernetes.node_name");
	check_error(&settings, -EINVAL, "K8S_NODE_NAME");
	settings.node_name = node;
	for (enum pods_from from = PODS_FROM_AUTO; from <= PODS_FROM_KUBELET; from++) {
		settings.pods = from;
		settings.kubeconfig = missing;
		check_error(&settings, -ENOENT, missing);
		check_error(&settings, -ENOENT, "kubernetes.kubeconfig: ");
	}
}

static int write_kubeconfig(void **state)
{
	static const char text[] = "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
				   "contexts: [{name: c, context: {cluster: k, user: u}}]\n"
				   "clusters: [{name: k, cluster: {server: "
				   "\"https://10.0.0.1:6443\"}}]\n"
				   "users: [{name: u, user: {token: abcdefgh}}]\n";
	int fd = mkostemp(kubeconfig, O_CLOEXEC);

	(void)state;
	unsetenv("KUBERNETES_SERVICE_HOST");
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
	return 0;
}

static int remove_kubeconfig(void **state)
{
	(void)state;
	return unlink(kubeconfig);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_in_no_pod),
		cmocka_unit_test(test_kubeconfig),
		cmocka_unit_test(test_kubelet),
		cmocka_unit_test(test_wrong),
	};

	return cmocka_run_group_tests_name("pod_choice", tests, write_kubeconfig,
					   remove_kubeconfig);
}
