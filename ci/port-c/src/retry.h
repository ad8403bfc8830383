/* retry: when to try again. Doubling from one second with jitter, to 60 s at most, 300 s where the cloud
 * does not want us (401, 403); never earlier than the cloud asks for (Retry-After). */
#ifndef IVCS_RETRY_H
#define IVCS_RETRY_H

#include "cloud.h"

struct retry {
    unsigned failures;
};

ms_t retry_delay(struct retry *r, const struct outcome *o);

#endif
