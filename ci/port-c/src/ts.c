#include "ts.h"

#include <string.h>

#define PID_PAT 0x0000
#define PID_PMT 0x1000
#define PID_VIDEO 0x0100
#define PID_AUDIO 0x0101
#define PROGRAM 1

#define STREAM_H264 0x1B
#define STREAM_H265 0x24
#define STREAM_ADTS 0x0F

/* PTS = caller's ms * 90 + PTS_AHEAD, PCR = caller's ms * 90: a frame is due half a second after its first
 * byte has arrived, so PCR <= PTS always holds, also for what is pushed a little late. */
#define PTS_AHEAD 45000
#define CLOCK_MASK ((UINT64_C(1) << 33) - 1)
#define PCR_INTERVAL (90 * 90) /* 90 ms; ISO 13818-1 wants at most 100 */
#define PCR_FILL_MAX (125 * 90000) /* longer than note 5 lets a recording be silent */

static uint32_t crc32_mpeg(const uint8_t *p, size_t n)
{
    uint32_t crc = 0xFFFFFFFF;
    for (; n; n--, p++) {
        crc ^= (uint32_t)*p << 24;
        for (int i = 0; i < 8; i++)
            crc = crc & 0x80000000 ? crc << 1 ^ 0x04C11DB7 : crc << 1;
    }
    return crc;
}

static void header(uint8_t out[TS_PACKET], unsigned pid, bool start, unsigned adaptation, uint8_t counter)
{
    out[0] = 0x47;
    out[1] = (uint8_t)(start << 6 | pid >> 8);
    out[2] = (uint8_t)pid;
    out[3] = (uint8_t)(adaptation << 4 | (counter & 15));
}

/* A section that begins at out + 5 and is `n` bytes long without its CRC. */
static void table(uint8_t out[TS_PACKET], unsigned pid, uint8_t *counter, size_t n)
{
    header(out, pid, true, 1, (*counter)++);
    out[4] = 0; /* pointer_field */
    uint8_t *s = out + 5;
    s[1] = (uint8_t)(0xB0 | (n + 1) >> 8); /* section_length: from behind itself to the CRC's end */
    s[2] = (uint8_t)(n + 1);
    uint32_t crc = crc32_mpeg(s, n);
    s[n] = (uint8_t)(crc >> 24), s[n + 1] = (uint8_t)(crc >> 16), s[n + 2] = (uint8_t)(crc >> 8), s[n + 3] = (uint8_t)crc;
    memset(s + n + 4, 0xFF, (size_t)(out + TS_PACKET - (s + n + 4)));
}

static void write_pat(struct ts *t, uint8_t out[TS_PACKET])
{
    static const uint8_t pat[] = {0x00, 0, 0, 0, 1, 0xC1, 0, 0, 0, PROGRAM, 0xE0 | PID_PMT >> 8, PID_PMT & 0xFF};
    memcpy(out + 5, pat, sizeof pat);
    table(out, PID_PAT, &t->counters.pat, sizeof pat);
}

static unsigned pcr_pid(const struct ts *t)
{
    return t->has_video ? PID_VIDEO : PID_AUDIO;
}

static void write_pmt(struct ts *t, uint8_t out[TS_PACKET])
{
    uint8_t *p = out + 5;
    /* Another set of streams is another version of the table. */
    uint8_t version = (uint8_t)(t->has_video | t->has_audio << 1);
    unsigned pcr = pcr_pid(t);
    const uint8_t head[] = {0x02, 0, 0, 0, PROGRAM, (uint8_t)(0xC1 | version << 1), 0, 0, (uint8_t)(0xE0 | pcr >> 8), (uint8_t)pcr, 0xF0, 0};
    memcpy(p, head, sizeof head);
    p += sizeof head;
    if (t->has_video) {
        const uint8_t video[] = {t->h265 ? STREAM_H265 : STREAM_H264, 0xE0 | PID_VIDEO >> 8, PID_VIDEO & 0xFF, 0xF0, 0};
        memcpy(p, video, sizeof video);
        p += sizeof video;
    }
    if (t->has_audio) {
        const uint8_t audio[] = {STREAM_ADTS, 0xE0 | PID_AUDIO >> 8, PID_AUDIO & 0xFF, 0xF0, 0};
        memcpy(p, audio, sizeof audio);
        p += sizeof audio;
    }
    table(out, PID_PMT, &t->counters.pmt, (size_t)(p - (out + 5)));
}

static void put_pcr(uint8_t *p, uint64_t pcr)
{
    p[0] = (uint8_t)(pcr >> 25), p[1] = (uint8_t)(pcr >> 17), p[2] = (uint8_t)(pcr >> 9), p[3] = (uint8_t)(pcr >> 1);
    p[4] = (uint8_t)((pcr & 1) << 7 | 0x7E), p[5] = 0;
}

/* A packet that carries nothing but the PCR; it does not count (ISO 13818-1, 2.4.3.3). */
static void write_pcr(struct ts *t, uint8_t out[TS_PACKET])
{
    uint8_t next = t->has_video ? t->counters.video : t->counters.audio;
    header(out, pcr_pid(t), false, 2, (uint8_t)(next - 1));
    out[4] = TS_PACKET - 5;
    out[5] = 0x10;
    put_pcr(out + 6, t->pcr);
    memset(out + 12, 0xFF, TS_PACKET - 12);
}

static bool carries_pcr(const struct ts *t, const struct frame *f)
{
    return f->video || !t->has_video;
}

