/*
 * iv_err.h - the codes the iv_cs_* functions return and callbacks answer with.
 *
 * The specification names IV_ERR_NONE, IV_ERR_CS_QUERY_SERVICE_TIMEOUT and
 * IV_ERR_CS_APPLY_NO_SERVICE and says of every other failure only IV_ERR_*. So
 * a caller compares with IV_ERR_NONE, and with the two named codes where they
 * are promised; which other code a failure brings is a library's choice
 * (AMB-49).
 */
#ifndef IV_ERR_H
#define IV_ERR_H

#ifdef __cplusplus
extern "C" {
#endif

typedef enum {
    IV_ERR_NONE = 0, /* success, of every function and of every callback */

    IV_ERR_CS_INIT_PRM_NULL             = -600, /* a pointer that is needed is NULL */
    IV_ERR_CS_INIT_CB_NULL              = -601, /* a callback that is required is NULL */
    IV_ERR_CS_INIT_PRM_RANGE            = -602, /* a parameter is out of its range */
    IV_ERR_CS_UPLOAD_AUTH_NOT_AVAILABLE = -603, /* the cloud gave no authorisation to upload */
    IV_ERR_CS_UPLOAD_OPEN_FILE_FAIL     = -604, /* the cache file cannot be opened */
    IV_ERR_CS_PRM_NOT_AVAILABLE         = -605, /* not initialised */
    IV_ERR_CS_PRM_MALLOC_FAIL           = -606, /* no memory, or the buffer is full */
    IV_ERR_CS_APPLY_NO_SERVICE          = -607, /* no plan in force (note 13) */
    IV_ERR_CS_QUERY_SERVICE_TIMEOUT     = -608, /* the plan could not be fetched in time (iv_cs_get_balance_info) */
    IV_ERR_CS_EVENT_IS_VALID            = -609, /* the event is INvalid; published spelling */
    IV_ERR_CS_INIT_REPEAT               = -610, /* initialised already */
    IV_ERR_CS_NEED_IDR_FRAME            = -611, /* an IDR frame is needed first */
    IV_ERR_CS_NO_BALANCE                = -612, /* no balance left */
    IV_ERR_CS_HTTP_DATA_FAIL            = -613, /* an HTTP exchange failed */

    IV_ERR_DEVICE_OFFLINE = -1001 /* the device is offline */
} iv_err_code_e;

#ifdef __cplusplus
}
#endif

#endif /* IV_ERR_H */
