package io.dormouse.callbacks;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.loop.ManualLoop;
import io.dormouse.support.Await;
import io.dormouse.support.LoudLog;
import io.dormouse.support.ManualExecutor;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * An app's executor that refuses, throws or runs its work twice: no callback is lost or run twice.
 */
class MisbehavingExecutorTest {
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
  void anExecutorThatThrowsAfterItHasTakenThemRunsThemNotAgain() {
    List<Runnable> taken = new ArrayList<>();
    SerialExecutor both =
        new SerialExecutor(
            "test",
            task -> {
              taken.add(task);
              throw new IllegalStateException("taken all the same");
            },
            fallback,
            clock::nanoTime,
            stranded);
    both.execute(() -> ran.add(0));
    both.execute(() -> ran.add(1));
    taken.forEach(Runnable::run);
    assertThat(ran).as("others have it by now").isEmpty();
    fallback.runAll();
    assertThat(ran).containsExactly(0, 1);
  }

  @Test
  void anExecutorThatHasRunThemAndThrowsThenIsNoReasonToRunThemAgain() {
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try {
      SerialExecutor both =
          new SerialExecutor(
              "test",
              task -> {
                Await.get(CompletableFuture.runAsync(task, pool));
                throw new IllegalStateException("run all the same");
              },
              fallback,
              clock::nanoTime,
              stranded);
      both.execute(() -> ran.add(0));
      both.execute(() -> ran.add(1));
      fallback.runAll();
      assertThat(ran).containsExactly(0, 1);
      assertThat(both.pending()).isZero();
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void anExecutorThatRunsThemTwiceRunsThemOnce() {
    List<Runnable> taken = new ArrayList<>();
    SerialExecutor twice =
        new SerialExecutor("test", taken::add, fallback, clock::nanoTime, stranded);
    twice.execute(() -> ran.add(0));
    Runnable first = taken.get(0);
    first.run();
    twice.execute(() -> ran.add(1));
    first.run();
    assertThat(ran).containsExactly(0);
    taken.get(1).run();
    assertThat(ran).containsExactly(0, 1);
  }

  @Test
  void anExecutorThatRefusesIsReplacedByTheFallback() {
    executor.refuseWith(new RejectedExecutionException("shut down"));
    add(0, 3);
    assertThat(ran).isEmpty();
    fallback.runAll();
    assertThat(ran).isEqualTo(numbers(3));
  }

  @Test
  void whyAnExecutorRefusesIsLoggedWithoutItsMessage() {
    executor.refuseWith(new RejectedExecutionException("s3cr3t"));
    try (LoudLog log = new LoudLog("io.dormouse.callbacks")) {
      add(0, 1);
      fallback.runAll();
      assertThat(log.text()).contains("RejectedExecutionException").doesNotContain("s3cr3t");
    }
  }

  /** There is no memory for a turn, for example. */
  @Test
  void whatNobodyTakesIsOfferedAgainByTheLoop() {
    executor.refuseWith(new RejectedExecutionException("shut down"));
    fallback.refuseWith(new RejectedExecutionException("shut down"));
    add(0, 2);
    assertThat(ran).as("the caller may be the loop").isEmpty();
    fallback.refuseWith(null);
    clock.run();
    fallback.runAll();
    assertThat(ran).isEqualTo(numbers(2));
  }

  /** An offer that was taken is told late, when nobody took a later one. */
  @Test
  void whatNobodyTakesIsNotForgottenBecauseAnOlderOfferWasTaken() {
    ExecutorService pool = Executors.newSingleThreadExecutor();
    try {
      RejectedExecutionException full = new RejectedExecutionException("no memory");
      SerialExecutor[] late = new SerialExecutor[1];
      boolean[] first = {true};
      late[0] =
          new SerialExecutor(
              "test",
              turn -> {
                if (!first[0]) {
                  throw full;
                }
                first[0] = false;
                Await.get(CompletableFuture.runAsync(turn, pool));
                late[0].execute(() -> ran.add(1));
              },
              fallback,
              clock::nanoTime,
              stranded);
      fallback.refuseWith(full);
      late[0].execute(() -> ran.add(0));
      fallback.refuseWith(null);
      late[0].execute(() -> ran.add(2));
      clock.run();
      fallback.runAll();
      assertThat(ran).containsExactly(0, 1, 2);
    } finally {
      pool.shutdownNow();
    }
  }

  @Test
  void anExecutorThatRefusesInTheMiddleOfALongQueueLosesNothing() {
    addSlow(0, 20, Duration.ofMillis(1));
    executor.refuseWith(new IllegalStateException("stopped"));
    executor.runOne();
    assertThat(ran).hasSizeLessThan(20);
    fallback.refuseWith(new IllegalStateException("stopped"));
    fallback.runAll();
    assertThat(ran).isEqualTo(numbers(20));
  }
}
