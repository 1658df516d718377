/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* What pictures in SVG share: colours of causes, light and dark, and pieces of text. */
#ifndef LOOPSCOPE_PICTURE_STYLE_H
#define LOOPSCOPE_PICTURE_STYLE_H

#include <stdio.h>

#include "base/buffer.h"
#include "record.h"

/*
 * <style>: class "c-<cause>" fills with its colour, "c-<cause> pale" with a paler one; `text`,
 * `.muted`, `.paper` and `.line` suit a light and a dark screen.
 */
void picture_write_style(FILE *out);

/* A box and a name for each cause, from x on; the y of their baseline. */
void picture_write_legend(FILE *out, double x, double y);

/* The text with what is special to XML escaped, and cut to so many characters, with "..". */
void picture_append_cut(struct buffer *buffer, const char *text, size_t max_characters);

/* "12.3 ms": what a duration reads as, in ASCII and U+00B5. */
void picture_append_duration(struct buffer *buffer, double ns);

#endif
