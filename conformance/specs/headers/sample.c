/* The sample code's own name for the time stamp of an audio pack (AMB-93). */
#include "iv_cs.h"

void stamp(iv_cm_aenc_pack_s *audio_pack, int frame_count_a);
void stamp(iv_cm_aenc_pack_s *audio_pack, int frame_count_a)
{
    audio_pack->u64TimeStamp = (uint64_t)(frame_count_a * 1024 / 48.0);
}
