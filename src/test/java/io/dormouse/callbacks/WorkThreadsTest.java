package io.dormouse.callbacks;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.loop.ManualLoop;
import io.dormouse.loop.SelectorLoop;
import io.dormouse.support.Await;
import io.dormouse.support.OwnThreads;
import io.dormouse.support.Sneaky;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real threads: what blocks never holds up what does not. */
class WorkThreadsTest {
  private final SelectorLoop loop = SelectorLoop.start("dormouse-test-workers-io", () -> {});
  private final WorkThreads workers = new WorkThreads(loop, "dormouse-test-worker-");
  private final CountDownLatch release = new CountDownLatch(1);

  @AfterEach
  void nothingStaysBehind() {
    release.countDown();
    workers.shutdown();
    loop.stop();
    assertThat(ended(workers)).isTrue();
  }

  private static boolean ended(WorkThreads workers) {
    try {
      return workers.awaitEnd(Await.LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  private static long threads() {
    return OwnThreads.names().stream()
        .filter(name -> name.startsWith("dormouse-test-worker-"))
        .count();
  }

  @Test
  void twoThreadsAreEnoughForWorkThatDoesNotBlock() {
    Set<String> used = ConcurrentHashMap.newKeySet();
    for (int round = 0; round < 100; round++) {
      CountDownLatch done = new CountDownLatch(50);
      for (int i = 0; i < 50; i++) {
        workers.execute(
            () -> {
              used.add(Thread.currentThread().getName());
              done.countDown();
            });
      }
      Await.latch(done);
    }
    assertThat(used).hasSizeLessThanOrEqualTo(2);
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 20, 100})
  void workThatBlocksDoesNotHoldUpOtherWork(int blocking) {
    for (int i = 0; i < blocking; i++) {
      workers.execute(() -> Await.latch(release));
    }
    for (int i = 0; i < 3; i++) {
      CountDownLatch done = new CountDownLatch(1);
      workers.execute(done::countDown);
      Await.latch(done);
    }
  }

  @Test
  void whatBlocksAfterQuietTimesIsGotPastAgain() {
    List<CountDownLatch> releases = new ArrayList<>();
    for (int round = 0; round < 3; round++) {
      CountDownLatch mine = new CountDownLatch(1);
      releases.add(mine);
      for (int i = 0; i < 3; i++) {
        workers.execute(() -> Await.latch(mine));
      }
      CountDownLatch done = new CountDownLatch(1);
      workers.execute(done::countDown);
      Await.latch(done);
      mine.countDown();
    }
    assertThat(releases).hasSize(3);
  }

  @Test
  void idleThreadsGo() {
    CountDownLatch done = new CountDownLatch(10);
    for (int i = 0; i < 10; i++) {
      workers.execute(done::countDown);
    }
    Await.latch(done);
    Await.until("the threads to go", () -> threads() == 0);
    CountDownLatch again = new CountDownLatch(1);
    workers.execute(again::countDown);
    Await.latch(again);
  }

  @Test
  void threadsThatCameForBlockedWorkGoWhenItIsOver() {
    for (int i = 0; i < 20; i++) {
      workers.execute(() -> Await.latch(release));
    }
    CountDownLatch done = new CountDownLatch(1);
    workers.execute(done::countDown);
    Await.latch(done);
    assertThat(threads()).isGreaterThan(20);
    release.countDown();
    Await.until("the threads to go", () -> threads() == 0);
  }

  @Test
  void theThreadsAreDaemonsAndKnowThatTheyAreWorkers() {
    List<Boolean> seen = new ArrayList<>();
    CountDownLatch done = new CountDownLatch(1);
    workers.execute(
        () -> {
          seen.add(Thread.currentThread().isDaemon());
          seen.add(workers.isWorker());
          done.countDown();
        });
    Await.latch(done);
    assertThat(seen).containsExactly(true, true);
    assertThat(workers.isWorker()).isFalse();
  }

  @Test
  void workThatThrowsCostsNoThread() {
    for (int i = 0; i < 5; i++) {
      workers.execute(() -> Sneaky.raise(new IllegalStateException("on purpose")));
      workers.execute(() -> Sneaky.raise(new NoClassDefFoundError("on/Purpose")));
      workers.execute(() -> Sneaky.raise(new IOException("undeclared, as Kotlin does")));
    }
    Set<String> used = ConcurrentHashMap.newKeySet();
    CountDownLatch done = new CountDownLatch(20);
    for (int i = 0; i < 20; i++) {
      workers.execute(
          () -> {
            used.add(Thread.currentThread().getName());
            done.countDown();
          });
    }
    Await.latch(done);
    assertThat(used).isSubsetOf("dormouse-test-worker-1", "dormouse-test-worker-2");
  }

  @Test
  void whatIsQueuedAtTheEndRunsAndThenTheThreadsGo() {
    AtomicInteger ran = new AtomicInteger();
    CountDownLatch bothRun = new CountDownLatch(2);
    for (int i = 0; i < 2; i++) {
      workers.execute(
          () -> {
            bothRun.countDown();
            Await.latch(release);
          });
    }
    Await.latch(bothRun);
    for (int i = 0; i < 5; i++) {
      workers.execute(ran::incrementAndGet);
    }
    loop.stop();
    workers.shutdown();
    release.countDown();
    assertThat(ended(workers)).isTrue();
    assertThat(ran).hasValue(5);
    assertThat(threads()).isZero();
    org.assertj.core.api.Assertions.assertThatThrownBy(() -> workers.execute(() -> {}))
        .isInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void workThatComesWhenTheLoopHasEndedStillRuns() {
    loop.stop();
    CountDownLatch done = new CountDownLatch(10);
    for (int i = 0; i < 10; i++) {
      workers.execute(done::countDown);
    }
    Await.latch(done);
  }

  /** The watch over stuck threads ends when nothing waits; work that comes then is watched anew. */
  @Test
  void workThatComesWhileTheWatchEndsIsNotForgotten() {
    ManualLoop time = new ManualLoop();
    WorkThreads watched = new WorkThreads(time, "dormouse-test-watched-");
    for (int round = 0; round < 600; round++) {
      CountDownLatch quick = new CountDownLatch(3);
      for (int i = 0; i < 3; i++) {
        watched.execute(quick::countDown);
      }
      Await.latch(quick); // from here on nothing waits, and a watch may be under way
      time.run();
      CountDownLatch stuck = new CountDownLatch(1);
      CountDownLatch free = new CountDownLatch(1);
      CountDownLatch posted = new CountDownLatch(1);
      int spins = round % 300;
      new Thread(
              () -> {
                for (int i = 0; i < spins; i++) {
                  Thread.onSpinWait();
                }
                watched.execute(() -> Await.latch(stuck));
                watched.execute(() -> Await.latch(stuck));
                watched.execute(free::countDown);
                posted.countDown();
              })
          .start();
      time.advance(Duration.ofMillis(50));
      Await.latch(posted);
      Await.until(
          "the work to run",
          () -> {
            time.advance(Duration.ofMillis(50));
            boolean forgotten =
                free.getCount() > 0 && time.pendingTimers() == 0 && time.pendingTasks() == 0;
            assertThat(forgotten && freeIsStuck(free)).as("nobody watches").isFalse();
            return free.getCount() == 0;
          });
      stuck.countDown();
    }
    watched.shutdown();
    assertThat(ended(watched)).isTrue();
  }

  /** Gives work that is just being taken the time to run. */
  private static boolean freeIsStuck(CountDownLatch free) {
    try {
      return !free.await(2, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }
}
