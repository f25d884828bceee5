package io.dormouse.callbacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.support.Await;
import io.dormouse.support.OwnThreads;
import io.dormouse.support.Sneaky;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Real threads: work that may hang has one for each piece, up to a number. */
class BlockingThreadsTest {
  private static final String NAME = "dormouse-test-blocking-";
  private static final int MOST = 8;

  private final BlockingThreads threads = new BlockingThreads(NAME, MOST);
  private final Semaphore gate = new Semaphore(0);

  @AfterEach
  void nothingStaysBehind() throws InterruptedException {
    gate.release(1_000);
    threads.shutdown();
    assertThat(threads.awaitEnd(Await.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }

  private static long threads() {
    return OwnThreads.names().stream().filter(name -> name.startsWith(NAME)).count();
  }

  private void hang(int pieces) {
    CountDownLatch begun = new CountDownLatch(pieces);
    for (int i = 0; i < pieces; i++) {
      threads.execute(
          () -> {
            begun.countDown();
            gate.acquireUninterruptibly();
          });
    }
    Await.latch(begun);
  }

  private static <T> T get(BlockingThreads threads, Supplier<T> work) {
    return Await.get(CompletableFuture.supplyAsync(work, threads));
  }

  @Test
  void whileSomeHangAnotherHasAThreadOfItsOwn() {
    hang(MOST - 1);
    assertThat(get(threads, () -> "runs")).isEqualTo("runs");
  }

  @Test
  void oneAfterTheOtherNeedsNoMoreThanOneThreadAndTheLastOneGoes() {
    for (int i = 0; i < 50; i++) {
      String name = get(threads, () -> Thread.currentThread().getName());
      Await.until("the thread is idle", () -> threads() == 1 && idle(name));
    }
    assertThat(get(threads, () -> Thread.currentThread().getName())).isEqualTo(NAME + 1);
    Await.until("the thread goes", () -> threads() == 0);
  }

  private static boolean idle(String name) {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().equals(name))
        .allMatch(thread -> thread.getState() == Thread.State.TIMED_WAITING);
  }

  @Test
  void whenAsManyHangAsThereMayBeTheRestWaitsInOrder() {
    hang(MOST);
    List<Integer> ran = new CopyOnWriteArrayList<>();
    CountDownLatch done = new CountDownLatch(10);
    for (int i = 0; i < 10; i++) {
      int number = i;
      threads.execute(
          () -> {
            ran.add(number);
            done.countDown();
          });
    }
    assertThat(threads()).isEqualTo(MOST);
    assertThat(ran).isEmpty();
    gate.release();
    Await.latch(done);
    assertThat(ran).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    assertThat(threads()).isEqualTo(MOST);
  }

  @Test
  void whatThrowsOrLeavesAnInterruptIsNoConcernOfTheNext() {
    BlockingThreads one = new BlockingThreads(NAME + "one-", 1);
    CountDownLatch both = new CountDownLatch(1);
    one.execute(
        () -> {
          Await.latch(both);
          Thread.currentThread().interrupt();
          Sneaky.raise(new NoClassDefFoundError("on/Purpose"));
        });
    CompletableFuture<Boolean> interrupted =
        CompletableFuture.supplyAsync(() -> Thread.currentThread().isInterrupted(), one);
    both.countDown();
    assertThat(Await.get(interrupted)).isFalse();
    one.shutdown();
  }

  @Test
  void whatWaitsAtTheEndRunsAndWhatComesThenIsRefused() throws InterruptedException {
    hang(MOST);
    CountDownLatch done = new CountDownLatch(1);
    threads.execute(done::countDown);
    threads.shutdown();
    gate.release(MOST);
    Await.latch(done);
    assertThat(threads.awaitEnd(Await.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThatThrownBy(() -> threads.execute(() -> {}))
        .isInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void itsThreadsAreDaemonsAndKnowWhoseTheyAre() {
    assertThat(get(threads, () -> Thread.currentThread().isDaemon())).isTrue();
    assertThat(get(threads, threads::isOneOfThese)).isTrue();
    assertThat(threads.isOneOfThese()).isFalse();
  }
}
