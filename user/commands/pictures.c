/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Each stall that has ended goes to every picture; each window to the timelines. */
#include "commands/pictures.h"

#include <errno.h>

#include "view/flamegraph.h"
#include "view/folded.h"
#include "view/pprof.h"
#include "view/timeline_json.h"
#include "view/timeline_svg.h"

#define MAX_OPEN_STALLS 4096
#define MAX_STACKS 64 /* of one; they come at growing ages: eight until it is e times as old */

struct pictures {
	struct picture_outputs outputs;
	const struct pictured_host *host;
	struct history *history;
	struct stall_tree *tree;
	struct window_shares *shares;
	struct timeline_json *timeline_json;
	struct timeline_svg *timeline_svg;
	struct pprof *pprof;
};

static int take_stall(enum stall_event event, const struct stall *stall, void *context)
{
	struct pictures *pictures = context;
	struct loop_entry entry;
	int r = 0;

	if (event != STALL_EVENT_ENDED || !history_describe(pictures->history, stall, &entry))
		return 0;
	if (pictures->tree)
		r = stall_tree_add(pictures->tree, stall);
	if (!r && pictures->timeline_json)
		r = timeline_json_add_stall(pictures->timeline_json, &entry);
	if (!r && pictures->timeline_svg)
		r = timeline_svg_add_stall(pictures->timeline_svg, &entry);
	if (!r && pictures->pprof)
		r = pprof_add_stall(pictures->pprof, &entry);
	return r;
}

static int new_timelines(struct pictures *pictures)
{
	const struct timeline_json_options json = {
		.out = pictures->outputs.timeline_json,
		.host = pictures->host,
	};
	const struct timeline_svg_options svg = {.host = pictures->host};
	int r = 0;

	if (json.out || pictures->outputs.timeline_svg)
		r = window_shares_new(HISTORY_MAX_LOOPS, &pictures->shares);
	if (!r && json.out)
		r = timeline_json_new(&json, &pictures->timeline_json);
	if (!r && pictures->outputs.timeline_svg)
		r = timeline_svg_new(&svg, &pictures->timeline_svg);
	return r;
}

int pictures_new(const struct picture_outputs *outputs, const struct pictured_host *host,
		 struct history *history, struct pictures **ret_pictures)
{
	_cleanup_(pictures_freep) struct pictures *pictures = calloc(1, sizeof(*pictures));
	const struct stall_tree_options tree_options = {};
	const struct stalls_options stalls_options = {
		.max_open = MAX_OPEN_STALLS,
		.max_stacks = MAX_STACKS,
		.blocking_ns = host->blocking_ns,
		.event = take_stall,
		.context = pictures,
	};
	int r;

	if (!pictures)
		return -ENOMEM;
	pictures->outputs = *outputs;
	pictures->host = host;
	pictures->history = history;
	r = new_timelines(pictures);
	if (!r && (outputs->flamegraph || outputs->folded))
		r = stall_tree_new(&tree_options, &pictures->tree);
	if (!r && outputs->pprof)
		r = pprof_new(0, &pictures->pprof);
	r = r ?: history_follow_stalls(history, &stalls_options);
	if (r)
		return r;
	*ret_pictures = TAKE_PTR(pictures);
	return 0;
}

void pictures_free(struct pictures *pictures)
{
	if (!pictures)
		return;
	stall_tree_free(pictures->tree);
	window_shares_free(pictures->shares);
	timeline_json_free(pictures->timeline_json);
	timeline_svg_free(pictures->timeline_svg);
	pprof_free(pictures->pprof);
	free(pictures);
}

static bool is_hidden(const struct pictures *pictures, const struct window_share *share)
{
	const struct process_key key = {share->process_start_ns, share->id.exec_id, share->id.pid};
	const struct process_facts *facts = history_process(pictures->history, &key);

	return facts && facts->hidden;
}

int pictures_take(struct pictures *pictures, enum item_kind kind, const void *data, size_t size)
{
	struct window_share share;
	int r;

	if (kind != ITEM_RECORD || !pictures->shares)
		return 0;
	r = window_shares_take(pictures->shares, data, size, &share);
	if (r <= 0 || is_hidden(pictures, &share))
		return r < 0 ? r : 0;
	r = 0;
	if (pictures->timeline_json)
		r = timeline_json_add_share(pictures->timeline_json, &share);
	if (!r && pictures->timeline_svg)
		r = timeline_svg_add_share(pictures->timeline_svg, &share);
	return r;
}

static int write_tree(struct pictures *pictures)
{
	const struct picture_outputs *outputs = &pictures->outputs;
	int r = stall_tree_finish(pictures->tree);

	if (!r && outputs->flamegraph)
		r = flamegraph_write(outputs->flamegraph, pictures->tree, pictures->host);
	if (!r && outputs->folded)
		r = folded_write(outputs->folded, pictures->tree);
	return r;
}

static int write_pprof(struct pictures *pictures, __u64 duration_ns, __u64 *ret_left_out)
{
	_cleanup_(buffer_done) struct buffer profile = {};
	int r = pprof_finish(pictures->pprof, pictures->host, duration_ns, &profile, ret_left_out);

	if (!r)
		fwrite(profile.data, 1, profile.size, pictures->outputs.pprof);
	return r;
}

int pictures_finish(struct pictures *pictures, struct picture_losses *ret_losses)
{
	const __u64 end_ns = history_mark(pictures->history).monotonic_ns;
	const __u64 begin_ns = pictures->host->begin_ns;
	int r = history_finish_stalls(pictures->history);

	*ret_losses = (struct picture_losses){.stacks = history_stacks_held(pictures->history)};
	if (!r && pictures->tree)
		r = write_tree(pictures);
	if (!r && pictures->timeline_json)
		r = timeline_json_finish(pictures->timeline_json, &ret_losses->timeline_events);
	if (!r && pictures->timeline_svg)
		r = timeline_svg_write(pictures->outputs.timeline_svg, pictures->timeline_svg,
				       end_ns);
	if (!r && pictures->pprof)
		r = write_pprof(pictures, end_ns > begin_ns ? end_ns - begin_ns : 0,
				&ret_losses->pprof_stacks);
	return r;
}
