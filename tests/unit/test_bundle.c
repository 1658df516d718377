/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What runtimes keep of a container, below a made root: theirs, others', and files that lie. */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cleanup.h"
#include "identity/kubernetes/bundle.h"

#define ID "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OTHER "fedcba9876543210fedcba9876543210fedcba9876543210fedcba9876543210"
#define UID "b7c3a1f2-5a4e-4a53-9d8e-1e2f3a4b5c6d"

#define TASKS "/io.containerd.runtime.v2.task"
#define CONTAINERD "/run/containerd" TASKS "/k8s.io/" ID "/config.json"
#define NERDCTL "/run/containerd" TASKS "/default/" ID "/config.json"
#define CRIO "/run/containers/storage/overlay-containers/" ID "/userdata/config.json"
#define DOCKER "/var/lib/docker/containers/" ID "/config.v2.json"
#define PODMAN "/var/lib/containers/storage/overlay-containers/containers.json"
#define PODMAN_RM "/var/lib/containers/storage/overlay-containers/volatile-containers.json"

#define KUBELET_LABELS                                                                     \
	"\"io.kubernetes.container.name\":\"nginx\",\"io.kubernetes.pod.name\":\"web-1\"," \
	"\"io.kubernetes.pod.namespace\":\"shop\",\"io.kubernetes.pod.uid\":\"" UID "\""

static const char of_containerd[] = "{\"ociVersion\":\"1.0.2\",\"annotations\":{"
				    "\"io.kubernetes.cri.container-type\":\"container\","
				    "\"io.kubernetes.cri.container-name\":\"nginx\","
				    "\"io.kubernetes.cri.image-name\":\"shop/nginx:1.25\","
				    "\"io.kubernetes.cri.sandbox-id\":\"" OTHER "\","
				    "\"io.kubernetes.cri.sandbox-name\":\"web-1\","
				    "\"io.kubernetes.cri.sandbox-namespace\":\"shop\","
				    "\"io.kubernetes.cri.sandbox-uid\":\"" UID "\"}}";

static const struct bundle pod = {UID, "web-1", "shop", "nginx", "shop/nginx:1.25"};
static char root[] = "/tmp/loopscope-bundle-XXXXXX";

static int make_root(void **state)
{
	(void)state;
	strcpy(root + sizeof(root) - sizeof("XXXXXX"), "XXXXXX");
	return mkdtemp(root) ? 0 : -1;
}

static int remove_one(const char *path, const struct stat *status, int type, struct FTW *walk)
{
	(void)status, (void)type, (void)walk;
	return remove(path);
}

