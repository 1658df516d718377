/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Lists and pairs of texts, as settings have them. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "base/cleanup.h"
#include "config/settings/settings.h"

int text_list_add(struct text_list *list, const char *text)
{
	return text_list_add_part(list, text, strlen(text));
}

int text_list_add_part(struct text_list *list, const char *text, size_t length)
{
	_cleanup_(freep) char *copy = strndup(text, length);
	char **items;

	if (!copy)
		return -ENOMEM;
	items = reallocarray(list->items, list->nr + 1, sizeof(*items));
	if (!items)
		return -ENOMEM;
	list->items = items;
	items[list->nr++] = TAKE_PTR(copy);
	return 0;
}

void text_list_done(struct text_list *list)
{
	for (size_t i = 0; i < list->nr; i++)
		free(list->items[i]);
	free(list->items);
	*list = (struct text_list){};
}

int text_pairs_add(struct text_pairs *pairs, const char *key, const char *value)
{
	_cleanup_(freep) char *key_copy = strdup(key);
	_cleanup_(freep) char *value_copy = strdup(value);
	struct text_pair *items;

	if (!key_copy || !value_copy)
		return -ENOMEM;
	items = reallocarray(pairs->items, pairs->nr + 1, sizeof(*items));
	if (!items)
		return -ENOMEM;
	pairs->items = items;
	items[pairs->nr++] = (struct text_pair){TAKE_PTR(key_copy), TAKE_PTR(value_copy)};
	return 0;
}

void text_pairs_done(struct text_pairs *pairs)
{
	for (size_t i = 0; i < pairs->nr; i++) {
		free(pairs->items[i].key);
		free(pairs->items[i].value);
	}
	free(pairs->items);
	*pairs = (struct text_pairs){};
}
