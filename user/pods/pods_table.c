/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* `loopscope pods` for people. The image comes last: it is as long as it likes. */
#include <stdlib.h>
#include <string.h>

#include "pods/pods_output.h"
#include "view/terminal_text.h"

#define MAX_COLUMNS 40    /* of one column */
#define MAX_NAME_LEN 1024 /* bytes, made harmless */
#define SHORT_ID_LEN 12   /* as runtimes show it */
#define MAX_IMAGE_LEN 256

static const char *status_of(const struct pod *pod, bool deleted)
{
	if (deleted)
		return "deleted";
	if (pod->ended)
		return "ended";
	return pod->deleting ? "deleting" : "live";
}

static void widen(int *width, const char *text)
{
	char shown[MAX_NAME_LEN];
	int columns = terminal_width(terminal_escape(shown, sizeof(shown), text));

	if (columns > MAX_COLUMNS)
		columns = MAX_COLUMNS;
	if (columns > *width)
		*width = columns;
}

void pods_table_measure(struct pods_table *table, const struct pod *pod)
{
	widen(&table->namespace, pod->namespace);
	widen(&table->pod, pod->name);
	for (size_t i = 0; i < pod->nr_containers; i++)
		widen(&table->container, pod->containers[i].name);
}

/* What is wider than its column is shown as a whole: a name that is cut is of no use. */
static void put(FILE *out, const char *text, int columns)
{
	char shown[MAX_NAME_LEN];

	terminal_put_padded(out, terminal_escape(shown, sizeof(shown), text), columns);
	fputs("  ", out);
}

static void put_place(FILE *out, const struct pods_table *table, const char *namespace,
		      const char *pod, const char *container)
{
	put(out, namespace, table->namespace < 9 ? 9 : table->namespace);
	put(out, pod, table->pod < 3 ? 3 : table->pod);
	put(out, container, table->container < 9 ? 9 : table->container);
}

void pods_table_header(FILE *out, const struct pods_table *table)
{
	put_place(out, table, "NAMESPACE", "POD", "CONTAINER");
	fprintf(out, "%-8s  %8s  %-*s  %s\n", "STATUS", "RESTARTS", SHORT_ID_LEN, "ID", "IMAGE");
}

void pods_table_pod(FILE *out, const struct pods_table *table, const struct pod *pod, bool deleted)
{
	const char *status = status_of(pod, deleted);
	char image[MAX_IMAGE_LEN];

	for (size_t i = 0; i < pod->nr_containers; i++) {
		const struct pod_container *container = &pod->containers[i];

		put_place(out, table, pod->namespace, pod->name, container->name);
		fprintf(out, "%-8s  %8lld  %-*.*s  %s\n", status, container->restart_count,
			SHORT_ID_LEN, SHORT_ID_LEN, *container->id ? container->id : "-",
			terminal_escape(image, sizeof(image), container->image));
	}
	if (pod->nr_containers)
		return;
	put_place(out, table, pod->namespace, pod->name, "-");
	fprintf(out, "%-8s  %8s  %-*s  -\n", status, "-", SHORT_ID_LEN, "-");
}
