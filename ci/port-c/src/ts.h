/*
 * ts: writes a segment as MPEG-TS, packet by packet, straight from the ring. Nothing is buffered, so a
 * segment costs no memory beyond its frames (note 7), its size is found by writing it to nowhere, and a
 * repeated upload simply writes it again.
 *
 * A segment stands alone: PAT and PMT first, PMT names exactly the streams that occur, then a PCR; each
 * frame is one PES. PTS is the caller's in 90 kHz plus a constant, so the PCR can run ahead of it.
 */
#ifndef IVCS_TS_H
#define IVCS_TS_H

#include "ring.h"

#define TS_PACKET 188

/* Continues from one segment to the next. */
struct ts_counters {
    uint8_t pat, pmt, video, audio;
};

struct ts {
    /* What to write. */
    const struct ring *ring;
    uint64_t pos, end;
    bool h265, has_video, has_audio;
    struct ts_counters counters;

    /* Where the writing is. */
    int tables;           /* of PAT and PMT, how many are out */
    struct frame frame;
    uint64_t data;        /* ring position of the frame's bytes that are to follow */
    size_t data_left;
    uint8_t head[64];     /* PES header, and the delimiter that the caller left out */
    size_t head_size, head_left;
    bool first_of_frame, has_frame;
    bool has_pcr;
    uint64_t pcr, pcr_target; /* 90 kHz; while they differ by more than the interval, PCRs are filled in */
};

/* The fields of the first group are set by the caller, all others are zero. Returns false behind the
 * last packet. */
bool ts_packet(struct ts *t, uint8_t out[TS_PACKET]);

#endif
