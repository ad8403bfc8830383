build/cloud.o: src/cloud.c src/cloud.h src/clock.h src/net.h src/thread.h \
 src/config.h src/json.h
