build/ts.o: src/ts.c src/ts.h src/ring.h
