package io.dormouse.callbacks;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.loop.ManualLoop;
import io.dormouse.support.Await;
import io.dormouse.support.ManualExecutor;
import io.dormouse.support.Sneaky;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadPoolExecutor;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.LongSupplier;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Callbacks run one after the other, and leave room for others. */
class SerialExecutorTest {
  private final ManualExecutor executor = new ManualExecutor();
  private final ManualExecutor fallback = new ManualExecutor();
  private final ManualLoop clock = new ManualLoop();
  private final Stranded stranded = new Stranded(clock);
  private final SerialExecutor serial =
      new SerialExecutor("test", executor, fallback, clock::nanoTime, stranded);
  private final List<Integer> ran = new ArrayList<>();

  private void add(int from, int to) {
    IntStream.range(from, to).forEach(number -> serial.execute(() -> ran.add(number)));
  }

  private static List<Integer> numbers(int to) {
    return IntStream.range(0, to).boxed().toList();
  }

  @Test
  void callbacksRunInOrderAndTakeOnePlaceInTheExecutor() {
    add(0, 10);
    assertThat(executor.size()).isEqualTo(1);
    executor.runAll();
    assertThat(ran).isEqualTo(numbers(10));
  }

  private void addSlow(int from, int to, Duration each) {
    IntStream.range(from, to)
        .forEach(
            number ->
                serial.execute(
                    () -> {
                      clock.stall(each);
                      ran.add(number);
                    }));
  }

  @Test
  void quickCallbacksTakeNoSecondTurnHoweverManyTheyAre() {
    add(0, 10_000);
    executor.runOne();
    assertThat(ran).isEqualTo(numbers(10_000));
    assertThat(executor.size()).isZero();
  }

  @Test
  void slowCallbacksLetOthersInBetween() {
    addSlow(0, 20, Duration.ofNanos(SerialExecutor.TURN_NANOS));
    executor.runOne();
    assertThat(ran).hasSizeLessThanOrEqualTo(3);
    assertThat(executor.size()).as("it queues again behind the others").isEqualTo(1);
    executor.runAll();
    assertThat(ran).isEqualTo(numbers(20));
  }

  @Test
  void callbacksThatBecomeSlowLetOthersInBetweenSoon() {
    add(0, 1_000);
    addSlow(1_000, 1_020, Duration.ofNanos(SerialExecutor.TURN_NANOS));
    executor.runOne();
    assertThat(ran).hasSizeBetween(1_001, 1_008);
    executor.runAll();
    assertThat(ran).isEqualTo(numbers(1_020));
  }

  @Test
  void whatWaitsIsCounted() {
    assertThat(serial.pending()).isZero();
    add(0, 3);
    assertThat(serial.pending()).isEqualTo(3);
    executor.runAll();
    assertThat(serial.pending()).isZero();
  }

  @Test
  void aCallbackThatACallbackAddsRunsAfterItAndNotInsideIt() {
    serial.execute(
        () -> {
          ran.add(0);
          serial.execute(() -> ran.add(2));
          ran.add(1);
        });
    executor.runAll();
    assertThat(ran).containsExactly(0, 1, 2);
  }

  @Test
  void anExecutorThatRunsOnItsCallersThreadGetsNothingToRun() {
    executor.runInCaller();
    serial.execute(
        () -> {
          ran.add(0);
          serial.execute(() -> ran.add(2));
          ran.add(1);
        });
    serial.execute(() -> ran.add(3));
    assertThat(ran).as("the caller may be the loop").isEmpty();
    fallback.runAll();
    assertThat(ran).containsExactly(0, 1, 3, 2);
  }

  @Test
  void whenEveryExecutorRunsOnItsCallersThreadATurnThatHasBegunGoesOn() {
    add(0, 2);
    addSlow(2, 20, Duration.ofMillis(1));
    executor.runInCaller();
    fallback.runInCaller();
    executor.runAll();
    assertThat(ran).isEqualTo(numbers(20));
  }

  /** Its own stack would be too small for as many calls inside each other. */
  @Test
  @Timeout(60)
  void onASameThreadExecutorNoneOverlapsAnotherAndNoneIsLost() {
    int callbacks = 300_000;
    ExecutorService pool = Executors.newFixedThreadPool(4);
    try {
      SerialExecutor direct =
          new SerialExecutor("test", Runnable::run, pool, new FastClock(), stranded);
      AtomicInteger inside = new AtomicInteger();
      AtomicInteger overlaps = new AtomicInteger();
      CountDownLatch done = new CountDownLatch(callbacks);
      direct.execute(
          () -> {
            for (int i = 0; i < callbacks; i++) {
              direct.execute(
                  () -> {
                    if (inside.incrementAndGet() > 1) {
                      overlaps.incrementAndGet();
                    }
                    inside.decrementAndGet();
                    done.countDown();
                  });
            }
          });
      Await.latch(done);
      assertThat(overlaps).hasValue(0);
      CountDownLatch later = new CountDownLatch(1);
      direct.execute(later::countDown);
      Await.latch(later);
    } finally {
      pool.shutdownNow();
    }
  }

