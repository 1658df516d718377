/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Repaired first, so that what is looked at is characters. */
#include "base/plain_text.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"

/* The character at `text`, which is well-formed; *ret_length bytes long. */
static uint32_t character_at(const unsigned char *text, size_t *ret_length)
{
	static const unsigned char masks[] = {0, 0x7f, 0x1f, 0x0f, 0x07};
	const size_t length = *text < 0x80 ? 1 : *text < 0xe0 ? 2 : *text < 0xf0 ? 3 : 4;
	uint32_t character = *text & masks[length];

	for (size_t i = 1; i < length; i++)
		character = character << 6 | (text[i] & 0x3f);
	*ret_length = length;
	return character;
}

/* Controls, marks of direction, separators of lines, and what XML forbids. */
static bool is_hidden(uint32_t character)
{
	static const struct {
		uint32_t first, last;
	} ranges[] = {
		{0x00, 0x1f},     {0x7f, 0x9f},     {0x61c, 0x61c},   {0x200b, 0x200f},
		{0x2028, 0x202e}, {0x2060, 0x206f}, {0xfeff, 0xfeff}, {0xfffe, 0xffff},
	};

	for (size_t i = 0; i < sizeof(ranges) / sizeof(*ranges); i++) {
		if (character >= ranges[i].first && character <= ranges[i].last)
			return true;
	}
	return false;
}

static const char *xml_entity(uint32_t character)
{
	switch (character) {
	case '&':
		return "&amp;";
	case '<':
		return "&lt;";
	case '>':
		return "&gt;";
	case '"':
		return "&quot;";
	case '\'':
		return "&apos;";
	default:
		return NULL;
	}
}

static void append_character(struct buffer *buffer, const char *at, size_t length,
			     uint32_t character, const char *also, bool xml)
{
	const char *entity = xml ? xml_entity(character) : NULL;
	const bool wanted = also && character < 0x80 && character && strchr(also, (int)character);

	if (entity)
		buffer_append_text(buffer, entity);
	else if (character < 0x80 && (wanted || is_hidden(character)))
		buffer_printf(buffer, "\\x%02x", character);
	else if (is_hidden(character))
		buffer_printf(buffer, "\\u%04x", character);
	else
		buffer_append(buffer, at, length);
}

static int append(struct buffer *buffer, const char *text, const char *also, bool xml)
{
	_cleanup_(freep) char *copy = NULL;
	const char *at = utf8_text(text, &copy);
	size_t length;

	if (!at)
		return buffer->error = -ENOMEM;
	for (; *at; at += length) {
		uint32_t character = character_at((const unsigned char *)at, &length);

		append_character(buffer, at, length, character, also, xml);
	}
	return buffer->error;
}

int plain_text_append(struct buffer *buffer, const char *text, const char *also)
{
	return append(buffer, text, also, false);
}

char *plain_text(const char *text)
{
	struct buffer buffer = {};

	plain_text_append(&buffer, text, NULL);
	if (buffer_append(&buffer, "", 1))
		buffer_done(&buffer);
	return (char *)buffer.data;
}

int plain_text_append_xml(struct buffer *buffer, const char *text)
{
	return append(buffer, text, NULL, true);
}
