/* What the files of the shim share. shim.c has the picture. */
#ifndef SHIM_H
#define SHIM_H

#include "abi.h"

#define PROTOCOL 1
#define WORKERS 9          /* threads 0 to 7 for calls, 8 for the hooks */
#define NO_RETURN INT32_MIN /* the code of a call that could not be made */

/* Frames: u32 length, then that many bytes, the first of which is the type. All
 * numbers are little-endian, whatever the machine. */
enum {
    IN_CALL = 1, IN_ANSWER, IN_STAT, IN_HEAP, IN_BYE, IN_SEQUENCE,
    OUT_HELLO = 0x81, OUT_LOADED, OUT_LOAD_ERROR, OUT_CALL_BEGIN, OUT_CALL_END, OUT_CB_ENTER, OUT_CB_LEAVE,
    OUT_STAT, OUT_ACK, OUT_CRASH, OUT_BYE, OUT_REFUSED, OUT_SKIPPED
};

/* wire.c: reading and writing of frames. A reader that runs out of bytes sets
 * bad and gives zeros; a writer that is full drops the rest of a text. */
struct in {
    const uint8_t *p;
    size_t n, at;
    int bad;
};
struct out {
    uint8_t *b;
    size_t n, cap;
};
#define OUT(name, type, cap) \
    uint8_t name##_bytes[cap]; \
    struct out name = {name##_bytes, 4, cap}; \
    put8(&name, type)

uint8_t get8(struct in *in);
uint32_t get32(struct in *in);
uint64_t get64(struct in *in);
const uint8_t *get_bytes(struct in *in, uint32_t *len);
void put8(struct out *o, uint8_t v);
void put32(struct out *o, uint32_t v);
void put64(struct out *o, uint64_t v);
void put_text(struct out *o, const char *s);
void wire_init(int in_fd, int out_fd);
int wire_read(uint8_t **frame, size_t *len); /* 0 at the end of the stream; the frame is the caller's */
void wire_send(struct out *o);
void wire_hold(struct out *o); /* goes with the next frame that is sent: fewer writes, the same order */
void wire_flush(void);
void wire_refuse(const char *why); /* says why the shim gives up, and ends it */

/* heap.c: the shim's own memory, and the count of everyone else's. */
void *own_alloc(size_t n);
void own_free(void *p);
void heap_quiet(int on); /* what this thread allocates now is the shim's doing */
void heap_control(struct in *in);
void heap_put(struct out *o);

/* guard.c: memory that can be taken away. */
enum { REGION_PICTURE = 1, REGION_REPORT, REGION_BUFFER };
struct region {
    uint8_t *base, *data;
    size_t size, len;
    void *cell; /* REGION_PICTURE: the uint8_t ** of its capture callback */
    uint32_t id;
    int kind, released;
};
void guard_init(int tight);
int guard_tight(void);
struct region *guard_new(int kind, const uint8_t *data, size_t len);
uint8_t *guard_nowhere(void); /* a page that nobody may touch */
void guard_release(struct region *r);
struct region *guard_picture(const uint8_t *data); /* the picture at that address, released or not */
struct region *guard_find(const void *addr);       /* for the crash handler */

/* calls.c: one call of the library. */
struct result {
    int32_t code;
    int missing;
    int modified;
    uint32_t modified_at;
    int32_t out[2];
    uint64_t began, ended;
};
int calls_load(const char *path, char *why, size_t cap); /* 0: could not be loaded */
uint32_t calls_symbols(void);                            /* bit n: function n is there */
int calls_live(void);                                    /* initialised and not exited */
int32_t calls_run(uint32_t id, uint8_t fn, struct in *body, uint32_t answer, uint32_t index); /* its code */

/* callbacks.c: the seven trampolines and the table they answer from. */
void callbacks_set(struct in *in);
void callbacks_fill(iv_cs_init_parm_s *p, uint32_t slots);
uint32_t serial_next(void);

/* Who runs on this thread. */
extern _Thread_local int this_worker;       /* -1: a thread of the library */
extern _Thread_local int this_sequence;     /* in a sequence of calls: what they tell is held */
extern _Thread_local uint32_t this_call;    /* id of the call it is in, 0: none */
extern _Thread_local uint32_t this_cb;      /* serial of the callback it is in, 0: none */
extern _Thread_local uint8_t this_fn, this_slot; /* of which; 0xFF: none */

/* process.c: the machine below. Times and sleeps go to the kernel directly,
 * where libfaketime cannot reach them. */
uint64_t mono_ns(void);
uint64_t wall_ns(void); /* the wall clock as the library sees it */
uint32_t thread_id(void);
void machine_sleep(uint64_t ns);
void process_init(void);
void process_await_debugger(void); /* if the environment asks for it */
void process_shift(int64_t ns); /* added to CLOCK_MONOTONIC: the clock of a run elsewhere */
void process_worker_started(void);
void process_put(struct out *o);
void process_limit(uint64_t headroom);

/* board.c: the shim where the run is not. */
int board_main(int argc, char **argv);

/* crash.c */
void crash_init(void);

#endif
