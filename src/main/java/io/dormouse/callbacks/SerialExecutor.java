package io.dormouse.callbacks;

import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.Executor;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Runs one connection's callbacks on a shared executor, in order and never two at once. A callback
 * that throws is logged, and the next one runs. Any thread.
 */
public final class SerialExecutor implements Executor {
  private static final Logger log = LoggerFactory.getLogger("io.dormouse.callbacks");

  /** After so many callbacks the thread goes to the other connections that wait for it. */
  private static final int BATCH = 64;

  private final String owner;
  private final Executor executor;
  private final Executor fallback;
  private final ConcurrentLinkedQueue<Runnable> queue = new ConcurrentLinkedQueue<>();
  private final AtomicInteger pending = new AtomicInteger();

  /**
   * Creates a mailbox.
   *
   * @param owner whose, for the log
   * @param executor where callbacks run
   * @param fallback where they run if {@code executor} refuses: none is lost
   */
  SerialExecutor(String owner, Executor executor, Executor fallback) {
    this.owner = owner;
    this.executor = executor;
    this.fallback = fallback;
  }

  @Override
  public void execute(Runnable callback) {
    queue.add(callback);
    if (pending.getAndIncrement() == 0 && !start()) {
      run();
    }
  }

  /** Returns false if no executor takes it, as at the registry's end. */
  private boolean start() {
    return offer(executor) || (fallback != executor && offer(fallback));
  }

  private boolean offer(Executor to) {
    try {
      to.execute(this::run);
      return true;
    } catch (Throwable e) { // whatever it throws (no more threads, not started), it did not take it
      log.debug("{}: an executor refuses callbacks, another way is taken", owner, e);
      return false;
    }
  }

  private void run() {
    int done;
    do {
      done = 0;
      do {
        Runnable callback = queue.poll();
        if (callback != null) {
          runSafely(callback);
        }
        done++;
      } while (done < BATCH && done < pending.get());
    } while (pending.addAndGet(-done) > 0 && !start());
  }

  private void runSafely(Runnable callback) {
    try {
      callback.run();
    } catch (Throwable e) { // checked ones too: Kotlin throws them undeclared
      log.error("{}: a callback threw", owner, e);
    }
  }
}
