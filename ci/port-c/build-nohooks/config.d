build-nohooks/config.o: src/config.c src/config.h src/json.h
