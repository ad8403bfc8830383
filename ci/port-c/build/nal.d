build/nal.o: src/nal.c src/nal.h
