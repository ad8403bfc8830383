build/retry.o: src/retry.c src/retry.h src/cloud.h src/clock.h src/net.h \
 src/thread.h
