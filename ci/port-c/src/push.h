/* push: what iv_cs_push_stream keeps from one frame to the next. */
#ifndef IVCS_PUSH_H
#define IVCS_PUSH_H

#include "iv_cs.h"

int push_init(const iv_cm_av_data_info_s *format);
void push_free(void);

#endif
