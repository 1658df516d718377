/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Text or JSON of each loop, then what was lost. */
#include "commands/report_output.h"

#include <string.h>

#include "base/log.h"
#include "view/json.h"
#include "view/terminal_text.h"
#include "view/text.h"

static int write_json(const struct loop_list *list, const struct summary *summary)
{
	int r = 0;

	for (size_t i = 0; !r && i < list->nr; i++)
		r = json_write_loop(stdout, &list->loops[i]->entry);
	return r ?: json_write_summary(stdout, summary);
}

static void write_text(const struct loop_list *list, const struct summary *summary,
		       __u64 blocking_ns)
{
	const struct text_options text = {
		.unicode = terminal_unicode(),
		.blocking_ns = blocking_ns,
	};

	for (size_t i = 0; i < list->nr; i++) {
		text_write_loop(stdout, &list->loops[i]->entry, &text);
		fputc('\n', stdout);
	}
	text_write_losses(stdout, summary);
}

int report_output(struct loop_list *list, const struct summary *summary,
		  const struct report_options *options)
{
	int r = 0;

	loop_list_sort_by_lag(list);
	if (options->json)
		r = write_json(list, summary);
	else
		write_text(list, summary, options->blocking_ns);
	if (r)
		log_error("cannot write the report: %s", strerror(-r));
	return r;
}
