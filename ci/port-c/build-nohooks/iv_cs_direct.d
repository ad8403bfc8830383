build-nohooks/iv_cs_direct.o: src/iv_cs_direct.c src/retry.h src/cloud.h \
 src/clock.h src/net.h src/thread.h src/sdk.h \
 ../../reference/include/iv_cs.h ../../reference/include/iv_cm.h \
 ../../reference/include/iv_err.h
