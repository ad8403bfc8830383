#include "watermark.h"

bool watermark_valid(const iv_cs_congestion_ctrl_s *cfg, size_t buffer)
{
    if (cfg->enable == 0)
        return true;
    return cfg->enable == 1 && cfg->low_mark <= cfg->warn_mark && cfg->warn_mark <= cfg->high_mark && cfg->high_mark <= buffer;
}

void watermark_level(struct watermark *w, size_t level, bool (*alarm)(iv_cs_notify_msg_type_e type))
{
    const size_t marks[] = {w->cfg.low_mark, w->cfg.warn_mark, w->cfg.high_mark};
    const iv_cs_notify_msg_type_e types[] = {IV_CS_AV_UPLOAD_WATERMARK_LOW, IV_CS_AV_UPLOAD_WATERMARK_WARN,
                                             IV_CS_AV_UPLOAD_WATERMARK_HIGH};
    if (w->cfg.enable == 0)
        return;
    for (int i = 0; i < 3; i++) {
        if (level >= marks[i] && level > 0 && !w->above[i])
            w->above[i] = alarm(types[i]);
        else if (level < marks[i] - marks[i] / 8)
            w->above[i] = false;
    }
}
