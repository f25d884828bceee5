package io.dormouse.callbacks;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.loop.ManualLoop;
import io.dormouse.loop.SelectorLoop;
import io.dormouse.support.Await;
import io.dormouse.support.Latency;
import io.dormouse.support.OwnThreads;
import io.dormouse.support.Sneaky;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Real threads, on the loop's time and on virtual time: what blocks never holds up other work. */
class WorkerThreadsTest {
  private static final String NAME = "dormouse-test-callback-";
  private static final Duration TICK = Duration.ofMillis(1);

  private final SelectorLoop loop = SelectorLoop.start("dormouse-test-callbacks-io", () -> {});
  private final WorkerThreads threads = WorkerThreads.forCallbacks(loop, NAME);

  private final ManualLoop time = new ManualLoop();
  private final WorkerThreads timed = WorkerThreads.forCallbacks(time, NAME + "timed-");

  private final CountDownLatch release = new CountDownLatch(1);
  private final AtomicInteger blocked = new AtomicInteger();

  @AfterEach
  void nothingStaysBehind() {
    release.countDown();
    timed.shutdown();
    threads.shutdown();
    loop.stop();
    assertThat(ended(timed)).isTrue();
    assertThat(ended(threads)).isTrue();
    assertThat(threads()).isZero();
  }

