build/net.o: src/net.c src/net.h src/clock.h src/thread.h
