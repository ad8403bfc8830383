/* The hooks of ivcs_conform.h, for a conformance run. A product is built without this file. */
#include "ivcs_conform.h"

#include "config.h"
#include "sdk.h"

IV_API int ivcs_conform_configure(const char *json)
{
    clock_lock();
    bool good = config_set(json);
    clock_unlock();
    return good ? 0 : -1;
}

IV_API int ivcs_conform_clock_freeze(uint64_t utc_ms)
{
    return clock_freeze(utc_ms);
}

IV_API int ivcs_conform_clock_advance(uint32_t ms)
{
    return clock_advance(ms);
}

IV_API int ivcs_conform_clock_step(int64_t ms)
{
    return clock_step(ms);
}
