build-nohooks/clock.o: src/clock.c src/clock.h
