# SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause
# Prints the targets of makefiles that have a `## text`, below their `##@ heading`.

/^##@ / {
	printf "\n%s\n", substr($0, 5)
}

/^[a-z][a-z-]*:.*## / {
	target = $0
	sub(/:.*/, "", target)
	text = $0
	sub(/.*## /, "", text)
	printf "  %-14s %s\n", target, text
}
