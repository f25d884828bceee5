package io.dormouse.http;

import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;

/**
 * Where calls wait, each on its own thread, until something has changed that they should look at:
 * for all of them, or for one. Any thread.
 */
final class Waiters {
  private final Map<GatedCall, Semaphore> waiting = new ConcurrentHashMap<>();
  private final Patience patience;

  /** How a thread waits for a permit, so long at most. */
  @FunctionalInterface
  interface Patience {
    boolean acquire(Semaphore permits, long nanos) throws InterruptedException;
  }

  /** Creates one where calls wait in real time. */
  Waiters() {
    this((permits, nanos) -> permits.tryAcquire(nanos, TimeUnit.NANOSECONDS));
  }

  Waiters(Patience patience) {
    this.patience = patience;
  }

  /** What one call waits with; it waits in one place at a time. */
  final class Waiter implements AutoCloseable {
    private final GatedCall call;
    private final Semaphore changes = new Semaphore(0);

    private Waiter(GatedCall call) {
      this.call = call;
      waiting.put(call, changes);
    }

    /** From now on a change ends the wait: to be called before looking at what may change. */
    void look() {
      int unused = changes.drainPermits();
    }

    /** Waits until something has changed since {@link #look}. */
    void awaitChange(long nanos) throws InterruptedException {
      boolean unused = patience.acquire(changes, nanos);
    }

    @Override
    public void close() {
      waiting.remove(call, changes);
    }
  }

  Waiter waiter(GatedCall call) {
    return new Waiter(call);
  }

  void wake(GatedCall call) {
    Semaphore changes = waiting.get(call);
    if (changes != null) {
      changes.release();
    }
  }

  void wakeAll() {
    waiting.values().forEach(Semaphore::release);
  }
}
