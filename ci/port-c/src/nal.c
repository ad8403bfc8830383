#include "nal.h"

#include <string.h>

/* Bits of a NAL unit's payload, emulation prevention bytes left out. Reading past the end gives zeros and
 * sets `over`. */
struct bits {
    const uint8_t *data;
    size_t size, at;
    unsigned left, zeros;
    uint8_t byte;
    bool over;
};

static unsigned bit(struct bits *b)
{
    if (b->left == 0) {
        if (b->at < b->size && b->zeros >= 2 && b->data[b->at] == 3)
            b->at++, b->zeros = 0;
        if (b->at >= b->size) {
            b->over = true;
            return 0;
        }
        b->byte = b->data[b->at++];
        b->zeros = b->byte ? 0 : b->zeros + 1;
        b->left = 8;
    }
    return b->byte >> --b->left & 1;
}

static unsigned bits(struct bits *b, unsigned n)
{
    unsigned v = 0;
    while (n--)
        v = v << 1 | bit(b);
    return v;
}

/* ue(v) */
static unsigned golomb(struct bits *b)
{
    unsigned zeros = 0;
    while (!b->over && zeros < 31 && bit(b) == 0)
        zeros++;
    return (1u << zeros) - 1 + bits(b, zeros);
}

/* The next NAL unit at or after *at: its first byte and size. A start code is 00 00 01, before it any zeros. */
static const uint8_t *next_nal(const uint8_t *data, size_t size, size_t *at, size_t *nal_size)
{
    size_t i = *at;
    while (i + 3 <= size && !(data[i] == 0 && data[i + 1] == 0 && data[i + 2] == 1))
        i++;
    if (i + 3 >= size)
        return NULL;
    const uint8_t *nal = data + i + 3;
    size_t end = i + 3;
    while (end < size) {
        const uint8_t *zero = memchr(data + end, 0, size - end);
        end = zero ? (size_t)(zero - data) : size;
        if (end + 3 <= size && data[end + 1] == 0 && data[end + 2] <= 1)
            break;
        if (end < size)
            end++;
    }
    *at = end;
    *nal_size = (size_t)(data + end - nal);
    return nal;
}

static enum picture classify_h264(const uint8_t *data, size_t size, bool *has_aud)
{
    bool sps = false, pps = false, idr = false, slice = false;
    size_t at = 0, n;
    const uint8_t *nal;
    while ((nal = next_nal(data, size, &at, &n))) {
        if (nal[0] & 0x80)
            return PICTURE_BAD; /* forbidden_zero_bit */
        unsigned type = nal[0] & 0x1F;
        *has_aud |= type == 9 && !slice && !sps;
        sps |= type == 7;
        pps |= type == 8;
        if (type == 5 || type == 1) {
            struct bits b = {.data = nal + 1, .size = n - 1};
            golomb(&b); /* first_mb_in_slice */
            unsigned slice_type = golomb(&b) % 5;
            if (slice_type == 1 && !b.over)
                return PICTURE_B;
            idr |= type == 5;
            slice = true;
        }
    }
    if (!slice || (idr && !(sps && pps)))
        return PICTURE_BAD;
    return idr ? PICTURE_KEY : PICTURE_PREDICTED;
}

/* What of a sequence parameter set the order of pictures needs (H.265 7.3.2.2). */
static void read_sps(struct nal_state *s, const uint8_t *nal, size_t n)
{
    struct bits b = {.data = nal + 2, .size = n - 2};
    bool profile[8], level[8];
    bits(&b, 4);
    unsigned layers = bits(&b, 3);
    bits(&b, 1);
    for (int i = 0; i < 12; i++)
        bits(&b, 8); /* general profile, tier and level */
    for (unsigned i = 0; i < layers; i++)
        profile[i] = bit(&b), level[i] = bit(&b);
    for (unsigned i = layers; layers > 0 && i < 8; i++)
        bits(&b, 2);
    for (unsigned i = 0; i < layers; i++)
        for (int j = (profile[i] ? 11 : 0) + (level[i] ? 1 : 0); j > 0; j--)
            bits(&b, 8);
    golomb(&b); /* id */
    bool planes = golomb(&b) == 3 && bit(&b);
    golomb(&b), golomb(&b); /* width, height */
    if (bit(&b))
        golomb(&b), golomb(&b), golomb(&b), golomb(&b); /* conformance window */
    golomb(&b), golomb(&b);                             /* bit depths */
    unsigned poc_bits = golomb(&b) + 4;
    bool good = !b.over && poc_bits <= 16;
    s->poc_bits = good ? poc_bits : 0;
    s->separate_planes = planes;
    s->has_poc = false;
}

