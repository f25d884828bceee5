package io.dormouse.callbacks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.dormouse.loop.Loop;
import io.dormouse.loop.ManualLoop;
import io.dormouse.support.Await;
import io.dormouse.support.OwnThreads;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The system gives no thread, or there is no memory to wait for one: no work is lost. */
class StarvedWorkersTest {
  private static final String NAME = "dormouse-test-starved-";

  private final ManualLoop time = new ManualLoop();

  @AfterEach
  void nothingStaysBehind() {
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

  @Test
  void ifTheSystemGivesNoThreadWorkWaitsUntilItDoes() {
    AtomicInteger refusals = new AtomicInteger(3);
    WorkerThreads starved = withoutThreads(time, refusals);
    CountDownLatch done = new CountDownLatch(2);
    starved.execute(done::countDown);
    starved.execute(done::countDown);
    assertThat(refusals.get()).isEqualTo(1);
    time.advance(Duration.ofSeconds(1));
    Await.latch(done);
    starved.shutdown();
    assertThat(ended(starved)).isTrue();
  }

  /** A loop that has no memory for what it is told, so often. */
  private Loop withoutMemory(AtomicInteger executes, AtomicInteger schedules) {
    return (Loop)
        Proxy.newProxyInstance(
            getClass().getClassLoader(),
            new Class<?>[] {Loop.class},
            (proxy, method, args) -> {
              AtomicInteger left =
                  switch (method.getName()) {
                    case "execute" -> executes;
                    case "schedule" -> schedules;
                    default -> new AtomicInteger();
                  };
              if (left.getAndDecrement() > 0) {
                throw new OutOfMemoryError("on purpose");
              }
              return method.invoke(time, args);
            });
  }

  private static WorkerThreads withoutThreads(Loop loop, AtomicInteger refusals) {
    return WorkerThreads.forCallbacks(
        loop,
        NAME,
        thread -> {
          if (refusals.getAndDecrement() > 0) {
            throw new OutOfMemoryError("unable to create native thread");
          }
          thread.start();
        });
  }

  @Test
  void workForWhichThereIsNeitherAThreadNorMemoryToWaitForOneIsDoneWhenThereIs() {
    AtomicInteger refusals = new AtomicInteger(1);
    WorkerThreads starved =
        withoutThreads(withoutMemory(new AtomicInteger(1), new AtomicInteger()), refusals);
    CountDownLatch done = new CountDownLatch(1);
    starved.execute(done::countDown);
    time.run();
    Await.latch(done);
    starved.shutdown();
    assertThat(ended(starved)).isTrue();
  }

  /** The loop looks after nothing any more then, so it would wait for ever. */
  @Test
  void workThatNoThreadWillComeForAfterTheEndIsRefusedAndNotKept() {
    WorkerThreads starved = withoutThreads(time, new AtomicInteger(1));
    starved.shutdown();
    CountDownLatch refused = new CountDownLatch(1);
    assertThatThrownBy(() -> starved.execute(refused::countDown))
        .isInstanceOf(OutOfMemoryError.class);
    CountDownLatch done = new CountDownLatch(1);
    starved.execute(done::countDown);
    Await.latch(done);
    assertThat(ended(starved)).isTrue();
    assertThat(refused.getCount()).isEqualTo(1);
  }

  @Test
  void aWatchThatFindsNoMemoryForItsTimerGoesOn() {
    AtomicInteger timers = new AtomicInteger(2);
    WorkerThreads starved =
        withoutThreads(withoutMemory(new AtomicInteger(), timers), new AtomicInteger(3));
    CountDownLatch done = new CountDownLatch(1);
    starved.execute(done::countDown);
    time.advance(Duration.ofSeconds(1));
    Await.latch(done);
    assertThat(timers.get()).as("it has met that").isNotPositive();
    starved.shutdown();
    assertThat(ended(starved)).isTrue();
  }
}