  private static boolean ended(WorkerThreads threads) {
    try {
      return threads.awaitEnd(Await.LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  private static long threads() {
    return OwnThreads.names().stream().filter(name -> name.startsWith(NAME)).count();
  }

  private void block(WorkerThreads on, int pieces) {
    for (int i = 0; i < pieces; i++) {
      on.execute(
          () -> {
            blocked.incrementAndGet();
            Await.hold(release);
          });
    }
  }

  private static void runOneOn(WorkerThreads threads) {
    CountDownLatch done = new CountDownLatch(1);
    threads.execute(done::countDown);
    Await.latch(done);
  }

  /** Blocks as many, and lets time pass until all of them are known to be stuck. */
  private void blockForGood(int pieces) {
    block(timed, pieces);
    Await.until(
        "all run and block",
        () -> {
          time.advance(TICK);
          return blocked.get() == pieces;
        });
    time.advance(Duration.ofSeconds(1));
  }

  // ---------------------------------------------------------------------- work that does not block

  @Test
  void twoThreadsAreEnoughForWorkThatDoesNotBlock() {
    Set<String> used = ConcurrentHashMap.newKeySet();
    for (int round = 0; round < 100; round++) {
      CountDownLatch done = new CountDownLatch(50);
      for (int i = 0; i < 50; i++) {
        timed.execute(
            () -> {
              used.add(Thread.currentThread().getName());
              done.countDown();
            });
      }
      Await.latch(done);
    }
    assertThat(used).hasSizeLessThanOrEqualTo(2);
  }

  @Test
  void moreThreadsComeForPiecesThatTakeLongAndNoneForQuickOnesHoweverManyWait() {
    assertThat(threadsFor(50)).as("50 pieces a millisecond").isEqualTo(2);
    assertThat(threadsFor(1)).as("one piece a millisecond").isGreaterThan(10);
  }

  /** Returns how many threads there are after some time in which others always wait. */
  private long threadsFor(int piecesPerMilli) {
    int millis = 20;
    Semaphore gate = new Semaphore(0);
    Semaphore done = new Semaphore(0);
    String name = NAME + "rate-" + piecesPerMilli + "-";
    WorkerThreads flooded = WorkerThreads.forCallbacks(time, name);
    int all = 2 * millis * piecesPerMilli + 1_000;
    for (int i = 0; i < all; i++) {
      flooded.execute(
          () -> {
            gate.acquireUninterruptibly();
            done.release();
          });
    }
    for (int i = 0; i < millis; i++) {
      gate.release(piecesPerMilli);
      done.acquireUninterruptibly(piecesPerMilli);
      time.advance(TICK);
    }
    long now = OwnThreads.names().stream().filter(thread -> thread.startsWith(name)).count();
    gate.release(all);
    flooded.shutdown();
    assertThat(ended(flooded)).isTrue();
    return now;
  }

  @Test
  void nobodyLooksWhenNothingWaits() {
    runOneOn(timed);
    runOneOn(timed);
    time.advance(Duration.ofMillis(20));
    assertThat(time.pendingTimers()).isZero();
    assertThat(time.pendingTasks()).isZero();
  }

  @Test
  void piecesThatWaitRunInOrder() {
    Semaphore gate = new Semaphore(0);
    StringBuilder ran = new StringBuilder(); // of one thread at a time, since the other is blocked
    CountDownLatch done = new CountDownLatch(10);
    block(timed, 1);
    timed.execute(gate::acquireUninterruptibly);
    for (int i = 0; i < 10; i++) {
      int number = i;
      timed.execute(
          () -> {
            ran.append(number);
            done.countDown();
          });
    }
    gate.release();
    Await.latch(done);
    assertThat(ran).hasToString("0123456789");
  }

  @Test
  void idleThreadsGo() {
    CountDownLatch done = new CountDownLatch(10);
    for (int i = 0; i < 10; i++) {
      threads.execute(done::countDown);
    }
    Await.latch(done);
    Await.until("the threads to go", () -> threads() == 0);
    runOneOn(threads);
  }

  // ----------------------------------------------------------------------------- work that blocks

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 20, 100})
  void workThatBlocksDoesNotHoldUpOtherWork(int blocking) {
    Latency idle = Latency.of(() -> runOneOn(threads));
    block(threads, blocking);
    idle.assertHeldUpByNothing(() -> runOneOn(threads));
  }

  /**
   * The first piece behind them may have to show that they are stuck. From then on time stands
   * still, so that nothing but the arrival of each piece can bring its thread.
   */
  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 20, 100})
  void whileSomeAreStuckTheNextPieceHasAThreadAtOnce(int stuck) {
    blockForGood(stuck);
    CountDownLatch first = new CountDownLatch(1);
    timed.execute(first::countDown);
    advanceUntil(first);
    for (int i = 0; i < 50; i++) {
      runOneOn(timed);
      Await.until("it is idle", () -> idle() > 0);
    }
  }

  /** Lets no more time pass than one piece may have to wait for others. */
  private void advanceUntil(CountDownLatch done) {
    time.advance(Duration.ofNanos(WorkLimit.SHORT_PATIENCE_NANOS));
    Await.latch(done);
  }

  /** More threads than processors make no arithmetic quicker, however many pieces there are. */
  @Test
  void workThatComputesGetsMoreThreadsOnlyWhenItIsStuckForLong() {
    WorkerThreads computing = WorkerThreads.forComputing(time, NAME + "computing-");
    try {
      int few = Math.max(2, Runtime.getRuntime().availableProcessors());
      block(computing, 2 * few);
      CountDownLatch done = new CountDownLatch(1);
      computing.execute(done::countDown);
      time.advance(Duration.ofMillis(99));
      Await.until("few run", () -> blocked.get() == few);
      time.advance(Duration.ofMillis(1));
      Await.until("twice as many run", () -> blocked.get() == 2 * few);
      time.advance(Duration.ofMillis(100));
      Await.latch(done);
    } finally {
      release.countDown();
      computing.shutdown();
      assertThat(ended(computing)).isTrue();
    }
  }

  @Test
  void oneAfterTheOtherMayBlockAndEachHoldsUpTheNextForSomeMillisecondsAtMost() {
    for (int i = 0; i < 30; i++) {
      CountDownLatch runs = new CountDownLatch(1);
      timed.execute(
          () -> {
            runs.countDown();
            Await.hold(release);
          });
      advanceUntil(runs);
    }
  }

  /** 4 ms, and then twice as many each millisecond. */
  @Test
  void aHundredThatBeginToBlockAtOnceAreGotPastWithinTenMilliseconds() {
    block(timed, 100);
    CountDownLatch done = new CountDownLatch(1);
    timed.execute(done::countDown);
    time.advance(Duration.ofNanos(WorkLimit.SHORT_PATIENCE_NANOS));
    for (int threads = 4; threads < 128; threads *= 2) {
      int blocking = Math.min(100, threads);
      Await.until(blocking + " run and block", () -> blocked.get() >= blocking);
      time.advance(TICK);
    }
    Await.latch(done);
  }

  @Test
  void threadsThatCameForBlockedWorkGoWhenItIsOver() {
    block(threads, 20);
    runOneOn(threads);
    assertThat(threads()).isGreaterThan(20);
    release.countDown();
    Await.until("the threads to go", () -> threads() == 0);
  }

  @Test
  void whenAsManyAreStuckAsThereMayBeTheNextWaitsForOneOfThem() {
    Semaphore gate = new Semaphore(0);
    timed.execute(gate::acquireUninterruptibly);
    blockForGood(WorkLimit.MOST - 1);
    CountDownLatch done = new CountDownLatch(1);
    timed.execute(done::countDown);
    time.advance(Duration.ofSeconds(1));
    assertThat(time.pendingTimers()).as("looking would help nobody").isZero();
    assertThat(threads()).isEqualTo(WorkLimit.MOST);
    assertThat(done.getCount()).isEqualTo(1);
    gate.release();
    Await.latch(done);
  }

  /** Virtual time stands still, so each has its thread because it comes. */
  @Test
  void eachPieceOfBlockingWorkHasAThreadAtOnceUpToANumberAndTheRestWaitsInOrder() {
    WorkerThreads blocking = WorkerThreads.forBlockingWork(time, NAME + "blocking-");
    Semaphore gate = new Semaphore(0);
    AtomicInteger begun = new AtomicInteger();
    for (int i = 0; i < WorkLimit.MOST; i++) {
      blocking.execute(
          () -> {
            begun.incrementAndGet();
            gate.acquireUninterruptibly();
          });
    }
    Await.until("all run", () -> begun.get() == WorkLimit.MOST);
    List<Integer> ran = new CopyOnWriteArrayList<>();
    CountDownLatch done = new CountDownLatch(10);
    for (int i = 0; i < 10; i++) {
      int number = i;
      blocking.execute(
          () -> {
            ran.add(number);
            done.countDown();
          });
    }
    assertThat(time.pendingTasks()).as("nobody can help them").isZero();
    assertThat(ran).isEmpty();
    gate.release();
    Await.latch(done);
    assertThat(ran).containsExactly(0, 1, 2, 3, 4, 5, 6, 7, 8, 9);
    gate.release(WorkLimit.MOST);
    blocking.shutdown();
    assertThat(ended(blocking)).isTrue();
  }

  @Test
  void oneAfterTheOtherNeedsOneThread() {
    Set<String> used = ConcurrentHashMap.newKeySet();
    for (int i = 0; i < 200; i++) {
      CountDownLatch done = new CountDownLatch(1);
      timed.execute(
          () -> {
            used.add(Thread.currentThread().getName());
            done.countDown();
          });
      Await.latch(done);
      Await.until("it is idle", () -> idle() == threads());
    }
    assertThat(used).containsExactly(NAME + "timed-1");
  }

  private static long idle() {
    return Thread.getAllStackTraces().keySet().stream()
        .filter(thread -> thread.getName().startsWith(NAME))
        .filter(thread -> thread.getState() == Thread.State.TIMED_WAITING)
        .count();
  }

  // ------------------------------------------------------------------------------ what else comes

  @Test
  void theThreadsAreDaemonsAndKnowWhoseTheyAre() {
    CountDownLatch done = new CountDownLatch(1);
    boolean[] seen = new boolean[3];
    threads.execute(
        () -> {
          seen[0] = Thread.currentThread().isDaemon();
          seen[1] = threads.isOneOfThese();
          seen[2] = !timed.isOneOfThese();
          done.countDown();
        });
    Await.latch(done);
    assertThat(seen).containsOnly(true);
    assertThat(threads.isOneOfThese()).isFalse();
  }

  @Test
  void workThatThrowsOrLeavesAnInterruptCostsNoThread() {
    for (int i = 0; i < 5; i++) {
      timed.execute(() -> Sneaky.raise(new IllegalStateException("on purpose")));
      timed.execute(() -> Sneaky.raise(new NoClassDefFoundError("on/Purpose")));
      timed.execute(() -> Sneaky.raise(new IOException("undeclared, as Kotlin does")));
      timed.execute(() -> Thread.currentThread().interrupt());
    }
    Set<String> used = ConcurrentHashMap.newKeySet();
    AtomicInteger interrupted = new AtomicInteger();
    CountDownLatch done = new CountDownLatch(20);
    for (int i = 0; i < 20; i++) {
      timed.execute(
          () -> {
            used.add(Thread.currentThread().getName());
            if (Thread.currentThread().isInterrupted()) {
              interrupted.incrementAndGet();
            }
            done.countDown();
          });
    }
    Await.latch(done);
    assertThat(used).isSubsetOf(NAME + "timed-1", NAME + "timed-2");
    assertThat(interrupted).hasValue(0);
  }

  // --------------------------------------------------------------------------------------- the end

  @Test
  void whatWaitsAtTheEndRunsAndThenTheThreadsGo() {
    AtomicInteger ran = new AtomicInteger();
    block(timed, 2);
    Await.until("both block", () -> blocked.get() == 2);
    for (int i = 0; i < 5; i++) {
      timed.execute(ran::incrementAndGet);
    }
    timed.shutdown();
    release.countDown();
    assertThat(ended(timed)).isTrue();
    assertThat(ran).hasValue(5);
    assertThat(threads()).isZero();
  }

  /** The loop's timers don't run any more then. */
  @Test
  void whatWaitsBehindStuckWorkAtTheEndRunsAllTheSame() {
    block(threads, 20);
    CountDownLatch done = new CountDownLatch(1);
    loop.execute(
        () -> {
          threads.execute(done::countDown);
          loop.stop();
        });
    assertThat(hasEnded(loop)).isTrue();
    threads.shutdown();
    Await.latch(done);
  }

  @Test
  void workThatComesAfterTheEndRunsToo() {
    loop.stop();
    assertThat(hasEnded(loop)).isTrue();
    block(threads, 10);
    runOneOn(threads);
    threads.shutdown();
    runOneOn(threads);
  }

  private static boolean hasEnded(SelectorLoop loop) {
    try {
      return loop.awaitEnd(Await.LIMIT.toSeconds(), TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  /** The watch over what waits ends when nothing does; work that comes then is watched anew. */
  @Test
  void workThatComesWhileTheWatchEndsIsNotForgotten() {
    for (int round = 0; round < 300; round++) {
      CountDownLatch quick = new CountDownLatch(3);
      for (int i = 0; i < 3; i++) {
        timed.execute(quick::countDown);
      }
      Await.latch(quick); // from here on nothing waits, and a watch may be under way
      time.run();
      CountDownLatch stuck = new CountDownLatch(1);
      CountDownLatch free = new CountDownLatch(1);
      CountDownLatch posted = new CountDownLatch(1);
      int spins = round;
      new Thread(
              () -> {
                for (int i = 0; i < spins; i++) {
                  Thread.onSpinWait();
                }
                timed.execute(() -> Await.hold(stuck));
                timed.execute(() -> Await.hold(stuck));
                timed.execute(free::countDown);
                posted.countDown();
              })
          .start();
      time.advance(Duration.ofNanos(WorkLimit.SHORT_PATIENCE_NANOS));
      Await.latch(posted);
      Await.until(
          "the work runs",
          () -> {
            time.advance(Duration.ofNanos(WorkLimit.SHORT_PATIENCE_NANOS));
            return free.getCount() == 0;
          });
      stuck.countDown();
    }
  }
}
