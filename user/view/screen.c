/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * Drawing by curses. Colours are only ever an addition: letters say the same on
 * a terminal that has none.
 */
#include "view/screen.h"

#include <curses.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "view/bars.h"
#include "view/columns.h"
#include "view/names.h"
#include "view/terminal_text.h"

#define TITLE_LINES 2  /* title, column titles */
#define FOOTER_LINES 3 /* losses, legend, keys */
#define PERCENT_COLUMNS 5
#define ESCAPE_DELAY_MS 25

enum pair {
	PAIR_CAUSES = 1, /* one for each, in order */
	PAIR_ALARM = PAIR_CAUSES + NR_CAUSES,
	PAIR_BAR,
};

static SCREEN *terminal;
static bool unicode;

static bool can_place_text(void)
{
	const char *move = tigetstr("cup");

	return move && move != (char *)-1;
}

static void prepare_colours(void)
{
	static const short causes[NR_CAUSES] = {
		[CAUSE_CPU] = COLOR_GREEN,         [CAUSE_RUNQUEUE] = COLOR_YELLOW,
		[CAUSE_CPU_QUOTA] = COLOR_MAGENTA, [CAUSE_SYSCALL] = COLOR_BLUE,
		[CAUSE_PAGE_FAULT] = COLOR_CYAN,   [CAUSE_LOCK] = COLOR_RED,
		[CAUSE_OTHER] = COLOR_WHITE,
	};

	if (!has_colors())
		return;
	start_color();
	use_default_colors();
	for (int i = 0; i < NR_CAUSES; i++)
		init_pair(PAIR_CAUSES + i, COLOR_BLACK, causes[i]);
	init_pair(PAIR_ALARM, COLOR_RED, -1);
	init_pair(PAIR_BAR, COLOR_GREEN, -1);
}

int screen_open(void)
{
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return -ENOTTY;
	terminal = newterm(NULL, stdout, stdin);
	if (!terminal)
		return -ENOTTY;
	if (!can_place_text()) {
		endwin();
		delscreen(terminal);
		terminal = NULL;
		return -ENOTTY;
	}
	unicode = terminal_unicode();
	cbreak();
	noecho();
	keypad(stdscr, TRUE);
	nodelay(stdscr, TRUE);
	set_escdelay(ESCAPE_DELAY_MS);
	curs_set(0);
	prepare_colours();
	return 0;
}

void screen_close(void)
{
	if (!terminal)
		return;
	move(LINES - 1, 0); /* where the shell goes on */
	clrtoeol();
	refresh();
	endwin();
	delscreen(terminal);
	terminal = NULL;
}

void screen_resize(void)
{
	struct winsize size;

	if (!ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) && size.ws_row && size.ws_col)
		resizeterm(size.ws_row, size.ws_col);
}

size_t screen_nr_rows(void)
{
	int rows = LINES - TITLE_LINES - FOOTER_LINES;

	return rows > 0 ? rows : 1;
}

int screen_read_key(void)
{
	static const struct {
		int curses, key;
	} keys[] = {
		{KEY_UP, SCREEN_KEY_UP},           {KEY_DOWN, SCREEN_KEY_DOWN},
		{KEY_PPAGE, SCREEN_KEY_PAGE_UP},   {KEY_NPAGE, SCREEN_KEY_PAGE_DOWN},
		{KEY_HOME, SCREEN_KEY_HOME},       {KEY_END, SCREEN_KEY_END},
		{KEY_BACKSPACE, SCREEN_KEY_ERASE}, {127, SCREEN_KEY_ERASE},
		{'\b', SCREEN_KEY_ERASE},          {KEY_ENTER, '\n'},
	};
	int key = getch();

	if (key == ERR)
		return SCREEN_KEY_NONE;
	for (size_t i = 0; i < sizeof(keys) / sizeof(*keys); i++) {
		if (keys[i].curses == key)
			return keys[i].key;
	}
	return key < 256 ? key : SCREEN_KEY_OTHER;
}

static attr_t colour(enum pair pair, attr_t otherwise)
{
	return has_colors() ? COLOR_PAIR(pair) : otherwise;
}

/* At the cursor, no further than the screen is wide. */
static void put_text(const char *text)
{
	addnstr(text, -1);
}

static void draw_title(const struct screen_table *table)
{
	attrset(A_BOLD);
	mvprintw(0, 0, "loopscope");
	attrset(A_NORMAL);
	printw("  %zu loop%s  every %g s  by %s", table->nr, table->nr == 1 ? "" : "s",
	       table->interval_s, row_order_name(table->order));
	if (*table->filter)
		printw("  filter '%s' hides %zu", table->filter, table->nr_hidden);
	if (table->paused) {
		attrset(A_REVERSE);
		printw("  PAUSED ");
	}
	attrset(A_NORMAL);
}

static void draw_column_titles(const int widths[NR_COLUMNS])
{
	int x = 0;

	attrset(A_REVERSE);
	mvhline(1, 0, ' ', COLS);
	for (int i = 0; i < NR_COLUMNS; i++) {
		const struct column *column = &columns[i];

		if (!widths[i])
			continue;
		mvprintw(1, x, "%*.*s", column->right ? widths[i] : -widths[i], widths[i],
			 column->title);
		x += widths[i] + COLUMN_GAP;
	}
	attrset(A_NORMAL);
}

