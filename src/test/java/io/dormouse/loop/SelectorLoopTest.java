package io.dormouse.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.dormouse.support.Await;
import io.dormouse.support.LoudLog;
import io.dormouse.support.OsSockets;
import io.dormouse.support.Sneaky;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.ByteBuffer;
import java.nio.channels.Pipe;
import java.nio.channels.SelectionKey;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.locks.LockSupport;
import java.util.function.LongSupplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The real loop keeps the contract, and what has to do with channels and sleep. */
class SelectorLoopTest extends InlineRunsContractTest {
  private final SelectorLoop loop = SelectorLoop.start("dormouse-test-io", () -> {});

  @Override
  Loop loop() {
    return loop;
  }

  @Override
  InlineRuns inline() {
    return loop;
  }

  @Override
  void pass(Duration time) {
    long begin = System.nanoTime();
    while (System.nanoTime() - begin < time.toNanos()) {
      Thread.onSpinWait();
    }
  }

  @Override
  void stop() {
    loop.stop();
  }

  @Override
  @AfterEach
  void awaitEnd() {
    loop.stop();
    try {
      assertThat(loop.awaitEnd(Await.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  @Override
  void runUntil(CountDownLatch done) {
    Await.latch(done);
  }

  @Test
  void aClosedChannelHasGivenItsDescriptorBackBeforeATaskOfTheNextIteration() {
    assumeThat(OsSockets.isAvailable()).isTrue();
    List<Integer> counts = new ArrayList<>();
    CountDownLatch done = new CountDownLatch(1);
    onLoop(
        () -> {
          counts.add(OsSockets.descriptors());
          SocketChannel channel = SocketChannel.open();
          channel.configureBlocking(false);
          loop.register(channel, 0, ops -> {});
          loop.execute(
              () -> {
                counts.add(OsSockets.descriptors());
                close(channel);
                loop.execute(
                    () -> {
                      counts.add(OsSockets.descriptors());
                      done.countDown();
                    });
              });
          return null;
        });
    runUntil(done);
    int before = counts.get(0);
    assertThat(counts).containsExactly(before, before + 1, before);
  }

  @Test
  void anIdleLoopUsesNoProcessor() {
    Thread thread = onLoop(Thread::currentThread);
    assertSleeps(thread);
  }

  @Test
  void aLoopWithATimerFarAwayUsesNoProcessor() {
    Thread thread = onLoop(Thread::currentThread);
    onLoop(() -> loop.schedule(TimeUnit.HOURS.toNanos(1), () -> {}));
    assertSleeps(thread);
  }

  /**
   * Each of the two waits for the other for some microseconds only, so they look before they sleep.
   */
  @Test
  void twoLoopsThatAnswerEachOtherAtOnceMissNothingAndSleepAfterwards() {
    SelectorLoop other = SelectorLoop.start("dormouse-test-other", () -> {});
    try {
      Thread thread = onLoop(Thread::currentThread);
      CountDownLatch done = new CountDownLatch(1);
      loop.execute(() -> toAndFro(loop, other, 20_000, done));
      runUntil(done);
      assertSleeps(thread);
    } finally {
      other.stop();
    }
  }

  private static void toAndFro(Loop here, Loop there, int times, CountDownLatch done) {
    if (times == 0) {
      done.countDown();
    } else {
      there.execute(() -> toAndFro(there, here, times - 1, done));
    }
  }

  @Test
  void aLoopThatWasInterruptedStillSleeps() {
    Thread thread =
        onLoop(
            () -> {
              Thread.currentThread().interrupt();
              return Thread.currentThread();
            });
    assertThat(onLoop(() -> "works")).isEqualTo("works");
    assertSleeps(thread);
  }

  /** While another loop's timer runs, this loop's thread takes some thousandths of that time. */
  private static void assertSleeps(Thread thread) {
    SelectorLoop clock = SelectorLoop.start("dormouse-test-clock", () -> {});
    try {
      CountDownLatch over = new CountDownLatch(1);
      long before = processorTime(thread);
      clock.execute(() -> clock.schedule(TimeUnit.MILLISECONDS.toNanos(200), over::countDown));
      Await.latch(over);
      long used = processorTime(thread) - before;
      assertThat(used).isLessThan(TimeUnit.MILLISECONDS.toNanos(50));
    } finally {
      clock.stop();
    }
  }

  private static long processorTime(Thread thread) {
    return ManagementFactory.getThreadMXBean().getThreadCpuTime(thread.getId());
  }

  @Test
  void aTaskWakesALoopThatSleepsTowardsATimer() {
    onLoop(() -> loop.schedule(TimeUnit.HOURS.toNanos(1), () -> {}));
    for (int i = 0; i < 1_000; i++) {
      assertThat(onLoop(() -> "awake")).isEqualTo("awake");
    }
  }

  @Test
  void aReadyChannelIsHandledForAsLongAsThereIsInterest() throws Exception {
    Pipe pipe = Pipe.open();
    pipe.source().configureBlocking(false);
    List<Integer> handled = new ArrayList<>();
    CountDownLatch done = new CountDownLatch(3);
    onLoop(
        () -> {
          Loop.Registration[] registration = new Loop.Registration[1];
          registration[0] =
              loop.register(
                  pipe.source(),
                  SelectionKey.OP_READ,
                  ops -> {
                    handled.add(ops);
                    done.countDown();
                    if (done.getCount() == 0) {
                      registration[0].interest(0);
                    }
                  });
          return null;
        });
    pipe.sink().write(ByteBuffer.wrap(new byte[1]));
    runUntil(done);
    onLoop(() -> "one more iteration");
    assertThat(handled)
        .containsExactly(SelectionKey.OP_READ, SelectionKey.OP_READ, SelectionKey.OP_READ);
    pipe.sink().close();
    pipe.source().close();
  }

  @Test
  void aHandlerThatThrowsDoesNotStopTheLoopNorOtherHandlers() throws Exception {
    Pipe bad = Pipe.open();
    Pipe good = Pipe.open();
    bad.source().configureBlocking(false);
    good.source().configureBlocking(false);
    CountDownLatch threw = new CountDownLatch(2);
    CountDownLatch handled = new CountDownLatch(2);
    onLoop(
        () -> {
          loop.register(
              bad.source(),
              SelectionKey.OP_READ,
              ops -> {
                threw.countDown();
                throw new NoClassDefFoundError("some/Optional");
              });
          loop.register(good.source(), SelectionKey.OP_READ, ops -> handled.countDown());
          return null;
        });
    bad.sink().write(ByteBuffer.wrap(new byte[1]));
    good.sink().write(ByteBuffer.wrap(new byte[1]));
    runUntil(threw);
    runUntil(handled);
    for (Pipe pipe : List.of(bad, good)) {
      pipe.sink().close();
      pipe.source().close();
    }
  }

  @Test
  void aHandlerMayCloseTheChannelOfAnotherThatIsReadyToo() throws Exception {
    Pipe one = Pipe.open();
    Pipe other = Pipe.open();
    one.source().configureBlocking(false);
    other.source().configureBlocking(false);
    one.sink().write(ByteBuffer.wrap(new byte[1]));
    other.sink().write(ByteBuffer.wrap(new byte[1]));
    List<String> handled = new ArrayList<>();
    CountDownLatch done = new CountDownLatch(1);
    onLoop(
        () -> {
          Loop.Registration[] late = new Loop.Registration[1];
          Loop.Handler closesBoth =
              ops -> {
                handled.add("handled");
                close(one.source());
                close(other.source());
                late[0].interest(SelectionKey.OP_READ);
                done.countDown();
              };
          late[0] = loop.register(one.source(), SelectionKey.OP_READ, closesBoth);
          loop.register(other.source(), SelectionKey.OP_READ, closesBoth);
          return null;
        });
    runUntil(done);
    onLoop(() -> "one more iteration");
    assertThat(handled).hasSize(1);
    one.sink().close();
    other.sink().close();
  }

  /** So that a hard close comes in time, however much there is to read. */
  @Test
  void aTimerThatIsDueDoesNotWaitForAllChannelsThatAreReady() throws Exception {
    List<Pipe> pipes = new ArrayList<>();
    for (int i = 0; i < 50; i++) {
      Pipe pipe = Pipe.open();
      pipe.source().configureBlocking(false);
      pipe.sink().write(ByteBuffer.wrap(new byte[1]));
      pipes.add(pipe);
    }
    CountDownLatch handled = new CountDownLatch(pipes.size());
    AtomicLong leftWhenDue = new AtomicLong();
    onLoop(
        () -> {
          for (Pipe pipe : pipes) {
            loop.register(
                pipe.source(),
                SelectionKey.OP_READ,
                ops -> {
                  pass(Duration.ofMillis(2));
                  close(pipe.source());
                  handled.countDown();
                });
          }
          return loop.schedule(
              Duration.ofMillis(10).toNanos(), () -> leftWhenDue.set(handled.getCount()));
        });
    runUntil(handled);
    onLoop(() -> "one more iteration");
    assertThat(leftWhenDue).hasPositiveValue();
    pipes.forEach(pipe -> close(pipe.sink()));
  }

  @Test
  void aTimerThatIsDueDoesNotWaitForAllTasks() {
    int tasks = 1_000;
    CountDownLatch ran = new CountDownLatch(tasks);
    AtomicLong leftWhenDue = new AtomicLong();
    onLoop(
        () -> {
          for (int i = 0; i < tasks; i++) {
            loop.execute(
                () -> {
                  pass(Duration.ofNanos(100_000));
                  ran.countDown();
                });
          }
          return loop.schedule(
              Duration.ofMillis(10).toNanos(), () -> leftWhenDue.set(ran.getCount()));
        });
    runUntil(ran);
    onLoop(() -> "one more iteration");
    assertThat(leftWhenDue).hasPositiveValue();
  }

  @Test
  void theLastThingRunsOnTheLoopsThreadWhenAllIsDone() {
    List<String> ran = new ArrayList<>();
    SelectorLoop[] other = new SelectorLoop[1];
    other[0] = SelectorLoop.start("dormouse-test-end", () -> ran.add("end " + other[0].inLoop()));
    other[0].execute(() -> ran.add("task"));
    other[0].stop();
    Await.until("the loop to have ended", () -> hasEnded(other[0]));
    assertThat(ran).containsExactly("task", "end true");
  }

  private static boolean hasEnded(SelectorLoop loop) {
    try {
      return loop.awaitEnd(1, TimeUnit.MILLISECONDS);
    } catch (InterruptedException e) {
      throw new AssertionError("interrupted", e);
    }
  }

  @Test
  void aLoggerThatThrowsEndsNothing() {
    try (LoudLog log = LoudLog.throwing(SelectorLoop.class.getName())) {
      onLoop(
          () -> {
            Thread.currentThread().interrupt(); // is logged
            return null;
          });
      loop.execute(() -> Sneaky.raise(new IllegalStateException("is logged too")));
      assertThat(onLoop(() -> "works")).isEqualTo("works");
      assertThat(log.text()).contains("an interrupt", "a task on the loop's thread threw");
    }
  }

  private static void close(java.nio.channels.Channel channel) {
    try {
      channel.close();
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  /** A call that waits for the foreground by that clock must look at it again soon. */
  @Test
  void whoWaitsForAPermitIsNotHeldUpByASleepEither() throws Exception {
    SelectorLoop sleepAware =
        SelectorLoop.start("dormouse-test-sleep", Optional.of(System::nanoTime), () -> {});
    CountDownLatch gaveUp = new CountDownLatch(1);
    Thread caller =
        new Thread(
            () -> {
              try {
                boolean unused =
                    sleepAware.acquire(new Semaphore(0), Duration.ofHours(1).toNanos());
                gaveUp.countDown();
              } catch (InterruptedException e) {
                // The test has failed.
              }
            });
    caller.start();
    try {
      Await.latch(gaveUp);
    } finally {
      caller.interrupt();
      sleepAware.stop();
    }
  }

  /** The system's wait does not count the device's sleep, so it is far too long after one. */
  @Test
  void whatCameDueWhileTheDeviceSleptIsDoneSoonAfterItWakes() throws Exception {
    AtomicLong slept = new AtomicLong();
    AtomicLong asked = new AtomicLong();
    LongSupplier clock =
        () -> {
          asked.incrementAndGet();
          return System.nanoTime() + slept.get();
        };
    SelectorLoop sleepAware =
        SelectorLoop.start("dormouse-test-sleep", Optional.of(clock), () -> {});
    CountDownLatch due = new CountDownLatch(1);
    sleepAware.execute(() -> sleepAware.schedule(Duration.ofHours(1).toNanos(), due::countDown));
    Await.until(
        "it sleeps",
        () -> {
          long before = asked.get();
          LockSupport.parkNanos(Duration.ofMillis(50).toNanos());
          return before > 2 && asked.get() == before;
        });
    slept.addAndGet(Duration.ofHours(2).toNanos());
    Await.latch(due);
    sleepAware.stop();
    assertThat(sleepAware.awaitEnd(Await.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }
}
