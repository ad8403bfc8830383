build-nohooks/ts.o: src/ts.c src/ts.h src/ring.h
