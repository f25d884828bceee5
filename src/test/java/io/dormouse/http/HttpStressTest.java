package io.dormouse.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.support.Await;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.UnaryOperator;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Callers that never pause, while the app comes and goes. */
class HttpStressTest {
  @ParameterizedTest
  @EnumSource
  void callersThatFailFastSeeNothingButSuspends(Flavor flavor) {
    hammer(flavor, builder -> builder.whileSuspended(WhileSuspended.failFast()), false);
  }

  @ParameterizedTest
  @EnumSource
  void callersThatWaitSeeNothing(Flavor flavor) {
    hammer(
        flavor,
        builder ->
            builder
                .whileSuspended(WhileSuspended.waitUpTo(Duration.ofMinutes(1)))
                .connectionPool(1, Duration.ofMinutes(1)),
        true);
  }

  private static void hammer(
      Flavor flavor, UnaryOperator<HttpBuilder> more, boolean nothingMayFail) {
    Random random = new Random(7);
    try (HttpRig rig = new HttpRig(flavor, Duration.ofSeconds(20))) {
      HttpConnection http = rig.register("api", more);
      AtomicBoolean stop = new AtomicBoolean();
      AtomicInteger answers = new AtomicInteger();
      ConcurrentLinkedQueue<IOException> unexpected = new ConcurrentLinkedQueue<>();
      List<Thread> callers = new ArrayList<>();
      for (int i = 0; i < 3; i++) {
        Thread caller =
            new Thread(
                () -> {
                  while (!stop.get()) {
                    try {
                      rig.get(http.client(), "/ok");
                      answers.incrementAndGet();
                    } catch (IOException e) {
                      if (nothingMayFail || !isOfASuspend(e)) {
                        unexpected.add(e);
                      }
                    }
                  }
                });
        caller.start();
        callers.add(caller);
      }
      for (int round = 0; round < 10; round++) {
        rig.lifecycle.onForeground();
        int enough = answers.get() + 1 + random.nextInt(5);
        Await.until("answers", () -> answers.get() >= enough);
        if (round % 3 == 0) {
          rig.lifecycle.onBackground(); // and back at once
        } else {
          rig.suspend();
        }
      }
      stop.set(true);
      rig.lifecycle.onForeground();
      callers.forEach(HttpStressTest::join);
      rig.suspend();
      assertThat(unexpected).isEmpty();
    }
  }

  private static boolean isOfASuspend(IOException e) {
    return e instanceof SuspendedException || e instanceof CutOffException;
  }

  private static void join(Thread thread) {
    try {
      thread.join();
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
