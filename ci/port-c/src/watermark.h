/* watermark: the alarms of iv_cs_congestion_ctrl_s. One per mark when the level reaches it; the next one
 * only after the level has fallen well below, so that noise around a mark is no series of alarms. */
#ifndef IVCS_WATERMARK_H
#define IVCS_WATERMARK_H

#include "iv_cs.h"

#include <stdbool.h>

struct watermark {
    iv_cs_congestion_ctrl_s cfg;
    bool above[3];
};

/* Whether iv_cs_init may take the marks. */
bool watermark_valid(const iv_cs_congestion_ctrl_s *cfg, size_t buffer);

/* Tells the new level; `alarm` is called in ascending order for each mark that is reached and returns
 * false if it could not be raised: then it is tried again. */
void watermark_level(struct watermark *w, size_t level, bool (*alarm)(iv_cs_notify_msg_type_e type));

#endif
