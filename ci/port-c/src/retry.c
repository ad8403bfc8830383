#include "retry.h"

#include <openssl/rand.h>

#define FIRST_MS 1000
#define LONGEST_MS 60000
#define LONGEST_REFUSED_MS 300000

ms_t retry_delay(struct retry *r, const struct outcome *o)
{
    ms_t longest = o->status == 401 || o->status == 403 ? LONGEST_REFUSED_MS : LONGEST_MS;
    ms_t delay = r->failures < 10 ? (ms_t)FIRST_MS << r->failures : longest;
    uint16_t dice = 0;
    r->failures++;
    if (delay > longest)
        delay = longest;
    if (RAND_bytes((unsigned char *)&dice, sizeof dice) != 1)
        dice = UINT16_MAX / 2;
    delay = delay / 2 + delay / 2 * dice / UINT16_MAX;
    ms_t asked = o->retry_after < LONGEST_REFUSED_MS ? o->retry_after : LONGEST_REFUSED_MS;
    return delay > asked ? delay : asked;
}
