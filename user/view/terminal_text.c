/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Escaping and measuring, a multibyte character at a time. */
#include "view/terminal_text.h"

#include <langinfo.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <wchar.h>

bool terminal_unicode(void)
{
	return !strcmp(nl_langinfo(CODESET), "UTF-8");
}

bool terminal_has_styles(FILE *out)
{
	const char *terminal = getenv("TERM"), *none = getenv("NO_COLOR");

	if (!isatty(fileno(out)) || (none && *none))
		return false;
	return terminal && *terminal && strcmp(terminal, "dumb") != 0;
}

/*
 * The length in bytes of the printable character that text starts with, and its
 * width; 0 if there is none such. Marks that combine and marks that change the
 * direction of writing have no width: they could make a name look like another.
 */
static size_t printable_char(const char *text, int *ret_width)
{
	mbstate_t state = {};
	wchar_t wide;
	size_t length = mbrtowc(&wide, text, strlen(text), &state);
	int width;

	if (!length || length > strlen(text))
		return 0;
	width = wcwidth(wide);
	if (width < 1)
		return 0;
	*ret_width = width;
	return length;
}

const char *terminal_escape(char *buffer, size_t size, const char *text)
{
	size_t used = 0;

	while (*text) {
		char piece[16];
		int width;
		size_t length = printable_char(text, &width);

		if (length)
			snprintf(piece, sizeof(piece), "%.*s", (int)length, text);
		else
			snprintf(piece, sizeof(piece), "\\x%02x", (unsigned char)*text);
		text += length ?: 1;
		if (used + strlen(piece) >= size)
			break;
		used += sprintf(buffer + used, "%s", piece);
	}
	buffer[used] = '\0';
	return buffer;
}

/* Bytes within that many columns, and the columns they take; stops at what does not print. */
static size_t measure(const char *text, int columns, int *ret_width)
{
	size_t bytes = 0, length;
	int total = 0, width;

	while (text[bytes]) {
		length = printable_char(text + bytes, &width);
		if (!length || total + width > columns)
			break;
		bytes += length;
		total += width;
	}
	*ret_width = total;
	return bytes;
}

int terminal_width(const char *text)
{
	int width;

	measure(text, INT_MAX, &width);
	return width;
}

int terminal_cut(char *text, int columns)
{
	int width;

	text[measure(text, columns, &width)] = '\0';
	return width;
}

char *terminal_shorten(char *buffer, size_t size, const char *text, int columns, bool unicode)
{
	const char *dots = unicode ? "…" : "...", *last = strrchr(text, ' ') ?: "";
	size_t bytes;
	int width;

	if (terminal_width(text) <= columns) {
		snprintf(buffer, size, "%s", text);
		return buffer;
	}
	columns -= terminal_width(dots);
	while (terminal_width(last) > columns && (bytes = printable_char(last, &width)))
		last += bytes;
	bytes = measure(text, columns - terminal_width(last), &width);
	snprintf(buffer, size, "%.*s%s%s", (int)bytes, text, dots, last);
	return buffer;
}

void terminal_put_padded(FILE *out, const char *text, int columns)
{
	int padding = abs(columns) - terminal_width(text);

	if (padding < 0)
		padding = 0;
	fprintf(out, "%*s%s%*s", columns < 0 ? padding : 0, "", text, columns < 0 ? 0 : padding,
		"");
}
