#!/usr/bin/env python3
# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
"""Draws a terminal's screen as SVG: `tmux capture-pane -ep | docs/terminal_svg.py >top.svg`.

Knows the sixteen colours, bold, dim and reverse, which is what loopscope uses.
"""
import re
import sys
from html import escape

CELL_WIDTH, CELL_HEIGHT, MARGIN = 8.4, 18, 12
FOREGROUND, BACKGROUND = "#d8dee9", "#1d2129"
PALETTE = (
    ["#3b4252", "#e0555f", "#8fbc6b", "#e6c35c", "#5f9ee0", "#b987c9", "#62b8c4", "#d8dee9"]
    + ["#6b7487", "#ff6b75", "#a8d585", "#ffdd7a", "#7fb8f5", "#d3a4e0", "#80d4df", "#ffffff"]
)
TOKEN = re.compile(r"\x1b\[([\d;]*)m|\x1b[()][B0]|\x0e|\x0f|([^\x1b\x0e\x0f]+)")


class Style:
    """What the escape sequences so far have set."""

    def __init__(self):
        self.reset()

    def reset(self):
        self.foreground, self.background = FOREGROUND, None
        self.bold = self.dim = self.reverse = False

    def apply(self, codes):
        for code in map(int, codes.split(";") if codes else ["0"]):
            if code == 0:
                self.reset()
            elif code in (1, 2, 22):
                self.bold, self.dim = code == 1, code == 2
            elif code in (7, 27):
                self.reverse = code == 7
            elif code // 10 in (3, 9):
                self.foreground = colour(code, 30, 90) or FOREGROUND
            elif code // 10 in (4, 10):
                self.background = colour(code, 40, 100)

    def colours(self):
        """Foreground and background, as they are to be painted."""
        if self.reverse:
            return self.background or BACKGROUND, self.foreground
        return self.foreground, self.background


def colour(code, normal, bright):
    """Of the palette; None for the terminal's own."""
    if normal <= code < normal + 8:
        return PALETTE[code - normal]
    if bright <= code < bright + 8:
        return PALETTE[8 + code - bright]
    return None


def draw_run(column, row, text, style):
    x, y = MARGIN + column * CELL_WIDTH, MARGIN + row * CELL_HEIGHT
    foreground, background = style.colours()
    width = len(text) * CELL_WIDTH
    if background:
        yield (
            f'<rect x="{x:.1f}" y="{y}" width="{width:.1f}" height="{CELL_HEIGHT}"'
            f' fill="{background}"/>'
        )
    if text.strip():
        weight = ' font-weight="bold"' if style.bold else ""
        if style.dim:
            weight += ' fill-opacity="0.55"'
        yield (
            f'<text x="{x:.1f}" y="{y + 13.5}" textLength="{width:.1f}" fill="{foreground}"'
            f'{weight} xml:space="preserve">{escape(text)}</text>'
        )


def draw(screen):
    lines = screen.rstrip("\n").split("\n")
    style, shapes, columns = Style(), [], 0
    for row, line in enumerate(lines):
        column = 0
        for match in TOKEN.finditer(line):
            codes, text = match.groups()
            if codes is not None:
                style.apply(codes)
            elif text:
                shapes += draw_run(column, row, text, style)
                column += len(text)
        columns = max(columns, column)
    width = 2 * MARGIN + columns * CELL_WIDTH
    height = 2 * MARGIN + len(lines) * CELL_HEIGHT
    return "\n".join(
        [
            f'<svg xmlns="http://www.w3.org/2000/svg" width="{width:.0f}" height="{height}"'
            f' viewBox="0 0 {width:.0f} {height}" font-size="14"'
            ' font-family="DejaVu Sans Mono, Menlo, Consolas, monospace">',
            f'<rect width="100%" height="100%" rx="6" fill="{BACKGROUND}"/>',
            *shapes,
            "</svg>",
        ]
    )


if __name__ == "__main__":
    print("<!-- SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause -->")
    print(draw(sys.stdin.read()))
