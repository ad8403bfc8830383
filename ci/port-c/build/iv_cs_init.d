build/iv_cs_init.o: src/iv_cs_init.c src/sdk.h src/clock.h src/cloud.h \
 src/net.h src/thread.h ../../reference/include/iv_cs.h \
 ../../reference/include/iv_cm.h ../../reference/include/iv_err.h \
 src/audio.h src/config.h src/push.h src/watermark.h
