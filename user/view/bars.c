/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Bars of eighths of a block, or of hashes; and bars of several parts. */
#include "view/bars.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#define EIGHTHS 8

static const char *draw_ascii(char buffer[BAR_LEN], double length, int cells)
{
	int full = lround(length);

	memset(buffer, ' ', cells);
	memset(buffer, '#', full);
	if (!full && length > 0)
		buffer[0] = '.';
	buffer[cells] = '\0';
	return buffer;
}

const char *bar_draw(char buffer[BAR_LEN], double fraction, int cells, bool unicode)
{
	static const char *const blocks[EIGHTHS + 1] = {" ", "▏", "▎", "▍", "▌",
							"▋", "▊", "▉", "█"};
	double length;
	int eighths;
	char *end = buffer;

	if (cells > BAR_MAX_CELLS)
		cells = BAR_MAX_CELLS;
	length = fmin(fmax(fraction, 0), 1) * cells; /* NaN: 0 */
	if (!unicode)
		return draw_ascii(buffer, length, cells);
	eighths = lround(length * EIGHTHS);
	if (!eighths && length > 0)
		eighths = 1;
	for (int i = 0; i < cells; i++) {
		int filled = eighths > EIGHTHS ? EIGHTHS : eighths;

		end = stpcpy(end, blocks[filled]);
		eighths -= filled;
	}
	*end = '\0';
	return buffer;
}

void bar_stack(const double *parts, int nr, int cells, int *ret_cells)
{
	double total = 0;
	int left = cells;

	memset(ret_cells, 0, nr * sizeof(*ret_cells));
	for (int i = 0; i < nr; i++)
		total += parts[i];
	if (!(total > 0))
		return;
	for (int i = 0; i < nr; i++) {
		ret_cells[i] = floor(parts[i] / total * cells);
		left -= ret_cells[i];
	}
	while (left-- > 0) {
		int most = 0;

		for (int i = 1; i < nr; i++) {
			if (parts[i] / total * cells - ret_cells[i] >
			    parts[most] / total * cells - ret_cells[most])
				most = i;
		}
		ret_cells[most]++;
	}
}
