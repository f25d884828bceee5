package io.dormouse.callbacks;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.loop.InlineRuns;
import io.dormouse.loop.SelectorLoop;
import io.dormouse.support.Await;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executor;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** As many of one kind are stuck as there may be threads, and the other kinds run all the same. */
class CallbacksTest {
  private final SelectorLoop loop = SelectorLoop.start("dormouse-test-kinds-io", () -> {});
  private final Callbacks callbacks =
      Callbacks.withOwnThreads(loop, InlineRuns.NEVER, "dormouse-test-kinds", Optional.empty());
  private final CountDownLatch release = new CountDownLatch(1);

  @AfterEach
  void nothingStaysBehind() throws Exception {
    release.countDown();
    callbacks.shutdown();
    assertThat(callbacks.awaitEnd(Await.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
    loop.stop();
    assertThat(loop.awaitEnd(Await.LIMIT.toSeconds(), TimeUnit.SECONDS)).isTrue();
  }

  @Test
  void callbacksAndReportsRunThoughAllThreadsForBlockingWorkAreStuck() {
    CountDownLatch stuck = new CountDownLatch(WorkLimit.MOST);
    for (int i = 0; i < WorkLimit.MOST; i++) {
      callbacks.blocking().execute(() -> block(stuck));
    }
    Await.latch(stuck);
    assertRuns(callbacks.serial("a"));
    assertRuns(callbacks.completions("a"));
    assertRuns(callbacks.reports());
  }

  @Test
  void blockingWorkAndReportsRunThoughAllThreadsForCallbacksAreStuck() {
    CountDownLatch stuck = new CountDownLatch(WorkLimit.MOST);
    for (int i = 0; i < WorkLimit.MOST; i++) {
      callbacks.serial("connection " + i).execute(() -> block(stuck));
    }
    Await.latch(stuck);
    assertRuns(callbacks.blocking());
    assertRuns(callbacks.reports());
  }

  private void block(CountDownLatch stuck) {
    stuck.countDown();
    Await.hold(release);
  }

  private static void assertRuns(Executor executor) {
    CountDownLatch ran = new CountDownLatch(1);
    executor.execute(ran::countDown);
    Await.latch(ran);
  }
}
