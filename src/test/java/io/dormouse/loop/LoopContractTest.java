package io.dormouse.loop;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.support.Sneaky;
import java.io.IOException;
import java.nio.channels.SocketChannel;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What {@link Loop} promises. Every loop passes this suite. */
abstract class LoopContractTest {
  /** The loop under test. */
  abstract Loop loop();

  /** Ends the loop, without waiting. */
  abstract void stop();

  /** Lets the loop work until it has ended. */
  abstract void awaitEnd();

  /** Lets the loop work until the latch is down. */
  abstract void runUntil(CountDownLatch done);

  /** Runs this on the loop and returns what it gives. */
  final <T> T onLoop(Callable<T> work) {
    CountDownLatch done = new CountDownLatch(1);
    AtomicReference<T> result = new AtomicReference<>();
    AtomicReference<Exception> failure = new AtomicReference<>();
    loop()
        .execute(
            () -> {
              try {
                result.set(work.call());
              } catch (Exception e) {
                failure.set(e);
              } finally {
                done.countDown();
              }
            });
    runUntil(done);
    if (failure.get() != null) {
      throw new AssertionError("failed on the loop", failure.get());
    }
    return result.get();
  }

  @Test
  void tasksRunInTheOrderTheyWereHandedIn() {
    List<Integer> ran = new ArrayList<>();
    for (int i = 0; i < 1_000; i++) {
      int number = i;
      loop().execute(() -> ran.add(number));
    }
    onLoop(() -> "after all of them");
    assertThat(ran).hasSize(1_000).isSorted();
  }

  @Test
  void aSignalRunsOnceHoweverOftenItIsRaisedAndAgainWhenItIsRaisedAgain() {
    AtomicInteger ran = new AtomicInteger();
    Loop.Signal signal = loop().signal(ran::incrementAndGet);
    onLoop(
        () -> {
          signal.raise();
          signal.raise();
          assertThat(ran).as("not inside the caller").hasValue(0);
          return "raised";
        });
    onLoop(() -> "after it");
    assertThat(ran).hasValue(1);
    signal.raise();
    CountDownLatch second = new CountDownLatch(1);
    loop().signal(second::countDown).raise();
    runUntil(second);
    assertThat(ran).hasValue(2);
  }

  @Test
  void signalsRunInTheOrderTheyWereRaisedAndMayRaiseThemselves() {
    List<Integer> ran = new CopyOnWriteArrayList<>();
    CountDownLatch done = new CountDownLatch(1);
    Loop.Signal[] again = new Loop.Signal[1];
    again[0] =
        loop()
            .signal(
                () -> {
                  ran.add(1);
                  if (ran.size() < 4) {
                    again[0].raise();
                  } else {
                    done.countDown();
                  }
                });
    Loop.Signal other = loop().signal(() -> ran.add(2));
    onLoop(
        () -> {
          again[0].raise();
          other.raise();
          return "raised";
        });
    runUntil(done);
    assertThat(ran).containsExactly(1, 2, 1, 1);
  }

  @Test
  void aSignalThatFindsNoMemoryRunsUntilItDoes() {
    AtomicInteger ran = new AtomicInteger();
    CountDownLatch done = new CountDownLatch(1);
    loop()
        .signal(
            () -> {
              OutOfMemoryError thrown = new OutOfMemoryError("on purpose");
              if (ran.incrementAndGet() < 3) {
                throw thrown;
              } else if (ran.get() < 4) {
                throw new InternalError(thrown); // as the JDK does when it links a lambda
              }
              done.countDown();
            })
        .raise();
    runUntil(done);
    assertThat(ran).hasValue(4);
  }

  @Test
  void aSignalThatThrowsAnythingElseRunsOnce() {
    AtomicInteger ran = new AtomicInteger();
    CountDownLatch done = new CountDownLatch(1);
    loop()
        .signal(
            () -> {
              ran.incrementAndGet();
              throw new IllegalStateException("on purpose");
            })
        .raise();
    loop().signal(done::countDown).raise();
    runUntil(done);
    onLoop(() -> "once more");
    assertThat(ran).hasValue(1);
  }

