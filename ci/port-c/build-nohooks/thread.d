build-nohooks/thread.o: src/thread.c src/thread.h src/clock.h
