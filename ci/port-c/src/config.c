#include "config.h"

#include "json.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct config current;
static bool given; /* by config_set */

/* `target` is appended to the endpoint, which therefore ends without a slash. */
static void trim(struct config *c)
{
    size_t n = strlen(c->endpoint);
    while (n > 0 && c->endpoint[n - 1] == '/')
        c->endpoint[--n] = 0;
}

static void from_env(char *dst, size_t size, const char *name)
{
    const char *value = getenv(name);
    snprintf(dst, size, "%s", value ? value : "");
}

void config_load(void)
{
    if (given)
        return;
    from_env(current.endpoint, sizeof current.endpoint, "IVCS_ENDPOINT");
    from_env(current.product, sizeof current.product, "IVCS_PRODUCT_ID");
    from_env(current.name, sizeof current.name, "IVCS_DEVICE_NAME");
    from_env(current.secret, sizeof current.secret, "IVCS_DEVICE_SECRET");
    from_env(current.ca_file, sizeof current.ca_file, "IVCS_CA_FILE");
    trim(&current);
}

bool config_set(const char *json)
{
    struct config c = {0};
    if (!json || !json_string(json, "endpoint", c.endpoint, sizeof c.endpoint) ||
        !json_string(json, "product_id", c.product, sizeof c.product) ||
        !json_string(json, "device_name", c.name, sizeof c.name) ||
        !json_string(json, "device_secret", c.secret, sizeof c.secret))
        return false;
    if (!json_string(json, "ca_file", c.ca_file, sizeof c.ca_file))
        c.ca_file[0] = 0; /* optional */
    trim(&c);
    current = c;
    given = true;
    return true;
}

const struct config *config(void)
{
    return &current;
}
