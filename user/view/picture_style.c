/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The colours keep apart for eyes that do not tell red from green; text on them is black. */
#include "view/picture_style.h"

#include <string.h>

#include "base/plain_text.h"
#include "view/format.h"
#include "view/names.h"

#define LEGEND_BOX 11
#define LEGEND_STEP 104

static const struct {
	const char *colour, *pale;
} colours[NR_CAUSES] = {
	[CAUSE_CPU] = {"#f0883e", "#f7cfae"},        [CAUSE_RUNQUEUE] = {"#e3c61b", "#f2e7a3"},
	[CAUSE_CPU_QUOTA] = {"#b48ef0", "#ddcdf8"},  [CAUSE_SYSCALL] = {"#58a6ff", "#bcdcff"},
	[CAUSE_PAGE_FAULT] = {"#3fb98d", "#b2e2d0"}, [CAUSE_LOCK] = {"#f37ab0", "#fbcadf"},
	[CAUSE_OTHER] = {"#a3aab2", "#d5d9de"},
};

void picture_write_style(FILE *out)
{
	fputs("<style>\n"
	      "svg{font:12px ui-monospace,Menlo,Consolas,\"DejaVu Sans Mono\",monospace}\n"
	      ".paper{fill:#fff}text{fill:#1b1f24}.muted{fill:#59636e}\n"
	      ".line{stroke:#d1d9e0}.faint{fill:#59636e;opacity:.16}.plain{fill:#c9d1d9}\n"
	      "@media(prefers-color-scheme:dark){.paper{fill:#0d1117}text{fill:#e6edf3}"
	      ".muted{fill:#9198a1}.line{stroke:#3d444d}.faint{fill:#9198a1;opacity:.25}}\n",
	      out);
	for (enum cause cause = 0; cause < NR_CAUSES; cause++)
		fprintf(out, ".c-%s{fill:%s}.c-%s.pale{fill:%s}\n", cause_name(cause),
			colours[cause].colour, cause_name(cause), colours[cause].pale);
	fputs("</style>\n", out);
}

void picture_write_legend(FILE *out, double x, double y)
{
	fputs("<g class=\"legend\">\n", out);
	for (enum cause cause = 0; cause < NR_CAUSES; cause++, x += LEGEND_STEP)
		fprintf(out,
			"<rect class=\"c-%s\" x=\"%.1f\" y=\"%.1f\" width=\"%d\" height=\"%d\"/>"
			"<text x=\"%.1f\" y=\"%.1f\">%s</text>\n",
			cause_name(cause), x, y - LEGEND_BOX + 2, LEGEND_BOX, LEGEND_BOX,
			x + LEGEND_BOX + 5, y + 1, cause_name(cause));
	fputs("</g>\n", out);
}

/* Bytes of the first so many characters, and whether there are more. */
static size_t characters(const char *text, size_t size, size_t max, bool *ret_more)
{
	size_t at = 0;

	for (size_t nr = 0; at < size && nr < max; nr++) {
		at++;
		while (at < size && ((unsigned char)text[at] & 0xc0) == 0x80)
			at++;
	}
	*ret_more = at < size;
	return at;
}

void picture_append_cut(struct buffer *buffer, const char *text, size_t max_characters)
{
	_cleanup_(buffer_done) struct buffer plain = {};
	size_t kept;
	bool more;

	if (plain_text_append(&plain, text, NULL) || buffer_append(&plain, "", 1)) {
		buffer->error = plain.error;
		return;
	}
	kept = characters((char *)plain.data, plain.size - 1, max_characters, &more);
	if (more && max_characters > 2)
		kept = characters((char *)plain.data, plain.size - 1, max_characters - 2, &more);
	plain.data[kept] = '\0';
	plain_text_append_xml(buffer, (char *)plain.data);
	if (more && max_characters > 2)
		buffer_append_text(buffer, "..");
}

void picture_append_duration(struct buffer *buffer, double ns)
{
	char text[FORMAT_LEN];

	buffer_append_text(buffer, format_duration(text, ns, true));
}
