/* Libraries that do one thing wrong: -DINIT=…, -DPUSH=… put statements into a
 * function; without any it answers every call with 0. */
#define _GNU_SOURCE
#include "mini.h"

#include <fcntl.h>
#include <malloc.h>
#include <pthread.h>
#include <semaphore.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

struct parm cb;
uint8_t *kept;
int32_t kept_len;
volatile int sink;

#ifdef MORE
MORE
#endif

int iv_cs_init(struct parm *p) { if (p) cb = *p; INIT; }
#ifndef NO_EXIT
int iv_cs_exit(void) { EXIT; }
#endif
int iv_cs_push_stream(int type, void *pack) { struct venc *v = pack; (void)type; (void)v; PUSH; }
int iv_cs_event_directly_report(int32_t id, uint32_t t, uint8_t *pic, uint32_t len) { (void)id; (void)t; (void)pic; (void)len; DIRECT; }
int iv_cs_event_start(int32_t id) { (void)id; START; }
int iv_cs_event_stop(int32_t id) { (void)id; return 0; }
int iv_cs_event_start_ext(int32_t id, uint32_t a, uint32_t b) { (void)id; (void)a; (void)b; return 0; }
int iv_cs_event_stop_ext(int32_t id, uint32_t a, uint32_t b) { (void)id; (void)a; (void)b; return 0; }
int iv_cs_get_balance_info(struct balance *b, uint32_t t) { (void)b; (void)t; return 0; }
int iv_cs_set_ai_process(int32_t id, int type, void *args) { (void)id; (void)type; (void)args; return 0; }
int iv_cs_get_ai_process(int32_t id, int *type, void *args) { (void)id; (void)type; (void)args; return 0; }
int iv_cs_set_trans_time(uint32_t up, uint32_t reply) { (void)up; (void)reply; return 0; }
