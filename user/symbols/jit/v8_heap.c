/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* An object's type is believed if its map is a map by its own map. */
#include "symbols/jit/v8_heap.h"

#include <errno.h>

#define READ_COST 1024 /* of the budget, for each time memory is asked for: it takes as long */

int v8_read(struct v8_heap *heap, uint64_t address, void *to, size_t size)
{
	if (heap->budget < size + READ_COST)
		return -E2BIG;
	heap->budget -= size + READ_COST;
	return heap->read(heap->context, address, to, size);
}

bool v8_is_object(uint64_t value)
{
	return (value & 3) == 1;
}

bool v8_is_smi(uint64_t value)
{
	return (value & UINT32_MAX) == 0;
}

int32_t v8_smi(uint64_t value)
{
	return (int32_t)(value >> 32);
}

int v8_field(struct v8_heap *heap, uint64_t object, int32_t offset, uint64_t *ret_value)
{
	if (!v8_is_object(object))
		return -EINVAL;
	return v8_read(heap, object - 1 + offset, ret_value, sizeof(*ret_value));
}

/* What a map says that objects of it are. */
static int type_of_map(struct v8_heap *heap, uint64_t map)
{
	uint16_t type;
	int r;

	if (!v8_is_object(map))
		return -EINVAL;
	r = v8_read(heap, map - 1 + heap->constants->instance_type, &type, sizeof(type));
	return r ? r : type;
}

int v8_type(struct v8_heap *heap, uint64_t object)
{
	uint64_t map, map_of_map;
	int r;

	r = v8_field(heap, object, heap->constants->map, &map);
	if (r == 0)
		r = v8_field(heap, map, heap->constants->map, &map_of_map);
	if (r)
		return r;
	r = type_of_map(heap, map_of_map);
	if (r < 0)
		return r;
	return r == heap->constants->map_type ? type_of_map(heap, map) : -EINVAL;
}

bool v8_is_string_type(const struct v8_heap *heap, int type)
{
	return type >= 0 && type < heap->constants->first_no_string_type;
}