static uint64_t pcr_of(const struct frame *f)
{
    return f->pts * 90 & CLOCK_MASK;
}

/* The PES header and, where the caller's access unit has no delimiter, one: H.264 and H.265 in a
 * transport stream need it. */
static void begin_frame(struct ts *t)
{
    static const uint8_t aud264[] = {0, 0, 0, 1, 0x09, 0xF0}, aud265[] = {0, 0, 0, 1, 0x46, 0x01, 0x50};
    const struct frame *f = &t->frame;
    uint8_t *p = t->head;
    const uint8_t *aud = t->h265 ? aud265 : aud264;
    size_t aud_size = !f->video || f->has_aud ? 0 : t->h265 ? sizeof aud265 : sizeof aud264;
    uint64_t pts = (f->pts * 90 + PTS_AHEAD) & CLOCK_MASK;
    size_t length = 8 + aud_size + f->size;
    if (length > 0xFFFF)
        length = 0; /* "unbounded", for video only */
    const uint8_t pes[] = {0, 0, 1, f->video ? 0xE0 : 0xC0, (uint8_t)(length >> 8), (uint8_t)length,
                           0x84, 0x80, 5, /* aligned; PTS */
                           (uint8_t)(0x21 | (pts >> 29 & 0x0E)), (uint8_t)(pts >> 22), (uint8_t)(pts >> 14 | 1),
                           (uint8_t)(pts >> 7), (uint8_t)(pts << 1 | 1)};
    memcpy(p, pes, sizeof pes);
    memcpy(p + sizeof pes, aud, aud_size);
    t->head_size = t->head_left = sizeof pes + aud_size;
    t->first_of_frame = true;
}

static void write_payload(struct ts *t, uint8_t out[TS_PACKET])
{
    const struct frame *f = &t->frame;
    uint8_t *field = out + 5;
    size_t extra = 0; /* adaptation field behind its length byte */
    bool flags = t->first_of_frame && carries_pcr(t, f);
    if (flags) {
        field[0] = (uint8_t)(f->jump << 7 | (f->key || !f->video) << 6 | 0x10);
        put_pcr(field + 1, t->pcr);
        extra = 7;
    }
    size_t room = TS_PACKET - 4 - (extra ? 1 + extra : 0), left = t->head_left + t->data_left;
    bool adapt = extra > 0;
    if (left < room) { /* stuff the last packet of the frame */
        size_t stuffing = room - left;
        if (!adapt) {
            stuffing--; /* the length byte */
            adapt = true;
            if (stuffing > 0) {
                field[0] = 0;
                extra = 1;
                stuffing--;
            }
        }
        memset(field + extra, 0xFF, stuffing);
        extra += stuffing;
        room = left;
    }
    header(out, f->video ? PID_VIDEO : PID_AUDIO, t->first_of_frame, adapt ? 3 : 1,
           f->video ? t->counters.video++ : t->counters.audio++);
    uint8_t *p = out + 4;
    if (adapt) {
        *p++ = (uint8_t)extra;
        p += extra;
    }
    size_t n = t->head_left < room ? t->head_left : room;
    memcpy(p, t->head + t->head_size - t->head_left, n);
    t->head_left -= n;
    p += n, room -= n;
    ring_read(t->ring, t->data, p, room);
    t->data += room;
    t->data_left -= room;
    t->first_of_frame = false;
}

/* The PCR before the first frame: that of the first frame which will carry one. */
static void first_pcr(struct ts *t)
{
    struct frame f = {0};
    for (uint64_t pos = t->pos; pos < t->end;) {
        pos = ring_frame(t->ring, pos, &f);
        if (carries_pcr(t, &f))
            break;
    }
    t->pcr = pcr_of(&f);
    t->has_pcr = true;
}

/* Takes the next frame in hand. false: there is none. */
static bool next_frame(struct ts *t)
{
    if (t->pos >= t->end)
        return false;
    t->data = ring_data(t->pos);
    t->pos = ring_frame(t->ring, t->pos, &t->frame);
    t->data_left = t->frame.size;
    t->has_frame = true;
    if (carries_pcr(t, &t->frame)) {
        t->pcr_target = pcr_of(&t->frame);
        if (((t->pcr_target - t->pcr) & CLOCK_MASK) > PCR_FILL_MAX)
            t->frame.jump = true; /* backwards, or so far ahead that filling in would be absurd */
        if (t->frame.jump)
            t->pcr = t->pcr_target;
    }
    begin_frame(t);
    return true;
}

bool ts_packet(struct ts *t, uint8_t out[TS_PACKET])
{
    if (t->tables < 2) {
        t->tables++ == 0 ? write_pat(t, out) : write_pmt(t, out);
        return true;
    }
    if (!t->has_pcr) {
        first_pcr(t);
        t->pcr_target = t->pcr;
        write_pcr(t, out);
        return true;
    }
    if (t->has_frame && t->head_left + t->data_left == 0)
        t->has_frame = false;
    if (!t->has_frame && !next_frame(t))
        return false;
    if (t->first_of_frame && carries_pcr(t, &t->frame)) {
        if (((t->pcr_target - t->pcr) & CLOCK_MASK) > PCR_INTERVAL) {
            t->pcr = (t->pcr + PCR_INTERVAL) & CLOCK_MASK;
            write_pcr(t, out);
            return true;
        }
        t->pcr = t->pcr_target;
    }
    write_payload(t, out);
    return true;
}
