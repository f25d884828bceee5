package io.dormouse.callbacks;

import io.dormouse.loop.ManualLoop;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.openjdk.jmh.annotations.Benchmark;
import org.openjdk.jmh.annotations.OperationsPerInvocation;
import org.openjdk.jmh.annotations.Scope;
import org.openjdk.jmh.annotations.State;
import org.openjdk.jmh.annotations.TearDown;

/**
 * A callback that runs in order after those before it, from the call to its end: 1,000 at a time,
 * through a mailbox on one thread, and through that thread alone.
 */
@State(Scope.Thread)
public class SerialExecutorBenchmark {
  private static final int CALLBACKS = 1_000;

  private final ExecutorService thread = Executors.newSingleThreadExecutor();
  private final SerialExecutor mailbox =
      new SerialExecutor(
          "benchmark", thread, thread, System::nanoTime, new Stranded(new ManualLoop()));
  private int ran;

  /** Ours. */
  @Benchmark
  @OperationsPerInvocation(CALLBACKS)
  public int dormouse() throws InterruptedException {
    return run(mailbox);
  }

  /** The JDK's. */
  @Benchmark
  @OperationsPerInvocation(CALLBACKS)
  public int executor() throws InterruptedException {
    return run(thread);
  }

  private int run(Executor executor) throws InterruptedException {
    CountDownLatch last = new CountDownLatch(1);
    for (int i = 1; i < CALLBACKS; i++) {
      executor.execute(() -> ran++);
    }
    executor.execute(last::countDown);
    last.await();
    return ran;
  }

  /** Ends the thread. */
  @TearDown
  public void end() {
    thread.shutdownNow();
  }
}
