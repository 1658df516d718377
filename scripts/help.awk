# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Prints the targets of makefiles that have a `## text`, below their `##@ heading`.
# Those of the fragments in tests/ are below "Testing".

FNR == 1 && FILENAME ~ /\.mk$/ {
	heading = "Testing"
}

/^##@ / {
	heading = substr($0, 5)
	order[++nr_headings] = heading
}

/^[a-z][a-z0-9-]*:.*## / {
	target = $0
	sub(/:.*/, "", target)
	text = $0
	sub(/.*## /, "", text)
	targets[heading] = targets[heading] sprintf("  %-14s %s\n", target, text)
}

END {
	for (i = 1; i <= nr_headings; i++)
		printf "%s\n%s%s", order[i], targets[order[i]], i < nr_headings ? "\n" : ""
}
