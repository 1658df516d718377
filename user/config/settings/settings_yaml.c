/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* The file: from its bytes to the document that the tree is read of. */
#include <errno.h>
#include <string.h>

#include "base/whole_file.h"
#include "base/yaml_text.h"
#include "config/settings/settings_load.h"
#include "config/settings/settings_tree.h"

void settings_read_text(struct settings_loader *loader, const char *text, size_t size)
{
	struct yaml_fault fault;
	yaml_document_t document;
	int r = yaml_text_load(text, size, &document, &fault);

	if (r == -EBADMSG) {
		struct settings_place place = {
			.layer = LAYER_FILE, .line = fault.line, .column = fault.column};

		settings_fail(loader, &place, "%s", fault.what);
	} else if (r) {
		loader->error = r;
	} else {
		settings_read_document(loader, &document);
		yaml_document_delete(&document);
	}
}

void settings_read_file(struct settings_loader *loader)
{
	const struct settings_place place = {.layer = LAYER_FILE};
	_cleanup_(freep) char *text = NULL;
	size_t size;
	int r = whole_file_read(loader->sources->file, YAML_TEXT_MAX_BYTES, &text, &size);

	if (!r) {
		settings_read_text(loader, text, size);
		return;
	}
	loader->error = r;
	if (r == -EFBIG)
		settings_fail(loader, &place, "the file is larger than 1 MiB");
	else if (r == -EINVAL)
		settings_fail(loader, &place, "this is not a regular file");
	else
		settings_fail(loader, &place, "the file cannot be read: %s", strerror(-r));
}