  /** Each time it is asked it is another turn. */
  private static final class FastClock implements LongSupplier {
    private final AtomicLong now = new AtomicLong();

    @Override
    public long getAsLong() {
      return now.addAndGet(SerialExecutor.TURN_NANOS);
    }
  }

  @Test
  @Timeout(60)
  void anExecutorThatRunsOnItsCallersThreadWhenItIsFullKeepsOrderAndCallersApart() {
    ThreadPoolExecutor full =
        new ThreadPoolExecutor(
            1,
            1,
            0,
            TimeUnit.SECONDS,
            new ArrayBlockingQueue<>(1),
            new ThreadPoolExecutor.CallerRunsPolicy());
    ExecutorService pool = Executors.newFixedThreadPool(2);
    try {
      SerialExecutor one = new SerialExecutor("one", full, pool, new FastClock(), stranded);
      SerialExecutor other = new SerialExecutor("other", full, pool, new FastClock(), stranded);
      Thread caller = Thread.currentThread();
      AtomicInteger inCaller = new AtomicInteger();
      List<List<Integer>> heard = List.of(new ArrayList<>(), new ArrayList<>());
      int each = 20_000;
      CountDownLatch done = new CountDownLatch(2 * each);
      for (int i = 0; i < each; i++) {
        int number = i;
        for (int e = 0; e < 2; e++) {
          List<Integer> mine = heard.get(e);
          (e == 0 ? one : other)
              .execute(
                  () -> {
                    mine.add(number);
                    if (Thread.currentThread() == caller) {
                      inCaller.incrementAndGet();
                    }
                    done.countDown();
                  });
        }
      }
      Await.latch(done);
      assertThat(heard).allSatisfy(mine -> assertThat(mine).isEqualTo(numbers(each)));
      assertThat(inCaller).hasValue(0);
    } finally {
      full.shutdownNow();
      pool.shutdownNow();
    }
  }

  @Test
  void whateverACallbackThrowsTheNextOneRuns() {
    serial.execute(() -> Sneaky.raise(new IllegalStateException("on purpose")));
    serial.execute(() -> ran.add(0));
    serial.execute(() -> Sneaky.raise(new StackOverflowError("on purpose")));
    serial.execute(() -> ran.add(1));
    serial.execute(() -> Sneaky.raise(new IOException("undeclared, as Kotlin does")));
    serial.execute(() -> ran.add(2));
    serial.execute(() -> Sneaky.raise(new ThrowsWhenAsked()));
    serial.execute(() -> ran.add(3));
    executor.runAll();
    add(4, 5);
    executor.runAll();
    assertThat(ran).isEqualTo(numbers(5));
  }

  /** Loggers ask what they log. */
  private static final class ThrowsWhenAsked extends RuntimeException {
    private static final long serialVersionUID = 1;

    @Override
    public String getMessage() {
      throw new IllegalStateException("asked for the message");
    }
  }

  @Test
  @Timeout(60)
  void manyThreadsLoseNothingMixNothingUpAndOverlapNothing() {
    ExecutorService pool = Executors.newFixedThreadPool(3);
    try {
      SerialExecutor shared = new SerialExecutor("test", pool, fallback, clock::nanoTime, stranded);
      int posters = 3;
      int each = 20_000;
      CountDownLatch done = new CountDownLatch(posters * each);
      int[] inside = new int[1];
      List<List<Integer>> heard = new ArrayList<>();
      for (int p = 0; p < posters; p++) {
        List<Integer> mine = new ArrayList<>();
        heard.add(mine);
        new Thread(
                () -> {
                  for (int i = 0; i < each; i++) {
                    int number = i;
                    shared.execute(
                        () -> {
                          inside[0]++;
                          if (inside[0] == 1) {
                            mine.add(number);
                          }
                          inside[0]--;
                          done.countDown();
                        });
                    if (number % 50 == 0) {
                      Thread.onSpinWait(); // lets the serial run dry now and then
                    }
                  }
                })
            .start();
      }
      Await.latch(done);
      assertThat(heard).allSatisfy(mine -> assertThat(mine).isEqualTo(numbers(each)));
    } finally {
      pool.shutdownNow();
    }
  }
}