static int remove_root(void **state)
{
	(void)state;
	return nftw(root, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

/* The path below root, whose directories are there from now on. Freed by the caller. */
static char *make_path(const char *path)
{
	char *full;

	assert_true(asprintf(&full, "%s%s", root, path) > 0);
	for (char *slash = full + strlen(root) + 1; (slash = strchr(slash, '/')); slash++) {
		*slash = '\0';
		assert_true(!mkdir(full, 0700) || errno == EEXIST);
		*slash = '/';
	}
	return full;
}

static void write_file(const char *path, const char *text)
{
	_cleanup_(freep) char *full = make_path(path);
	_cleanup_(closep) int fd = open(full, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
}

static void assert_bundle(const struct bundle *expected)
{
	struct bundle bundle;

	memset(&bundle, 0xff, sizeof(bundle));
	assert_int_equal(bundle_read(root, ID, &bundle), 0);
	assert_string_equal(bundle.pod_uid, expected->pod_uid);
	assert_string_equal(bundle.pod_name, expected->pod_name);
	assert_string_equal(bundle.pod_namespace, expected->pod_namespace);
	assert_string_equal(bundle.container_name, expected->container_name);
	assert_string_equal(bundle.image, expected->image);
}

static void assert_error(int expected)
{
	struct bundle bundle = {.image = "unchanged"};

	assert_int_equal(bundle_read(root, ID, &bundle), expected);
	assert_string_equal(bundle.image, "unchanged");
}

static void nobody_knows_it(void **state)
{
	(void)state;
	assert_error(-ENOENT);
	write_file("/run/containerd" TASKS "/k8s.io/" OTHER "/config.json", of_containerd);
	write_file("/var/lib/docker", "not a directory");
	assert_error(-ENOENT);
}

static void containerd(void **state)
{
	(void)state;
	write_file(CONTAINERD, of_containerd);
	assert_bundle(&pod);
}

static void containerd_of_distributions(void **state)
{
	static const char *const paths[] = {
		"/run/k3s/containerd" TASKS "/k8s.io/" ID "/config.json",
		"/run/k0s/containerd" TASKS "/k8s.io/" ID "/config.json",
		"/var/snap/microk8s/common/run/containerd" TASKS "/k8s.io/" ID "/config.json",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		write_file(paths[i], of_containerd);
		assert_bundle(&pod);
		remove_root(NULL);
		make_root(NULL);
	}
}

/* Before 1.6.11 there is no uid; a pod's own cgroup has no container's name. */
static void containerd_of_old(void **state)
{
	(void)state;
	write_file(CONTAINERD, "{\"annotations\":{\"io.kubernetes.cri.sandbox-name\":\"web-1\"}}");
	assert_bundle(&(struct bundle){.pod_name = "web-1"});
}

static void crio(void **state)
{
	(void)state;
	write_file(CRIO, "{\"annotations\":{" KUBELET_LABELS ",\"io.container.manager\":\"cri-o\","
			 "\"io.kubernetes.cri-o.ImageName\":\"shop/nginx:1.25\"}}");
	assert_bundle(&pod);
}

/* The kubelet's, by its hash, and another. */
static void docker(void **state)
{
	(void)state;
	write_file(DOCKER, "{\"Name\":\"/k8s_nginx_web-1_shop_" UID "_0\",\"Config\":{"
			   "\"Image\":\"sha256:00a5f4\",\"Labels\":{" KUBELET_LABELS "}}}");
	assert_bundle(&(struct bundle){UID, "web-1", "shop", "nginx", ""});
	write_file(DOCKER, "{\"Name\":\"/a1\",\"Config\":{\"Image\":\"busybox:1\","
			   "\"Labels\":{}}}");
	assert_bundle(&(struct bundle){.container_name = "a1", .image = "busybox:1"});
	write_file(DOCKER, "{\"Name\":\"/a1\",\"Config\":{\"Labels\":null}}");
	assert_bundle(&(struct bundle){.container_name = "a1"});
}

static void nerdctl(void **state)
{
	(void)state;
	write_file(NERDCTL, "{\"annotations\":{\"nerdctl/name\":\"a1\"}}");
	assert_bundle(&(struct bundle){.container_name = "a1"});
}

#define OF_PODMAN(id, name, metadata) \
	"{\"id\":\"" id "\",\"names\":[\"" name "\",\"x\"],\"metadata\":\"" metadata "\"}"

static void podman(void **state)
{
	(void)state;
	write_file(PODMAN, "[" OF_PODMAN(OTHER, "b1", "{}") "," OF_PODMAN(
				   ID, "a1", "{\\\"image-name\\\":\\\"busybox:1\\\"}") "]");
	assert_bundle(&(struct bundle){.container_name = "a1", .image = "busybox:1"});
	write_file(PODMAN, "[" OF_PODMAN(ID, "a1", "{\\\"image-name\\\":") "]");
	assert_bundle(&(struct bundle){.container_name = "a1"});
	write_file(PODMAN, "[" OF_PODMAN(OTHER, "b1", "{}") "]");
	assert_error(-ENOENT);
	write_file(PODMAN_RM, "[" OF_PODMAN(ID, "a2", "{}") "]");
	assert_bundle(&(struct bundle){.container_name = "a2"});
}

/* Annotations that a pod's author, and labels that an image could have brought along. */
static void others_words_are_not_believed(void **state)
{
	(void)state;
	write_file(CONTAINERD, "{\"annotations\":{" KUBELET_LABELS "}}");
	assert_error(-ENOENT);
	write_file(DOCKER, "{\"Name\":\"/a1\",\"Config\":{\"Labels\":{" KUBELET_LABELS "}}}");
	assert_bundle(&(struct bundle){.container_name = "a1"});
}

static void others_ids_are_no_paths(void **state)
{
	static const char *const ids[] = {
		"",
		"..",
		"../../../../../../etc",
		"0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF",
		"0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcde",
		ID "0",
		"0123456789abcdef/../6789abcdef0123456789abcdef0123456789abcdef01",
	};
	struct bundle bundle;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ids); i++) {
		_cleanup_(freep) char *path = NULL;

		assert_true(asprintf(&path, "/var/lib/docker/containers/%s/config.v2.json",
				     ids[i]) > 0);
		write_file(path, "{\"Name\":\"/a1\"}");
		assert_int_equal(bundle_read(root, ids[i], &bundle), -ENOENT);
	}
}

static void what_is_no_file_of_theirs(void **state)
{
	_cleanup_(freep) char *path = make_path(CONTAINERD), *docker_path = make_path(DOCKER);

	(void)state;
	assert_int_equal(symlink(docker_path, path), 0);
	write_file(DOCKER, of_containerd);
	assert_error(-EBADMSG);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_error(-EBADMSG);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(mkdir(path, 0700), 0);
	assert_error(-EBADMSG);
	assert_int_equal(rmdir(path), 0);
	write_file(CONTAINERD, "");
	assert_int_equal(truncate(path, 4194305), 0);
	assert_error(-EFBIG);
	/* another runtime may know it all the same */
	write_file(DOCKER, "{\"Name\":\"/a1\"}");
	assert_bundle(&(struct bundle){.container_name = "a1"});
}

static void not_to_be_read(void **state)
{
	_cleanup_(freep) char *path = make_path(DOCKER);
	uid_t user = geteuid();

	(void)state;
	write_file(DOCKER, "{\"Name\":\"/a1\"}");
	assert_int_equal(chmod(path, 0), 0);
	assert_int_equal(chmod(root, 0711), 0);
	assert_int_equal(seteuid(user ?: 65534), 0);
	assert_error(-EACCES);
	assert_int_equal(seteuid(user), 0);
}

static void what_is_no_json_of_theirs(void **state)
{
	static const struct {
		const char *text;
		int error;
	} cases[] = {
		{"", -EBADMSG},
		{"{", -EBADMSG},
		{"{\"annotations\":{\"a\":\"\xff\"}}", -EBADMSG},
		{"{\"annotations\":{\"io.kubernetes.cri.sandbox-name\":\"a\\u0000b\"}}", -EBADMSG},
		{"[]", -ENOENT},
		{"{}", -ENOENT},
		{"{\"annotations\":null}", -ENOENT},
		{"{\"annotations\":[\"io.kubernetes.cri.sandbox-name\"]}", -ENOENT},
		{"{\"annotations\":{\"io.kubernetes.cri.sandbox-name\":7}}", -ENOENT},
		{"{\"annotations\":{\"io.kubernetes.cri.sandbox-name\":{}}}", -ENOENT},
		{"{\"annotations\":{\"io.kubernetes.cri.sandbox-uid\":\"" UID "0\"}}", -ENOENT},
	};
	char *deep = malloc(100001);

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		write_file(CONTAINERD, cases[i].text);
		assert_error(cases[i].error);
	}
	assert_non_null(deep);
	memset(deep, '[', 100000);
	deep[100000] = '\0';
	write_file(CONTAINERD, deep);
	assert_error(-EBADMSG);
	free(deep);
}

