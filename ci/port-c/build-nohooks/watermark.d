build-nohooks/watermark.o: src/watermark.c src/watermark.h \
 ../../reference/include/iv_cs.h ../../reference/include/iv_cm.h \
 ../../reference/include/iv_err.h
