build-nohooks/audio.o: src/audio.c src/audio.h \
 ../../reference/include/iv_cs.h ../../reference/include/iv_cm.h \
 ../../reference/include/iv_err.h
