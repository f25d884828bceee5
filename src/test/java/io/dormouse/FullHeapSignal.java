package io.dormouse;

import io.dormouse.loop.Loop;
import io.dormouse.loop.SelectorLoop;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/** An app whose heap is full when the first signal of its JVM is raised. It says whether it ran. */
final class FullHeapSignal {
  private FullHeapSignal() {}

  /** Plays the app. */
  public static void main(String[] args) throws InterruptedException {
    SelectorLoop loop = SelectorLoop.start("full-heap-signal", () -> {});
    CountDownLatch ran = new CountDownLatch(1);
    Loop.Signal signal = loop.signal(ran::countDown);
    FullHeap.clear();
    FullHeap.fill();
    try {
      signal.raise();
    } finally {
      FullHeap.clear();
    }
    System.out.println("result ran " + ran.await(20, TimeUnit.SECONDS));
    System.exit(0);
  }
}
