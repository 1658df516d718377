/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Which of the credentials of a node `loopscope pods` takes, in a tree made for it. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "pods/pods_credentials.h"

#define GOOD                                                                 \
	"{current-context: c, contexts: [{name: c, context: {cluster: c}}]," \
	" clusters: [{name: c, cluster: {server: 'https://h'}}]}"
#define KUBELET_CONF "/etc/kubernetes/kubelet.conf"
#define KUBELET_OTHER "/var/lib/kubelet/kubeconfig"
#define K3S "/etc/rancher/k3s/k3s.yaml"

static char root[PATH_MAX];
static char error[CLUSTER_ACCESS_ERROR_LEN];
static struct pods_credentials found;

static const char *const directories[] = {
	"etc", "etc/kubernetes", "etc/rancher",    "etc/rancher/k3s",
	"var", "var/lib",        "var/lib/kubelet"};

static const char *path_of(const char *file)
{
	static char path[PATH_MAX + 64];

	snprintf(path, sizeof(path), "%s%s", root, file);
	return path;
}

static void put(const char *file, const char *text)
{
	_cleanup_(closep) int fd = open(path_of(file), O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static int make_root(void **state)
{
	(void)state;
	strcpy(root, "/tmp/loopscope-credentials-XXXXXX");
	if (!mkdtemp(root))
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(directories); i++) {
		char path[PATH_MAX + 64];

		snprintf(path, sizeof(path), "%s/%s", root, directories[i]);
		mkdir(path, 0700);
	}
	unsetenv("KUBECONFIG");
	unsetenv("KUBERNETES_SERVICE_HOST");
	unsetenv("KUBERNETES_SERVICE_PORT");
	found = (struct pods_credentials){};
	return 0;
}

static int remove_root(void **state)
{
	(void)state;
	unlink(path_of(KUBELET_CONF));
	unlink(path_of(KUBELET_OTHER));
	unlink(path_of(K3S));
	unlink(path_of("/own"));
	for (size_t i = ARRAY_SIZE(directories); i; i--) {
		char path[PATH_MAX + 64];

		snprintf(path, sizeof(path), "%s/%s", root, directories[i - 1]);
		rmdir(path);
	}
	return rmdir(root);
}

static void assert_found(const char *file)
{
	assert_int_equal(pods_credentials_find(root, &found, error), 0);
	assert_string_equal(found.kubeconfig, path_of(file));
	assert_non_null(strstr(found.origin, path_of(file)));
}

/* Each goes before those that were there already. */
static void test_order(void **state)
{
	char list[2 * PATH_MAX];

	(void)state;
	assert_int_equal(pods_credentials_find(root, &found, error), -ENOENT);
	assert_non_null(strstr(error, "set the variable KUBECONFIG"));
	put(K3S, GOOD);
	assert_found(K3S);
	put(KUBELET_OTHER, GOOD);
	assert_found(KUBELET_OTHER);
	put(KUBELET_CONF, GOOD);
	assert_found(KUBELET_CONF);
	put("/own", GOOD);
	snprintf(list, sizeof(list), ":/nonexistent/a:%s:/nonexistent/b", path_of("/own"));
	setenv("KUBECONFIG", list, 1);
	assert_found("/own");
}

/* A kubelet's that asks for a command is passed over, but told of where nothing else is. */
static void test_unusable(void **state)
{
	static const char exec[] =
		"{current-context: c, contexts: [{name: c, context: {cluster: c, user: u}}],"
		" clusters: [{name: c, cluster: {server: 'https://h'}}],"
		" users: [{name: u, user: {exec: {command: aws}}}]}";

	(void)state;
	put(KUBELET_OTHER, exec);
	assert_int_equal(pods_credentials_find(root, &found, error), -EINVAL);
	assert_non_null(strstr(error, path_of(KUBELET_OTHER)));
	assert_non_null(strstr(error, "(exec)"));
	put(K3S, GOOD);
	assert_found(K3S);
}

/* What somebody has named is meant, or it is an error. */
static void test_unusable_of_the_environment(void **state)
{
	(void)state;
	put("/own", "nonsense");
	put(K3S, GOOD);
	setenv("KUBECONFIG", path_of("/own"), 1);
	assert_int_equal(pods_credentials_find(root, &found, error), -EINVAL);
	setenv("KUBECONFIG", "/nonexistent/a:/nonexistent/b", 1);
	assert_int_equal(pods_credentials_find(root, &found, error), -EINVAL);
	assert_non_null(
		strstr(error, "names no file that is there: /nonexistent/a:/nonexistent/b"));
	setenv("KUBECONFIG", "", 1); /* as if it was not set */
	assert_found(K3S);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(test_order, make_root, remove_root),
		cmocka_unit_test_setup_teardown(test_unusable, make_root, remove_root),
		cmocka_unit_test_setup_teardown(test_unusable_of_the_environment, make_root,
						remove_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