  /** Threads that raise one signal all the time: after the last raise it runs once more. */
  @Test
  void noRaiseIsLost() {
    AtomicInteger raised = new AtomicInteger();
    AtomicInteger seen = new AtomicInteger();
    int threads = 4;
    int each = 5_000;
    CountDownLatch done = new CountDownLatch(1);
    Loop.Signal signal =
        loop()
            .signal(
                () -> {
                  seen.set(raised.get());
                  if (seen.get() == threads * each) {
                    done.countDown();
                  }
                });
    for (int i = 0; i < threads; i++) {
      new Thread(
              () -> {
                for (int j = 0; j < each; j++) {
                  raised.incrementAndGet();
                  signal.raise();
                }
              })
          .start();
    }
    runUntil(done);
    assertThat(seen).hasValue(threads * each);
  }

  @Test
  void nothingOverlapsAndEachSeesWhatThoseBeforeItDid() {
    int threads = 4;
    int each = 2_000;
    CountDownLatch done = new CountDownLatch(threads * each * 2);
    Serial serial = new Serial(done);
    List<List<Integer>> ranOf = new ArrayList<>();
    for (int t = 0; t < threads; t++) {
      List<Integer> ran = new ArrayList<>();
      ranOf.add(ran);
      Thread poster =
          new Thread(
              () -> {
                for (int i = 0; i < each; i++) {
                  int number = i;
                  loop()
                      .execute(
                          () -> {
                            serial.run();
                            ran.add(number);
                            loop().schedule(number % 3, serial);
                          });
                }
              });
      poster.start();
    }
    runUntil(done);
    assertThat(serial.overlaps).isZero();
    assertThat(serial.count).isEqualTo(threads * each * 2);
    assertThat(ranOf).allSatisfy(ran -> assertThat(ran).hasSize(each).isSorted());
  }

  /** Counts without any synchronisation of its own; the loop has to provide it. */
  private static final class Serial implements Runnable {
    private final CountDownLatch done;
    private boolean inside;
    int count;
    int overlaps;

    Serial(CountDownLatch done) {
      this.done = done;
    }

    @Override
    public void run() {
      if (inside) {
        overlaps++;
      }
      inside = true;
      count++;
      inside = false;
      done.countDown();
    }
  }

  @Test
  void aTaskHandedInOnTheLoopNeverRunsInsideItsCaller() {
    List<String> ran = new ArrayList<>();
    CountDownLatch done = new CountDownLatch(1);
    loop()
        .execute(
            () -> {
              ran.add("caller begins");
              loop()
                  .execute(
                      () -> {
                        ran.add("task");
                        done.countDown();
                      });
              ran.add("caller ends");
            });
    loop().execute(() -> ran.add("handed in before the task"));
    runUntil(done);
    // On a loop that runs by itself the second task may have come too late for its place.
    assertThat(ran)
        .containsSubsequence("caller begins", "caller ends", "task")
        .hasSizeBetween(3, 4);
  }

  @Test
  void tasksHandedInDuringAnIterationRunAfterThoseThatWereThere() {
    List<String> ran = new ArrayList<>();
    CountDownLatch done = new CountDownLatch(1);
    onLoop(
        () -> {
          loop()
              .execute(
                  () -> {
                    ran.add("a");
                    loop()
                        .execute(
                            () -> {
                              ran.add("c");
                              done.countDown();
                            });
                  });
          loop().execute(() -> ran.add("b"));
          return null;
        });
    runUntil(done);
    assertThat(ran).containsExactly("a", "b", "c");
  }

  @Test
  void timersRunByDueTimeAndThenByAge() {
    List<String> ran = new ArrayList<>();
    while (!makeTimers(ran)) {
      ran.clear();
    }
    assertThat(ran).containsExactly("0, older", "0, younger", "2 ms", "2 ms, younger", "5 ms");
  }

  /** Returns false if the system has held the thread up meanwhile, so that they are due later. */
  private boolean makeTimers(List<String> ran) {
    CountDownLatch done = new CountDownLatch(1);
    long took =
        onLoop(
            () -> {
              long begin = loop().nanoTime();
              loop().schedule(TimeUnit.MILLISECONDS.toNanos(9), done::countDown);
              loop().schedule(TimeUnit.MILLISECONDS.toNanos(5), () -> ran.add("5 ms"));
              loop().schedule(TimeUnit.MILLISECONDS.toNanos(2), () -> ran.add("2 ms"));
              loop().schedule(0, () -> ran.add("0, older"));
              loop().schedule(-1, () -> ran.add("0, younger"));
              loop().schedule(TimeUnit.MILLISECONDS.toNanos(2), () -> ran.add("2 ms, younger"));
              return loop().nanoTime() - begin;
            });
    runUntil(done);
    return took < TimeUnit.MILLISECONDS.toNanos(1);
  }

