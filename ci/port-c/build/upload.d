build/upload.o: src/upload.c src/segment.h src/ring.h src/sdk.h \
 src/clock.h src/cloud.h src/net.h src/thread.h \
 ../../reference/include/iv_cs.h ../../reference/include/iv_cm.h \
 ../../reference/include/iv_err.h src/ts.h src/retry.h
