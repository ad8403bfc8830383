/* The interface as the miniature libraries know it. It is written down a second
 * time, apart from the shim's: that is what makes them a test of the layouts. */
#ifndef MINI_H
#define MINI_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

struct venc { uint8_t *addr; uint32_t len; uint64_t pts; int type; uint32_t seq; };
struct aenc { uint8_t *addr; uint32_t len; uint64_t pts; uint32_t seq; };
struct slice { uint64_t utc_a, utc_b, pts_a, pts_b; uint32_t seq_a, seq_b, upload, total; int state; };
struct info { struct slice slice[10]; int32_t num; };
struct data { struct info *info; };
struct result { int32_t code, id; uint32_t start, end; };
struct balance { int on, type; };

struct parm {
    uint32_t gop;
    struct { size_t low, warn, high; int8_t enable; } marks;
    struct {
        int audio, aac, mode, width, rate;
        uint32_t samples;
        int video;
        uint32_t w, h, fps, reserve[4];
    } av;
    int opt;
    int (*start)(void);
    int (*stop)(void);
    void (*ai)(unsigned int, unsigned long long);
    int (*capture)(int32_t, uint8_t **, int32_t *);
    int (*picture)(uint8_t **, int32_t);
    int (*report)(struct result *);
    int (*notify)(int, struct data *);
};

#ifndef INIT
#define INIT return 0
#endif
#ifndef EXIT
#define EXIT return 0
#endif
#ifndef PUSH
#define PUSH return 0
#endif
#ifndef DIRECT
#define DIRECT return 0
#endif
#ifndef START
#define START return 0
#endif

#endif
