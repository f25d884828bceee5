package io.dormouse.websocket;

import java.util.concurrent.atomic.AtomicInteger;
import java.util.zip.Deflater;
import java.util.zip.Inflater;
import org.jspecify.annotations.Nullable;

/**
 * Makes what inflates and deflates, for raw data (RFC 1951, without zlib's head and checksum). Each
 * holds memory outside the heap until its end, some 40 KiB to inflate and 260 KiB to deflate, so
 * they are counted. Any thread.
 */
final class Zlib {
  private static final AtomicInteger HELD = new AtomicInteger();

  private Zlib() {}

  static Inflater inflater() {
    Inflater made = new Inflater(true);
    HELD.incrementAndGet();
    return made;
  }

  static Deflater deflater() {
    Deflater made = new Deflater(Deflater.DEFAULT_COMPRESSION, true);
    HELD.incrementAndGet();
    return made;
  }

  /** Frees it; what is null is free. To be called once for each. */
  static void end(@Nullable Inflater inflater) {
    if (inflater != null) {
      inflater.end();
      HELD.decrementAndGet();
    }
  }

  /** Frees it; what is null is free. To be called once for each. */
  static void end(@Nullable Deflater deflater) {
    if (deflater != null) {
      deflater.end();
      HELD.decrementAndGet();
    }
  }

  /** Returns how many are not freed. */
  static int held() {
    return HELD.get();
  }
}