static void read_pps(struct nal_state *s, const uint8_t *nal, size_t n)
{
    struct bits b = {.data = nal + 2, .size = n - 2};
    golomb(&b), golomb(&b); /* ids */
    s->dependent_slices = bit(&b);
    s->output_flag = bit(&b);
    s->slice_extra_bits = bits(&b, 3);
    if (b.over)
        s->poc_bits = 0;
}

/* Whether the picture is shown before one that was sent earlier: the first slice's picture order count,
 * made whole as in H.265 8.3.1. */
static bool reordered(struct nal_state *s, unsigned type, const uint8_t *nal, size_t n)
{
    struct bits b = {.data = nal + 2, .size = n - 2};
    bool irap = type >= 16 && type <= 23;
    if (!bit(&b) || !s->poc_bits)
        return false; /* not the first slice of the picture */
    if (irap)
        bit(&b);
    golomb(&b); /* parameter set */
    bits(&b, s->slice_extra_bits);
    golomb(&b); /* slice_type: a low-delay P picture may well be coded as B */
    if (s->output_flag)
        bit(&b);
    if (s->separate_planes)
        bits(&b, 2);
    int64_t range = (int64_t)1 << s->poc_bits;
    int64_t poc = type == 19 || type == 20 ? 0 : (int64_t)bits(&b, s->poc_bits);
    if (b.over)
        return false;
    if (!irap && s->has_poc) {
        poc += s->highest_poc / range * range;
        if (poc < s->highest_poc - range / 2)
            poc += range;
        else if (poc > s->highest_poc + range / 2)
            poc -= range;
        if (poc < s->highest_poc)
            return true;
    }
    s->highest_poc = poc;
    s->has_poc = true;
    return false;
}

static enum picture classify_h265(struct nal_state *s, const uint8_t *data, size_t size, bool *has_aud)
{
    bool vps = false, sps = false, pps = false, key = false, slice = false;
    size_t at = 0, n;
    const uint8_t *nal;
    while ((nal = next_nal(data, size, &at, &n))) {
        if (n < 2 || nal[0] & 0x80 || !(nal[1] & 7))
            return PICTURE_BAD; /* forbidden_zero_bit; temporal id plus 1 is never 0 */
        unsigned type = nal[0] >> 1 & 0x3F;
        *has_aud |= type == 35 && !slice && !vps && !sps;
        vps |= type == 32;
        sps |= type == 33;
        pps |= type == 34;
        if (type == 33)
            read_sps(s, nal, n);
        else if (type == 34)
            read_pps(s, nal, n);
        else if (type >= 6 && type <= 9)
            return PICTURE_B; /* RADL, RASL: leading pictures are reordered by definition */
        else if (type < 32) {
            if (reordered(s, type, nal, n))
                return PICTURE_B;
            key |= type >= 16 && type <= 21;
            slice = true;
        }
    }
    if (!slice || (key && !(vps && sps && pps)))
        return PICTURE_BAD;
    return key ? PICTURE_KEY : PICTURE_PREDICTED;
}

enum picture nal_classify(struct nal_state *s, bool h265, const uint8_t *data, size_t size, bool *has_aud)
{
    *has_aud = false;
    if (size < 4 || data[0] != 0 || data[1] != 0 || !(data[2] == 1 || (data[2] == 0 && data[3] == 1)))
        return PICTURE_BAD;
    return h265 ? classify_h265(s, data, size, has_aud) : classify_h264(data, size, has_aud);
}