  @Test
  void noTimerRunsBeforeItsTime() {
    long delay = TimeUnit.MILLISECONDS.toNanos(3) + 1;
    CountDownLatch done = new CountDownLatch(1);
    AtomicReference<Long> ranAt = new AtomicReference<>();
    long madeAt =
        onLoop(
            () -> {
              long now = loop().nanoTime();
              loop()
                  .schedule(
                      delay,
                      () -> {
                        ranAt.set(loop().nanoTime());
                        done.countDown();
                      });
              return now;
            });
    runUntil(done);
    assertThat(ranAt.get() - madeAt).isGreaterThanOrEqualTo(delay);
  }

  @Test
  void aTimerWithoutDelayThatATimerMakesRunsInALaterIteration() {
    List<String> ran = new ArrayList<>();
    CountDownLatch done = new CountDownLatch(1);
    onLoop(
        () -> {
          loop()
              .schedule(
                  0,
                  () -> {
                    ran.add("timer");
                    loop().execute(() -> ran.add("task"));
                    loop()
                        .schedule(
                            0,
                            () -> {
                              ran.add("timer's timer");
                              done.countDown();
                            });
                  });
          return null;
        });
    runUntil(done);
    assertThat(ran).containsExactly("timer", "task", "timer's timer");
  }

  @Test
  void aCancelledTimerNeverRunsEvenIfItIsDueAlready() {
    List<String> ran = new ArrayList<>();
    CountDownLatch done = new CountDownLatch(1);
    onLoop(
        () -> {
          Loop.Timer[] second = new Loop.Timer[1];
          loop()
              .schedule(
                  0,
                  () -> {
                    ran.add("first");
                    second[0].cancel();
                  });
          second[0] = loop().schedule(0, () -> ran.add("second"));
          loop().schedule(0, done::countDown);
          return null;
        });
    runUntil(done);
    assertThat(ran).containsExactly("first");
  }

  @Test
  void cancellingATimerTwiceOrAfterItRanDoesNothing() {
    CountDownLatch done = new CountDownLatch(2);
    onLoop(
        () -> {
          Loop.Timer cancelled = loop().schedule(0, () -> {});
          cancelled.cancel();
          cancelled.cancel();
          Loop.Timer[] self = new Loop.Timer[1];
          self[0] =
              loop()
                  .schedule(
                      0,
                      () -> {
                        self[0].cancel();
                        done.countDown();
                      });
          loop().schedule(0, done::countDown);
          return null;
        });
    runUntil(done);
  }

  @ParameterizedTest
  @MethodSource("throwables")
  void aTaskOrTimerThatThrowsDoesNotStopTheLoop(Throwable throwable) {
    CountDownLatch timerThrew = new CountDownLatch(1);
    loop().execute(() -> Sneaky.raise(throwable));
    onLoop(
        () ->
            loop()
                .schedule(
                    0,
                    () -> {
                      timerThrew.countDown();
                      Sneaky.raise(throwable);
                    }));
    runUntil(timerThrew);
    assertThat(onLoop(() -> "goes on")).isEqualTo("goes on");
  }

