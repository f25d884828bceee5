package io.dormouse.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.support.Await;
import io.dormouse.support.OwnThreads;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** Work runs outside the loop on the loop's thread, and never holds the loop up. */
class LentThreadTest {
  private static final String NAME = "dormouse-lent-test-io";

  /** Far more than makes the loop lend its thread. */
  private static final int MANY = 1_000;

  private final SelectorLoop loop = SelectorLoop.start(NAME, () -> {});
  private final ExecutorService elsewhere = Executors.newCachedThreadPool();
  private final CountDownLatch release = new CountDownLatch(1);

  @AfterEach
  void end() throws Exception {
    release.countDown();
    loop.stop();
    assertThat(loop.awaitEnd(Await.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    assertThat(ownThreads()).isEmpty();
    elsewhere.shutdown();
  }

  private static List<String> ownThreads() {
    return OwnThreads.names().stream().filter(name -> name.startsWith(NAME)).toList();
  }

  /** What is lent to after this in the same round has the thread, unless another is stuck. */
  private void lendToMany() {
    for (int i = 0; i < MANY; i++) {
      loop.lendThread(() -> {}, elsewhere);
    }
  }

  /** Returns the loop's thread when it has been lent. */
  private Thread lendInEarnest() {
    CompletableFuture<Thread> lent = new CompletableFuture<>();
    while (!lent.isDone()) {
      CompletableFuture<Void> round = new CompletableFuture<>();
      loop.execute(
          () -> {
            lendToMany();
            loop.lendThread(() -> note(lent), elsewhere);
            loop.execute(() -> round.complete(null));
          });
      Await.get(round);
    }
    return Await.get(lent);
  }

  private static void note(CompletableFuture<Thread> lent) {
    if (SelectorLoop.isOnLentThread()) {
      lent.complete(Thread.currentThread());
    }
  }

  /** Takes the loop's thread for work that lasts until {@code end}. Returns when that runs. */
  private Thread block(CountDownLatch end) {
    CompletableFuture<Thread> stuck = new CompletableFuture<>();
    loop.execute(
        () -> {
          lendToMany();
          loop.lendThread(
              () -> {
                stuck.complete(Thread.currentThread());
                Await.latch(end);
              },
              elsewhere);
        });
    return Await.get(stuck);
  }

  private Thread threadOfTheLoop() {
    CompletableFuture<Thread> thread = new CompletableFuture<>();
    loop.execute(
        () -> {
          assertThat(loop.inLoop()).isTrue();
          thread.complete(Thread.currentThread());
        });
    return Await.get(thread);
  }

  @Test
  void whatIsLentToSeldomRunsElsewhere() {
    CompletableFuture<Thread> ranOn = new CompletableFuture<>();
    loop.execute(() -> loop.lendThread(() -> ranOn.complete(Thread.currentThread()), elsewhere));
    assertThat(Await.get(ranOn).getName()).doesNotStartWith(NAME);
    assertThat(ownThreads()).hasSize(1);
  }

  @Test
  void workRunsAfterTheRoundOutsideTheLoopAndInOrder() {
    List<String> ran = new CopyOnWriteArrayList<>();
    CompletableFuture<Void> done = new CompletableFuture<>();
    loop.execute(
        () -> {
          lendToMany();
          loop.lendThread(() -> ran.add("first, on the loop: " + loop.inLoop()), elsewhere);
          loop.lendThread(() -> ran.add("second, ours: " + loop.isOnOwnThread()), elsewhere);
          loop.lendThread(() -> loop.execute(() -> done.complete(null)), elsewhere);
          loop.atRoundEnd(() -> ran.add("the round's end"));
        });
    Await.get(done);
    assertThat(ran)
        .containsExactly("the round's end", "first, on the loop: false", "second, ours: true");
  }

  @Test
  void workThatBlocksLosesTheLoop() {
    Thread stuck = block(release);
    assertThat(threadOfTheLoop()).isNotEqualTo(stuck);
    assertThat(stuck.isAlive()).isTrue();
  }

  @Test
  void whatWasLentToBehindItGoesElsewhere() {
    CompletableFuture<Thread> behind = new CompletableFuture<>();
    loop.execute(
        () -> {
          lendToMany();
          loop.lendThread(() -> Await.latch(release), elsewhere);
          loop.lendThread(() -> behind.complete(Thread.currentThread()), elsewhere);
        });
    assertThat(Await.get(behind).getName()).doesNotStartWith(NAME);
  }

  @Test
  void noMoreThanOneThreadIsStuck() {
    block(release);
    List<Thread> ranOn = new CopyOnWriteArrayList<>();
    CountDownLatch done = new CountDownLatch(MANY);
    loop.execute(
        () -> {
          for (int i = 0; i < MANY; i++) {
            loop.lendThread(
                () -> {
                  ranOn.add(Thread.currentThread());
                  done.countDown();
                },
                elsewhere);
          }
        });
    Await.latch(done);
    assertThat(ranOn).noneMatch(thread -> thread.getName().startsWith(NAME));
    assertThat(ownThreads()).hasSize(2);
  }

  @Test
  void theThreadThatLostTheLoopTakesItBackInItsTurn() {
    Thread first = lendInEarnest();
    for (int i = 0; i < 3; i++) {
      CountDownLatch end = new CountDownLatch(1);
      Thread stuck = block(end);
      assertThat(threadOfTheLoop()).isNotEqualTo(stuck);
      end.countDown();
      lendInEarnest();
    }
    assertThat(first.isAlive()).isTrue();
    assertThat(ownThreads()).hasSize(2);
  }

  @Test
  void nothingOfTheLoopOverlapsWhileThreadsChange() {
    List<Integer> ran = new ArrayList<>(); // not safe for two threads: the loop makes it so
    int total = 200_000;
    CompletableFuture<Void> done = new CompletableFuture<>();
    for (int i = 0; i < total; i++) {
      int number = i;
      loop.execute(
          () -> {
            ran.add(number);
            loop.lendThread(() -> holdUpSometimes(number), elsewhere);
            if (number == total - 1) {
              done.complete(null);
            }
          });
    }
    Await.get(done);
    assertThat(ran).hasSize(total).isSorted();
  }

  /** Now and then long enough to lose the loop. */
  private static void holdUpSometimes(int number) {
    if (number % 20_000 == 0) {
      long begin = System.nanoTime();
      while (System.nanoTime() - begin < TimeUnit.MILLISECONDS.toNanos(20)) {
        Thread.onSpinWait();
      }
    }
  }

  @Test
  void theLoopOutlivesWorkThatThrowsOrLeavesAnInterrupt() {
    CompletableFuture<Void> next = new CompletableFuture<>();
    loop.execute(
        () -> {
          lendToMany();
          loop.lendThread(
              () -> {
                Thread.currentThread().interrupt();
                throw new NoClassDefFoundError("some/Optional");
              },
              elsewhere);
          loop.lendThread(() -> next.complete(null), elsewhere);
        });
    Await.get(next);
    threadOfTheLoop();
  }

  @Test
  void theSecondThreadIsGoneSomeTimeAfterTheLastWork() {
    lendInEarnest();
    assertThat(ownThreads()).hasSize(2);
    Await.until("one thread is left", () -> ownThreads().size() == 1);
    threadOfTheLoop();
    lendInEarnest(); // and comes back
    assertThat(ownThreads()).hasSize(2);
  }

  @Test
  void aThreadThatComesBackInterruptedRestsAndGoesToo() {
    CountDownLatch runs = new CountDownLatch(1);
    CountDownLatch lost = new CountDownLatch(1);
    loop.execute(
        () -> {
          lendToMany();
          loop.lendThread(
              () -> {
                runs.countDown();
                Await.latch(lost);
                Thread.currentThread().interrupt();
              },
              elsewhere);
        });
    Await.latch(runs);
    threadOfTheLoop(); // which is another one by now
    lost.countDown();
    Await.until("one thread is left", () -> ownThreads().size() == 1);
  }

  @Test
  void aLoopThatEndsWaitsForNoWorkButIsNotGoneBefore() throws Exception {
    Thread stuck = block(release);
    loop.stop();
    Await.until("only the stuck thread is left", () -> ownThreads().size() == 1);
    assertThat(loop.awaitEnd(1, TimeUnit.MILLISECONDS)).isFalse();
    assertThat(stuck.isAlive()).isTrue();
    release.countDown();
    assertThat(loop.awaitEnd(Await.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }
}
