package io.dormouse.engine;

import static org.assertj.core.api.Assertions.assertThat;

import com.sun.management.ThreadMXBean;
import io.dormouse.lifecycle.AppLifecycle;
import io.dormouse.lifecycle.AppState;
import io.dormouse.lifecycle.ManualAppLifecycle;
import io.dormouse.loop.ManualLoop;
import java.lang.management.ManagementFactory;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The way of a change from the app's hook to what the registry knows. */
class AppWatchTest {
  private static final int TIMES = 500;

  /** Where the heap is full the app's state would be lost on the way, and nobody says it again. */
  @Test
  void aChangeIsTakenDownWithoutMemory() {
    ManualAppLifecycle alone = new ManualAppLifecycle();
    ManualAppLifecycle watched = new ManualAppLifecycle();
    AppLifecycle combined =
        AppLifecycle.allOf(AppLifecycle.anyOf(watched), AppLifecycle.alwaysForeground());
    AppWatch watch = new AppWatch(combined, new ManualLoop(), Duration.ofSeconds(4), () -> {});
    watch.start();
    allocated(alone);
    allocated(watched); // classes are loaded by now
    long byItself = allocated(alone);
    assertThat(allocated(watched) - byItself).as("bytes").isLessThan(TIMES);
    assertThat(watch.place().state()).isEqualTo(AppState.BACKGROUND);
  }

  private static long allocated(ManualAppLifecycle app) {
    ThreadMXBean threads = (ThreadMXBean) ManagementFactory.getThreadMXBean();
    long id = Thread.currentThread().getId();
    long before = threads.getThreadAllocatedBytes(id);
    for (int i = 0; i < TIMES; i++) {
      app.onForeground();
      app.onBackground();
    }
    return threads.getThreadAllocatedBytes(id) - before;
  }
}