  /** Kotlin throws checked exceptions from anywhere, and a missing class is an Error. */
  static List<Throwable> throwables() {
    return List.of(
        new IllegalStateException("thrown on purpose"),
        new AssertionError("thrown on purpose"),
        new NoClassDefFoundError("thrown/on/Purpose"),
        new IOException("thrown on purpose"),
        new ThrowsWhenAsked());
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
  void whatIsLeftToTheEndRunsAfterTheIterationsTasksAndTimersAndBeforeTheNext() {
    List<String> ran = new ArrayList<>();
    CountDownLatch done = new CountDownLatch(1);
    onLoop(
        () -> {
          loop()
              .execute(
                  () -> {
                    loop().atIterationEnd(() -> ran.add("end"));
                    loop().execute(() -> ran.add("next iteration"));
                    loop().execute(done::countDown);
                    ran.add("task");
                  });
          loop().execute(() -> ran.add("another task"));
          return null;
        });
    runUntil(done);
    assertThat(ran).containsExactly("task", "another task", "end", "next iteration");
  }

  @Test
  void whatIsLeftToTheEndByWhatRunsThereRunsInTheSameIteration() {
    List<String> ran = new ArrayList<>();
    CountDownLatch done = new CountDownLatch(1);
    onLoop(
        () -> {
          loop().execute(() -> ran.add("next iteration"));
          loop().execute(done::countDown);
          loop()
              .atIterationEnd(
                  () -> {
                    ran.add("first");
                    loop().atIterationEnd(() -> ran.add("third"));
                  });
          loop().atIterationEnd(() -> ran.add("second"));
          return null;
        });
    runUntil(done);
    assertThat(ran).containsExactly("first", "second", "third", "next iteration");
  }

  @Test
  void onlyTheLoopMayLeaveSomethingToTheEnd() {
    assertThatThrownBy(() -> loop().atIterationEnd(() -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("only on the loop");
  }

  @Test
  void whatThrowsAtTheEndOfAnIterationStopsNothing() {
    List<String> ran = new ArrayList<>();
    onLoop(
        () -> {
          loop().atIterationEnd(() -> Sneaky.raise(new IOException("thrown on purpose")));
          loop().atIterationEnd(() -> ran.add("goes on"));
          return null;
        });
    assertThat(onLoop(() -> List.copyOf(ran))).containsExactly("goes on");
  }

  @Test
  void onlyTheLoopMaySchedule() {
    assertThatThrownBy(() -> loop().schedule(0, () -> {}))
        .isInstanceOf(IllegalStateException.class)
        .hasMessageContaining("only on the loop");
  }

  @Test
  void onlyTheLoopMayRegister() throws Exception {
    try (SocketChannel channel = SocketChannel.open()) {
      channel.configureBlocking(false);
      assertThatThrownBy(() -> loop().register(channel, 0, ops -> {}))
          .isInstanceOf(IllegalStateException.class)
          .hasMessageContaining("only on the loop");
    }
  }

  @Test
  void whoRunsOnTheLoopIsInIt() {
    assertThat(loop().inLoop()).isFalse();
    assertThat(onLoop(() -> loop().inLoop())).isTrue();
    assertThat(loop().inLoop()).isFalse();
  }

  @Test
  void whatWasAcceptedBeforeTheStopRunsAndNothingIsAcceptedAfterIt() {
    List<String> ran = new ArrayList<>();
    onLoop(
        () -> {
          loop().schedule(TimeUnit.HOURS.toNanos(1), () -> ran.add("timer"));
          loop().execute(() -> ran.add("accepted"));
          stop();
          stop();
          assertThatThrownBy(() -> loop().execute(() -> ran.add("too late")))
              .isInstanceOf(RejectedExecutionException.class);
          return null;
        });
    awaitEnd();
    assertThat(ran).containsExactly("accepted");
    assertThatThrownBy(() -> loop().execute(() -> {}))
        .isInstanceOf(RejectedExecutionException.class);
  }

  @Test
  void everyTaskOfManyThreadsIsEitherRunOrRejectedWhenTheLoopStops() {
    int threads = 3;
    List<List<Integer>> accepted = new ArrayList<>();
    List<Integer> ran = new ArrayList<>(); // on the loop
    CountDownLatch halfway = new CountDownLatch(threads);
    CountDownLatch posted = new CountDownLatch(threads);
    for (int t = 0; t < threads; t++) {
      List<Integer> mine = new ArrayList<>();
      accepted.add(mine);
      int base = t * 100_000;
      Thread poster =
          new Thread(
              () -> {
                try {
                  for (int i = base; i < base + 100_000; i++) {
                    int number = i;
                    loop().execute(() -> ran.add(number));
                    mine.add(number);
                    if (i == base + 1_000) {
                      halfway.countDown();
                    }
                  }
                } catch (RejectedExecutionException e) {
                  // what was to be seen: from here on nothing is accepted
                } finally {
                  posted.countDown();
                }
              });
      poster.start();
    }
    runUntil(halfway);
    stop();
    awaitEnd();
    runUntil(posted);
    List<Integer> all = new ArrayList<>();
    accepted.forEach(all::addAll);
    assertThat(ran.stream().sorted().toList()).isEqualTo(all);
  }
}
