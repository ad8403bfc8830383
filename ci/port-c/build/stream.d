build/stream.o: src/stream.c src/sdk.h src/clock.h src/cloud.h src/net.h \
 src/thread.h ../../reference/include/iv_cs.h \
 ../../reference/include/iv_cm.h ../../reference/include/iv_err.h
