build/clock.o: src/clock.c src/clock.h src/net.h src/thread.h
