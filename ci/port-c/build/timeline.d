build/timeline.o: src/timeline.c src/timeline.h src/clock.h
