package io.dormouse.callbacks;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.support.Await;
import io.dormouse.support.ManualExecutor;
import io.dormouse.support.Sneaky;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.RejectedExecutionException;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class SerialExecutorTest {
  private final ManualExecutor executor = new ManualExecutor();
  private final ManualExecutor fallback = new ManualExecutor();
  private final SerialExecutor mailbox = new SerialExecutor("test", executor, fallback);
  private final List<Integer> ran = new ArrayList<>();

  private void add(int from, int to) {
    IntStream.range(from, to).forEach(number -> mailbox.execute(() -> ran.add(number)));
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

  @Test
  void aLongQueueLetsOthersInBetween() {
    add(0, 100);
    executor.runAny(new Random(1));
    assertThat(ran).isEqualTo(numbers(64));
    assertThat(executor.size()).as("it queues again behind the others").isEqualTo(1);
    executor.runAll();
    assertThat(ran).isEqualTo(numbers(100));
  }

  @Test
  void aCallbackThatACallbackAddsRunsAfterItAndNotInsideIt() {
    mailbox.execute(
        () -> {
          ran.add(0);
          mailbox.execute(() -> ran.add(2));
          ran.add(1);
        });
    executor.runAll();
    assertThat(ran).containsExactly(0, 1, 2);
  }

  @Test
  void onAnExecutorThatRunsInTheCallerTheOrderIsTheSame() {
    SerialExecutor direct = new SerialExecutor("test", Runnable::run, fallback);
    direct.execute(
        () -> {
          ran.add(0);
          direct.execute(() -> ran.add(2));
          ran.add(1);
        });
    direct.execute(() -> ran.add(3));
    assertThat(ran).containsExactly(0, 1, 2, 3);
  }

  @Test
  void whateverACallbackThrowsTheNextOneRuns() {
    mailbox.execute(() -> Sneaky.raise(new IllegalStateException("on purpose")));
    mailbox.execute(() -> ran.add(0));
    mailbox.execute(() -> Sneaky.raise(new StackOverflowError("on purpose")));
    mailbox.execute(() -> ran.add(1));
    mailbox.execute(() -> Sneaky.raise(new IOException("undeclared, as Kotlin does")));
    mailbox.execute(() -> ran.add(2));
    executor.runAll();
    add(3, 5);
    executor.runAll();
    assertThat(ran).isEqualTo(numbers(5));
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
  void whenNobodyTakesThemTheCallbacksRunWhereTheyAre() {
    executor.refuseWith(new RejectedExecutionException("shut down"));
    fallback.refuseWith(new RejectedExecutionException("shut down"));
    add(0, 3);
    assertThat(ran).isEqualTo(numbers(3));
  }

  @Test
  void anExecutorThatRefusesInTheMiddleOfALongQueueLosesNothing() {
    add(0, 200);
    executor.refuseWith(new IllegalStateException("stopped"));
    executor.runAny(new Random(1));
    fallback.refuseWith(new IllegalStateException("stopped"));
    fallback.runAll();
    assertThat(ran).isEqualTo(numbers(200));
  }

  @Test
  @Timeout(60)
  void manyThreadsLoseNothingMixNothingUpAndOverlapNothing() {
    ExecutorService pool = Executors.newFixedThreadPool(3);
    try {
      SerialExecutor shared = new SerialExecutor("test", pool, fallback);
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
                      Thread.onSpinWait(); // lets the mailbox run dry now and then
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
