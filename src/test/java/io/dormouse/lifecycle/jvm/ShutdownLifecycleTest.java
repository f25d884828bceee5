package io.dormouse.lifecycle.jvm;

import static org.assertj.core.api.Assertions.assertThat;

import io.dormouse.ConnectionRegistry;
import io.dormouse.lifecycle.AppState;
import io.dormouse.lifecycle.LifecycleLog;
import org.junit.jupiter.api.Test;

/** While the JVM runs; what a peer sees of its end is in {@code JvmShutdownTest}. */
class ShutdownLifecycleTest {
  @Test
  void itIsInFrontUntilTheEndAndTheHookCanBeTakenBack() {
    ShutdownLifecycle shutdown = ShutdownLifecycle.register();
    LifecycleLog log = LifecycleLog.on(shutdown);
    assertThat(shutdown.state()).isEqualTo(AppState.FOREGROUND);
    shutdown.close();
    shutdown.close();
    assertThat(shutdown.state()).isEqualTo(AppState.FOREGROUND);
    assertThat(log.events()).isEmpty();
  }

  @Test
  void theEndTerminatesItAndClosesTheRegistry() {
    try (ShutdownLifecycle shutdown = ShutdownLifecycle.register();
        ConnectionRegistry registry = ConnectionRegistry.builder(shutdown).build()) {
      LifecycleLog log = LifecycleLog.on(shutdown);
      shutdown.guard(registry);
      shutdown.shutDown();
      assertThat(shutdown.state()).isEqualTo(AppState.TERMINATED);
      assertThat(log.events()).containsExactly("terminate");
      assertThat(registry.connections()).isEmpty();
    }
  }
}
