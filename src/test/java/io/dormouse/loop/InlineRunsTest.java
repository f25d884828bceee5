package io.dormouse.loop;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.support.Await;
import io.dormouse.support.LoudLog;
import io.dormouse.support.OwnThreads;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Which thread has the loop, while work runs inline on the loop's thread, and holds it up or not.
 */
class InlineRunsTest {
  private static final String NAME = "dormouse-inline-test-io";

  /** More than makes the loop run work inline, and little enough for the time it gives to that. */
  private static final int OFTEN = 64;

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

  /** What comes after this in the same iteration runs inline, unless another thread is stuck. */
  private void runOftenInline() {
    for (int i = 0; i < OFTEN; i++) {
      loop.runInline(() -> {}, elsewhere);
    }
  }

  /** Returns the loop's thread when something has run inline on it. */
  private Thread awaitInline() {
    CompletableFuture<Thread> inline = new CompletableFuture<>();
    while (!inline.isDone()) {
      CompletableFuture<Void> iteration = new CompletableFuture<>();
      loop.execute(
          () -> {
            runOftenInline();
            loop.runInline(() -> note(inline), elsewhere);
            loop.execute(() -> iteration.complete(null));
          });
      Await.get(iteration);
    }
    return Await.get(inline);
  }

  private void note(CompletableFuture<Thread> inline) {
    if (loop.isOnOwnThread()) {
      inline.complete(Thread.currentThread());
    }
  }

  /** Takes the loop's thread for work that lasts until {@code end}. Returns when that runs. */
  private Thread block(CountDownLatch end) {
    return block(end, () -> {});
  }

  /** The same; what is handed in behind it comes in the same iteration. */
  private Thread block(CountDownLatch end, Runnable behind) {
    while (true) {
      CompletableFuture<Thread> stuck = new CompletableFuture<>();
      loop.execute(
          () -> {
            runOftenInline();
            loop.runInline(
                () -> {
                  stuck.complete(Thread.currentThread());
                  Await.hold(end);
                },
                elsewhere);
            behind.run();
          });
      Thread thread = Await.get(stuck);
      if (isOfTheLoop(thread)) {
        return thread;
      } // else the machine was so busy that the time for inline work was over before
    }
  }

  private static boolean isOfTheLoop(Thread thread) {
    return thread.getName().startsWith(NAME);
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
  void whatComesSeldomRunsElsewhere() {
    CompletableFuture<Thread> ranOn = new CompletableFuture<>();
    loop.execute(() -> loop.runInline(() -> ranOn.complete(Thread.currentThread()), elsewhere));
    assertThat(Await.get(ranOn).getName()).doesNotStartWith(NAME);
    assertThat(ownThreads()).hasSize(1);
  }

  @Test
  void workRunsAfterTheIterationNotOnTheLoopAndInOrder() {
    List<String> ran = new CopyOnWriteArrayList<>();
    Await.until(
        "all of it runs within the time that an iteration gives",
        () -> {
          ran.clear();
          return allRunInline(ran);
        });
    assertThat(ran)
        .containsExactly("the iteration's end", "first, on the loop: false", "second: false");
  }

  private boolean allRunInline(List<String> ran) {
    AtomicInteger inline = new AtomicInteger();
    CountDownLatch done = new CountDownLatch(2);
    loop.execute(
        () -> {
          runOftenInline();
          for (String which : List.of("first, on the loop: ", "second: ")) {
            loop.runInline(
                () -> {
                  ran.add(which + loop.inLoop());
                  inline.addAndGet(loop.isOnOwnThread() ? 1 : 0);
                  done.countDown();
                },
                elsewhere);
          }
          loop.atIterationEnd(() -> ran.add("the iteration's end"));
        });
    Await.latch(done);
    return inline.get() == 2;
  }

  @Test
  void workThatBlocksLosesTheLoop() {
    Thread stuck = block(release);
    assertThat(threadOfTheLoop()).isNotEqualTo(stuck);
    assertThat(stuck.isAlive()).isTrue();
  }

  @Test
  void whatWasHandedInBehindItRunsElsewhere() {
    BlockingQueue<Thread> behind = new LinkedBlockingQueue<>();
    CountDownLatch ran = new CountDownLatch(1);
    Thread stuck =
        block(
            release,
            () ->
                loop.runInline(
                    () -> {
                      behind.add(Thread.currentThread());
                      ran.countDown();
                    },
                    elsewhere));
    Await.latch(ran);
    assertThat(behind).isNotEmpty().doesNotContain(stuck);
  }

  @Test
  void aLoggerThatThrowsKeepsNobodyFromTakingTheLoopOver() {
    try (LoudLog log = LoudLog.throwing(SelectorLoop.class.getName())) {
      Thread stuck = block(release);
      assertThat(threadOfTheLoop()).isNotEqualTo(stuck);
      assertThat(log.text()).contains("takes the loop over");
    }
  }

  @Test
  void noMoreThanOneThreadIsStuck() {
    block(release);
    List<Thread> ranOn = new CopyOnWriteArrayList<>();
    CountDownLatch done = new CountDownLatch(MANY);
    loop.execute(
        () -> {
          for (int i = 0; i < MANY; i++) {
            loop.runInline(
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
    Thread first = awaitInline();
    for (int i = 0; i < 3; i++) {
      CountDownLatch end = new CountDownLatch(1);
      Thread stuck = block(end);
      assertThat(threadOfTheLoop()).isNotEqualTo(stuck);
      end.countDown();
      awaitInline();
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
            loop.runInline(() -> holdUpSometimes(number), elsewhere);
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
          runOftenInline();
          loop.runInline(
              () -> {
                Thread.currentThread().interrupt();
                throw new NoClassDefFoundError("some/Optional");
              },
              elsewhere);
          loop.runInline(() -> next.complete(null), elsewhere);
        });
    Await.get(next);
    threadOfTheLoop();
  }

  @Test
  void theStandbyThreadIsGoneSomeTimeAfterTheLastWork() {
    awaitInline();
    assertThat(ownThreads()).hasSize(2);
    Await.until("one thread is left", () -> ownThreads().size() == 1);
    threadOfTheLoop();
    awaitInline(); // and comes back
    assertThat(ownThreads()).hasSize(2);
  }

  @Test
  void aThreadThatComesBackInterruptedRestsAndGoesToo() {
    CountDownLatch runs = new CountDownLatch(1);
    CountDownLatch lost = new CountDownLatch(1);
    loop.execute(
        () -> {
          runOftenInline();
          loop.runInline(
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