/* Half a name is another's. */
static void what_is_too_long_is_left_out(void **state)
{
	char name[POD_NAME_LEN] = "", text[1024];
	struct bundle expected = {};

	(void)state;
	memset(name, 'a', POD_NAME_LEN - 1);
	snprintf(text, sizeof(text), "{\"Name\":\"/%sb\",\"Config\":{\"Image\":\"x\"}}", name);
	write_file(DOCKER, text);
	assert_bundle(&(struct bundle){.image = "x"});
	snprintf(text, sizeof(text), "{\"Name\":\"/%s\"}", name);
	write_file(DOCKER, text);
	snprintf(expected.container_name, sizeof(expected.container_name), "%s", name);
	assert_bundle(&expected);
}

static void places_that_are_there(void **state)
{
	_cleanup_(freep) char *docker = make_path("/var/lib/docker/containers");
	struct bundle_place places[BUNDLE_MAX_PLACES];

	(void)state;
	assert_int_equal(bundle_places(root, places), 0);
	write_file(CONTAINERD, of_containerd);
	write_file(PODMAN, "[]");
	assert_int_equal(symlink("containers", docker),
			 0); /* what nobody can open, not even root */
	assert_int_equal(bundle_places(root, places), 3);
	assert_string_equal(places[0].path, "/run/containerd" TASKS "/k8s.io/");
	assert_int_equal(places[0].error, 0);
	assert_string_equal(places[1].path, "/var/lib/docker/containers/");
	assert_int_equal(places[1].error, -ELOOP);
	assert_string_equal(places[2].path, PODMAN);
	assert_int_equal(places[2].error, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
#define IN_ROOT(test) cmocka_unit_test_setup_teardown(test, make_root, remove_root)
		IN_ROOT(nobody_knows_it),
		IN_ROOT(containerd),
		IN_ROOT(containerd_of_distributions),
		IN_ROOT(containerd_of_old),
		IN_ROOT(crio),
		IN_ROOT(docker),
		IN_ROOT(nerdctl),
		IN_ROOT(podman),
		IN_ROOT(others_words_are_not_believed),
		IN_ROOT(others_ids_are_no_paths),
		IN_ROOT(what_is_no_file_of_theirs),
		IN_ROOT(not_to_be_read),
		IN_ROOT(what_is_no_json_of_theirs),
		IN_ROOT(what_is_too_long_is_left_out),
		IN_ROOT(places_that_are_there),
	};

	return cmocka_run_group_tests_name("bundle", tests, NULL, NULL);
}
