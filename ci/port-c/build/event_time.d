build/event_time.o: src/event_time.c src/event_time.h
