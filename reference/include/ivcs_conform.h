/*
 * ivcs_conform.h - hooks that a library may export for a conformance run. None
 * is required: without them the run gives the configuration in the environment
 * (IVCS_ENDPOINT, IVCS_PRODUCT_ID, IVCS_DEVICE_NAME, IVCS_DEVICE_SECRET,
 * IVCS_CA_FILE) and takes real time. See docs/cloud-binding.md.
 *
 * Each returns 0 on success. They may be called before iv_cs_init, and what they
 * have set survives iv_cs_exit. They are called from one thread at a time, never
 * from inside a callback.
 */
#ifndef IVCS_CONFORM_H
#define IVCS_CONFORM_H

#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/*
 * Sets what a device is given, before iv_cs_init: one JSON object, in UTF-8 and
 * ended by NUL, with the keys endpoint, product_id, device_name, device_secret
 * and, for https with a certificate of one's own, ca_file (the path of a PEM
 * file). It replaces the environment. The text is the caller's again on return.
 */
int ivcs_conform_configure(const char *json);

/*
 * From now on time stands still at utc_ms, in milliseconds since 1970-01-01
 * 00:00:00 UTC, and moves by the next two functions only. Network I/O stays real.
 */
int ivcs_conform_clock_freeze(uint64_t utc_ms);

/*
 * Moves wall clock and monotonic time on by ms milliseconds, from one due timer
 * to the next, and returns when everything due has run and every callback it
 * caused has returned. At each stop it waits for the transfers under way, until
 * they have ended or no byte has moved for 0.5 s of real time, not for the long
 * poll of the plan, and for 10 s of real time in all at most: then it returns 1.
 * With 0 it only waits.
 */
int ivcs_conform_clock_advance(uint32_t ms);

/*
 * Moves the wall clock alone, by ms milliseconds forward or, if negative, back:
 * a time correction. Timers do not notice.
 */
int ivcs_conform_clock_step(int64_t ms);

#ifdef __cplusplus
}
#endif

#endif /* IVCS_CONFORM_H */
