build/iv_cs_balance.o: src/iv_cs_balance.c src/config.h src/retry.h \
 src/cloud.h src/clock.h src/net.h src/thread.h src/sdk.h \
 ../../reference/include/iv_cs.h ../../reference/include/iv_cm.h \
 ../../reference/include/iv_err.h
