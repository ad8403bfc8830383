build-nohooks/nal.o: src/nal.c src/nal.h
