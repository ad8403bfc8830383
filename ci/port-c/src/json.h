/* json: as much of JSON as the cloud binding needs: read one object's members, write strings safely. */
#ifndef IVCS_JSON_H
#define IVCS_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Members of the object at the start of `text`. false: there is no such member, or of another type, or
 * the text is not JSON up to there, or the string does not fit. */
bool json_string(const char *text, const char *key, char *dst, size_t size);
bool json_int(const char *text, const char *key, int64_t *dst);
bool json_bool(const char *text, const char *key, bool *dst);
/* The text of a member that is itself an object. */
const char *json_object(const char *text, const char *key);

/* Calls each for every member of an object that is a string. */
void json_each_string(const char *object, void (*each)(void *ctx, const char *key, const char *value), void *ctx);

/* `src` as a JSON string with its quotes, or null for NULL. false: it does not fit. */
bool json_quote(char *dst, size_t size, const char *src);

#endif