static void draw_cell(int y, int x, int width, bool right, char *text)
{
	int used = terminal_cut(text, width);

	move(y, right ? x + width - used : x);
	put_text(text);
}

static void draw_utilization(int y, int x, int width, const struct loop_row *row, char *text)
{
	char bar[BAR_LEN];

	move(y, x);
	attrset(colour(PAIR_BAR, A_NORMAL));
	put_text(bar_draw(bar, row->utilization, width - PERCENT_COLUMNS, unicode));
	attrset(A_NORMAL);
	draw_cell(y, x + width - PERCENT_COLUMNS, PERCENT_COLUMNS, true, text);
}

/* Each cause has its colour, and its letter where it begins; without colours, throughout. */
static void draw_causes(int y, int x, int width, const struct loop_row *row)
{
	int cells[NR_CAUSES];

	bar_stack(row->cause_ns, NR_CAUSES, width, cells);
	move(y, x);
	for (int i = 0; i < NR_CAUSES; i++) {
		attrset(colour(PAIR_CAUSES + i, A_NORMAL));
		for (int j = 0; j < cells[i]; j++)
			addch(j && has_colors() ? ' ' : cause_letter(i));
	}
	attrset(A_NORMAL);
}

/* Dimmed where it is past. */
static void draw_culprit(int y, int x, int width, const struct loop_row *row)
{
	char text[CELL_LEN];

	move(y, x);
	attrset(row->culprit_past ? A_DIM : A_NORMAL);
	put_text(terminal_shorten(text, sizeof(text), row->culprit, width, unicode));
	attrset(A_NORMAL);
}

static void draw_row(int y, const struct loop_row *row, const int widths[NR_COLUMNS])
{
	int x = 0;

	for (int i = 0; i < NR_COLUMNS; i++) {
		const struct column *column = &columns[i];
		char text[CELL_LEN];

		if (!widths[i])
			continue;
		column->format(row, unicode, text);
		if (column->kind == COLUMN_UTILIZATION) {
			draw_utilization(y, x, widths[i], row, text);
		} else if (column->kind == COLUMN_CAUSES) {
			draw_causes(y, x, widths[i], row);
		} else if (column->kind == COLUMN_CULPRIT) {
			draw_culprit(y, x, widths[i], row);
		} else {
			if (column->kind == COLUMN_STALLED && row->stalled_ns)
				attrset(colour(PAIR_ALARM, A_NORMAL) | A_BOLD);
			draw_cell(y, x, widths[i], column->right, text);
			attrset(A_NORMAL);
		}
		x += widths[i] + COLUMN_GAP;
	}
}

static void draw_losses(int y, const struct summary *summary)
{
	const struct {
		const char *name;
		__u64 count;
	} losses[] = {
		{"records lost", summary->records_lost},
		{"loops lost", summary->loops_lost},
		{"torn", summary->torn},
		{"misses", summary->misses},
		{"32-bit skipped", summary->compat_skipped},
	};

	attrset(colour(PAIR_ALARM, A_BOLD));
	move(y, 0);
	for (size_t i = 0; i < sizeof(losses) / sizeof(*losses); i++) {
		if (losses[i].count)
			printw("%s %llu  ", losses[i].name, losses[i].count);
	}
	if (summary->labels_stale)
		printw("labels of pods as they were: `loopscope pods` has ended");
	attrset(A_NORMAL);
}

static void draw_legend(int y)
{
	move(y, 0);
	for (int i = 0; i < NR_CAUSES; i++) {
		attrset(colour(PAIR_CAUSES + i, A_NORMAL));
		addch(cause_letter(i));
		attrset(A_NORMAL);
		printw(" %s  ", cause_name(i));
	}
}

static void draw_keys(int y, const struct screen_table *table)
{
	static const char brief[] =
		"q quit  space pause  / filter  s sort (l m u i t p: by which)  "
		"arrows scroll";
	static const char full[] = "q quit  space pause  / filter  arrows scroll  s sort, or by: "
				   "l lag  m max  u utilization  i iterations  t stalls  p pid";

	if (table->filter_open)
		mvprintw(y, 0, "filter: %s_   Enter keeps it, Esc drops it", table->filter);
	else
		mvprintw(y, 0, "%s", (size_t)COLS < sizeof(full) ? brief : full);
}

/* In place of rows. */
static void draw_no_loop(const struct screen_table *table)
{
	mvprintw(TITLE_LINES + 1, 0, "Nothing to show: %s; 'loopscope list' shows the threads.",
		 table->no_loop);
}

void screen_draw(const struct screen_table *table)
{
	size_t rows = screen_nr_rows();
	int widths[NR_COLUMNS];

	erase();
	columns_fit(COLS, columns_wanted(table->rows, table->nr), widths);
	draw_title(table);
	draw_column_titles(widths);
	for (size_t i = 0; i < rows && table->first + i < table->nr; i++)
		draw_row(TITLE_LINES + i, &table->rows[table->first + i], widths);
	if (table->no_loop && rows > TITLE_LINES)
		draw_no_loop(table);
	draw_losses(LINES - 3, table->summary);
	draw_legend(LINES - 2);
	draw_keys(LINES - 1, table);
	refresh();
}
