build-nohooks/iv_cs_push.o: src/iv_cs_push.c src/push.h \
 ../../reference/include/iv_cs.h ../../reference/include/iv_cm.h \
 ../../reference/include/iv_err.h src/audio.h src/nal.h src/ring.h \
 src/sdk.h src/clock.h src/cloud.h src/net.h src/thread.h
