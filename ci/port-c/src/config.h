/* config: what a device is given to reach its cloud (docs/cloud-binding.md). A vendor reads it from wherever
 * the device keeps its identity. */
#ifndef IVCS_CONFIG_H
#define IVCS_CONFIG_H

#include <stdbool.h>

struct config {
    char endpoint[256];
    char product[33], name[49];
    char secret[256];
    char ca_file[256];
};

/* All with the monitor's lock held. config_load reads the environment, unless config_set was called. */
void config_load(void);
bool config_set(const char *json);
const struct config *config(void);

#endif
