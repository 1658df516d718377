/* SPDX-License-Identifier: GPL-2.0-only OR BSD-2-Clause */
/*
 * One load of the settings: the struct being filled, where each value came from,
 * and what was wrong so far. Private to user/config/settings/.
 */
#ifndef LOOPSCOPE_SETTINGS_LOAD_H
#define LOOPSCOPE_SETTINGS_LOAD_H

#include "config/settings/settings.h"
#include "config/settings/settings_keys.h"

#define SETTINGS_LABEL_LEN 128
#define SETTINGS_MAX_FAULTS 100
#define SETTINGS_MAX_ITEMS 256 /* of a list, and groups */
#define SETTINGS_QUOTED_LEN 80

/* In the order of precedence, and in that of errors. */
enum settings_layer { LAYER_DEFAULT, LAYER_FILE, LAYER_ENVIRONMENT, LAYER_FLAGS };

struct settings_place {
	enum settings_layer layer;
	size_t line, column;            /* from 1; 0 but for a file */
	char label[SETTINGS_LABEL_LEN]; /* path of the key, or name of the variable; may be "" */
};

struct settings_fault {
	struct settings_place place;
	size_t order;
	char *message;
};

/* What the path of an endpoint is to become. */
enum endpoint_kind {
	ENDPOINT_OF_KEY,    /* /v1/metrics if it has none */
	ENDPOINT_OF_BASE,   /* OTEL_EXPORTER_OTLP_ENDPOINT: /v1/metrics behind it */
	ENDPOINT_OF_SIGNAL, /* OTEL_EXPORTER_OTLP_METRICS_ENDPOINT: as it is */
};

struct settings_loader {
	const struct settings_sources *sources;
	struct settings *settings;
	struct settings_place origins[SETTINGS_MAX_KEYS]; /* of the value in force, by key */
	struct settings_place pod_target; /* the first item that asks for pods; no layer: none */
	enum endpoint_kind endpoint_kind;
	bool endpoint_hidden; /* ${} or file: brought it: it is shown in no message */
	bool otlp_insecure;   /* OTEL_EXPORTER_OTLP_INSECURE: http where a gRPC URL has no scheme */

	struct settings_fault *faults;
	size_t nr_faults;
	int error; /* -ENOMEM, or that of reading the file */
};

/* A value on its way: texts with their places. */
struct settings_item {
	char *name;  /* of a pair, else NULL */
	char *text;  /* as it is meant: ${} and file: resolved */
	char *shown; /* as it was written, for messages; NULL: that is `text` */
	struct settings_place place;
};

struct settings_value {
	struct settings_item *items;
	size_t nr;
	struct settings_place place;
};

/* settings_errors.c ------------------------------------------------------------ */

void settings_fail(struct settings_loader *loader, const struct settings_place *place,
		   const char *format, ...) __attribute__((format(printf, 3, 4)));

/* No more errors are wanted. */
bool settings_full(const struct settings_loader *loader);

/*
 * The text for a message: in quotes, without control characters, cut. "the value"
 * if it may be secret.
 */
const char *settings_quote(const struct setting_key *key, const struct settings_item *item,
			   char buffer[SETTINGS_QUOTED_LEN]);

/* Any text in quotes. */
const char *settings_quote_text(const char *text, char buffer[SETTINGS_QUOTED_LEN]);

/* "... is not a number of milliseconds; allowed: 0.001 to 3600000" and the like. */
void settings_fail_type(struct settings_loader *loader, const struct setting_key *key,
			const struct settings_item *item);
void settings_fail_range(struct settings_loader *loader, const struct setting_key *key,
			 const struct settings_item *item);

/* Hands the faults over as lines, sorted. */
int settings_report(struct settings_loader *loader, struct settings_errors *ret_errors);

/* settings_value.c ------------------------------------------------------------- */

/* Adds an item; takes copies. */
int settings_value_add(struct settings_value *value, const char *name, const char *text,
		       const struct settings_place *place);
void settings_value_done(struct settings_value *value);

/* From one text: lists are split at commas, pairs are k=v,k2=v2 with values percent-encoded. */
int settings_value_of_text(struct settings_loader *loader, const struct setting_key *key,
			   const char *text, const struct settings_place *place,
			   struct settings_value *ret_value);

/*
 * Checks the value and puts it into `base`; an error is reported and changes nothing there.
 * Items that are wrong may be taken out of the value meanwhile.
 */
void settings_set(struct settings_loader *loader, const struct setting_key *key, void *base,
		  struct settings_value *value);
void settings_set_text(struct settings_loader *loader, const struct setting_key *key, void *base,
		       const char *text, const struct settings_place *place);

/* The defaults of a scope's keys; thresholds of groups become NaN. */
void settings_set_defaults(struct settings_loader *loader, const char *scope, void *base);

/* settings_pairs.c ------------------------------------------------------------- */

void settings_set_attributes(struct settings_loader *loader, const struct setting_key *key,
			     void *base, const struct settings_value *value);
void settings_set_headers(struct settings_loader *loader, const struct setting_key *key, void *base,
			  const struct settings_value *value);

/* settings_lists.c ------------------------------------------------------------- */

void settings_set_bounds(struct settings_loader *loader, const struct setting_key *key, void *base,
			 const struct settings_value *value);
void settings_set_names(struct settings_loader *loader, const struct setting_key *key, void *base,
			const struct settings_value *value);
void settings_set_globs(struct settings_loader *loader, const struct setting_key *key, void *base,
			const struct settings_value *value);

/* settings_syntax.c: what is wrong with a text, in words that follow it; NULL: nothing. */

const char *syntax_text_fault(const char *text);
const char *syntax_comm_fault(const char *text);
const char *syntax_listen_fault(const char *text);
const char *syntax_server_fault(const char *text);
const char *syntax_proxy_fault(const char *text);
const char *syntax_header_name_fault(const char *name);

/* The length of http:// or https:// at its start; 0: it is neither. */
size_t syntax_http_scheme(const char *text);
bool syntax_is_url(const char *text);

/*
 * The URL with the brackets that https://fd00::1:10250 lacks: an address from the environment,
 * put before a port. NULL: out of memory.
 */
char *syntax_bracket_address(const char *text);

/* The layers ------------------------------------------------------------------- */

void settings_read_file(struct settings_loader *loader);
void settings_read_text(struct settings_loader *loader, const char *text, size_t size);
void settings_read_environment(struct settings_loader *loader);
void settings_read_flags(struct settings_loader *loader);

/* settings_finish.c, settings_endpoint.c: what takes more than one key to see. */
void settings_finish(struct settings_loader *loader);
void settings_finish_endpoint(struct settings_loader *loader);

/* Those of other signals, which are URLs or empty. */
void settings_check_endpoints(struct settings_loader *loader);

/* settings_expand.c ------------------------------------------------------------ */

/* ${NAME}, ${NAME:-default}, $$ and file:. -EINVAL: reported. */
int settings_expand(struct settings_loader *loader, const char *text,
		    const struct settings_place *place, char **ret_text);

/* The value of a variable of sources->environ_, NULL if it is not set. */
const char *settings_variable(const struct settings_sources *sources, const char *name,
			      size_t name_length);

/* Environment variables that set the key, for the reference: name after name, NULL at the end. */
const char *settings_variable_of_key(const char *path, size_t nr);

#endif
