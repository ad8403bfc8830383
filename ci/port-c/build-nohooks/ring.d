build-nohooks/ring.o: src/ring.c src/ring.h
