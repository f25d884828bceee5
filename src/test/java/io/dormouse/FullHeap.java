package io.dormouse;

import io.dormouse.connection.RetryPolicy;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.tcp.TcpConnection;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.Arrays;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;

/**
 * An app that fills its heap again and again while its peer sends numbered bytes, in a JVM of its
 * own with a small heap. It says whether a number was missing.
 */
final class FullHeap {
  /** Begins the bytes of each socket. */
  static final int BEGIN = 255;

  /** So many numbers there are; after the last one comes 0. */
  static final int NUMBERS = 251;

  private static final int TIMES = 20;
  private static final int MORE_BYTES = 1 << 20;

  private static final byte[][] hog = new byte[4_096][];

  // What looks at the bytes makes no object: it is to find what others lose.
  private static final AtomicLong received = new AtomicLong();
  private static final AtomicLong holes = new AtomicLong();
  private static int expected = BEGIN;

  private FullHeap() {}

  /** Plays the app; its argument is the peer's port. */
  public static void main(String[] args) {
    ManualAppLifecycle lifecycle = new ManualAppLifecycle();
    ConnectionRegistry registry =
        ConnectionRegistry.builder(lifecycle)
            .retryPolicy(ended -> RetryPolicy.Decision.retryUncounted(Duration.ofMillis(1)))
            .build();
    TcpConnection tcp =
        registry
            .tcp("numbers")
            .connectTo("127.0.0.1", Integer.parseInt(args[0]))
            .onData((connection, bytes) -> look(bytes))
            .register();
    lifecycle.onForeground();
    boolean unused = goesOn(0); // what the test itself needs is loaded by then
    fillOnce(1);
    LockSupport.parkNanos(1);
    clear();
    int stuck = 0;
    for (int i = 0; i < TIMES && stuck == 0; i++) {
      long before = received.get();
      fill();
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(30));
      clear();
      stuck = goesOn(before) ? 0 : 1;
    }
    System.out.println(
        "result holes " + holes.get() + " stuck " + stuck + " in " + tcp.snapshot().generation());
    System.exit(0);
  }

  private static void look(ByteBuffer bytes) {
    int count = bytes.remaining();
    int next = expected;
    for (int i = 0; i < count; i++) {
      int number = bytes.get() & 0xff;
      if (number != next && number != BEGIN) {
        holes.incrementAndGet();
      }
      next = number == BEGIN ? 0 : (number + 1) % NUMBERS;
    }
    expected = next;
    received.addAndGet(count);
  }

  /** Leaves no room for anything. */
  static void fill() {
    try {
      for (int size = 64 << 10; size >= 16; size /= 4) {
        fill(size);
      }
    } catch (OutOfMemoryError e) {
      // There is not even room for the loop.
    }
  }

  /** The heap is as good as empty again. */
  static void clear() {
    Arrays.fill(hog, null);
  }

  private static void fillOnce(int size) {
    hog[0] = new byte[size];
    try {
      throw new OutOfMemoryError("on purpose");
    } catch (OutOfMemoryError e) {
      hog[0] = null;
    }
  }

  private static void fill(int size) {
    try {
      for (int i = 0; i < hog.length; i++) {
        if (hog[i] == null) {
          hog[i] = new byte[size];
        }
      }
    } catch (OutOfMemoryError e) {
      // That was the aim.
    }
  }

  private static boolean goesOn(long before) {
    long limit = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
    while (received.get() - before < MORE_BYTES) {
      if (System.nanoTime() - limit > 0) {
        return false;
      }
      LockSupport.parkNanos(TimeUnit.MILLISECONDS.toNanos(1));
    }
    return true;
  }
}
