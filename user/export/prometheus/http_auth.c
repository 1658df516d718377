/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/* Compares without telling by its duration how much of a guess was right. */
#include "export/prometheus/http_auth.h"

#include <string.h>

/* As many steps as the guess is long, whatever the secret; terminators tell lengths apart. */
static bool equal(const char *guess, const char *secret)
{
	size_t guess_size = strlen(guess) + 1, secret_size = strlen(secret) + 1;
	volatile unsigned char difference = 0;

	for (size_t i = 0; i < guess_size; i++)
		difference |= (unsigned char)(guess[i] ^ secret[i % secret_size]);
	return !difference;
}

bool http_auth_allows(const struct prometheus_settings *settings, struct MHD_Connection *connection)
{
	char *username, *password = NULL;
	bool same_name, same_password;

	if (!*settings->username && !*settings->password)
		return true;
	username = MHD_basic_auth_get_username_password(connection, &password);
	same_name = equal(username ? username : "", settings->username);
	same_password = equal(password ? password : "", settings->password);
	if (password)
		explicit_bzero(password, strlen(password));
	MHD_free(password);
	MHD_free(username);
	/* a request without credentials is not one with empty ones */
	return username && same_name && same_password;
}
