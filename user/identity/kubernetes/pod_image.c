/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Names of images. A colon before a slash is that of a port. */
#include <string.h>

#include "identity/kubernetes/pod_attributes.h"

#define ID_OF_IMAGE "sha256:" /* in place of a name, where a runtime knows none */

static void copy_part(char *to, const char *part, size_t length)
{
	if (length >= POD_MAX_IMAGE_LEN)
		length = POD_MAX_IMAGE_LEN - 1;
	memcpy(to, part, length);
	to[length] = '\0';
}

void pod_image_split(const char *image, char *ret_name, char *ret_tag)
{
	size_t length = strcspn(image, "@");
	const char *slash = memrchr(image, '/', length), *base = slash ? slash + 1 : image;
	const char *colon = memchr(base, ':', length - (base - image));

	if (strncmp(image, ID_OF_IMAGE, strlen(ID_OF_IMAGE)) == 0)
		length = 0;
	if (!length || !colon) {
		copy_part(ret_name, image, length);
		copy_part(ret_tag, "", 0);
		return;
	}
	copy_part(ret_name, image, colon - image);
	copy_part(ret_tag, colon + 1, length - (colon + 1 - image));
}
